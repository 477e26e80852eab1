package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/users"
)

func newAppUsers(a *session.Session) *cobra.Command {
	return group("users", "Manage the users of SFTP and FTP services",
		`Manage the users of SFTP (mysecureshell) and FTP (proftpd) services. The users of
each service and environment are stored in one AWS Secrets Manager secret, encrypted
with the client's KMS key. Containers load it at startup. cicdctl writes the secret
but never reads its value.`,
		`  cicdctl app users set ACME shop/files --env prod --file users.json
  cicdctl app users list ACME`,
		newAppUsersSet(a), newAppUsersList(a))
}

func newAppUsersSet(a *session.Session) *cobra.Command {
	var o users.SetOptions
	cmd := &cobra.Command{
		Use:   "set NAME APP/SERVICE --env preview|prod --file FILE",
		Short: "Replace the service's user list",
		Long: `Replace the complete user list of a service in one environment. Keep the file in a
password store: cicdctl cannot read the list back.

The file is JSON; - reads standard input and requires --yes:

  [{"name": "alice", "keys": ["ssh-ed25519 AAAA... alice@desk"]},
   {"name": "bob", "password_hash": "$y$j9T$..."}]

Names start with a lowercase letter, followed by lowercase letters, digits or _ . -
Keys are lines of .pub files (SFTP only); create password hashes with mkpasswd. All
users of an environment share its folder and have access to nothing else.

Running containers keep the previous list until you run cicdctl deploy restart.`,
		Example: `  cicdctl app users set ACME shop/files --env prod --file users.json
  pass acme/users | cicdctl app users set ACME shop/ftp --env prod --file - --yes`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], args[1]
			return users.SetFrom(cmd.Context(), a, o, cmd.InOrStdin())
		},
	}
	placeFlags(&o.Place, cmd)
	envFlag(cmd, &o.Env)
	cmd.Flags().StringVar(&o.File, "file", "", "JSON file with the users; - for standard input")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "skip the confirmation prompt")
	return cmd
}

func newAppUsersList(a *session.Session) *cobra.Command {
	var o users.ListOptions
	cmd := &cobra.Command{
		Use:   "list NAME [APP/SERVICE]",
		Short: "List user secrets and host key fingerprints",
		Long: `List the SFTP and FTP services with, for each environment, whether users are set,
when they were last changed, and the name of the secret. For SFTP, also show the
fingerprint of the host key, which users can verify on first connection; the host
key is created once and does not change.

Read-only. User names are not shown, because cicdctl does not read the secrets.`,
		Example: `  cicdctl app users list ACME
  cicdctl app users list ACME shop/files --output json`,
		Args: func(cmd *cobra.Command, args []string) error {
			return named([]string{"NAME", "APP/SERVICE"}[:max(1, min(len(args), 2))]...)(cmd, args)
		},
		ValidArgsFunction: unitNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Unit = args[0], strings.Join(args[1:], "")
			return users.List(cmd.Context(), a, o)
		},
	}
	placeFlags(&o.Place, cmd)
	return cmd
}
