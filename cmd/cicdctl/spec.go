package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSpec(a *session.Session) *cobra.Command {
	return group("spec", "Create and validate client spec files",
		`A client is described by one YAML file. Only name and region are required; other
values default to the infrastructure document. No AWS access is needed.`,
		`  cicdctl spec init ACME --region eu-west-3
  cicdctl spec validate clients/acme.yaml`,
		newSpecInit(a), newSpecValidate(a), newSpecSchema(a))
}

func newSpecInit(a *session.Session) *cobra.Command {
	var o client.InitSpecOptions
	cmd := &cobra.Command{
		Use:   "init NAME --region REGION",
		Short: "Create a spec file for a client",
		Long: `Create a spec file with the client's name and region, and all defaults as comments,
and beside it the JSON schema that editors complete and check it with. An existing
spec file is never replaced; the schema is brought up to date. --workspace also
writes .vscode: the extension for YAML, the schema, and tasks for validate, plan
and audit. No AWS access is needed.`,
		Example: `  cicdctl spec init ACME --region eu-west-3
  cicdctl spec init ACME --region eu-west-3 --workspace
  cicdctl spec init ACME --region eu-west-3 --file acme.yaml`,
		Args: named("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.InitSpec(a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client")
	cmd.Flags().BoolVar(&o.Workspace, "workspace", false, "also write the files of a VS Code workspace; existing ones stay")
	cmd.Flags().StringVar(&o.File, "file", "", "output file (default: <spec-dir>/<name>.yaml)")
	return cmd
}

func newSpecValidate(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE…",
		Short: "Validate spec files",
		Long: `Run the same checks as client create: unknown keys, invalid values, names that AWS
rejects, address ranges that would admit other clients, overlapping windows, limits
of network ACLs and load balancers, and services that do not fit on the hosts. Each
problem is reported with its line and column.

No AWS access is needed. The exit code is 2 if a file is invalid.`,
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
		Long: `Print the JSON schema (draft 2020-12) that editors use to complete and validate spec
files. Reference it in the first line of the file. No AWS access is needed.`,
		Example: `  cicdctl spec schema > clients/client.schema.json
  # in clients/acme.yaml:
  # yaml-language-server: $schema=./client.schema.json`,
		Args: named(),
		RunE: func(*cobra.Command, []string) error { return a.Print.Raw(configs.ClientSchema) },
	}
}
