package client

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ShowOptions are those of the client show command.
type ShowOptions struct{ Name, Region, Spec string }

// Show shows what a client has on AWS.
func Show(ctx context.Context, a *session.Session, o ShowOptions) error {
	op, at, err := session.Locate(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	c, err := look(ctx, a, op, o.Name, at.Region, at.Spec)
	if err != nil {
		return err
	}
	c.Spec = at.File
	return showClient(a.Print, *c)
}

// look reads what a client has, and how that compares with its spec if it has one.
func look(ctx context.Context, a *session.Session, op *cloud.Operator, name, region string, s *spec.Spec) (*Client, error) {
	c := &Client{Client: name, Region: region, City: session.City(region), Slot: -1, State: report.Unknown}
	clients, err := op.Clients(ctx, region)
	if err != nil {
		return nil, err
	}
	placed := slices.IndexFunc(clients, func(each cloud.Client) bool { return each.Name == name })
	if placed >= 0 {
		c.Slot, c.Subnets = clients[placed].Slot, clients[placed].Subnets
	}
	var run *cloud.Run
	if s != nil && placed >= 0 {
		run, err = op.Build(ctx, s)
	} else { // what is left of it, whatever it was to have
		run, err = op.Remove(ctx, name, region, false)
	}
	if err != nil {
		return nil, err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return nil, err
	}
	c.Resources = plan.Held()
	switch {
	case placed < 0:
		c.State = report.NotCreated
		c.Next = []string{a.Next("client create %s --region %s", name, region)}
	case s != nil:
		c.Summary = report.Summarize(plan.Changes())
		c.State = report.StateOf(c.Summary)
		c.Next = nextSteps(a, s, c)
	default:
		c.Next = []string{a.Next("spec init %s --region %s", name, region)}
	}
	return c, nil
}

// nextSteps are what an operator does with a client that is there.
func nextSteps(a *session.Session, s *spec.Spec, c *Client) []string {
	if c.State != report.InOrder {
		return append([]string{a.Next("client plan %s", s.Client), a.Next("client create %s", s.Client)}, session.MailSteps(a, c.Resources)...)
	}
	balancer := cmp.Or(c.Fact("elb/load-balancer", "web", rules.FactDNSName), rules.LoadBalancerName(s.Client))
	transfer := cmp.Or(c.Fact("elb/load-balancer", "transfer", rules.FactDNSName), rules.TransferBalancerName(s.Client))
	steps := append(session.RecordSteps(a, s.Client, cloud.WantedRecords(c.Resources)), session.MailSteps(a, c.Resources)...)
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			role := app.Name + "-" + svc.Name
			steps = append(steps, peopleSteps(a, s, c, app.Name, svc.Name)...)
			repository := cmp.Or(c.Fact("ecr/repository", role, rules.FactImages), rules.RepositoryName(s.Client, app.Name, svc.Name))
			switch preview, prod := c.image(app.Name, svc.Name, spec.Preview), c.image(app.Name, svc.Name, spec.Prod); {
			case preview == "" && prod == "":
				steps = append(steps, a.Print.Sayf("push the image of %s/%s to %s", app.Name, svc.Name, repository), a.Next("deploy %s %s/%s --env preview --image TAG", s.Client, app.Name, svc.Name))
			case prod == "":
				steps = append(steps, a.Next("deploy %s %s/%s --env prod --image %s", s.Client, app.Name, svc.Name, preview))
			}
			for _, env := range spec.Envs() {
				if domain := svc.Domains.Of(env); domain != "" {
					steps = append(steps, a.Print.Sayf("point %s at the load balancer %s", domain, balancer))
				}
				if ports := rules.TransferPortsOf(s, app.Name, svc.Name, env); len(ports) > 0 && !(c.image(app.Name, svc.Name, env) != "" && c.hasUsers(app.Name, svc.Name, env)) {
					steps = append(steps, a.Print.Sayf("give the users of %s/%s (%s) its address: %s", app.Name, svc.Name, env, fmt.Sprintf("%s:%d", transfer, ports[0].Port)))
				}
			}
		}
	}
	steps = append(steps, vpnSteps(a, s, c)...)
	return steps
}

// vpnSteps are what is left to do for sites whose tunnels are down, and for users.
func vpnSteps(a *session.Session, s *spec.Spec, c *Client) []string {
	var steps []string
	for _, h := range c.Resources {
		site, ok := h.Object.(interface{ DownTunnels() []string })
		if ok && len(site.DownTunnels()) > 0 {
			steps = append(steps, a.Print.Sayf("set up the device of the site %s: %s", h.Role, a.Next("vpn config %s %s --show-secrets", s.Client, h.Role)))
		}
	}
	for _, person := range withoutCertificate(s, c) {
		steps = append(steps, a.Print.Sayf("give %s a certificate for the VPN: %s", person, a.Next("vpn user add %s %s", s.Client, person)))
	}
	return steps
}

// peopleSteps say who may send files to a server, where nobody has said it yet.
func peopleSteps(a *session.Session, s *spec.Spec, c *Client, app, service string) []string {
	var steps []string
	for _, env := range spec.Envs() {
		if !c.hasUsers(app, service, env) {
			set := a.Next("app users set %s %s/%s --env %s --file users.json", s.Client, app, service, env)
			steps = append(steps, a.Print.Sayf("set the users of %s/%s (%s): %s", app, service, env, set))
		}
	}
	return steps
}
