package main

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/users"
)

func newAppUsers(a *app) *cobra.Command {
	return group("users", "Say who may send files",
		`Who may send files to a service of mysecureshell or proftpd. The people of each
environment are a secret of their own in AWS Secrets Manager, encrypted with the
client's key; the service's containers get it when they start. cicdctl writes it and
never reads it.`,
		`  cicdctl app users set ACME shop/files --env prod --file users.json
  cicdctl app users list ACME`,
		newAppUsersSet(a), newAppUsersList(a))
}

type usersSetOptions struct {
	deployPlace
	file string
	yes  bool
}

func newAppUsersSet(a *app) *cobra.Command {
	var o usersSetOptions
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
		ValidArgsFunction: a.unitNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.unit = args[0], args[1]
			return runAppUsersSet(cmd.Context(), a, o, cmd.InOrStdin())
		},
	}
	o.flags(cmd)
	envFlag(cmd, &o.env)
	cmd.Flags().StringVar(&o.file, "file", "", "JSON file with the people; - for standard input")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	return cmd
}

func runAppUsersSet(ctx context.Context, a *app, o usersSetOptions, stdin io.Reader) error {
	env, err := o.environment()
	if err != nil {
		return err
	}
	if o.file == "" {
		return usagef("give a JSON file, or - for standard input; see cicdctl app users set --help", "--file is missing")
	}
	t, err := a.place(&o.deployPlace)
	if err != nil {
		return err
	}
	data, err := readSecret(o.file, stdin)
	if err != nil {
		return usagef("give a JSON file, or - for standard input", "--file: %w", err)
	}
	value, names, err := rules.ParsePeople(data, o.runtime(t.spec))
	if err != nil {
		return usagef("cicdctl app users set --help shows what such a file looks like", "--file %s: %w", o.file, err)
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	people, err := users.Prepare(ctx, op, t.spec, o.app, o.service, env)
	if err != nil {
		return err
	}
	if err := a.print.PeoplePlan(people, names); err != nil {
		return err
	}
	if err := a.confirmed(ctx, o.yes); err != nil {
		return err
	}
	running, err := users.Set(ctx, people, value)
	if err != nil {
		return err
	}
	next := "deploy %s %s --env %s --image TAG"
	if running {
		next = "deploy restart %s %s --env %s"
	}
	return a.print.PeopleDone(report.PeopleDone{People: *people, Names: names, Next: []string{a.next(next, o.name, o.unit, env)}})
}

// mostRead is far more than a secret can hold.
const mostRead = 1 << 20

// readSecret reads a file, or standard input, to its end.
func readSecret(path string, stdin io.Reader) (data []byte, err error) {
	if path == "-" {
		return io.ReadAll(io.LimitReader(stdin, mostRead))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(f, mostRead))
}

type usersListOptions struct{ deployPlace }

func newAppUsersList(a *app) *cobra.Command {
	var o usersListOptions
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
		ValidArgsFunction: a.unitNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.unit = args[0], strings.Join(args[1:], "")
			return runAppUsersList(cmd.Context(), a, o)
		},
	}
	o.flags(cmd)
	return cmd
}

func runAppUsersList(ctx context.Context, a *app, o usersListOptions) error {
	find := a.place
	if o.unit == "" {
		find = func(p *deployPlace) (*target, error) { return a.wanted(p.name, p.region, p.spec) }
	}
	t, err := find(&o.deployPlace)
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	all, err := users.All(ctx, op, t.spec, o.app, o.service)
	if err != nil {
		return err
	}
	return a.print.People(all)
}
