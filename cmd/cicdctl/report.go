package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/dossier"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// reportFlags are those of all reports. The language is the document's: messages stay in that of the
// environment.
func reportFlags(cmd *cobra.Command, f *dossier.Form) {
	cmd.Flags().StringVar(&f.Format, "format", dossier.Formats()[0], "format of the report: "+strings.Join(dossier.Formats(), ", "))
	cmd.Flags().StringVar(&f.Lang, "lang", "", "language of the report: fr or en (default: that of the output)")
	cmd.Flags().StringVar(&f.Out, "out", ".", "directory of the file; - writes the report to standard output")
	complete(cmd, "format", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return dossier.Formats(), cobra.ShellCompDirectiveNoFileComp
	})
	complete(cmd, "lang", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return dossier.Languages(), cobra.ShellCompDirectiveNoFileComp
	})
	complete(cmd, "out", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
}

func newClientReport(a *session.Session) *cobra.Command {
	var o dossier.Options
	cmd := &cobra.Command{
		Use:   "report NAME",
		Short: "Write the client's dossier: a document about what it has, from AWS",
		Long: `Write a document to hand to the client, from what AWS holds now: who is responsible
for what, subnets, who reaches whom as a diagram, the way of requests through each
app, access rules, VPNs, versions, recovery times as the last restore drills measured
them, backups, maintenance windows, deployments, alarms, keys, the audit and what it
costs a month (--cost=false leaves that out).

The file is NAME-dossier.html in the current directory; html is one self-contained
file, which a browser prints as PDF. A report that is there is replaced, any other
file is left alone.

Resources are called by their names: account numbers, ARNs and identifiers such as
vpc-... are in it only with --with-identifiers. Secrets never are, nor the names of
other clients. What AWS refuses to tell is named in its section as not read; the rest
is written, and the exit code is 1.

Read-only. Requires what cicdctl audit requires; the history of restore drills and
the certificates of VPN users are read by admins only.`,
		Example: `  cicdctl client report ACME --lang fr
  cicdctl client report ACME --format md --out reports
  cicdctl client report ACME --format json --out - | jq .recovery`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return dossier.Report(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region to search if there is no spec file")
	specFlag(cmd, &o.Spec)
	reportFlags(cmd, &o.Form)
	cmd.Flags().BoolVar(&o.Cost, "cost", true, "write what the client costs a month, by AWS's price list")
	cmd.Flags().BoolVar(&o.Identifiers, "with-identifiers", false, "also write account numbers, ARNs and resource identifiers")
	return cmd
}

func newRegionReport(a *session.Session) *cobra.Command {
	var o dossier.IndexOptions
	cmd := &cobra.Command{
		Use:   "report REGION",
		Short: "Write an overview over the clients of a region",
		Long: `Write an overview over the clients of a region for the hosting company, from what AWS
holds now: slots, versions, restore drills, maintenance windows, audit findings and
costs. The file is REGION-report.html in the current directory. It names all clients:
a client's own document is written by cicdctl client report.

Read-only. Requires what cicdctl audit requires.`,
		Example: `  cicdctl region report eu-west-3
  cicdctl region report eu-west-3 --format json --out - | jq .clients`,
		Args:              named("REGION"),
		ValidArgsFunction: regionArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Region = args[0]
			return dossier.ReportIndex(cmd.Context(), a, o)
		},
	}
	reportFlags(cmd, &o.Form)
	indexCostFlag(cmd, &o)
	return cmd
}

func indexCostFlag(cmd *cobra.Command, o *dossier.IndexOptions) {
	cmd.Flags().BoolVar(&o.Cost, "cost", true, "write what the clients cost a month, by AWS's price list")
}

func newReport(a *session.Session) *cobra.Command {
	var o dossier.IndexOptions
	var all bool
	cmd := &cobra.Command{
		Use:   "report --all",
		Short: "Write an overview over all clients",
		Long: `Write an overview over the clients of all four regions for the hosting company:
slots, versions, restore drills, maintenance windows, audit findings and costs. The
file is clients-report.html in the current directory.

With accounts in the configuration, covers all of them; --account narrows to one. An
account that fails does not hide the results of others; the exit code is then 1.

Read-only. Requires what cicdctl audit requires.`,
		Example: `  cicdctl report --all
  cicdctl report --all --lang fr --out reports`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !all {
				return session.Usagef("give --all; for one client run cicdctl client report NAME, for one region cicdctl region report REGION", "--all is missing: it says that the report is about all clients")
			}
			return dossier.ReportIndex(cmd.Context(), a, o)
		},
	}
	reportFlags(cmd, &o.Form)
	indexCostFlag(cmd, &o)
	cmd.Flags().BoolVar(&all, "all", false, "report on the clients of all regions")
	return cmd
}
