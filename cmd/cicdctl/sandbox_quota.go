package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSandboxQuota(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "quota CODE VALUE",
		Short: "Set a quota of the sandbox",
		Long: `Grants the sandbox's account a value of one of AWS's quotas in all regions, as AWS
does when it is asked in the Service Quotas console. A new account has 5 vCPUs
(L-1216C47A), which is less than a client's hosts take; the sandbox has 128.`,
		Example: `  cicdctl sandbox quota L-1216C47A 5 --sandbox
  cicdctl client plan ACME --sandbox`,
		Args: named("CODE", "VALUE"),
		RunE: func(_ *cobra.Command, args []string) error {
			embedded, err := embedded(a.Sandbox())
			if err != nil {
				return err
			}
			return account.SandboxQuota(a, embedded, args[0], args[1])
		},
	}
}
