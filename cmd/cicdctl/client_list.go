package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newClientList(a *session.Session) *cobra.Command {
	var o client.ListOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the clients on AWS and in the spec directory",
		Long: `Lists the clients that have subnets in the four regions, and those whose spec file
is there but that were not created yet. It only reads.`,
		Example: `  cicdctl client list
  cicdctl client list --region eu-west-3 --output json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return client.List(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.Region, "only this region")
	return cmd
}
