package main

import (
	"slices"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newClient(a *session.Session) *cobra.Command {
	return group("client", "Create, inspect and destroy clients",
		`A client is a set of AWS resources in one region, described by one YAML file.`,
		`  cicdctl client create ACME --region eu-west-3
  cicdctl client list`,
		newClientCreate(a), newClientPlan(a), newClientShow(a), newClientReport(a), newClientList(a), newClientImport(a), newClientDestroy(a))
}

// clientNames completes names from the spec directory.
func clientNames(a *session.Session) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		conf, err := loadSettings(cmd.Flags(), a.Flags.Config)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []string
		for _, file := range session.SpecFiles(conf.SpecDir) {
			names = append(names, session.ClientOf(file))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// anyClientNames completes several names.
func anyClientNames(a *session.Session) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, to string) ([]string, cobra.ShellCompDirective) {
		names, directive := clientNames(a)(cmd, nil, to)
		return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(args, name) }), directive
	}
}

func newClientCreate(a *session.Session) *cobra.Command {
	var o client.CreateOptions
	cmd := &cobra.Command{
		Use:   "create NAME --region REGION",
		Short: "Create, update or repair a client",
		Long: `Apply a client's spec file: create missing resources, update resources that differ,
and delete those removed from the file. Running it again resumes an interrupted run,
repairs manual changes, and does nothing if there is no difference.

Without a spec file, the defaults of the infrastructure document apply, and a file is
written to the spec directory. Keep it in version control.

The command never touches another client, and changes only resources with cicdctl's
tags.

What is removed from the file is deleted with what runs in it or is held by it: a
service's tasks, images, logs and deployments, a domain's certificate, a load
balancer's name and ports, a database instance, a site's tunnels, all VPN users'
access. A new name is a removal too. The first lines of the plan list it, and each
has to be agreed to by its name: typed at the prompt, or with --remove. --yes does
not cover it (exit code 4). Databases, buckets with objects and secrets with values
are kept.

A change that restarts database instances goes one by one, readers first; a failover
then cuts connections for up to a minute before the last one. With --in-window, AWS
changes the class of instances in the client's maintenance window instead. A stopped
database is started if something of it has to be changed.`,
		Example: `  cicdctl client create ACME --region eu-west-3
  cicdctl client create ACME --spec acme.yaml --yes
  cicdctl client create ACME --yes --remove shop/api --remove www.example.com
  cicdctl client create ACME --region eu-west-3 --sandbox`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Create(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	specFlag(cmd, &o.Spec)
	consentFlags(cmd, &o.Consent)
	cmd.Flags().BoolVar(&o.InWindow, "in-window", false, "restart no database now: change the class of instances in the maintenance window")
	return cmd
}

func newClientPlan(a *session.Session) *cobra.Command {
	var o client.PlanOptions
	cmd := &cobra.Command{
		Use:   "plan NAME",
		Short: "Show the changes that client create would make",
		Long: `Compare the client's resources on AWS with its spec file and show each difference:
missing resources, manual changes, and conflicts. The first lines say what is lost
with what create would remove; in JSON, "removals" has the flags that agree to it.

A plan that is longer than a screen counts what is created, unless it is billed by
the hour or reached from the internet; --full shows every line.

With --cost, the plan ends with what it adds to the client's price per month, what it
takes away, and what there is after it, by AWS's price list. What depends on use has
its unit price. If AWS does not tell prices, one line says why.

Read-only. Exit codes: 0 no changes, 3 changes pending, 4 create would refuse.`,
		Example: `  cicdctl client plan ACME
  cicdctl client plan ACME --full
  cicdctl client plan ACME --cost
  cicdctl client plan ACME --output json | jq .summary
  cicdctl client plan ACME --output markdown      # for a comment on a merge request
  cicdctl client plan NEWCO --region eu-west-1    # without a spec file`,
		Annotations:       map[string]string{moreFormats: string(report.Markdown)},
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Plan(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	specFlag(cmd, &o.Spec)
	cmd.Flags().BoolVar(&o.Cost, "cost", false, "also show what the plan costs a month, by AWS's price list")
	return cmd
}

func newClientShow(a *session.Session) *cobra.Command {
	var o client.ShowOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a client's resources, endpoints and next steps",
		Long: `Show a client as it exists on AWS: network address ranges, endpoints, resources and
next steps.

Read-only, and with few calls: client plan tells what differs from the spec file,
region show what the clients of a region share. A client without a spec file is
searched for in the given region, or in all four.

With --cost, also what the client costs a month by AWS's price list: its fixed costs,
those that all clients share, and unit prices of what depends on use.`,
		Example: `  cicdctl client show ACME
  cicdctl client show ACME --cost
  cicdctl client show ACME --output json | jq -r '.resources[].facts[]?'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Show(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region to search if there is no spec file")
	specFlag(cmd, &o.Spec)
	cmd.Flags().BoolVar(&o.Cost, "cost", false, "also show what the client costs a month, by AWS's price list")
	return cmd
}

func newClientList(a *session.Session) *cobra.Command {
	var o client.ListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the clients on AWS and in the spec directory",
		Long: `List the clients that have subnets in one of the four regions, and those that have a
spec file but have not been created. Read-only.

With accounts in the configuration, covers all of them; --account narrows to one. An
account that fails does not hide the results of others; the exit code is then 1.`,
		Example: `  cicdctl client list
  cicdctl client list --region eu-west-3 --output json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return client.List(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.Region, "list only this region")
	return cmd
}

func newClientImport(a *session.Session) *cobra.Command {
	var o client.ImportOptions
	cmd := &cobra.Command{
		Use:   "import NAME KIND ROLE ID",
		Short: "Give a resource its lost tags back",
		Long: `Write cicdctl's tags on a resource that has lost them, so that it is the client's, or
the region's, again. Without its tags a resource belongs to nobody: client create is
refused rather than make a second one, and prints this command.

Only the tags are written. The next client plan shows what else differs. A resource
that carries the tags of another client is refused.`,
		Example: `  cicdctl client import ACME ec2/nat-gateway nat-a nat-0123456789abcdef0
  cicdctl client import ACME s3/bucket shop acme-shop-123456789012-eu-west-3-an`,
		Args:              named("NAME", "KIND", "ROLE", "ID"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Kind, o.Role, o.ID = args[0], args[1], args[2], args[3]
			return client.Import(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	specFlag(cmd, &o.Spec)
	yesFlag(cmd, &o.Yes)
	return cmd
}

func newClientDestroy(a *session.Session) *cobra.Command {
	var o client.DestroyOptions
	cmd := &cobra.Command{
		Use:   "destroy NAME",
		Short: "Destroy a client but keep its data",
		Long: `Delete the AWS resources of a client. The plan's first lines say what is lost and
what is kept. The command asks you to type the client's name, which agrees to all of
it. With --region, no spec file is needed; the spec file is kept.

Data is kept: a final database snapshot, buckets that contain objects, and the KMS
keys that encrypt them. Archives and monthly copies are kept until the expiry date
shown. With --purge-data, all of it is permanently deleted. If the client does not
exist, the command succeeds.

With --plan, only shows what would be lost and kept. Exit codes then: 0 nothing is
left, 3 something would be deleted, 4 it would be refused.

Only resources with the client's tags are deleted, never those that clients share.`,
		Example: `  cicdctl client destroy ACME
  cicdctl client destroy ACME --plan
  cicdctl client destroy ACME --region eu-west-3 --confirm ACME
  cicdctl client destroy ACME --purge-data`,
		Annotations:       map[string]string{moreFormats: string(report.Markdown)},
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			if a.Print.Format == report.Markdown && !o.Plan {
				return session.Usagef("add --plan", "--output markdown is for what would be removed")
			}
			return client.Destroy(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client (default: from its spec file, or detected)")
	cmd.Flags().StringVar(&o.Confirm, "confirm", "", "name of the client, skips the prompt")
	cmd.Flags().BoolVar(&o.Purge, "purge-data", false, "also delete data: buckets, snapshots, keys")
	cmd.Flags().BoolVar(&o.Plan, "plan", false, "only show what would be deleted")
	return cmd
}
