package client

import (
	"context"
	"os"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// DestroyOptions are those of the client destroy command.
type DestroyOptions struct {
	Name, Region, Confirm string
	Purge                 bool
	Plan                  bool // only show what would be removed
}

// Destroy removes a client, keeping its data unless told otherwise.
func Destroy(ctx context.Context, a *session.Session, o DestroyOptions) error {
	op, region, err := session.FindRegion(ctx, a, o.Name, o.Region)
	if err != nil {
		return err
	}
	if region == "" {
		if err := neverThere(ctx, a, op, o, false); err != nil {
			return err
		}
		return a.Print.Success(a.Print.Sayf("nothing of %s is on AWS", o.Name), report.Outcome{OK: true, Plan: report.NewPlan(o.Name, "", nil)})
	}
	run, err := op.Remove(ctx, o.Name, region, o.Purge)
	if err != nil {
		return err
	}
	return session.Remove(ctx, a, run, session.Removal{
		Name: o.Name, Confirm: o.Confirm, Plan: o.Plan,
		Again:   a.Next("client destroy %s --region %s", o.Name, region),
		Purge:   a.Next("client destroy %s --region %s --purge-data", o.Name, region),
		Back:    a.Next("client create %s", o.Name),
		Never:   func(kept bool) error { return neverThere(ctx, a, op, o, kept) },
		Nothing: a.Print.Sayf("nothing of %s is left to remove in %s", o.Name, a.Place(region)),
		Done: func(count string) string {
			return a.Print.Sayf("%s is removed from %s: %s", o.Name, a.Place(region), count)
		},
		After: func() ([]string, error) { return afterDestroy(ctx, a, op, o.Name, region) },
	})
}

// neverThere is an error that says which clients there are, for a name of which there is
// nothing, not even a spec file: it is more likely misspelt than destroyed before. With a file, the
// client must not be in another place than that says.
func neverThere(ctx context.Context, a *session.Session, op *cloud.Operator, o DestroyOptions, kept bool) error {
	if file := session.SpecPath(a, o.Name); fileExists(file) {
		return a.Misled(ctx, o.Name, file, o.Region)
	}
	if kept || o.Plan { // what is gone has no file any more
		return nil
	}
	there, err := a.There(ctx, op)
	if err != nil {
		return err
	}
	return session.Unknown(o.Name, there)
}

// afterDestroy says what the spec file is for now, and what still costs money.
func afterDestroy(ctx context.Context, a *session.Session, op *cloud.Operator, name, region string) ([]string, error) {
	var next []string
	if file := session.SpecPath(a, name); fileExists(file) {
		next = append(next, a.Print.Sayf("%s still describes %s: %s builds it again; remove the file when it is no longer needed", file, name, a.Next("client create %s", name)))
	}
	left, err := op.Clients(ctx, region)
	if err == nil && len(left) == 0 {
		next = append(next, a.Print.Sayf("no client is left in %s: %s removes its network, whose NAT gateways cost money", region, a.Next("region destroy %s", region)))
	}
	return next, err
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
