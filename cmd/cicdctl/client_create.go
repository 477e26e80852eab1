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
		Short: "Build a client, or repair it",
		Long: `Brings a client to what its spec file says: builds what is missing, changes what
differs, removes what the file no longer has. Running it again goes on where an
earlier run stopped, repairs what was changed by hand, and does nothing when all
is in order.

Without a spec file the defaults of the infrastructure document apply, and the
file is written to the spec directory for you to keep in version control.

It never changes or removes anything without cicdctl's tags, never removes data,
and never touches another client.`,
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
	regionFlag(cmd, &o.Region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return cmd
}
