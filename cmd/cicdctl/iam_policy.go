package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newIAMPolicy(a *session.Session) *cobra.Command {
	var o account.IAMPolicyOptions
	cmd := &cobra.Command{
		Use:   "iam-policy",
		Short: "Print the IAM policies that operators need",
		Long: `Prints the IAM policies of those who work with cicdctl, made from the operations
that it calls. It asks AWS nothing.

Without --read-only, it is everything, in several policies: IAM takes 6,144
characters each. Attach all of them. Changes are tied to cicdctl's tags or names,
and to the four regions, where IAM can do that. Who may make roles can give them
anything: treat operators as administrators, or set a permissions boundary.

With --read-only, it is one policy, for plan, show, list, doctor, backup list and
audit. IAM is not all that it takes: the admin bucket and its key let in nobody but
the admins and the auditors of the configuration. So add the reader's role or user
to auditors, and have an admin run client create once, for any client. Auditors see
that private keys are there and how they are kept; they can change nothing, and
KMS decrypts no private key for them, whatever IAM allows.`,
		Example: `  cicdctl iam-policy --read-only > reader.json
  cicdctl iam-policy --dir policies     # a file each, and how to make them
  cicdctl iam-policy --output json | jq -r '.policies[].name'`,
		Annotations: map[string]string{needsNoConfig: "yes"},
		Args:        named(),
		RunE:        func(*cobra.Command, []string) error { return account.IAMPolicy(a, o) },
	}
	cmd.Flags().BoolVar(&o.ReadOnly, "read-only", false, "only what it takes to look")
	cmd.Flags().StringVar(&o.Dir, "dir", "", "write a file for each policy into this directory")
	complete(cmd, "dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}
