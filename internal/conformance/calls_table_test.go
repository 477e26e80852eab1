package conformance

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// servicesOfApp is how many services an app gets: the policy of its pipeline has room for few.
const servicesOfApp = 4

// withServices is a client with some web services, each with its path.
func withServices(tb testing.TB, n int) *spec.Spec {
	tb.Helper()
	text := &strings.Builder{}
	text.WriteString("client: ACME\nregion: " + region + "\nhosts: {instance_type: m6i.large, min: 3, max: 8}\napps:\n")
	for i := range n {
		if i%servicesOfApp == 0 {
			fmt.Fprintf(text, "  - name: app%d\n    services:\n", i/servicesOfApp)
		}
		fmt.Fprintf(text, "      - {name: s%[1]d, runtime: nodejs, path: /s%[1]d/*}\n", i)
	}
	s, err := spec.Parse("ACME", []byte(text.String()), operator(tb, newRig(tb, sandbox.Options{}).account, cloud.Config{}).Checks())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestCallsOfWhatOperatorsDo(t *testing.T) {
	t.Parallel()
	planned := func(ctx context.Context, t *testing.T, o *cloud.Operator, s *spec.Spec) {
		if p := plan(ctx, t, o, s); !p.Settled() {
			t.Errorf("changes: %+v", p.Changes())
		}
	}
	for what, c := range map[string]struct {
		do   func(context.Context, *testing.T, *cloud.Operator, *spec.Spec)
		most int
	}{
		// Its eight services cost 50 of them: a target group, a task definition and a secret are
		// each asked about by itself.
		"a plan of the annotated sample without a change": {planned, 195},
		// A plan, the change, and a look at what hangs on the database.
		"another retention of the backups": {func(ctx context.Context, t *testing.T, o *cloud.Operator, s *spec.Spec) {
			changed := *s
			changed.Backup.RetentionDays--
			if err := create(ctx, o, &changed); err != nil {
				t.Error(err)
			}
		}, 242},
		// Each region without a client costs three: its zones, its subnets, its tags.
		"an audit of all regions with one client": {func(ctx context.Context, t *testing.T, o *cloud.Operator, s *spec.Spec) {
			if _, err := audit.Examine(ctx, o, audit.Examined{Specs: []*spec.Spec{s}, Regions: regionNames()}); err != nil {
				t.Error(err)
			}
		}, 188},
		"the region of a client without a spec file": {func(ctx context.Context, t *testing.T, o *cloud.Operator, s *spec.Spec) {
			if regions, err := o.Find(ctx, s.Client, regionNames()...); err != nil || len(regions) != 1 || regions[0] != region {
				t.Errorf("%v, %v", regions, err)
			}
		}, 4},
		"what the annotated sample has": {func(ctx context.Context, t *testing.T, o *cloud.Operator, s *spec.Spec) {
			if held, err := o.Look(ctx, s.Client, region, s); err != nil || len(held) == 0 {
				t.Errorf("%v, %v", held, err)
			}
		}, 75},
		"a list of the clients of all regions": {func(ctx context.Context, t *testing.T, o *cloud.Operator, _ *spec.Spec) {
			if clients, err := o.Clients(ctx, region, "eu-west-1", "eu-central-1", "eu-west-2"); err != nil || len(clients) != 1 {
				t.Errorf("%v, %v", clients, err)
			}
		}, 4},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
				s := acme(t)
				if err := create(t.Context(), r.Operator, s); err != nil {
					t.Fatal(err)
				}
				r.account.Forget()
				c.do(t.Context(), t, operator(t, r.account, cloud.Config{}), s)
				atMost(t, r.account, c.most)
			})
		})
	}
}

// atMost judges how many calls an account was asked, and lists them by name when they are too many.
func atMost(t *testing.T, account *sandbox.Account, most int) {
	t.Helper()
	calls, by := account.Calls(), map[string]int{}
	for _, c := range calls {
		by[c.Name()]++
	}
	t.Logf("%d calls", len(calls))
	if len(calls) <= most {
		return
	}
	t.Errorf("%d calls, at most %d are allowed", len(calls), most)
	names := slices.SortedFunc(maps.Keys(by), func(a, b string) int { return cmp.Or(by[b]-by[a], cmp.Compare(a, b)) })
	for _, name := range names {
		t.Logf("%d %s", by[name], name)
	}
}

// callsOfTwelve is the most that a create of a client with twelve services may take. Each of
// them has 2 task definitions, 2 target groups, 2 rules, 2 ECS services, 6 alarms, a repository and a log group.
const callsOfTwelve = 960

// What is created under a lease is looked for once, not once for each service, so that each
// further service costs a create the same.
func TestCreatesAreLinearInServices(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := func(services int) int {
			r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
			if err := create(t.Context(), r.Operator, withServices(t, services)); err != nil {
				t.Fatal(err)
			}
			return len(r.account.Calls())
		}
		four, eight, twelve := calls(4), calls(8), calls(12)
		t.Logf("4 services: %d calls, 8: %d, 12: %d", four, eight, twelve)
		if twelve > callsOfTwelve {
			t.Errorf("12 services take %d calls, at most %d are allowed", twelve, callsOfTwelve)
		}
		// Polls differ by a few from run to run.
		if first, second := eight-four, twelve-eight; second > first+first/8 {
			t.Errorf("four further services cost %d calls, the next four %d", first, second)
		}
	})
}

func regionNames() []string {
	var out []string
	for _, r := range rules.Regions() {
		out = append(out, r.Name)
	}
	return out
}
