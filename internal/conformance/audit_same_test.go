package conformance

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// planned are the lines of what a plan would change.
func (r *rig) planned(ctx context.Context, s *spec.Spec) []string {
	r.tb.Helper()
	var out []string
	for _, c := range plan(ctx, r.tb, operator(r.tb, r.account, cloud.Config{}), s).Changes() {
		if c.Op != provision.OpRetain {
			out = append(out, line(c))
		}
	}
	slices.Sort(out)
	return out
}

// surveyed are the lines of what an audit of everything finds different. It has to
// have read everything.
func (r *rig) surveyed(ctx context.Context, s *spec.Spec) []string {
	r.tb.Helper()
	o := operator(r.tb, r.account, cloud.Config{})
	seen, err := audit.Look(ctx, o, audit.Examined{Specs: []*spec.Spec{s}, Regions: []string{region}})
	if err != nil {
		r.tb.Fatal(err)
	}
	survey, err := provision.Judge(o.Types, seen.Inventory, seen.Request)
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, u := range survey.Unread {
		r.tb.Errorf("%s was not read: %v", u.Kind, u.Err)
	}
	var out []string
	for d := range survey.Differing() {
		out = append(out, line(d.Change))
	}
	slices.Sort(out)
	return out
}

// An audit saves calls that a plan makes. Whatever lost its tags, it still tells of
// the same differences.
func TestAuditsFindTheUntaggedAsPlansDo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		whole := r.tree()
		for _, held := range heldBy(ctx, t, r, acme(t)) {
			// Without the subnets that are its slot nobody knows of the client.
			if held.Scope.String() != "client ACME" || held.Kind == "ec2/subnet" {
				continue
			}
			stripped := r.copyOf(whole)
			if stripTags(stripped, held.ID) == 0 {
				t.Errorf("%s %s: its tags are nowhere in the account", held.Kind, held.Role)
				continue
			}
			r.restore(stripped)
			want := r.planned(ctx, acme(t))
			if got := r.surveyed(ctx, acme(t)); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("without the tags of %s %s a plan has\n%q\nand an audit\n%q", held.Kind, held.Role, want, got)
			}
		}
	})
}
