package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSpec(a *session.Session) *cobra.Command {
	return group("spec", "Start and check the files that describe clients",
		`One YAML file describes one client. Only its name and region are required; all
else has a default from the infrastructure document. These commands need no AWS.`,
		`  cicdctl spec init ACME --region eu-west-3
  cicdctl spec validate clients/acme.yaml`,
		newSpecInit(a), newSpecValidate(a), newSpecSchema(a))
}

func newSpecInit(a *session.Session) *cobra.Command {
	var o client.InitSpecOptions
	cmd := &cobra.Command{
		Use:   "init NAME --region REGION",
		Short: "Write a client's first spec file",
		Long: `Writes a file with the client's name and region, and every default as a comment.
It never replaces a file that exists, and needs no AWS.`,
		Example: `  cicdctl spec init ACME --region eu-west-3
  cicdctl spec init ACME --region eu-west-3 --file acme.yaml`,
		Args: named("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.InitSpec(a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client")
	cmd.Flags().StringVar(&o.File, "file", "", "where to write (<spec-dir>/<name>.yaml)")
	return cmd
}

func newSpecValidate(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check spec files",
		Long: `Checks files as client create does: unknown keys, bad values, names that AWS would
refuse, ranges that would let other clients in, windows that overlap, limits of
network ACLs and load balancers, services that the hosts have no room for. Every
problem is told with its line and column.

It needs no AWS. The exit code is 2 when a file is not valid.`,
		Example: `  cicdctl spec validate clients/*.yaml
  cicdctl spec validate acme.yaml --output json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return named("FILE")(cmd, args)
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(_ *cobra.Command, files []string) error { return client.ValidateSpecs(a, files) },
	}
}

func newSpecSchema(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of spec files",
		Long: `Prints the JSON schema (draft 2020-12) with which editors complete and check spec
files: name it in the file's first line. It needs no AWS.`,
		Example: `  cicdctl spec schema > clients/client.schema.json
  # in clients/acme.yaml:
  # yaml-language-server: $schema=./client.schema.json`,
		Args: named(),
		RunE: func(*cobra.Command, []string) error { return a.Print.Raw(configs.ClientSchema) },
	}
}
