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
		Long: `Print the IAM policies for users of cicdctl, generated from the API operations that
it calls. No AWS access is needed.

Without --read-only, prints several policies that together allow everything, because
IAM limits a policy to 6,144 characters. Attach all of them. Where IAM supports it,
changes are restricted to cicdctl's tags or names and to the four regions. Anyone who
can create roles can grant any permission: treat operators as administrators, or set
a permissions boundary.

With --read-only, prints one policy for plan, show, list, doctor, backup list and
audit. The admin bucket and its KMS key additionally restrict access to the admins
and auditors in the configuration: add the reader's role or user to auditors and
have an admin run client create once, for any client. Auditors can see that private
keys exist and how they are stored, but cannot change them, and KMS does not decrypt
private keys for them, regardless of their IAM permissions.

With --trust, prints the trust policy of the role in an account of the configuration:
--principal may assume it, with the external ID that the configuration has. The role
needs the other policies as well.`,
		Example: `  cicdctl iam-policy --read-only > reader.json
  cicdctl iam-policy --dir policies     # one file per policy, with instructions
  cicdctl iam-policy --trust production --principal arn:aws:iam::123456789012:role/ci
  cicdctl iam-policy --output json | jq -r '.policies[].name'`,
		Annotations: map[string]string{needsNoConfig: "yes"},
		Args:        named(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Trust != "" {
				if a.Conf, err = loadSettings(cmd.Flags(), a.Flags.Config); err != nil {
					return err
				}
			}
			return account.IAMPolicy(a, o)
		},
	}
	cmd.Flags().BoolVar(&o.ReadOnly, "read-only", false, "print the read-only policy")
	cmd.Flags().StringVar(&o.Dir, "dir", "", "write one file per policy to this directory")
	cmd.Flags().StringVar(&o.Trust, "trust", "", "print the trust policy of this account's role, by its name")
	cmd.Flags().StringArrayVar(&o.Principals, "principal", nil, "ARN of who may assume the role, with --trust; repeatable")
	complete(cmd, "trust", accountNames(a))
	complete(cmd, "dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}
