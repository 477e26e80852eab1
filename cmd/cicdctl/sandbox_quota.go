package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
)

func newSandboxQuota(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "quota CODE VALUE",
		Short: "Set a quota of the sandbox",
		Long: `Grants the sandbox's account a value of one of AWS's quotas in all regions, as AWS
does when it is asked in the Service Quotas console. A new account has 5 vCPUs
(L-1216C47A), which is less than a client's hosts take; the sandbox has 128.`,
		Example: `  cicdctl sandbox quota L-1216C47A 5 --sandbox
  cicdctl client plan ACME --sandbox`,
		Args: named("CODE", "VALUE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSandboxQuota(cmd.Context(), a, args[0], args[1])
		},
	}
}

func runSandboxQuota(ctx context.Context, a *app, code, value string) error {
	if a.sandbox() == "" {
		return usagef("add --sandbox; of a real account, ask for quotas in the Service Quotas console", "this is for the sandbox only")
	}
	number, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return usagef("give a whole number, such as 64", "VALUE: %q is not a quota", value)
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	name, err := account.SetQuota(op, code, int(number))
	if err != nil {
		return usagef("cicdctl doctor --output json tells the codes", "CODE: %w", err)
	}
	return a.print.Line("%s (%s) is %d", name, code, number)
}
