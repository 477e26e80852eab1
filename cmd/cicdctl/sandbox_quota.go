package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSandboxQuota(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "quota CODE VALUE",
		Short: "Set a service quota in the sandbox",
		Long: `Set an AWS service quota of the sandbox account in all regions. A new AWS account has
5 vCPUs (L-1216C47A), fewer than a client's hosts need; the sandbox has 128.`,
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
