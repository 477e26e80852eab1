package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/deploy"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// deployPlace is the service that a command is about.
type deployPlace struct {
	name, unit, env, region, spec string

	app, service string // of the unit, once it was found in the spec
}

type deployOptions struct {
	deployPlace
	image, accept    string
	skipPreview, yes bool
}

func newDeploy(a *app) *cobra.Command {
	var o deployOptions
	cmd := &cobra.Command{
		Use:   "deploy NAME APP/SERVICE --env preview|prod --image REF",
		Short: "Run an image as a service, and go back if it does not",
		Long: `Has a service run an image of its own repository: registers a revision of its task
definition that differs in the image alone (by digest), updates the service, tells
what ECS does, and waits until all tasks run. When they do not, ECS goes back to
what ran before; that is a failure (exit code 1), told with why the tasks stopped
and the last lines of their log.

REF is a tag, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST. Another client's or
service's image is refused, and so is one with critical findings or without a scan;
a scan under way is waited for. --accept-findings takes it all the same and keeps
the reason in a tag of the revision. prod takes only what ran in preview, unless
--skip-preview says otherwise.

The first deploy of a service gives it its tasks (2 for web servers, 1 for file
transfer); later ones do not touch their number, unless it is more than the runtime
can have. A deployment of something else in progress is refused; one that hangs for
half an hour may be replaced.

Run again after it was stopped, the command goes on where it was: it makes no second
revision. Ctrl-C and --timeout stop the waiting only, ECS goes on.`,
		Example: `  cicdctl deploy ACME shop/web --env preview --image v1.4.2
  cicdctl deploy ACME shop/web --env prod --image v1.4.2 --yes --output json
  cicdctl deploy rollback ACME shop/web --env prod
  cicdctl deploy status ACME`,
		Args:              named("NAME", "APP/SERVICE"),
		ValidArgsFunction: a.unitNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.unit = args[0], args[1]
			return runDeploy(cmd.Context(), a, o)
		},
	}
	o.flags(cmd)
	envFlag(cmd, &o.env)
	cmd.Flags().StringVar(&o.image, "image", "", "tag, REPOSITORY:TAG or REPOSITORY@sha256:DIGEST")
	cmd.Flags().BoolVar(&o.skipPreview, "skip-preview", false, "let prod take an image that never ran in preview")
	cmd.Flags().StringVar(&o.accept, "accept-findings", "", "why an image with critical findings, or without a scan, may run")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	cmd.AddCommand(newDeployRollback(a), newDeployRestart(a), newDeployStatus(a), newDeployList(a))
	return cmd
}

func (p *deployPlace) flags(cmd *cobra.Command) {
	regionFlag(cmd, &p.region, "region of the client; only needed without a spec file")
	cmd.Flags().StringVar(&p.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
}

func envFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "env", "", "preview or prod")
	complete(cmd, "env", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{string(spec.Preview), string(spec.Prod)}, cobra.ShellCompDirectiveNoFileComp
	})
}

// place finds the service in the client's spec.
func (a *app) place(p *deployPlace) (*target, error) {
	t, err := a.wanted(p.name, p.region, p.spec)
	if err != nil {
		return nil, err
	}
	var units []string
	for _, each := range t.spec.Apps {
		for _, svc := range each.Services {
			unit := each.Name + "/" + svc.Name
			if unit == p.unit {
				p.app, p.service = each.Name, svc.Name
			}
			units = append(units, unit)
		}
	}
	if p.app == "" {
		return nil, usagef("its spec has "+strings.Join(units, ", "), "APP/SERVICE: %q is no service of %s", p.unit, p.name)
	}
	return t, nil
}

// runtime is that of the service, once it was found.
func (p *deployPlace) runtime(s *spec.Spec) spec.Runtime {
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			if app.Name == p.app && svc.Name == p.service {
				return svc.Runtime
			}
		}
	}
	return ""
}

func (p *deployPlace) environment() (spec.Env, error) {
	switch env := spec.Env(p.env); env {
	case spec.Preview, spec.Prod:
		return env, nil
	case "":
		return "", usagef("give --env preview or --env prod", "--env is missing")
	default:
		return "", usagef("give --env preview or --env prod", "--env %q is no environment", p.env)
	}
}

// unitNames completes names of clients, then the services of one.
func (a *app) unitNames(cmd *cobra.Command, args []string, part string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.clientNames(cmd, args, part)
	}
	conf, err := loadSettings(cmd.Flags(), a.flags.config)
	if err != nil || len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	a.conf = conf
	_, s, err := a.loadSpec(args[0], "")
	if err != nil || s == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var units []string
	for _, each := range s.Apps {
		for _, svc := range each.Services {
			units = append(units, each.Name+"/"+svc.Name)
		}
	}
	return units, cobra.ShellCompDirectiveNoFileComp
}

func runDeploy(ctx context.Context, a *app, o deployOptions) error {
	env, err := o.environment()
	if err != nil {
		return err
	}
	if o.image == "" {
		return usagef("give a tag such as --image v1.4.2", "--image is missing")
	}
	wish := deploy.Wish{SkipPreview: o.skipPreview, Accept: o.accept}
	if wish.Image, err = rules.ParseImage(o.image); err != nil {
		return usagef("", "--image %w", err)
	}
	if o.accept != "" {
		if err := rules.CheckReason(o.accept); err != nil {
			return usagef("", "--accept-findings %w", err)
		}
	}
	t, err := a.place(&o.deployPlace)
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	told := false
	d, err := deploy.Prepare(ctx, op, t.spec, o.app, o.service, env, wish, func(i *deploy.DeployImage) {
		if !told {
			a.print.Tell("the image %s is being scanned for vulnerabilities: this waits for it", i.Digest)
			told = true
		}
	})
	if err != nil {
		return err
	}
	return a.deploy(ctx, d, o.yes)
}

// deploy shows, asks, and carries out.
func (a *app) deploy(ctx context.Context, d *deploy.Deploy, yes bool) error {
	switch {
	case d.Done:
	case d.Waits:
		a.print.Tell("this deployment is under way already: this waits for it")
	default:
		if err := a.print.DeployPlan(d, a.sandbox() != ""); err != nil {
			return err
		}
		if err := a.confirmed(ctx, yes); err != nil {
			return err
		}
	}
	out := report.Deployment{Unit: d.Unit, Action: "deploy", Image: d.Image, From: d.From}
	switch {
	case d.Back:
		out.Action = "rollback"
	case d.Again:
		out.Action = "restart"
	}
	end, err := d.Run(ctx, a.print.DeployProgress())
	out.DeployEnd, out.To, out.OK = *end, d.To, err == nil
	place := fmt.Sprintf("%s %s/%s", d.Client, d.App, d.Service)
	status := a.next("deploy status %s", place)
	list := a.next("deploy list %s --env %s", place, d.Env)
	back := a.next("deploy rollback %s --env %s", place, d.Env)
	switch {
	case err == nil && d.Back && end.State == deploy.DeployedBefore:
		a.print.Tell("it was gone back to already; further back: %s", back+" --to REVISION")
		out.Next = []string{list}
	case err == nil && d.Env == spec.Preview && !d.Back && d.Image != nil:
		ref := d.Image.Tag
		if ref == "" {
			ref = d.Image.Digest
		}
		out.Next = []string{a.next("deploy %s --env prod --image %s", place, ref)}
	default:
		out.Next = []string{status}
	}
	if err == nil {
		return a.print.Deployment(out)
	}
	if failure := a.print.DeployFailure(out); failure != nil {
		return failure
	}
	if ctx.Err() == nil {
		return err
	}
	if end.State == deploy.DeployGoesOn {
		a.print.Tell("no longer waiting: ECS goes on with the deployment; look with: %s", status)
		a.print.Tell("  go back with: %s", back)
	} else {
		a.print.Tell("no longer waiting: whether the deployment was begun is not known; look with: %s", status)
	}
	if interrupted, _ := a.signals.how(); interrupted {
		return exitOnly(exitInterrupted)
	}
	return exitOnly(exitError)
}
