package client

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ShowOptions are those of the client show command.
type ShowOptions struct {
	Name, Region, Spec string
	Cost               bool // by AWS's price list
}

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
	in, err := a.About()
	if err != nil {
		return err
	}
	c.Account, c.Spec = in.Name, at.File
	if o.Cost {
		estimate, err := op.Cost(ctx, o.Name, at.Region, at.Spec)
		if err != nil {
			return err
		}
		c.Cost = report.NewCost(estimate)
	}
	return showClient(a.Print, *c)
}

// look reads what a client has.
func look(ctx context.Context, a *session.Session, op *cloud.Operator, name, region string, s *spec.Spec) (*Client, error) {
	c := &Client{Client: name, Region: region, City: session.City(region), Slot: -1, State: report.OnAWS}
	ctx = awsapi.Remembering(ctx, &awsapi.Memory{})
	clients, err := op.Clients(ctx, region)
	if err != nil {
		return nil, err
	}
	placed := slices.IndexFunc(clients, func(each cloud.Client) bool { return each.Name == name })
	if placed < 0 { // what is left of it
		c.State, c.Next = string(report.NotCreated), []string{a.Next("client create %s --region %s", name, region)}
		run, err := op.Remove(ctx, name, region, false)
		if err != nil {
			return nil, err
		}
		plan, err := run.Plan(ctx)
		if err == nil {
			c.Resources = plan.Held()
		}
		return c, err
	}
	c.Slot, c.Subnets = clients[placed].Slot, clients[placed].Subnets
	m := op.MarkOf(clients[placed])
	c.Version = m.Version
	for _, note := range session.MarkNotes(a, []provision.Mark{m}, func(provision.ScopeRef) bool { return false }, nil) {
		a.Print.TellLine(note)
	}
	if c.Resources, err = op.Look(ctx, name, region, s); err != nil {
		return nil, err
	}
	if s == nil {
		c.Next = []string{a.Next("spec init %s --region %s", name, region)}
		return c, nil
	}
	c.Differs, c.Next = a.Next("client plan %s", name), nextSteps(a, s, c)
	return c, nil
}

// lacks reports whether a service of the spec is not there.
func (c *Client) lacks(s *spec.Spec) bool {
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			for _, env := range spec.Envs() {
				if c.ID("ecs/service", rules.ServiceName(app.Name, svc.Name, env)) == "" {
					return true
				}
			}
		}
	}
	return false
}

// nextSteps are what an operator does with a client that is there.
func nextSteps(a *session.Session, s *spec.Spec, c *Client) []string {
	if c.lacks(s) {
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
