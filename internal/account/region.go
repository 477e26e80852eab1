package account

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// ShowRegion tells what clients share in a region.
func ShowRegion(ctx context.Context, a *session.Session, region string) error {
	if err := session.CheckRegion(region); err != nil {
		return err
	}
	if err := a.CheckAllowed(region); err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	run, err := op.Region(ctx, region)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	r := report.NewRegion(region, session.City(region), plan)
	r.Place = a.Place(region)
	r.Slots = len(run.Scope().Addr.Slots())
	if r.Clients, err = op.Clients(ctx, region); err != nil {
		return err
	}
	return a.Print.Region(r)
}

// RegionDestroyOptions are those of the region destroy command.
type RegionDestroyOptions struct {
	Region, Confirm string
	Purge           bool
}

// DestroyRegion removes what clients share in a region without clients.
func DestroyRegion(ctx context.Context, a *session.Session, o RegionDestroyOptions) error {
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	if err := a.CheckAllowed(o.Region); err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	run, err := op.RemoveRegion(ctx, o.Region, o.Purge)
	if err != nil {
		return err
	}
	return session.Remove(ctx, a, run, session.Removal{
		Name: o.Region, Confirm: o.Confirm,
		Again:   a.Next("region destroy %s", o.Region),
		Purge:   a.Next("region destroy %s --purge-data", o.Region),
		Nothing: a.Print.Sayf("nothing is left to remove in %s", a.Place(o.Region)),
		Done: func(count string) string {
			return a.Print.Sayf("the shared things of %s are removed: %s", a.Place(o.Region), count)
		},
		After: func() ([]string, error) { return nil, nil },
	})
}
