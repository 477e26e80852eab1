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
		Short: "Remove a client, keeping its data",
		Long: `Removes what a client has on AWS, after showing the plan and asking for the name
to be typed. The spec file is not needed when --region is given, and stays.

Data is kept: a last snapshot of the database is taken, and buckets with objects
and the keys that everything is encrypted with remain. Archives and monthly copies
stay until they expire, on the date that is shown. --purge-data removes all of it
too, for good. Destroying what is gone already is no error.

It never removes anything without the client's tags, nor what clients share.`,
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
	regionFlag(cmd, &o.Region, "region of the client (that of its spec file, or where it is found)")
	cmd.Flags().StringVar(&o.Confirm, "confirm", "", "the client's name, instead of typing it")
	cmd.Flags().BoolVar(&o.Purge, "purge-data", false, "remove the data as well: buckets, snapshots, keys")
	return cmd
}
