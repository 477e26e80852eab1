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
		Short: "Create many clients in the sandbox",
		Long: `Create clients CLIENT1, CLIENT2, … with default settings in the sandbox, in one or
all four regions, and write their spec files; for example to try audits of many
clients. Existing clients are left unchanged. More than ten clients per region need
additional pools in the configuration.`,
		Example: `  cicdctl sandbox estate --clients 10 --region eu-west-3 --sandbox
  cicdctl sandbox estate --clients 3 --sandbox && cicdctl audit --sandbox`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return account.SandboxEstate(cmd.Context(), a, o) },
	}
	regionFlag(cmd, &o.Region, "use only this region (default: all four)")
	cmd.Flags().IntVar(&o.Clients, "clients", 10, fmt.Sprintf("number of clients per region, 1 to %d", account.MostClients))
	return cmd
}
