package report

import (
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

// The states. Unknown means that there is no spec to compare with.
const (
	InOrder    State = "in order"
	Pending    State = "changes pending"
	Blocked    State = "blocked"
	NotCreated State = "not created"
	Unknown    State = "unknown"
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

// Client is one client as AWS has it. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "slot": 0, "state": "in order",
//	 "summary": {…as in a plan…}, "spec": "clients/acme.yaml",
//	 "subnets": [{"id": "…", "cidr": "10.20.0.0/21", "zone": "eu-west-3a", "zone_id": "euw3-az1"}],
//	 "resources": [{"kind": "…", "scope": "…", "role": "…", "id": "…", "state": "ready",
//	                "facts": [{"name": "…", "value": "…"}]}],
//	 "next": ["…"]}
//
// The slot is -1 while there is none. The state is one of in order, changes
// pending, blocked, not created and unknown.
type Client struct {
	Client    string           `json:"client,omitempty"`
	Region    string           `json:"region"`
	City      string           `json:"city"`
	Slot      int              `json:"slot"`
	State     State            `json:"state"`
	Summary   Summary          `json:"summary"`
	Spec      string           `json:"spec,omitempty"`
	Subnets   []cloud.Subnet   `json:"subnets"`
	Resources []provision.Held `json:"resources"`
	Next      []string         `json:"next"`
}

// ID is that of one of the client's resources, or "".
func (c *Client) ID(kind, role string) string {
	for _, h := range c.Resources {
		if h.Kind == kind && h.Role == role {
			return h.ID
		}
	}
	return ""
}

// Fact is the first thing worth knowing about one of the client's resources, or "".
func (c *Client) Fact(kind, role string) string {
	for _, h := range c.Resources {
		if h.Kind == kind && h.Role == role && len(h.Facts) > 0 {
			return h.Facts[0].Value
		}
	}
	return ""
}

// Client writes what a client has.
func (p *Printer) Client(c Client) error {
	c.Subnets, c.Resources, c.Next = some(c.Subnets), some(c.Resources), some(c.Next)
	if p.Format == JSON {
		return p.encode(c)
	}
	style, b := p.palette(p.out), &strings.Builder{}
	fmt.Fprintln(b, style.bold.Render(p.Lang.sayf("Client %s in %s", c.Client, c.Region)), "·", c.City)
	fmt.Fprintln(b, p.stateLine(style, c.State, c.Summary))
	if c.Spec != "" {
		fmt.Fprintln(b, p.Lang.say("Spec:"), c.Spec)
	}
	if len(c.Subnets) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.bold.Render(p.Lang.sayf("Subnets (slot %d)", c.Slot)))
		t := p.table(p.out, p.Lang.say("zone"), p.Lang.say("zone id"), "CIDR", p.Lang.say("subnet"))
		for _, s := range c.Subnets {
			t.AppendRow([]any{s.Zone, s.ZoneID, s.CIDR, s.ID})
		}
		fmt.Fprintln(b, t.Render())
	}
	var own, shared []provision.Held
	for _, h := range c.Resources {
		switch {
		case !strings.HasPrefix(h.Scope, "client "):
			shared = append(shared, h)
		case h.State == provision.Available.String() && slices.ContainsFunc(c.Subnets, func(s cloud.Subnet) bool { return s.ID == h.ID }):
			// In the table above.
		default:
			own = append(own, h)
		}
	}
	p.resources(b, style, own)
	if len(shared) > 0 {
		p.section(b, style, p.Lang.sayf("Shared by the clients of %s", c.Region), shared)
	}
	p.next(b, style, c.Next)
	_, err := io.WriteString(p.out, b.String())
	return err
}

// Region is what the clients of a region share. Its JSON is:
//
//	{"region": "eu-west-3", "city": "Paris", "state": "in order", "differences": [changes as in a plan],
//	 "clients": [as in client list], "slots": 10, "resources": [as in client show]}
type Region struct {
	Region      string             `json:"region"`
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
	return slices.ContainsFunc(r.Resources, func(h provision.Held) bool { return strings.HasPrefix(h.Scope, "region ") })
}

// Region writes what the clients of a region share.
func (p *Printer) Region(r Region) error {
	r.Differences, r.Clients, r.Resources = some(r.Differences), some(r.Clients), some(r.Resources)
	if p.Format == JSON {
		return p.encode(r)
	}
	style, b := p.palette(p.out), &strings.Builder{}
	fmt.Fprintln(b, style.bold.Render(p.Lang.sayf("Shared things of %s", r.Region)), "·", r.City)
	fmt.Fprintln(b, p.stateLine(style, r.State, Summarize(r.Differences)))
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
	fmt.Fprintln(b, p.Lang.sayf("Slots: %d of %d taken", len(names), r.Slots)+prefixed(" · ", strings.Join(names, ", ")))
	p.resources(b, style, r.Resources)
	_, err := io.WriteString(p.out, b.String())
	return err
}

func (p *Printer) stateLine(style palette, state State, s Summary) string {
	text := p.Lang.say(string(state))
	switch state {
	case InOrder:
		text = style.good.Render(text)
	case Pending:
		text = style.change.Render(text) + p.Lang.sayf(" (%d to create, %d to change, %d to delete)", s.Create, s.Update, s.Delete)
	case Blocked:
		text = style.bad.Render(text)
	case NotCreated, Unknown:
		text = style.dim.Render(text)
	}
	return p.Lang.say("State:") + " " + text
}

// resources lists what there is, by group. What has nothing to tell is only counted.
func (p *Printer) resources(b *strings.Builder, style palette, held []provision.Held) {
	names, members := grouped(held, func(h provision.Held) string { return h.Kind })
	for _, name := range names {
		p.section(b, style, p.Lang.say(name), members[name])
	}
}

func (p *Printer) section(b *strings.Builder, style palette, title string, held []provision.Held) {
	fmt.Fprintf(b, "\n%s\n", style.bold.Render(title))
	t, quiet := p.table(p.out), map[string]int{}
	for _, h := range held {
		state := ""
		if h.State != provision.Available.String() {
			state = style.change.Render(p.Lang.say(h.State))
		}
		if len(h.Facts) == 0 && state == "" {
			quiet[h.Kind]++
			continue
		}
		head := []any{h.Kind, h.Role}
		if len(h.Facts) == 0 {
			t.AppendRow(append(head, "", words(shortID(h.ID), state)))
		}
		for _, f := range onOneLine(style, h) {
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
		fmt.Fprintln(b, style.dim.Render(strings.Join(counts, " · ")))
	}
}

// oneLine is how long the facts of a resource may be to be told on one line.
const oneLine = 84

// onOneLine joins the facts of a resource where they are short, and adds its ID
// unless they tell that or it is an ARN, which is long.
func onOneLine(style palette, h provision.Held) []provision.Fact {
	if len(h.Facts) == 0 {
		return nil
	}
	first := h.Facts[0]
	for _, f := range h.Facts[1:] {
		first.Value += " · " + f.Name + ": " + f.Value
	}
	if len(first.Value) > oneLine {
		return h.Facts
	}
	if !strings.Contains(first.Value, h.ID) && !strings.HasPrefix(h.ID, "arn:") {
		first.Value += style.dim.Render(" · " + h.ID)
	}
	return []provision.Fact{first}
}

func (p *Printer) next(b *strings.Builder, style palette, steps []string) {
	if len(steps) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", style.bold.Render(p.Lang.say("Next steps")))
	for _, s := range steps {
		fmt.Fprintf(b, "  → %s\n", s)
	}
}

// Listed is one line of the list of clients. Its JSON is that of the client
// (name, region, slot, subnets), "spec", the path of its file or absent, and
// "state": on AWS, not created, or invalid spec.
type Listed struct {
	cloud.Client
	Spec  string `json:"spec,omitempty"`
	State string `json:"state"`
}

// The states of a list.
const (
	OnAWS       = "on AWS"
	InvalidSpec = "invalid spec"
)

// List writes the clients: {"clients": […]} as JSON.
func (p *Printer) List(list []Listed) error {
	list = some(list)
	for i := range list {
		list[i].Subnets = some(list[i].Subnets)
	}
	if p.Format == JSON {
		return p.encode(map[string][]Listed{"clients": list})
	}
	if len(list) == 0 {
		return p.Line("No clients.")
	}
	t := p.table(p.out, p.Lang.say("client"), p.Lang.say("region"), p.Lang.say("slot"), p.Lang.say("subnets"), p.Lang.say("state"), p.Lang.say("spec"))
	for _, c := range list {
		slot, cidrs, file := "", make([]string, len(c.Subnets)), c.Spec
		if len(c.Subnets) > 0 {
			slot = fmt.Sprint(c.Slot)
		}
		for i, s := range c.Subnets {
			cidrs[i] = s.CIDR.String()
		}
		if file == "" {
			file = p.Lang.say("(no file)")
		}
		t.AppendRow([]any{c.Name, c.Region, slot, strings.Join(cidrs, " "), p.Lang.say(c.State), file})
	}
	_, err := fmt.Fprintln(p.out, t.Render())
	return err
}

// some makes an absent list an empty one, which is what JSON should show.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
