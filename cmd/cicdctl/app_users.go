package main

import (
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/users"
)

func newAppUsers(a *session.Session) *cobra.Command {
	return group("users", "Say who may send files",
		`Who may send files to a service of mysecureshell or proftpd. The people of each
environment are a secret of their own in AWS Secrets Manager, encrypted with the
client's key; the service's containers get it when they start. cicdctl writes it and
never reads it.`,
		`  cicdctl app users set ACME shop/files --env prod --file users.json
  cicdctl app users list ACME`,
		newAppUsersSet(a), newAppUsersList(a))
}

func newAppUsersSet(a *session.Session) *cobra.Command {
	var o users.SetOptions
	cmd := &cobra.Command{
		Use:   "set NAME APP/SERVICE --env preview|prod --file FILE",
		Short: "Set who may send files to a service",
		Long: `Makes a list the people of a service in an environment. It takes the place of the
one before, whole: keep it where you keep secrets, for cicdctl never reads it back.

The file is JSON; - is standard input, which then needs --yes:

  [{"name": "alice", "keys": ["ssh-ed25519 AAAA... alice@desk"]},
   {"name": "bob", "password_hash": "$y$j9T$..."}]

Names are small letters, digits and _ . - after a letter. Keys are lines of .pub
files, for SFTP only; mkpasswd makes hashes. All people of an environment share its
folder and see nothing else.

Containers that run know the list before: deploy restart has them read this one.`,
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
	cmd.Flags().StringVar(&o.File, "file", "", "JSON file with the people; - for standard input")
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return cmd
}

func newAppUsersList(a *session.Session) *cobra.Command {
	var o users.ListOptions
	cmd := &cobra.Command{
		Use:   "list NAME [APP/SERVICE]",
		Short: "Show where people were set, and the servers' fingerprints",
		Long: `Tells for each service that people send files to, in each environment, whether
people were set, when last, and in which secret. For SFTP it has the fingerprint of
the server's host key, for people to compare when they connect first: the key is
made once and stays. It only reads, and not who the people are.`,
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
