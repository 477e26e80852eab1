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
		Long: `List the clients that have subnets in one of the four regions, and those that have a
spec file but have not been created. Read-only.`,
		Example: `  cicdctl client list
  cicdctl client list --region eu-west-3 --output json`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return client.List(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.Region, "list only this region")
	return cmd
}
