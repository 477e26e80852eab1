package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// chartName is the file with the chart, beside the document.
const chartName = "benchmarks-growth.svg"

// How many services one client has, and how many clients with one service there are.
var (
	servicesGrow = []int{1, 3, 6, 12}
	clientsGrow  = []int{1, 5, 10}
)

// growth counts in the sandbox how calls grow with services and clients, and draws it. Counts are
// the same as over HTTP, and take seconds.
func growth(ctx context.Context, b *strings.Builder, dir string) error {
	fmt.Fprintf(os.Stderr, "bench: growth, in the sandbox\n")
	services := panel{title: "services of one client", at: servicesGrow, lines: []line{{name: "create"}, {name: "audit"}, {name: "plan"}}}
	for _, n := range servicesGrow {
		a, err := newAccount()
		if err != nil {
			return err
		}
		o, err := a.operator(ctx)
		if err != nil {
			return err
		}
		s, err := spec.Parse("ACME", []byte(withServices(n)), o.Checks())
		if err != nil {
			return err
		}
		if err := services.count(a, 0, func() error { return create(ctx, o, s) }); err != nil {
			return err
		}
		if err := services.count(a, 1, a.audit(ctx, s)); err != nil {
			return err
		}
		if err := services.count(a, 2, a.plan(ctx, s)); err != nil {
			return err
		}
	}
	clients := panel{title: "clients of one service each", at: clientsGrow, lines: []line{{name: "create of one"}, {name: "audit of all"}, {name: "plan of one"}}}
	a, err := newAccount()
	if err != nil {
		return err
	}
	var all []*spec.Spec
	for _, n := range clientsGrow {
		for len(all) < n {
			o, err := a.operator(ctx)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("C%02d", len(all)+1)
			s, err := spec.Default(name, region, o.Checks())
			if err != nil {
				return err
			}
			all = append(all, s)
			a.Forget()
			if err := create(ctx, o, s); err != nil {
				return err
			}
		}
		clients.lines[0].calls = append(clients.lines[0].calls, len(a.Calls()))
		if err := clients.count(a, 1, a.audit(ctx, all...)); err != nil {
			return err
		}
		if err := clients.count(a, 2, a.plan(ctx, all[0])); err != nil {
			return err
		}
	}
	fmt.Fprintf(b, "\n## Growth\n\nCalls, counted in the sandbox, where everything is ready at once and lists have large pages: they are the same as over HTTP, but\nfor polls.\n\n![Calls by services and clients](%s)\n", chartName)
	for _, p := range []panel{services, clients} {
		p.write(b)
	}
	svg, err := draw(services, clients)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, chartName), svg, 0o644) //nolint:gosec // a document for everybody
}

// panel is one chart: how calls grow with something.
type panel struct {
	title string
	at    []int
	lines []line
}

type line struct {
	name  string
	calls []int
}

// count adds what something takes to a line.
func (p *panel) count(a *account, line int, do func() error) error {
	a.Forget()
	if err := do(); err != nil {
		return err
	}
	p.lines[line].calls = append(p.lines[line].calls, len(a.Calls()))
	return nil
}

// write tells the figures of a panel, and what one more of its things costs at the end.
func (p *panel) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n| %s", p.title)
	for _, n := range p.at {
		fmt.Fprintf(b, " | %d", n)
	}
	fmt.Fprintf(b, " | each further |\n|---%s|\n", strings.Repeat("|---", len(p.at)+1))
	last := len(p.at) - 1
	for _, l := range p.lines {
		fmt.Fprintf(b, "| %s", l.name)
		for _, calls := range l.calls {
			fmt.Fprintf(b, " | %d", calls)
		}
		fmt.Fprintf(b, " | %.1f |\n", float64(l.calls[last]-l.calls[last-1])/float64(p.at[last]-p.at[last-1]))
	}
}

// account is one in the sandbox in which nothing takes time.
type account struct{ *sandbox.Account }

func newAccount() (*account, error) {
	a, err := sandbox.New(sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
	return &account{a}, err
}

// operator starts another process, as it were.
func (a *account) operator(ctx context.Context) (*cloud.Operator, error) {
	return cloud.Open(ctx, cloud.Config{}, cloud.Connection{Options: awsapi.Options{Install: a.Install, Unlimited: true}, Pace: 20 * time.Millisecond})
}

func create(ctx context.Context, o *cloud.Operator, s *spec.Spec) error {
	run, err := o.Build(ctx, s)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	_, err = run.Apply(ctx, plan, nil, nil)
	return err
}

func (a *account) plan(ctx context.Context, s *spec.Spec) func() error {
	return func() error {
		o, err := a.operator(ctx)
		if err != nil {
			return err
		}
		run, err := o.Build(ctx, s)
		if err != nil {
			return err
		}
		plan, err := run.Plan(ctx)
		if err == nil && !plan.Settled() {
			err = fmt.Errorf("%s differs from what was created", s.Client)
		}
		return err
	}
}

func (a *account) audit(ctx context.Context, specs ...*spec.Spec) func() error {
	return func() error {
		o, err := a.operator(ctx)
		if err != nil {
			return err
		}
		_, err = audit.Examine(ctx, o, audit.Examined{Specs: specs, Regions: []string{region}})
		return err
	}
}
