package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

type showOptions struct{ name, region, spec string }

func newClientShow(a *app) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show what a client has and where",
		Long: `Shows a client as AWS has it: its place in the network, its endpoints and
addresses, and whether all is as the spec file says.

It only reads, and ends with 0 also when changes are pending; client plan tells
which ones. A client without a spec file is found in its region, or in all four.`,
		Example: `  cicdctl client show ACME
  cicdctl client show ACME --output json | jq -r '.resources[].facts[]?'`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runClientShow(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "where to look, for a client without a spec file")
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}

func runClientShow(ctx context.Context, a *app, o showOptions) error {
	op, at, err := a.locate(ctx, o.name, o.region, o.spec)
	if err != nil {
		return err
	}
	c, err := a.look(ctx, op, o.name, at.region, at.spec)
	if err != nil {
		return err
	}
	c.Spec = at.file
	return a.print.Client(*c)
}

// located is where a client is, and its spec if it has one for that region.
type located struct {
	region, file string
	spec         *spec.Spec
}

// locate settles where a client is: in the region asked for, that of its spec, or
// wherever it is found.
func (a *app) locate(ctx context.Context, name, region, asked string) (*cloud.Operator, located, error) {
	at := located{region: region}
	if err := checkRegion(region); err != nil {
		return nil, at, err
	}
	file, s, err := a.loadSpec(name, asked)
	if err != nil {
		return nil, at, err
	}
	op, err := a.open(ctx)
	if err != nil {
		return nil, at, err
	}
	if s != nil && (region == "" || region == s.Region) { // else the file is about another region
		at = located{s.Region, file, s}
	}
	if at.region == "" {
		if at.region, err = findClient(ctx, op, name); err != nil {
			return nil, at, err
		}
	}
	if at.region == "" {
		return nil, at, refuseUnknown(name)
	}
	return op, at, nil
}

func refuseUnknown(name string) error {
	return &fixed{fmt.Errorf("%s has no spec file and nothing on AWS", name), "cicdctl client list shows the clients there are"}
}

// findClient returns the region where a client is, or "".
func findClient(ctx context.Context, op *cloud.Operator, name string) (string, error) {
	regions, err := op.Find(ctx, name)
	if err != nil {
		return "", err
	}
	if len(regions) > 1 {
		return "", several(name, regions)
	}
	return strings.Join(regions, ""), nil
}

func several(name string, regions []string) error {
	return usagef("say which one with --region", "%s is in several regions: %s", name, strings.Join(regions, ", "))
}

// look reads what a client has, and how that compares with its spec if it has one.
func (a *app) look(ctx context.Context, op *cloud.Operator, name, region string, s *spec.Spec) (*report.Client, error) {
	c := &report.Client{Client: name, Region: region, City: city(region), Slot: -1, State: report.Unknown}
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
		c.Next = []string{a.next("client create %s --region %s", name, region)}
	case s != nil:
		c.Summary = report.Summarize(plan.Changes())
		c.State = report.StateOf(c.Summary)
		c.Next = a.nextSteps(s, c)
	default:
		c.Next = []string{a.next("spec init %s --region %s", name, region)}
	}
	return c, nil
}

// recordSteps ask for the DNS records that certificates wait for, in zones that are not ours.
func (a *app) recordSteps(client string, records []cloud.Record) []string {
	var steps []string
	for _, r := range records {
		if r.Unseen {
			steps = append(steps, a.print.Sayf("the domain's name servers have to be those of its hosted zone, where AWS does not see the record of the certificate of %s: %s", r.Domain, r.Text))
			continue
		}
		steps = append(steps, a.print.Sayf("put this record into the DNS of %s, for its certificate: %s", r.Domain, r.Text))
		if a.sandbox() != "" {
			steps = append(steps, a.next("sandbox issue %s", r.Domain))
		}
	}
	if len(steps) > 0 {
		steps = append(steps, a.print.Sayf("once AWS has seen it, turn HTTPS on: %s", a.next("client create %s", client)))
	}
	return steps
}

// nextSteps are what an operator does with a client that is there.
func (a *app) nextSteps(s *spec.Spec, c *report.Client) []string {
	if c.State != report.InOrder {
		return []string{a.next("client plan %s", s.Client), a.next("client create %s", s.Client)}
	}
	balancer := cmp.Or(c.Fact("elb/load-balancer", "web"), rules.LoadBalancerName(s.Client))
	transfer := cmp.Or(c.Fact("elb/load-balancer", "transfer"), rules.TransferBalancerName(s.Client))
	steps := a.recordSteps(s.Client, cloud.WantedRecords(c.Resources))
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			role := app.Name + "-" + svc.Name
			steps = append(steps, a.peopleSteps(s, c, app.Name, svc.Name)...)
			repository := cmp.Or(c.Fact("ecr/repository", role), rules.RepositoryName(s.Client, app.Name, svc.Name))
			steps = append(steps, a.print.Sayf("push the image of %s/%s to %s", app.Name, svc.Name, repository), a.next("deploy %s %s/%s --env preview --image TAG", s.Client, app.Name, svc.Name))
			for _, env := range spec.Envs() {
				if domain := svc.Domains.Of(env); domain != "" {
					steps = append(steps, a.print.Sayf("point %s at the load balancer %s", domain, balancer))
				}
				if ports := rules.TransferPortsOf(s, app.Name, svc.Name, env); len(ports) > 0 {
					steps = append(steps, a.print.Sayf("tell the people of %s/%s (%s) its address: %s", app.Name, svc.Name, env, fmt.Sprintf("%s:%d", transfer, ports[0].Port)))
				}
			}
		}
	}
	if bucket, key := c.ID("s3/bucket", "admin"), c.ID("s3/escrow", "ssh"); bucket != "" && key != "" && a.sandbox() == "" {
		steps = append(steps, a.print.Sayf("fetch the private key (admins only): %s", "aws s3 cp s3://"+bucket+"/"+key+" -"))
	}
	return steps
}

// peopleSteps say who may send files to a server, where nobody has said it yet.
func (a *app) peopleSteps(s *spec.Spec, c *report.Client, app, service string) []string {
	var steps []string
	for _, env := range spec.Envs() {
		if c.Fact("secretsmanager/secret", rules.ServiceName(app, service, env)+"-"+rules.PeopleSecret) == cloud.StateUnset {
			set := a.next("app users set %s %s/%s --env %s --file users.json", s.Client, app, service, env)
			steps = append(steps, a.print.Sayf("say who may send files to %s/%s (%s): %s", app, service, env, set))
		}
	}
	return steps
}
