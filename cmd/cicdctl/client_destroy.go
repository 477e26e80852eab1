package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newClientDestroy(a *session.Session) *cobra.Command {
	var o client.DestroyOptions
	cmd := &cobra.Command{
		Use:   "destroy NAME",
		Short: "Destroy a client but keep its data",
		Long: `Delete the AWS resources of a client. The command shows the plan and asks you to type
the client's name. With --region, no spec file is needed; the spec file is kept.

Data is kept: a final database snapshot, buckets that contain objects, and the KMS
keys that encrypt them. Archives and monthly copies are kept until the expiry date
shown. With --purge-data, all of it is permanently deleted. If the client does not
exist, the command succeeds.

Only resources with the client's tags are deleted, never those that clients share.`,
		Example: `  cicdctl client destroy ACME
  cicdctl client destroy ACME --region eu-west-3 --confirm ACME
  cicdctl client destroy ACME --purge-data`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.Destroy(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "region of the client (default: from its spec file, or detected)")
	cmd.Flags().StringVar(&o.Confirm, "confirm", "", "name of the client, skips the prompt")
	cmd.Flags().BoolVar(&o.Purge, "purge-data", false, "also delete data: buckets, snapshots, keys")
	return cmd
}
