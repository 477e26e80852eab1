package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newClientShow(a *session.Session) *cobra.Command {
	var o client.ShowOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show what a client has and where",
		Long: `Shows a client as AWS has it: its place in the network, its endpoints and
addresses, and whether all is as the spec file says.

It only reads, and ends with 0 also when changes are pending; client plan tells
which ones. A client without a spec file is found in its region, or in all four.`,
		Example: `  cicdctl client show ACME
  cicdctl client show ACME --output json | jq -r '.resources[].facts[]?'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Show(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "where to look, for a client without a spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}
