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
		Short: "Show a client's resources, endpoints and next steps",
		Long: `Show a client as it exists on AWS: network address ranges, endpoints, resources, next
steps, and whether it matches the spec file.

Read-only. The exit code is 0 even if changes are pending; client plan lists them. A
client without a spec file is searched for in the given region, or in all four.`,
		Example: `  cicdctl client show ACME
  cicdctl client show ACME --output json | jq -r '.resources[].facts[]?'`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Show(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region to search if there is no spec file")
	cmd.Flags().StringVar(&o.Spec, "spec", "", "spec file (default: <spec-dir>/<name>.yaml)")
	return cmd
}
