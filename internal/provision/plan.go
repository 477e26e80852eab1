package provision

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Op is what a plan does to one resource.
type Op string

// The operations. Foreign stops a plan before anything is changed. Blocked is what no
// tool may mend, and Waiting what depends on that: the rest of the plan is carried out.
// Retain is a resource that destroy leaves, Later one that cannot be made yet, each
// with the reason.
const (
	OpNone    Op = "none"
	OpCreate  Op = "create"
	OpUpdate  Op = "update"
	OpDelete  Op = "delete"
	OpRetain  Op = "retain"
	OpLater   Op = "later"
	OpBlocked Op = "blocked"
	OpWaiting Op = "waiting"
	OpForeign Op = "foreign"
)

// Diff is one attribute that differs. Have and Want are canonical texts, one
// item a line; either is empty where there is nothing.
type Diff struct {
	Field string `json:"field"`
	Have  string `json:"have"`
	Want  string `json:"want"`
	Fix   string `json:"fix,omitempty"` // for an immutable attribute
}

// Change is one line of a plan.
type Change struct {
	Op    Op       `json:"op"`
	Kind  string   `json:"kind"`
	Scope ScopeRef `json:"scope"`
	Role  Role     `json:"role"`
	ID    string   `json:"id,omitempty"`
	Name  string   `json:"name,omitempty"` // of what will be created, or what tells it best
	Diffs []Diff   `json:"diffs,omitempty"`
	Why   string   `json:"why,omitempty"`
	// Untagged says of a foreign resource that it carries none of cicdctl's tags, and can be
	// given them: Import takes it back if it has lost them.
	Untagged bool `json:"untagged,omitempty"`
	// Until is when the data of a resource that is kept expires by itself.
	Until *time.Time `json:"until,omitempty"`
}

// Plan is the difference between what is wanted and what was observed.
type Plan struct {
	nodes []*node
	room  []node              // for those to come: a look at all clients has tens of thousands
	roles map[kindKey][]*node // the nodes of a scope and kind
	types map[string]*Type
	purge bool
	inv   *Inventory
	// destroy is the scope that should hold nothing; nil in a plan that builds.
	destroy *Scope
	asked   time.Time // when AWS was asked what it would refuse to remove

	// Borrowed is what others made and cicdctl uses as it is.
	Borrowed []Borrowed

	judging bool // what is compared is kept
	// downgrade is the release from which somebody has allowed to go back.
	downgrade string
	together  gatherings
}

type kindKey struct {
	scope *Scope
	kind  string
}

// node is one resource of a plan and what becomes of it.
type node struct {
	Change
	typ   *Type
	scope *Scope
	want  any      // D; nil for what is not wanted
	have  any      // A; nil for what is not there
	texts []string // of have, field by field; nil where the look did not make them
	tags  Tags     // of what is there, once it was compared
	state State
	order int // position of the type in the list of kinds
	// roused is true for what is idle and has to be woken, see Field.Idle.
	roused bool
	// bystander is true for what the request is not about.
	bystander bool
	// stray is true for what nothing asks for and nobody removes, because it may hold data.
	stray bool
	// unread is true when it is not known what is there or what is wanted.
	unread     bool
	attributes []Attribute // that were compared, when judging
	run        *run        // nil until the plan is applied
}

// Compare makes the plan that turns what inv holds into what the request says. Only
// what was read is compared: a kind that could not be read is an error.
func Compare(types []*Type, inv *Inventory, request Request) (*Plan, error) {
	if err := inv.Err(); err != nil {
		return nil, err
	}
	return compare(types, inv, request, false)
}

func compare(types []*Type, inv *Inventory, request Request, judging bool) (*Plan, error) {
	p := &Plan{judging: judging, roles: map[kindKey][]*node{}, types: map[string]*Type{}, purge: request.Purge, inv: inv, destroy: request.Destroy, downgrade: request.Downgrade}
	for i, t := range types {
		p.types[t.Name] = t
		for _, s := range request.Scopes {
			if t.Levels&s.Level != 0 {
				p.addNodes(t, i, s, inv, request)
			}
		}
	}
	p.serve()
	if request.Only != nil {
		if err := p.narrow(request); err != nil {
			return nil, err
		}
	}
	if err := p.postpone(); err != nil {
		return nil, err
	}
	if err := p.diffAll(); err != nil {
		return nil, err
	}
	if !judging {
		p.withhold()
		p.rouse()
		p.withhold()
	}
	return p, nil
}

// diffAll compares all nodes, on all processors: none changes what another reads.
func (p *Plan) diffAll() error {
	var g errgroup.Group
	size := max(1, (len(p.nodes)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	for part := range slices.Chunk(p.nodes, size) {
		g.Go(func() error {
			step := &Step{Tags: Tags{}} // of one node after the other
			for _, n := range part {
				if n.bystander {
					continue
				}
				if err := p.diff(n, step); err != nil {
					return err
				}
				if n.Op == OpCreate || n.Op == OpLater {
					n.Name = n.typ.title(n.scope, n.Role, n.want)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// addNodes pairs what is wanted with what is there.
func (p *Plan) addNodes(t *Type, order int, s *Scope, inv *Inventory, request Request) {
	held, again := inv.of(t.Name, s), inv.remade(t, s)
	have := byRole(held)
	var wants []wanted
	if request.Destroy != s {
		if s.Unasked {
			p.addUnasked(t, order, s, have)
			return
		}
		wants = t.want(s)
	}
	for _, w := range wants {
		role, want := w.role, w.want
		if p.borrow(t, s, want, inv, len(have[role])) {
			continue
		}
		n := p.add(t, order, s, role, want, nil)
		found := have[role]
		delete(have, role)
		if len(found) == 0 {
			found = misnamed(have, wants, t.keyOf(s, want))
		}
		if len(found) == 0 {
			found = claim(again, t.keyOf(s, want))
		}
		if len(found) == 0 {
			n.Op = OpCreate
			if r := inv.foreign(t.Name, s, t.keyOf(s, want)); r != nil {
				n.Change = n.foreign(r)
			}
			continue
		}
		keep := found[0]
		if len(found) > 1 {
			keep = pick(t, found, t.keyOf(s, want))
		}
		if t.defunct(keep.Object) {
			p.replace(n, found, request)
			continue
		}
		n.take(keep)
		for _, double := range found {
			if double != keep {
				d := p.add(t, order, s, role+" (double "+double.ID+")", nil, double)
				p.unwanted(d, double, request, lang.Sprintf("a second one with the role %s; %s is kept", role, keep.ID))
			}
		}
	}
	if request.Destroy != s {
		p.adopt(t, order, s, have)
	}
	if request.Destroy != s && request.Surplus != s && s.Level != ClientLevel {
		return // what other clients still need of the shared scopes is not in this request
	}
	for _, role := range sortedRoles(again) {
		for _, r := range again[role] {
			p.unwanted(p.add(t, order, s, role, nil, r), r, request, "AWS has made it again")
		}
	}
	for _, role := range sortedRoles(have) {
		for _, r := range have[role] {
			name := role
			if len(have[role]) > 1 {
				name = role + " (" + r.ID + ")"
			}
			why := lang.Say("no longer in the spec")
			switch {
			case request.Destroy == s:
				why = ""
			case s.Level != ClientLevel:
				why = lang.Say("no longer in the configuration")
			}
			p.unwanted(p.add(t, order, s, name, nil, r), r, request, why)
		}
	}
}

func (p *Plan) add(t *Type, order int, s *Scope, role Role, want any, r *Resource) *node {
	if len(p.room) == 0 {
		p.room = make([]node, 64)
	}
	n := &p.room[0]
	p.room = p.room[1:]
	*n = node{Change: Change{Op: OpNone, Kind: t.Name, Scope: s.Ref(), Role: role}, typ: t, scope: s, want: want, order: order}
	if r != nil {
		n.take(r)
	}
	p.nodes = append(p.nodes, n)
	at := kindKey{s, t.Name}
	p.roles[at] = append(p.roles[at], n)
	return n
}

// node is the last one that was added for a role; nil when there is none.
func (p *Plan) node(s *Scope, kind string, role Role) *node {
	for _, n := range slices.Backward(p.roles[kindKey{s, kind}]) {
		if n.Role == role {
			return n
		}
	}
	return nil
}

// foreign is the change of a node in whose place there is a resource that is not the scope's,
// and that is left alone.
func (n *node) foreign(r *Resource) Change {
	c := n.Change
	c.Op, c.ID = OpForeign, r.ID
	c.Untagged = r.Tags[TagManagedBy] != ManagedBy && n.typ.retag != nil
	owner := lang.Say("carries none of cicdctl's tags")
	if r.Tags[TagManagedBy] == ManagedBy {
		owner = lang.Sprintf("belongs to %s in %s", strings.TrimRight(r.Tags[TagScope]+" "+r.Tags[TagClient], " "), r.Tags[TagRegion])
	}
	c.Why = lang.Sprintf("%s exists already and %s; cicdctl changes only what it made", cmp.Or(r.Key, r.ID), owner)
	return c
}

// diff compares a wanted resource that exists, field by field.
func (p *Plan) diff(n *node, step *Step) error {
	if n.want == nil || n.have == nil || n.Op == OpForeign || n.Op == OpLater {
		return nil
	}
	switch n.state {
	case Failed:
		n.Op, n.Why = OpBlocked, n.typ.repair(n.have)
		return nil
	case Pending:
		n.Why = "not ready yet" // nothing to change, but a run waits for it
	}
	n.tags = n.typ.tags(n.have)
	step.begin(p, n)
	var see *[]Attribute
	if p.judging {
		n.attributes = make([]Attribute, 0, len(n.typ.fields))
		see = &n.attributes
	}
	if n.texts == nil {
		n.texts = n.typ.texts(n.have)
	}
	diffs, blocked := step.diffs(n.want, n.have, n.texts, n.tags, see)
	if step.err != nil {
		return step.err
	}
	n.Diffs = diffs
	switch {
	case blocked:
		n.Op = OpBlocked
	case len(diffs) > 0:
		n.Op = OpUpdate
	}
	return nil
}

// Changes lists what the plan would do, in the order of the kinds. What is in
// order already is left out.
func (p *Plan) Changes() []Change {
	var out []Change
	for _, n := range p.nodes {
		if n.Op == OpNone || n.Op == OpRetain && n.Why == "" {
			continue
		}
		out = append(out, n.Change)
	}
	return out
}

// Mutations counts the changes that would be carried out.
func (p *Plan) Mutations() int {
	count := 0
	for _, n := range p.nodes {
		if n.Op == OpCreate || n.Op == OpUpdate || n.Op == OpDelete {
			count++
		}
	}
	return count
}

// Settled reports that there is nothing to change and nothing to wait for.
func (p *Plan) Settled() bool {
	return !slices.ContainsFunc(p.nodes, func(n *node) bool { return !n.settled() })
}

func (n *node) settled() bool {
	if n.Op == OpNone {
		return n.state != Pending || n.bystander
	}
	return n.Op == OpRetain || n.Op == OpLater
}

// Count is the number of resources that the plan speaks of, kept ones included.
func (p *Plan) Count() int { return len(p.nodes) }

// RefusedError says why something is not changed: resources that are not ours, or
// differences that no tool may mend. A run may meet it when it has changed other
// things already.
type RefusedError struct{ Changes []Change }

func (e *RefusedError) Error() string {
	lines := make([]string, 0, len(e.Changes))
	for _, c := range e.Changes {
		line := fmt.Sprintf("%s %s %s", c.Op, c.Kind, c.Role)
		if c.Why != "" {
			line += ": " + c.Why
		}
		for _, d := range c.Diffs {
			if d.Fix != "" {
				line += fmt.Sprintf(": %s is %q, wanted %q: %s", d.Field, d.Have, d.Want, d.Fix)
			}
		}
		lines = append(lines, line)
	}
	return "refused: " + strings.Join(lines, "; ")
}
