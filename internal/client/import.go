package client

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// ImportOptions are those of the client import command.
type ImportOptions struct {
	Name, Region, Spec string
	Kind, Role, ID     string
	Yes                bool
}

// Import gives a resource of the client's, or of the region's, the tags that it has lost.
func Import(ctx context.Context, a *session.Session, o ImportOptions) error {
	t, err := session.Wanted(a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	if err := session.Admit(ctx, a, op, t.Spec.Client, t.Spec.Region); err != nil {
		return err
	}
	run, err := op.Build(ctx, t.Spec)
	if err != nil {
		return err
	}
	lost, err := run.FindImport(ctx, o.Kind, o.Role, o.ID)
	if err != nil {
		return err
	}
	out := report.Outcome{Plan: report.NewPlan(t.Spec.Client, t.Spec.Region, []provision.Change{lost.Change}, a.Print.Sayf("from now on cicdctl changes it, and may remove it, like all that it made"))}
	a.Places(&out.Plan)
	if a.Print.Format == report.Text || !o.Yes {
		if err := a.Print.ShowPlan(out.Plan); err != nil {
			return err
		}
	}
	if err := session.Confirm(ctx, a, o.Yes); err != nil {
		return err
	}
	if err := run.Import(ctx, lost); err != nil {
		return err
	}
	out.OK, out.Applied = true, true
	out.Done.Updated, out.Next = 1, []string{a.Next("client plan %s", o.Name)}
	return a.Print.Success(a.Print.Sayf("%s is the %s %s of %s again.", o.ID, o.Kind, o.Role, lost.Scope), out)
}
