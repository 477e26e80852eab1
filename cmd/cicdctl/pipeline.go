package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/appfiles"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// appPlace is an app that a command is about.
type appPlace struct{ name, app, region, spec, account string }

func (p *appPlace) flags(cmd *cobra.Command) {
	regionFlag(cmd, &p.region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&p.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	cmd.Flags().StringVar(&p.account, "account", "", "AWS account that is deployed to (that of the AWS environment)")
}

func newPipeline(a *app) *cobra.Command {
	return group("pipeline", "Write the pipelines of apps",
		`An app's pipeline runs in GitLab: it builds, tries and deploys. It has no key of AWS:
client create makes a role for each app, which only pipelines of one branch of the
app's project can take (repository and branch of the spec).`,
		`  cicdctl pipeline render ACME shop > .gitlab-ci.yml`,
		newPipelineRender(a))
}

func newPipelineRender(a *app) *cobra.Command {
	var o appPlace
	cmd := &cobra.Command{
		Use:   "render NAME APP",
		Short: "Print an app's pipeline",
		Long: `Prints the .gitlab-ci.yml of an app: build, test, stage and deploy for each of its
services. Stage deploys to preview by itself; deploy goes to prod and is a click,
which a protected environment keeps for some. Merge requests build and try only.

The account is asked for on AWS, unless --account tells it.`,
		Example: `  cicdctl pipeline render ACME shop > .gitlab-ci.yml
  cicdctl pipeline render ACME shop --account 123456789012 --output json`,
		Args:              named("NAME", "APP"),
		ValidArgsFunction: a.appNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.app = args[0], args[1]
			p, err := a.project(cmd.Context(), o)
			if err != nil {
				return err
			}
			return a.print.Pipeline(report.Pipeline{File: appfiles.PipelineFile, Role: rules.DeployRoleName(p.Spec.Client, p.App.Name), Text: string(p.Pipeline())})
		},
	}
	o.flags(cmd)
	return cmd
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

// project finds the app in the client's spec, and the account.
func (a *app) project(ctx context.Context, o appPlace) (*appfiles.Project, error) {
	if o.account != "" && !accountPattern.MatchString(o.account) {
		return nil, usagef("", "--account %q is no AWS account: it has 12 digits", o.account)
	}
	t, err := a.wanted(o.name, o.region, o.spec)
	if err != nil {
		return nil, err
	}
	found, err := appOf(t.spec, o.app)
	if err != nil {
		return nil, err
	}
	p := &appfiles.Project{Spec: t.spec, App: *found, Account: o.account, GitLab: a.conf.GitLab}
	if p.GitLab == "" {
		p.GitLab = rules.DefaultGitLab
	}
	if err := rules.CheckGitLab(p.GitLab); err != nil {
		return nil, &cloud.ConfigError{Err: err}
	}
	if p.Account == "" {
		op, err := a.open(ctx)
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
	return nil, usagef("its spec has "+strings.Join(names, ", "), "APP: %q is no app of %s", name, s.Client)
}

// appNames completes names of clients, then the apps of one.
func (a *app) appNames(cmd *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
	units, directive := a.unitNames(cmd, args, part)
	if len(args) != 1 {
		return units, directive
	}
	var names []string
	for _, unit := range units {
		name, _, _ := strings.Cut(unit, "/")
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return names, directive
}
