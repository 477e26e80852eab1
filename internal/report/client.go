package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// State is how a client or a region stands.
type State string

// The states.
const (
	InOrder    State = "in order"
	Pending    State = "changes pending"
	Blocked    State = "blocked"
	NotCreated State = "not created"
	onAWS      State = OnAWS
)

// StateOf is what a plan says of the state.
func StateOf(s Summary) State {
	switch {
	case s.Refused > 0:
		return Blocked
	case !s.Empty():
		return Pending
	default:
		return InOrder
	}
}

// Region is what the clients of a region share. Its JSON is:
//
//	{"region": "eu-west-3", "city": "Paris", "state": "in order", "differences": [changes as in a plan],
//	 "clients": [as in client list], "slots": 10, "resources": [as in client show]}
type Region struct {
	Region      string             `json:"region"`
	Place       string             `json:"-"` // the region for people, with its account where there are several
	City        string             `json:"city"`
	State       State              `json:"state"`
	Differences []provision.Change `json:"differences"`
	Clients     []cloud.Client     `json:"clients"`
	Slots       int                `json:"slots"`
	Resources   []provision.Held   `json:"resources"`
}

// NewRegion is what a plan tells of the shared things. What the plan would add is
// no difference: how much there is to be depends on the clients.
func NewRegion(region, city string, plan *cloud.Plan) Region {
	r := Region{Region: region, City: city, State: InOrder, Resources: plan.Held()}
	for _, c := range plan.Changes() {
		if c.Op != provision.OpCreate && c.Op != provision.OpRetain {
			r.Differences = append(r.Differences, c)
		}
	}
	if r.State = StateOf(Summarize(r.Differences)); !r.exists() {
		r.State = NotCreated
	}
	return r
}

// exists reports whether the region itself, and not only the account, has something.
func (r Region) exists() bool {
	return slices.ContainsFunc(r.Resources, func(h provision.Held) bool { return h.Scope.Level == provision.RegionLevel })
}

// Region writes what the clients of a region share.
func (p *Printer) Region(r Region) error {
	r.Differences, r.Clients, r.Resources = Some(r.Differences), Some(r.Clients), Some(r.Resources)
	if p.Format == JSON {
		return p.WriteJSON(r)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("Shared resources of %s", cmp.Or(r.Place, r.Region))), "·", p.Lang.Say(r.City))
	fmt.Fprintln(b, p.StateLine(style, r.State, Summarize(r.Differences)))
	for _, d := range r.Differences {
		fmt.Fprintf(b, "  %s\n", words(style.mark(d.Op), d.Kind, d.Role, d.Why))
		for _, diff := range d.Diffs {
			p.diff(b, style, diff)
		}
	}
	names := make([]string, len(r.Clients))
	for i, c := range r.Clients {
		names[i] = c.Name
	}
	fmt.Fprintln(b, p.Lang.Sayf("Slots: %d of %d taken", len(names), r.Slots)+Prefixed(" · ", strings.Join(names, ", ")))
	p.Resources(b, style, r.Resources)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// StateLine says in what state something is, and what would change.
func (p *Printer) StateLine(style Palette, state State, s Summary) string {
	text := p.Lang.Say(string(state))
	switch state {
	case InOrder, onAWS:
		text = style.Good.Render(text)
	case Pending:
		text = style.Change.Render(text) + p.Lang.Sayf(" (%d to create, %d to change, %d to delete)", s.Create, s.Update, s.Delete)
	case Blocked:
		text = style.Bad.Render(text)
	case NotCreated:
		text = style.Dim.Render(text)
	}
	return p.Lang.Say("State:") + " " + text
}

// Resources lists what there is, by group. What has nothing to tell is only counted.
func (p *Printer) Resources(b *strings.Builder, style Palette, held []provision.Held) {
	names, members := grouped(held, func(h provision.Held) string { return h.Kind })
	for _, name := range names {
		p.Section(b, style, p.Lang.Say(name), members[name])
	}
}

// Section writes resources under a title, unless there are none.
func (p *Printer) Section(b *strings.Builder, style Palette, title string, held []provision.Held) {
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(title))
	t, quiet := p.Table(p.Out).Details(2, 3), map[string]int{}
	for _, h := range held {
		state := ""
		if h.State != provision.Available.String() {
			state = style.Change.Render(p.Lang.Say(h.State))
		}
		if len(h.Facts) == 0 && state == "" {
			quiet[h.Kind]++
			continue
		}
		head := []any{h.Kind, h.Role}
		if len(h.Facts) == 0 {
			t.AppendRow(append(head, "", words(ShortID(h.ID), state)))
		}
		for _, f := range p.onOneLine(style, h) {
			t.AppendRow(append(head, f.Name, words(f.Value, state)))
			head, state = []any{"", ""}, ""
		}
	}
	if t.Length() > 0 {
		fmt.Fprintln(b, t.Render())
	}
	if len(quiet) > 0 {
		var counts []string
		for _, kind := range slices.Sorted(maps.Keys(quiet)) {
			counts = append(counts, fmt.Sprintf("%d %s", quiet[kind], kind))
		}
		fmt.Fprintln(b, style.Dim.Render(strings.Join(counts, " · ")))
	}
}

// oneLine is how long the facts of a resource may be to be told on one line.
const oneLine = 84

// onOneLine joins the facts of a resource where they are short, and adds its ID
// unless they tell that or it is an ARN, which is long.
func (p *Printer) onOneLine(style Palette, h provision.Held) []provision.Fact {
	if len(h.Facts) == 0 {
		return nil
	}
	facts := make([]provision.Fact, len(h.Facts))
	for i, f := range h.Facts {
		facts[i] = provision.Fact{Name: p.Lang.Value(f.Name), Value: p.Lang.Value(f.Value)}
	}
	first := facts[0]
	for _, f := range facts[1:] {
		first.Value += " · " + p.Lang.Sayf("%s: %s", f.Name, f.Value)
	}
	if len(first.Value) > oneLine {
		return facts
	}
	if !strings.Contains(first.Value, h.ID) && !strings.HasPrefix(h.ID, "arn:") {
		first.Value += style.Dim.Render(" · " + h.ID)
	}
	return []provision.Fact{first}
}

// Next writes the commands to go on with.
func (p *Printer) Next(b *strings.Builder, style Palette, steps []string) {
	if len(steps) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("Next steps")))
	for _, s := range steps {
		fmt.Fprintf(b, "  → %s\n", s)
	}
}

// The states of a list.
const (
	OnAWS       = "on AWS"
	InvalidSpec = "invalid spec"
	NotKnown    = "not known" // its account could not be looked at
)

// Some makes an absent list an empty one, which is what JSON should show.
func Some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
