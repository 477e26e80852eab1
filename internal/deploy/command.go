package deploy

import (
	"context"
	"fmt"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Options are those of the deploy command.
type Options struct {
	session.Place
	Image, Accept    string
	SkipPreview, Yes bool
}

// Run brings an image to a service and waits until it runs.
func Run(ctx context.Context, a *session.Session, o Options) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	if o.Image == "" {
		return session.Usagef("give a tag such as --image v1.4.2", "--image is missing")
	}
	request := Request{SkipPreview: o.SkipPreview, Accept: o.Accept}
	if request.Image, err = rules.ParseImage(o.Image); err != nil {
		return session.Usagef("", "--image %w", err)
	}
	if o.Accept != "" {
		if err := rules.CheckReason(o.Accept); err != nil {
			return session.Usagef("", "--accept-findings %w", err)
		}
	}
	op, t, err := openToChange(ctx, a, &o.Place)
	if err != nil {
		return err
	}
	told := false
	d, err := Prepare(ctx, op, t.Spec, o.App, o.Service, env, request, func(i *DeployImage) {
		if !told {
			a.Print.Tell("the image %s is being scanned for vulnerabilities: waiting for it", i.Digest)
			told = true
		}
	})
	if err != nil {
		return err
	}
	return deploy(ctx, a, d, o.Yes)
}

// openToChange is session.OpenPlace for a command that changes the service.
func openToChange(ctx context.Context, a *session.Session, p *session.Place) (*cloud.Operator, *session.Target, error) {
	op, t, err := session.OpenPlace(ctx, a, p)
	if err != nil {
		return nil, nil, err
	}
	return op, t, session.Admit(ctx, a, op, t.Spec.Client, t.Spec.Region)
}

// deploy shows, asks, and carries out.
func deploy(ctx context.Context, a *session.Session, d *Deploy, yes bool) error {
	switch {
	case d.Done:
	case d.Waits:
		a.Print.Tell("this deployment is already in progress: waiting for it")
	default:
		if err := showDeployPlan(a.Print, d, a.Sandbox() != ""); err != nil {
			return err
		}
		if err := session.Confirm(ctx, a, yes); err != nil {
			return err
		}
	}
	out := Deployment{Unit: d.Unit, Action: "deploy", Image: d.Image, From: d.From}
	switch {
	case d.Back:
		out.Action = "rollback"
	case d.Again:
		out.Action = "restart"
	}
	end, err := d.Run(ctx, showDeployProgress(a.Print))
	out.DeployEnd, out.To, out.OK = *end, d.To, err == nil
	place := fmt.Sprintf("%s %s/%s", d.Client, d.App, d.Service)
	status := a.Next("deploy status %s", place)
	list := a.Next("deploy list %s --env %s", place, d.Env)
	back := a.Next("deploy rollback %s --env %s", place, d.Env)
	switch {
	case err == nil && d.Back && end.State == DeployedBefore:
		a.Print.Tell("already rolled back; to go further back: %s", back+" --to REVISION")
		out.Next = []string{list}
	case err == nil && d.Env == spec.Preview && !d.Back && d.Image != nil:
		ref := d.Image.Tag
		if ref == "" {
			ref = d.Image.Digest
		}
		out.Next = []string{a.Next("deploy %s --env prod --image %s", place, ref)}
	case err != nil || out.Warning != "":
		out.Next = []string{status}
	}
	if err == nil && d.First && d.Most > 0 {
		out.Next = append(out.Next, a.Print.Sayf("the number of tasks follows their load from now on with: %s", a.Next("client create %s", d.Client)))
	}
	if err == nil {
		return showDeployment(a.Print, out)
	}
	if failure := showDeployFailure(a.Print, out); failure != nil {
		return failure
	}
	if ctx.Err() == nil {
		return err
	}
	if end.State == DeployGoesOn {
		a.Print.Tell("no longer waiting: ECS continues the deployment; check it with: %s", status)
		a.Print.Tell("  roll back with: %s", back)
	} else {
		a.Print.Tell("no longer waiting: it is not known whether the deployment started; check it with: %s", status)
	}
	return session.Stopped(a)
}

// ListOptions are those of the deploy list command.
type ListOptions struct {
	session.Place
	Limit int
}

// List shows what was deployed to a service.
func List(ctx context.Context, a *session.Session, o ListOptions) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	if o.Limit < 1 {
		return session.Usagef("give a number such as 20", "--limit %d is less than one", o.Limit)
	}
	op, t, err := session.OpenPlace(ctx, a, &o.Place)
	if err != nil {
		return err
	}
	unit, all, err := History(ctx, op, t.Spec, o.App, o.Service, env, o.Limit)
	if err != nil {
		return err
	}
	return showDeploys(a.Print, unit, all)
}

// RestartOptions are those of the deploy restart command.
type RestartOptions struct {
	session.Place
	Yes bool
}

// Restart starts a service's tasks anew.
func Restart(ctx context.Context, a *session.Session, o RestartOptions) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	op, t, err := openToChange(ctx, a, &o.Place)
	if err != nil {
		return err
	}
	d, err := PrepareRestart(ctx, op, t.Spec, o.App, o.Service, env)
	if err != nil {
		return err
	}
	return deploy(ctx, a, d, o.Yes)
}

// RollbackOptions are those of the deploy rollback command.
type RollbackOptions struct {
	session.Place
	To  string
	Yes bool
}

// Rollback goes back to an earlier revision.
func Rollback(ctx context.Context, a *session.Session, o RollbackOptions) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	op, t, err := openToChange(ctx, a, &o.Place)
	if err != nil {
		return err
	}
	d, err := PrepareRollback(ctx, op, t.Spec, o.App, o.Service, env, o.To)
	if err != nil {
		return err
	}
	return deploy(ctx, a, d, o.Yes)
}

// ShowStatus shows what runs.
func ShowStatus(ctx context.Context, a *session.Session, o session.Place) error {
	op, t, err := session.OpenPlaces(ctx, a, &o)
	if err != nil {
		return err
	}
	all, err := Status(ctx, op, t.Spec, o.App, o.Service)
	if err != nil {
		return err
	}
	return showRunning(a.Print, all)
}
