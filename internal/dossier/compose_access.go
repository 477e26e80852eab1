package dossier

import (
	"cmp"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/document"
)

func (c *composer) access() []document.Block {
	var out []document.Block
	for _, a := range c.d.Access.ACLs {
		t := document.Table{
			Caption: strings.TrimSpace(c.Sayf("Network ACL %s: the first rule that fits counts", a.Name) + " " + a.ID),
			Head:    []string{c.Say("direction"), c.Say("number"), c.Say("rule"), c.Say("protocol"), c.Say("ports"), c.Say("addresses")}, Numbers: []int{1},
		}
		for _, e := range a.Entries {
			action := plain(c.Say("allow"))
			if e.Action == "deny" {
				action = strong(c.Say("deny"))
			}
			t.Rows = append(t.Rows, []document.Text{words(c.direction(e.Outbound)), words(e.Number), {action}, codes(c.Say(e.Protocol)), codes(cmp.Or(e.Ports, c.Say("all ports"))), codes(e.Range)})
		}
		out = append(out, t)
	}
	t := document.Table{Caption: c.Say("Security groups: what no rule lets through is closed"), Head: []string{c.Say("group"), c.Say("direction"), c.Say("protocol and ports"), c.Say("from or to")}}
	for _, g := range c.d.Access.Groups {
		for _, r := range g.Rules {
			t.Rows = append(t.Rows, []document.Text{words(g.Name), words(c.direction(r.Outbound)), codes(c.traffic(r.Traffic)), codes(c.spoken(r.Peer))})
			c.identified(&t, g.ID)
		}
		if len(g.Rules) == 0 {
			t.Rows = append(t.Rows, []document.Text{words(g.Name), words(c.Say("closed")), nil, nil})
			c.identified(&t, g.ID)
		}
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	if len(out) == 0 {
		out = append(out, c.none(c.d.Access.Told, c.Say("The client has neither network ACLs nor security groups.")))
	}
	return out
}

func (c *composer) direction(outbound bool) string {
	if outbound {
		return c.Say("outbound")
	}
	return c.Say("inbound")
}
