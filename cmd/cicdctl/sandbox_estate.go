package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSandboxEstate(a *session.Session) *cobra.Command {
	var o account.EstateOptions
	cmd := &cobra.Command{
		Use:   "estate",
		Short: "Fill the sandbox with clients",
		Long: `Builds clients of the document's defaults in the sandbox, CLIENT1, CLIENT2 and so
on, in one region or in all four, and writes their spec files: to try audits of many
clients. Clients that are there already stay as they are. More than ten in a region
need more pools in the configuration.`,
		Example: `  cicdctl sandbox estate --clients 10 --region eu-west-3 --sandbox
  cicdctl sandbox estate --clients 3 --sandbox && cicdctl audit --sandbox`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return account.SandboxEstate(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.Region, "only this region (all four)")
	cmd.Flags().IntVar(&o.Clients, "clients", 10, fmt.Sprintf("clients in each region, 1 to %d", account.MostClients))
	return cmd
}
