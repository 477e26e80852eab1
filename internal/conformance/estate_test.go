package conformance

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// estate builds clients of the document's defaults in one region, with as many
// pools as they need, and returns them with the scopes of all.
func estate(tb testing.TB, clients int) (*rig, []*spec.Spec) {
	tb.Helper()
	ctx := context.Background()
	account, err := newAccount(sandbox.Options{PageSize: 1000, Looks: -1, Lag: -1, Quotas: map[string]float64{vcpusCode: 10000}})
	if err != nil {
		tb.Fatal(err)
	}
	var cfg cloud.Config
	for i := range (clients + 9) / 10 {
		cfg.Pools = append(cfg.Pools, netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/16", 20+i)))
	}
	plan, err := cidr.NewPlan(cfg.Pools...)
	if err != nil {
		tb.Fatal(err)
	}
	r := &rig{tb: tb, account: account, Operator: operator(tb, account, cfg)}
	var specs []*spec.Spec
	for i := range clients {
		s, err := spec.Default(fmt.Sprintf("CLIENT%d", i), region, rules.Checks(plan, "", time.Now()))
		if err != nil {
			tb.Fatal(err)
		}
		if err := create(ctx, r.Operator, s); err != nil {
			tb.Fatal(err)
		}
		specs = append(specs, s)
	}
	return r, specs
}

// How long judging takes depends most on how much it allocates, which unlike time is
// the same on every machine. The bound is a tenth above what it takes.
func TestJudgingAClientIsCheap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, most = 12, 4450
		r, specs := estate(t, clients)
		seen, err := audit.Look(t.Context(), r.Operator, audit.Examined{Specs: specs, Regions: []string{region}})
		if err != nil {
			t.Fatal(err)
		}
		types := kinds.All()
		allocations := testing.AllocsPerRun(1, func() {
			if _, err := seen.Judge(types); err != nil {
				t.Error(err)
			}
		}) / clients
		t.Logf("%.0f allocations a client", allocations)
		if allocations > most {
			t.Errorf("%.0f allocations to judge a client, at most %d are expected", allocations, most)
		}
	})
}

// BenchmarkAudit judges 1,000 clients: 25 accounts of 40, in one region each, with
// four pools. The sweep is done before; that of one account is reused for all.
func BenchmarkAudit(b *testing.B) {
	const accounts, clients = 25, 40
	r, specs := estate(b, clients)
	seen, err := audit.Look(b.Context(), r.Operator, audit.Examined{Specs: specs, Regions: []string{region}})
	if err != nil {
		b.Fatal(err)
	}
	kept := make([]*audit.Audited, accounts) // all at once, as a report would need them
	for b.Loop() {
		var g errgroup.Group // accounts are judged side by side, as many as there are processors
		g.SetLimit(runtime.GOMAXPROCS(0))
		for i := range kept {
			g.Go(func() (err error) {
				kept[i], err = seen.Judge(kinds.All())
				return err
			})
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	for _, f := range kept[0].Findings {
		b.Errorf("an estate in order has the finding %+v", f)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/1e6, "MB") // at the peak, with what made the estate
	runtime.KeepAlive(kept)
}
