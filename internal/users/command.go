package users

import (
	"context"
	"io"
	"os"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// SetOptions are those of the app users set command.
type SetOptions struct {
	session.Place
	File string
	session.Consent
}

// SetFrom sets who may send files to a service from a file.
func SetFrom(ctx context.Context, a *session.Session, o SetOptions, stdin io.Reader) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	if o.File == "" {
		return session.Usagef("give a JSON file, or - for standard input; see cicdctl app users set --help", "--file is missing")
	}
	t, err := session.FindPlace(a, &o.Place)
	if err != nil {
		return err
	}
	data, err := readSecret(o.File, stdin)
	if err != nil {
		return session.Usagef("give a JSON file, or - for standard input", "--file: %w", err)
	}
	value, names, err := rules.ParsePeople(data, o.Runtime(t.Spec))
	if err != nil {
		return session.Usagef("cicdctl app users set --help shows what such a file looks like", "--file %s: %w", o.File, err)
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	if err := session.Admit(ctx, a, op, t.Spec.Client, t.Spec.Region); err != nil {
		return err
	}
	people, err := Prepare(ctx, op, t.Spec, o.App, o.Service, env)
	if err != nil {
		return err
	}
	if err := showPeoplePlan(a.Print, people, names); err != nil {
		return err
	}
	if err := session.Agree(ctx, a, replaced(a, people, o.Unit), func(string) bool { return false }, o.Consent); err != nil {
		return err
	}
	running, err := Set(ctx, people, value)
	if err != nil {
		return err
	}
	next := "deploy %s %s --env %s --image TAG"
	if running {
		next = "deploy restart %s %s --env %s"
	}
	return showPeopleDone(a.Print, PeopleDone{People: *people, Names: names, Next: []string{a.Next(next, o.Name, o.Unit, env)}})
}

// replaced is what a new list takes away: nobody can read the one before, to tell who of it
// is left out.
func replaced(a *session.Session, people *People, unit string) []report.Removal {
	if people.State != cloud.StateSet {
		return nil
	}
	return []report.Removal{{ID: people.arn, Word: unit, What: a.Print.Sayf("the users in %s who are not in the new list", people.Env)}}
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

// ListOptions are those of the app users list command.
type ListOptions struct{ session.Place }

// List shows which services have users.
func List(ctx context.Context, a *session.Session, o ListOptions) error {
	op, t, err := session.OpenPlaces(ctx, a, &o.Place)
	if err != nil {
		return err
	}
	all, err := All(ctx, op, t.Spec, o.App, o.Service)
	if err != nil {
		return err
	}
	return showPeople(a.Print, all)
}
