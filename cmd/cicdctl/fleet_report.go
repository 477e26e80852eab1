package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/fleet"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newFleetReport(a *session.Session) *cobra.Command {
	var o fleet.ReportOptions
	cmd := &cobra.Command{
		Use:   "report DIR...",
		Short: "Put the results of a sharded audit together",
		Long: `Put together what the jobs of a nightly audit have written with cicdctl audit
--output json, one for each account and region. DIR are the directories of their
artifacts; fleet-shards.json, which cicdctl fleet pipeline writes, says what is
expected there.

Written into --out: fleet-report.html (one page, self-contained), fleet-report.json,
fleet-report.sarif (code scanning) and fleet-report.xml (JUnit). The standard output
has one line, the verdict.

What an audit did not deliver is reported as not audited, never as passed: a file
that is missing, cut off, empty, of another night, account, region or version, given
twice, or that only tells of an error; and a client that has a spec and that its
audit does not name.

With --previous, the report goes on with the trend of the night before: the last 90
nights are in fleet-report.json and drawn on the page.

No call is made to AWS. Exit codes are those of cicdctl audit: 0 no findings, 3
findings of severity --fail-on or higher, 1 something was not audited.`,
		Example: `  cicdctl fleet report artifacts
  cicdctl fleet report artifacts --previous last-night --out public --fail-on high`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return named("DIR")(cmd, args)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			o.Dirs = args
			return fleet.WriteReport(a, o)
		},
	}
	cmd.Flags().StringVar(&o.Shards, "shards", "", "file that says what is expected (default: fleet-shards.json in DIR)")
	cmd.Flags().StringVar(&o.Out, "out", ".", "directory of the files that are written")
	cmd.Flags().StringVar(&o.FailOn, "fail-on", string(rules.Low), "minimum severity for exit code 3: high, medium, low, or none")
	cmd.Flags().StringVar(&o.Previous, "previous", "", "report of the night before: its directory or its fleet-report.json")
	complete(cmd, "fail-on", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{string(rules.High), string(rules.Medium), string(rules.Low), audit.Never}, cobra.ShellCompDirectiveNoFileComp
	})
	for _, flag := range []string{"out", "previous"} {
		complete(cmd, flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		})
	}
	return cmd
}
