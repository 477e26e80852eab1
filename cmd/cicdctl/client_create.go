package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

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

The command changes and deletes only resources with cicdctl's tags. It never deletes
data and never touches another client.`,
		Example: `  cicdctl client create ACME --region eu-west-3
  cicdctl client create ACME --spec acme.yaml --yes
  cicdctl client create ACME --region eu-west-3 --sandbox`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Create(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client; required only without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "skip the confirmation prompt")
	return cmd
}
