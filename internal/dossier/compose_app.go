package dossier

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/document"
)

func (c *composer) application() []document.Block {
	a := c.d.Application
	var out []document.Block
	type place struct{ app, env string }
	var places []place
	for _, s := range a.Services {
		if p := (place{s.App, s.Env}); !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	for _, p := range places {
		var services []AppService
		for _, s := range a.Services {
			if s.App == p.app && s.Env == p.env {
				services = append(services, s)
			}
		}
		out = append(out, document.Heading{Text: p.app + " · " + p.env}, c.appGraph(p.app, p.env, services), c.appTable(services))
	}
	if len(places) == 0 {
		out = append(out, c.none(a.Told, c.Say("The client has no services.")))
	}
	return append(out, c.parts()...)
}

// appGraph is the way of requests through an app in an environment.
func (c *composer) appGraph(app, env string, services []AppService) document.Block {
	g := document.Graph{Title: c.Sayf("%s in %s, from the load balancer to the data", app, env), Across: true}
	add := func(n document.GraphNode) {
		if !slices.ContainsFunc(g.Nodes, func(have document.GraphNode) bool { return have.ID == n.ID }) {
			g.Nodes = append(g.Nodes, n)
		}
	}
	for _, b := range c.d.Application.Balancers {
		if !slices.ContainsFunc(services, func(s AppService) bool {
			return slices.ContainsFunc(s.Routes, func(r Route) bool { return r.Balancer == b.Name })
		}) {
			continue
		}
		add(document.GraphNode{ID: nodeInternet, Label: []string{c.Say("internet")}, Shape: document.Cloud})
		add(document.GraphNode{ID: "balancer-" + b.Name, Label: []string{c.Sayf("load balancer %s", b.Name), c.Say(b.Type)}})
	}
	for _, s := range services {
		node := "service-" + slug(s.Service)
		label := []string{s.App + "/" + s.Service, c.Sayf("%d of %d {task|tasks}", s.Running, s.Wanted)}
		tone := document.Plain
		if s.Image == "" {
			label, tone = append(label, c.Say("not deployed")), document.Muted
		} else {
			label = append(label, s.Image)
		}
		if len(s.Secrets) > 0 {
			label = append(label, c.Sayf("secrets: %s", strings.Join(s.Secrets, ", ")))
		}
		add(document.GraphNode{ID: node, Label: label, Tone: tone})
		for _, r := range s.Routes {
			edge(&g, document.GraphEdge{From: nodeInternet, To: "balancer-" + r.Balancer, Label: []string{r.Listener}})
			if !r.Redirects {
				edge(&g, document.GraphEdge{From: "balancer-" + r.Balancer, To: node, Label: append(conditions(r.Conditions), c.Sayf("to port %s", s.Port))})
			}
		}
		if d := c.d.Application.Database; s.Database && d != nil {
			add(document.GraphNode{ID: databaseRole, Label: []string{d.Name, d.Engine + " " + d.Version}, Shape: document.Cylinder})
			edge(&g, document.GraphEdge{From: node, To: databaseRole, Label: []string{"tcp " + d.Port}})
		}
		if s.Bucket != "" {
			add(document.GraphNode{ID: "bucket", Label: []string{s.Bucket, "S3"}, Shape: document.Cylinder})
			edge(&g, document.GraphEdge{From: node, To: "bucket", Label: []string{env + "/"}})
		}
	}
	g.Description = c.described(&g)
	return g
}

// conditions are those of a rule without the words of AWS.
func conditions(all []string) []string {
	out := make([]string, 0, len(all))
	for _, condition := range all {
		_, value, _ := strings.Cut(condition, " ")
		out = append(out, cmp.Or(value, condition))
	}
	return out
}

func (c *composer) appTable(services []AppService) document.Block {
	t := document.Table{Head: []string{c.Say("service"), c.Say("tasks"), c.Say("image"), c.Say("routes"), c.Say("port")}}
	for _, s := range services {
		var routes document.Text
		for i, r := range s.Routes {
			if i > 0 {
				routes = append(routes, plain("; "))
			}
			routes = append(routes, code(r.Listener))
			if len(r.Conditions) > 0 {
				routes = append(routes, plain(" "), code(strings.Join(conditions(r.Conditions), " ")))
			}
			if r.Redirects {
				routes = append(routes, plain(" "+c.Say("(sent on to HTTPS)")))
			}
		}
		t.Rows = append(t.Rows, []document.Text{words(s.App + "/" + s.Service), words(c.Sayf("%d of %d", s.Running, s.Wanted)), codes(cmp.Or(s.Image, c.Say("not deployed"))), routes, codes(s.Port)})
	}
	return t
}

// parts are what all apps have: load balancers, the database, buckets.
func (c *composer) parts() []document.Block {
	a := c.d.Application
	var out []document.Block
	t := document.Table{Caption: c.Say("Load balancers"), Head: []string{c.Say("load balancer"), c.Say("type"), c.Say("address"), c.Say("public")}}
	for _, b := range a.Balancers {
		t.Rows = append(t.Rows, []document.Text{words(b.Name), words(c.Say(b.Type)), codes(b.Address), words(c.yes(b.Public))})
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	if d := a.Database; d != nil {
		t := document.Table{Caption: c.Sayf("Database %s: %s %s", d.Name, d.Engine, d.Version), Head: []string{c.Say("instance"), c.Say("class"), c.Say("availability zone"), c.Say("serves as")}}
		for _, i := range d.Instances {
			t.Rows = append(t.Rows, []document.Text{words(i.Name), codes(i.Class), codes(i.Zone), words(c.Say(i.Role))})
		}
		out = append(out, t)
	}
	t = document.Table{Caption: c.Say("Buckets"), Head: []string{c.Say("bucket"), c.Say("for"), c.Say("public access"), c.Say("versions kept")}}
	for _, b := range a.Buckets {
		t.Rows = append(t.Rows, []document.Text{codes(b.Name), words(c.Say(b.Role)), words(c.Say(b.Public)), words(c.Say(b.Version))})
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	return out
}

func (c *composer) vpn() []document.Block {
	v := c.d.VPN
	var out []document.Block
	t := document.Table{Caption: c.Say("Sites, by IPsec"), Head: []string{c.Say("site"), c.Say("device"), c.Say("addresses"), c.Say("tunnel"), c.Say("state"), c.Say("since (UTC)"), c.Say("AWS says")}}
	for _, s := range v.Sites {
		for _, tunnel := range s.Tunnels {
			state := toned(c.Say("down"), document.Bad)
			if tunnel.Up {
				state = toned(c.Say("up"), document.Good)
			}
			t.Rows = append(t.Rows, []document.Text{words(s.Name), codes(s.Device), codes(s.Ranges...), append(words(fmt.Sprint(tunnel.Number)+" "), code(tunnel.Outside)), {state}, words(when(tunnel.Since)), words(tunnel.Message)})
		}
		if len(s.Tunnels) == 0 {
			t.Rows = append(t.Rows, []document.Text{words(s.Name), codes(s.Device), codes(s.Ranges...), nil, words(c.Say(s.State)), nil, nil})
		}
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	} else {
		out = append(out, c.none(v.Told, c.Say("No sites.")))
	}
	if e := v.Endpoint; e != nil {
		out = append(out, document.Facts{Facts: []document.Fact{
			{Name: "OpenVPN", Value: codes(e.Transport + " " + e.Port)}, {Name: c.Say("addresses of users"), Value: codes(e.Addresses)}, {Name: c.Say("longest session"), Value: words(c.Say(e.Session))},
		}})
	}
	t = document.Table{Caption: c.Say("Certificates of users"), Head: []string{c.Say("user"), c.Say("state"), c.Say("issued"), c.Say("valid until")}}
	for _, p := range v.People {
		tone := document.Plain
		if p.State != "issued" {
			tone = document.Muted
		}
		t.Rows = append(t.Rows, []document.Text{words(p.Name), {toned(c.Say(p.State), tone)}, words(day(p.Issued)), words(day(p.Expires))})
	}
	if len(t.Rows) > 0 {
		return append(out, t)
	}
	return append(out, c.none(v.Told, c.Say("No users.")))
}
