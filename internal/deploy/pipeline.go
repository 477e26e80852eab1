package deploy

import (
	"context"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/appfiles"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// AppPlace is an app that a command is about.
type AppPlace struct{ Name, App, Region, Spec, Account string }

var accountPattern = lazyregexp.New(`^\d{12}$`)

// Project finds the app in the client's spec, and the account.
func Project(ctx context.Context, a *session.Session, o AppPlace) (*appfiles.Project, error) {
	if o.Account != "" && !accountPattern.MatchString(o.Account) {
		c, err := a.AccountNamed(o.Account)
		if err != nil {
			return nil, session.Usagef("", "--account %q is no AWS account: it has 12 digits, or a name under accounts in the configuration", o.Account)
		}
		a.Flags.Account, o.Account = c.Name, c.ID()
	}
	t, err := session.Wanted(a, o.Name, o.Region, o.Spec)
	if err != nil {
		return nil, err
	}
	switch c, err := a.About(); {
	case err != nil:
		return nil, err
	case c.ID() == "":
	case o.Account == "":
		o.Account = c.ID() // nobody needs to be asked
	case o.Account != c.ID():
		return nil, session.Usagef("leave --account out; to move a client, create it under another name", "%s says account %s, --account says %s", t.File, c.Name+" ("+c.ID()+")", o.Account)
	}
	found, err := appOf(t.Spec, o.App)
	if err != nil {
		return nil, err
	}
	p := &appfiles.Project{Spec: t.Spec, App: *found, Account: o.Account, GitLab: a.Conf.GitLab, Lang: a.Print.Lang}
	if p.GitLab == "" {
		p.GitLab = rules.DefaultGitLab
	}
	if err := rules.CheckGitLab(p.GitLab); err != nil {
		return nil, &cloud.ConfigError{Err: err}
	}
	if p.Account == "" {
		op, err := a.Open(ctx)
		if err != nil {
			return nil, err
		}
		id, err := op.Identity(ctx)
		if err != nil {
			return nil, err
		}
		p.Account = id.Account
	}
	return p, nil
}

func appOf(s *spec.Spec, name string) (*spec.App, error) {
	var names []string
	for i := range s.Apps {
		if s.Apps[i].Name == name {
			return &s.Apps[i], nil
		}
		names = append(names, s.Apps[i].Name)
	}
	return nil, session.Usagef(lang.Sprintf("its spec has %s", strings.Join(names, ", ")), "APP: %q is no app of %s", name, s.Client)
}
