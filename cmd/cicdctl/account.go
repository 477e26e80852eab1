package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newAccount(a *session.Session) *cobra.Command {
	return group("account", "Manage what the clients of all regions share",
		`The clients of all regions share the bucket of private keys, the trail with its
bucket and its alarms, two KMS keys, GitLab's identity provider and the roles of
AWS's services. account init makes them, or the first client create. No command
about a client or a region removes them: account destroy does.`,
		`  cicdctl account init`,
		newAccountInit(a), newAccountTidy(a), newAccountDestroy(a))
}

// accountArgument completes the name of an account of the configuration.
func accountArgument(a *session.Session) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return accountNames(a)(cmd, args, begun)
	}
}

func newAccountInit(a *session.Session) *cobra.Command {
	var o account.InitOptions
	cmd := &cobra.Command{
		Use:   "init [NAME]",
		Short: "Prepare an account for its first client",
		Long: `Make what the clients of all regions share: the bucket of private keys and leases,
the trail with its bucket, log group and alarms, their KMS keys, GitLab's identity
provider, the roles of AWS's services and the bucket of access logs. The first client
create makes the same if it is missing. What a region needs is not made.

The command shows the plan and asks. Run again, it changes nothing, or repairs what
differs. Within 30 days of account destroy it takes the KMS keys back.

NAME is an account of the configuration (default: that of the credentials).`,
		Example: `  cicdctl account init
  cicdctl account init production
  cicdctl account init --yes --output json`,
		Args:              atMost("NAME"),
		ValidArgsFunction: accountArgument(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = strings.Join(args, "")
			return account.Init(cmd.Context(), a, o)
		},
	}
	yesFlag(cmd, &o.Yes)
	return cmd
}

func newAccountDestroy(a *session.Session) *cobra.Command {
	var o account.DestroyOptions
	cmd := &cobra.Command{
		Use:   "destroy [NAME]",
		Short: "Remove what is left of cicdctl in an account without clients",
		Long: `Remove what region destroy leaves: the trail, its log group, alarms, topic and
role, GitLab's identity provider, and with --purge-data also the buckets of private
keys, of the trail and of access logs, and the two KMS keys. It shows the plan and
asks you to type the account's number.

It is refused, with a list, while any of the four regions holds a client, what
clients share, or anything kept: archives, snapshots, backups, keys. Objects that
S3 Object Lock retains stop it before anything is removed. The roles of AWS's
services stay, and so does an identity provider that others made or use.

--purge-data loses for ever the private keys of clients that are gone, and the trail
of who did what. KMS deletes the keys after 30 days; account init takes them back
until then. An interrupted command can be repeated.

NAME is an account of the configuration (default: that of the credentials).`,
		Example: `  cicdctl account destroy
  cicdctl account destroy production
  cicdctl account destroy --purge-data --confirm 123456789012`,
		Args:              atMost("NAME"),
		ValidArgsFunction: accountArgument(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = strings.Join(args, "")
			return account.Destroy(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.Confirm, "confirm", "", "number of the account, skips the prompt")
	cmd.Flags().BoolVar(&o.Purge, "purge-data", false, "also delete the buckets, with what is in them, and the keys")
	return cmd
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
