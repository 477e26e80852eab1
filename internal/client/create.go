// Package client is the life of a client: create, plan, list, show, destroy, its spec file
// and its maintenance windows.
package client

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// CreateOptions are those of the client create command.
type CreateOptions struct {
	Name, Region, Spec string
	session.Consent
	InWindow bool // leave to the maintenance window what interrupts the database
}

// Create builds a client, or repairs it.
func Create(ctx context.Context, a *session.Session, o CreateOptions) error {
	t, run, plan, err := session.PlanFor(ctx, a, o.Name, o.Region, o.Spec, func(r *cloud.Run) {
		if o.InWindow {
			r.InWindow()
		}
	})
	if err != nil {
		return err
	}
	var notes []string
	if t.New {
		notes = append(notes, a.Print.Sayf("no spec file: the document's defaults are assumed"), a.Print.Sayf("the file %s will be written first", t.File))
	}
	return session.Ensure(ctx, a, session.Job{
		Target: t, Run: run, Plan: plan, Consent: o.Consent, Notes: notes,
		Save: func() error { return session.WriteSpec(a, t) },
	})
}
