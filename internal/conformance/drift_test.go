package conformance

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

const (
	// most is how often alike places are edited until one of the edits was healed.
	most = 3
	// driftParts is in how many accounts values are changed at once, each some of them.
	driftParts = 4
)

// drift is what changes by hand have shown of attributes, "kind field".
type drift struct {
	only  string // the kind that is looked at; empty for all
	parts int

	mu      sync.Mutex
	noticed map[string]string // the first change that made a plan show it
	alone   map[string]bool   // a plan has shown nothing else
	healed  map[string]bool
	judged  map[string]bool // IDs of rules that a defect has broken
}

// TestEveryFieldDriftsAndHeals changes the account by hand, one value at a time,
// all over; many of the changes make an account that AWS could not hold, and are
// passed over. Every Field of every kind must be shown by a plan for some change,
// be named alone for some change, and be mended by create unless it is immutable.
//
// CICDCTL_TEST_KIND=sqs/queue looks at the fields of one kind alone: it begins with the
// part of the account that is called like the kind's service, and ends once it has seen all.
//
// It takes longest, and so it is not parallel: those that are begin after it.
func TestEveryFieldDriftsAndHeals(t *testing.T) {
	only := os.Getenv("CICDCTL_TEST_KIND")
	if only != "" && !slices.ContainsFunc(kinds.All(), func(typ *provision.Type) bool { return typ.Name == only }) {
		t.Fatalf("CICDCTL_TEST_KIND=%s is no kind", only)
	}
	d := &drift{only: only, parts: driftParts, noticed: map[string]string{}, alone: map[string]bool{}, healed: map[string]bool{}, judged: map[string]bool{}}
	if only != "" {
		d.parts = 1
	}
	t.Run("parts", func(t *testing.T) {
		for part := range d.parts {
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { d.part(t, part) })
			})
		}
	})
	// Of an attribute that several rules are about, one is enough here: those that go
	// by a control's own logic have their cases in the tests of the rules.
	broken := map[string]bool{}
	for _, rule := range audit.All() {
		name := rule.Kind + " " + rule.Field
		broken[name] = broken[name] || d.judged[rule.ID]
	}
	for _, rule := range audit.All() {
		if name := rule.Kind + " " + rule.Field; rule.Kind != "" && d.alone[name] && d.looked(name) && !broken[name] && guarded[name] == "" {
			t.Errorf("no change by hand breaks %s (%s)", rule.ID, name)
		}
	}
	for _, typ := range kinds.All() {
		for _, field := range typ.FieldNames() {
			if lacks := d.open(typ, field); lacks != "" && d.looked(typ.Name+" "+field) {
				t.Error(lacks)
			}
		}
	}
}

// part changes the values of one part of the shapes, in an account of its own, and then by the
// changes that somebody has written down for it.
func (d *drift) part(t *testing.T, part int) {
	ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
	s := acme(t)
	if err := create(ctx, r.Operator, s); err != nil {
		t.Fatal(err)
	}
	whole := r.tree()
	all := edits(whole, "", "", func(any) {})
	if d.only != "" {
		all = ownFirst(all, d.only)
	}
	done, tried := map[string]bool{}, map[string]int{}
	for _, e := range all {
		if d.partOf(e.shape) != part {
			continue
		}
		if d.enough() {
			break
		}
		if tried[e.shape]++; tried[e.shape] > most || done[e.shape] {
			continue
		}
		e.apply()
		err := r.load(whole)
		e.undo()
		if err == nil {
			done[e.shape] = d.change(ctx, r, s, e, tried[e.shape])
		}
	}
	for i, name := range slices.Sorted(maps.Keys(hands)) {
		if i%d.parts == part && d.looked(name) {
			r.restore(whole)
			d.byHand(ctx, r, s, name)
		}
	}
}

// partOf is the part that a shape is changed in: no two accounts hold things in the same order.
func (d *drift) partOf(shape string) int {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(shape)) // never fails, says hash.Hash
	return int(sum.Sum32() % uint32(d.parts))
}

// change judges what a plan and a create make of an account in which one value was changed. It
// reports whether alike places need not be tried any more.
func (d *drift) change(ctx context.Context, r *rig, s *spec.Spec, e edit, tried int) (done bool) {
	run, err := operator(r.tb, r.account, cloud.Config{}).Build(ctx, s)
	if err != nil {
		return false
	}
	p, err := run.Plan(ctx)
	if err != nil {
		return false
	}
	fields := fieldsOf(p)
	if !slices.ContainsFunc(fields, d.looked) {
		return tried > 1
	}
	if d.notice(fields, e.path) {
		r.wantOneFinding(ctx, s, fields[0], e.path, p.Changes(), d.judge)
	}
	if p.Refused() != nil {
		for _, c := range p.Changes() {
			for _, diff := range c.Diffs {
				if diff.Fix != "" {
					d.heal(c.Kind + " " + diff.Field)
				}
			}
		}
		return false
	}
	if _, err := run.Apply(ctx, p, nil, nil); err != nil || fieldsOf(plan(ctx, r.tb, r.Operator, s)) != nil {
		return false // see below whether another change of the field heals
	}
	d.heal(fields...)
	return true
}

// byHand makes a change that nothing but an attribute shows, and mends it.
func (d *drift) byHand(ctx context.Context, r *rig, s *spec.Spec, name string) {
	if err := hands[name](ctx, r.Factory.Set(region)); err != nil {
		r.tb.Errorf("change %s by hand: %v", name, err)
		return
	}
	if fields := fieldsOf(plan(ctx, r.tb, r.Operator, s)); !slices.Equal(fields, []string{name}) {
		r.tb.Errorf("after a change of %s by hand a plan shows %v", name, fields)
	}
	r.wantOneFinding(ctx, s, name, "by hand", plan(ctx, r.tb, r.Operator, s).Changes(), d.judge)
	if err := create(ctx, r.Operator, s); err != nil {
		r.tb.Errorf("%s, changed by hand: %v", name, err)
	}
	r.wantNoChange(ctx, s)
	d.notice([]string{name}, "by hand")
	d.heal(name)
}

func (d *drift) looked(name string) bool { return d.only == "" || strings.HasPrefix(name, d.only+" ") }

// notice notes what a plan has shown, and reports whether an audit has to judge it: it was alone,
// for the first time or with no rule about it broken yet.
func (d *drift) notice(fields []string, path string) (unjudged bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range fields {
		d.noticed[name] = cmp.Or(d.noticed[name], path)
	}
	if len(fields) != 1 || d.alone[fields[0]] && !d.unjudged(fields[0]) {
		return false
	}
	d.alone[fields[0]] = true
	return true
}

func (d *drift) heal(names ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range names {
		d.healed[name] = true
	}
}

func (d *drift) judge(rule string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.judged[rule] = true
}

// unjudged reports whether no rule about an attribute, where there is one, is broken yet.
func (d *drift) unjudged(name string) bool {
	kind, field, _ := strings.Cut(name, " ")
	about := slices.DeleteFunc(audit.All(), func(r judge.Rule) bool { return !r.About(kind, field) })
	return len(about) > 0 && !slices.ContainsFunc(about, func(r judge.Rule) bool { return d.judged[r.ID] })
}

// open is what a field still lacks; nothing when it is empty.
func (d *drift) open(typ *provision.Type, field string) string {
	name := typ.Name + " " + field
	immutable := slices.Contains(typ.Immutables(), field)
	switch {
	case guarded[name] != "":
	case d.noticed[name] == "":
		return fmt.Sprintf("no change by hand makes a plan show %s: add a change to hands, unless its value is one that skipped leaves out by mistake", name)
	case !d.alone[name] && !immutable:
		return fmt.Sprintf("no change by hand makes a plan show %s alone (%s)", name, d.noticed[name])
	case !d.healed[name]:
		return fmt.Sprintf("no change by hand of %s heals (%s)", name, d.noticed[name])
	}
	return ""
}

// enough reports whether the one kind that is looked at has shown all its fields.
func (d *drift) enough() bool {
	if d.only == "" {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	typ := kinds.All()[slices.IndexFunc(kinds.All(), func(typ *provision.Type) bool { return typ.Name == d.only })]
	return !slices.ContainsFunc(typ.FieldNames(), func(field string) bool {
		name := d.only + " " + field
		return hands[name] == nil && (d.open(typ, field) != "" || d.unjudged(name) && guarded[name] == "")
	})
}

// ownFirst puts the changes of the part that is called like a kind's service first.
func ownFirst(all []edit, kind string) []edit {
	service, _, _ := strings.Cut(kind, "/")
	other := func(e edit) int {
		part, _, _ := strings.Cut(e.path[1:], "/")
		if strings.HasPrefix(service, strings.ToLower(part)) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b edit) int { return other(a) - other(b) })
	return all
}

// guarded are attributes that nobody can change alone: something else that cicdctl
// made stands before them.
var guarded = map[string]string{
	"ecs/service tasks":                 "of services that run: TestAStoppedEnvironmentStaysStoppedAndComesBack scales them by hand",
	"ecs/service stopped":               "of services that run: TestAStoppedEnvironmentStaysStoppedAndComesBack scales them by hand",
	"ecs/cluster exec":                  "of clients with exec on: TestExecIsOpenedAndShut changes it by hand",
	"iam/oidc-provider GitLab instance": "it is what IAM knows a provider by; another one in the configuration has a test of its own",
	"acm/certificate validity":          "AWS and the owner of the domain decide on it; it has a test of its own",
	"rds/cluster status":                "it takes the loss of its key, which has a test of its own",
	"s3/escrow encryption":              "the bucket's policy refuses any other key",
	"sns/topic maker of the dashboard":  "it takes another dashboard of that name, which has a test of its own",
	"s3/escrow private key":             "it takes the loss of its KMS key, which has a test of its own",
}
