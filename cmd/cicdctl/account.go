package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newAccount(a *session.Session) *cobra.Command {
	return group("account", "Manage what the clients of all regions share",
		`The account has one trail, whose events are also watched in CloudWatch. The first
client create makes both, and no command about a client or a region removes them.`,
		`  cicdctl account tidy`,
		newAccountTidy(a))
}

func newAccountTidy(a *session.Session) *cobra.Command {
	var confirm string
	cmd := &cobra.Command{
		Use:   "tidy",
		Short: "Remove what the configuration no longer asks for in the account",
		Long: `With trail_alarms: false in the configuration, or with a trail of the
organization, the alarms on the account's own trail are no longer needed, but
CloudWatch still bills each. The command removes the alarms, their topic with its
subscriptions, and the role that wrote the trail to CloudWatch Logs. It shows the
plan and asks you to type the account's number. The events in CloudWatch Logs stay
until they expire; the trail in S3 is not touched.`,
		Example: `  cicdctl account tidy
  cicdctl account tidy --confirm 123456789012`,
		Args: named(),
		RunE: func(cmd *cobra.Command, _ []string) error { return account.Tidy(cmd.Context(), a, confirm) },
	}
	cmd.Flags().StringVar(&confirm, "confirm", "", "number of the account, skips the prompt")
	return cmd
}
