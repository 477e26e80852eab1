package client

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// Client is one client as AWS has it. As JSON:
//
//	{"client": "ACME", "account": "production", "region": "eu-west-3", "slot": 0, "state": "on AWS", "spec": "clients/acme.yaml", "version": "v1.4.0",
//	 "subnets": [{"id": "…", "cidr": "10.20.0.0/21", "zone": "eu-west-3a", "zone_id": "euw3-az1"}],
//	 "resources": [{"kind": "…", "scope": "…", "role": "…", "id": "…", "state": "ready",
//	                "facts": [{"name": "…", "value": "…"}]}],
//	 "next": ["…"], "cost": as in a plan}
//
// The slot is -1 while there is none. The state is on AWS or not created. Resources are those
// that there is something to tell of.
type Client struct {
	Client    string           `json:"client,omitempty"`
	Account   string           `json:"account,omitempty"` // its name in the configuration
	Region    string           `json:"region"`
	City      string           `json:"city"`
	Slot      int              `json:"slot"`
	State     string           `json:"state"`
	Differs   string           `json:"-"` // the command that tells what differs from the spec
	Spec      string           `json:"spec,omitempty"`
	Version   string           `json:"version,omitempty"` // of cicdctl, which last applied it
	Subnets   []cloud.Subnet   `json:"subnets"`
	Resources []provision.Held `json:"resources"`
	Next      []string         `json:"next"`
	// Cost is what the client costs; nil where nobody has asked.
	Cost *report.Cost `json:"cost,omitempty"`
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

// Fact is what one of the client's resources tells under a name, or "".
func (c *Client) Fact(kind, role, name string) string {
	for _, h := range c.Resources {
		if h.Kind != kind || h.Role != role {
			continue
		}
		for _, f := range h.Facts {
			if f.Name == name {
				return f.Value
			}
		}
	}
	return ""
}

// Empty reports whether one of the client's resources is there and has no data yet.
func (c *Client) Empty(kind, role string) bool {
	return slices.ContainsFunc(c.Resources, func(h provision.Held) bool { return h.Kind == kind && h.Role == role && h.Empty })
}

// showClient writes what a client has.
func showClient(p *report.Printer, c Client) error {
	c.Subnets, c.Resources, c.Next = report.Some(c.Subnets), report.Some(c.Resources), report.Some(c.Next)
	if p.Format == report.JSON {
		return p.WriteJSON(c)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	title := p.Lang.Sayf("Client %s in %s", c.Client, c.Region)
	if c.Account != "" {
		title += " (" + session.AccountIn(p.Lang, c.Account) + ")"
	}
	fmt.Fprintln(b, style.Bold.Render(title), "·", p.Lang.Say(c.City))
	state := p.StateLine(style, report.State(c.State), report.Summary{})
	if c.Differs != "" {
		state += p.Lang.Sayf(" · what differs from the spec: %s", c.Differs)
	}
	fmt.Fprintln(b, state)
	if c.Spec != "" {
		fmt.Fprintln(b, p.Lang.Say("Spec:"), c.Spec)
	}
	if c.Version != "" {
		fmt.Fprintln(b, p.Lang.Sayf("Last applied by cicdctl %s", c.Version))
	}
	if len(c.Subnets) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Sayf("Subnets (slot %d)", c.Slot)))
		t := p.Table(p.Out, p.Lang.Say("zone"), p.Lang.Say("zone id"), "CIDR", p.Lang.Say("subnet"))
		for _, s := range c.Subnets {
			t.AppendRow([]any{s.Zone, s.ZoneID, s.CIDR, s.ID})
		}
		fmt.Fprintln(b, t.Render())
	}
	var own, shared []provision.Held
	for _, h := range c.Resources {
		switch {
		case h.Scope.Level != provision.ClientLevel:
			shared = append(shared, h)
		case h.State == provision.Available.String() && slices.ContainsFunc(c.Subnets, func(s cloud.Subnet) bool { return s.ID == h.ID }):
			// In the table above.
		default:
			own = append(own, h)
		}
	}
	p.Resources(b, style, own)
	if len(shared) > 0 {
		p.Section(b, style, p.Lang.Sayf("Shared by the clients of %s", c.Region), shared)
	}
	if c.Cost != nil {
		p.Cost(b, p.Out, c.Cost)
	}
	p.Next(b, style, c.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// Listed is one line of the list of clients. Its JSON is that of the client
// (name, region, slot, subnets), "account", its name in the configuration or absent,
// "spec", the path of its file or absent, and "state": on AWS, not created, invalid spec,
// or not known.
type Listed struct {
	cloud.Client
	Account string `json:"account,omitempty"`
	Spec    string `json:"spec,omitempty"`
	State   string `json:"state"`
}

// Clients is the result of client list.
type Clients struct {
	Clients []Listed          `json:"clients"`
	Failed  []session.Failure `json:"failed,omitempty"` // accounts that could not be looked at
}

// showList writes the clients: {"clients": […]} as JSON. With several accounts, each line says
// whose it is.
func showList(p *report.Printer, all Clients, several bool) error {
	list := report.Some(all.Clients)
	for i := range list {
		list[i].Subnets = report.Some(list[i].Subnets)
	}
	if p.Format == report.JSON {
		return p.WriteJSON(Clients{list, all.Failed})
	}
	if len(list) == 0 {
		return p.Line("No clients.")
	}
	head := []any{p.Lang.Say("client")}
	if several {
		head = append(head, p.Lang.Say("account"))
	}
	t := p.Table(p.Out, append(head, p.Lang.Say("region"), p.Lang.Say("slot"), p.Lang.Say("subnets"), p.Lang.Say("state"), p.Lang.Say("spec"))...)
	for _, c := range list {
		slot, cidrs, file := "", make([]string, len(c.Subnets)), c.Spec
		if len(c.Subnets) > 0 {
			slot = fmt.Sprint(c.Slot)
		}
		for i, s := range c.Subnets {
			cidrs[i] = s.CIDR.String()
		}
		if file == "" {
			file = p.Lang.Say("(no file)")
		}
		row := []any{c.Name}
		if several {
			row = append(row, c.Account)
		}
		t.AppendRow(append(row, c.Region, slot, strings.Join(cidrs, " "), p.Lang.Say(c.State), file))
	}
	_, err := fmt.Fprintln(p.Out, t.Render())
	return err
}
