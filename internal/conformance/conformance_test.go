package conformance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Every scenario runs in a bubble of its own, where waiting takes no time.

func TestCreateIsIdempotentAndDestroyLeavesOnlyWhatItMust(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		globex := client(t, "GLOBEX")
		follows(globex) // the role with which AWS scales is the account's, and stays
		if err := create(ctx, r.Operator, globex); err != nil {
			t.Fatal(err)
		}
		before := r.inventory(ctx)

		planned := plan(ctx, t, r.Operator, acme(t))
		if planned.Refused() != nil {
			t.Fatal(planned.Refused())
		}
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, acme(t))
		r.wantNoChange(ctx, globex)
		r.wantAllKinds(ctx)

		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		r.wantOnlyKept(ctx, before, "client ACME")
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Errorf("destroying twice: %v", err)
		}
		r.wantNoChange(ctx, globex)

		// What was kept is taken up again, and the slot is free again.
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, acme(t))
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		compareInventories(t, r.inventory(ctx), before)
	})
}

// wantAllKinds fails when a kind of the list has no resource: then nothing here tests it.
func (r *rig) wantAllKinds(ctx context.Context) {
	r.tb.Helper()
	held := r.inventory(ctx)
	for _, typ := range kinds.All() {
		found := false
		for key := range held {
			found = found || strings.HasPrefix(key, typ.Name+" ") && (typ.CreateOnly || !strings.HasPrefix(key, typ.Name+" foreign "))
		}
		if !found && !typ.Immortal {
			r.tb.Errorf("the example spec makes no %s", typ.Name)
		}
	}
}

// wantOnlyKept compares with what was there before; of the owner only guarded
// kinds may be left.
func (r *rig) wantOnlyKept(ctx context.Context, before map[string]int, owner string) {
	r.tb.Helper()
	guarded := map[string]bool{}
	for _, typ := range kinds.All() {
		guarded[typ.Name] = typ.DeletionPolicy == provision.Retain
	}
	after := r.inventory(ctx)
	for key := range after {
		kind, rest, _ := strings.Cut(key, " ")
		if strings.HasPrefix(rest, owner+" ") {
			if !guarded[kind] {
				r.tb.Errorf("left behind: %s", key)
			}
			delete(after, key)
		}
	}
	compareInventories(r.tb, after, before)
}

func TestRegionDestroyLeavesTheAccountsThings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		var guard *cloud.GuardError
		if _, err := r.RemoveRegion(ctx, region, true); !errors.As(err, &guard) {
			t.Fatalf("with a client left: %v, want a refusal", err)
		}
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		if err := withoutRegion(ctx, r.Operator, nil); err != nil {
			t.Fatal(err)
		}
		for key := range r.inventory(ctx) {
			if _, rest, _ := strings.Cut(key, " "); !strings.HasPrefix(rest, "account ") && !strings.HasPrefix(rest, "foreign ") {
				t.Errorf("left behind: %s", key)
			}
		}
	})
}

// TestADeniedListStopsEverything denies each reading operation in turn. Only for Cloud Control
// others can stand in.
func TestADeniedListStopsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 100})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		plan(ctx, t, r.Operator, acme(t))
		var reads []string
		for _, c := range r.account.Calls() {
			if !slices.Contains(reads, c.Name()) {
				reads = append(reads, c.Name())
			}
		}
		for _, denied := range reads {
			r.account.Forget()
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Name() == denied {
					return sandbox.Fault{Before: refusal("AccessDenied")}
				}
				return sandbox.Fault{}
			})
			err := create(ctx, operator(t, r.account, cloud.Config{}), acme(t))
			if standsIn := strings.HasPrefix(denied, "CloudControl."); !standsIn && !awsapi.Is(err, awsapi.Denied) || standsIn && err != nil {
				t.Errorf("%s denied: %v, want the refusal", denied, err)
			}
			for _, c := range r.account.Calls() {
				if c.Mutating {
					t.Errorf("%s denied, and yet %s was called", denied, c.Name())
				}
			}
		}
	})
}

func TestThrottlingAndFailuresEndInTheSameState(t *testing.T) {
	t.Parallel()
	want := built(t, acme(t))
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 20})
				random := rand.New(rand.NewPCG(seed, 1))
				r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
					switch x := random.Float64(); {
					case x < 0.20:
						return sandbox.Fault{Before: sandbox.Throttled(c.Service)}
					case x < 0.225:
						return sandbox.Fault{Before: sandbox.Broken()}
					case x < 0.25: // the answer is lost, the call took effect
						return sandbox.Fault{After: sandbox.Broken()}
					default:
						return sandbox.Fault{}
					}
				})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				r.revive()
				r.wantNoChange(ctx, acme(t))
				compareInventories(t, r.inventory(ctx), want)
				r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
					if random.Float64() < 0.2 {
						return sandbox.Fault{Before: sandbox.Throttled(c.Service)}
					}
					return sandbox.Fault{}
				})
				if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// built is the inventory after an undisturbed create.
func built(t *testing.T, s *spec.Spec) (want map[string]int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 20})
		if err := create(t.Context(), r.Operator, s); err != nil {
			t.Fatal(err)
		}
		want = r.inventory(t.Context())
	})
	return want
}

func TestTenClientsAtOnceOnAnEmptyAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 20})
		errs := make(chan error, 10)
		for i := range 10 {
			s := client(t, fmt.Sprintf("CLIENT-%d", i))
			o := operator(t, r.account, cloud.Config{})
			go func() { errs <- create(ctx, o, s) }()
		}
		for range 10 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		clients, err := r.Clients(ctx, region)
		if err != nil {
			t.Fatal(err)
		}
		slots := map[int]string{}
		for _, c := range clients {
			if other := slots[c.Slot]; other != "" {
				t.Errorf("%s and %s are both in slot %d", other, c.Name, c.Slot)
			}
			if slots[c.Slot] = c.Name; len(c.Subnets) != 3 {
				t.Errorf("%s has subnets %v, want three", c.Name, c.Subnets)
			}
		}
		if len(slots) != 10 {
			t.Errorf("%d slots are taken, want 10", len(slots))
		}
		for key, count := range r.inventory(ctx) {
			if count != 1 && !strings.Contains(key, " foreign") {
				t.Errorf("%s is there %d times", key, count)
			}
		}
		var full *cloud.NoSlotError
		if err := create(ctx, r.Operator, client(t, "ELEVENTH")); !errors.As(err, &full) {
			t.Errorf("the eleventh client: %v, want no free slot", err)
		}
		for i := range 10 {
			r.wantNoChange(ctx, client(t, fmt.Sprintf("CLIENT-%d", i)))
		}
	})
}

func TestTwoCreatesOfOneClientMakeOne(t *testing.T) {
	t.Parallel()
	want := built(t, acme(t))
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 20})
		errs := make(chan error, 2)
		for range 2 {
			s, o := acme(t), operator(t, r.account, cloud.Config{})
			go func() { errs <- create(ctx, o, s) }()
		}
		for range 2 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		compareInventories(t, r.inventory(ctx), want)
		r.wantNoChange(ctx, acme(t))
	})
}

func TestSpecChangesAreAppliedAndSettle(t *testing.T) {
	t.Parallel()
	changes := map[string][]string{
		"more days of backup":    {"retention_days: 30", "retention_days: 7"},
		"a service less":         {"      - {name: api, runtime: nodejs, path: /api/*}\n", ""},
		"no FTP any more":        {"      - {name: ftp, runtime: proftpd, from: [203.0.113.0/24]}\n", ""},
		"FTP on other ports":     {"      - {name: ftp,", "      - {name: first, runtime: proftpd}\n      - {name: ftp,"},
		"SFTP changes places":    {"{name: files, runtime: mysecureshell, from: [203.0.113.0/24]}", "{name: more, runtime: mysecureshell}\n      - {name: files, runtime: mysecureshell, from: [198.51.100.0/24]}"},
		"files only":             {"      - {name: web, runtime: apache, domains: {preview: preview.shop.example, prod: shop.example}}\n      - {name: api, runtime: nodejs, path: /api/*}\n", ""},
		"no file transfer":       {"      - {name: files, runtime: mysecureshell, from: [203.0.113.0/24]}\n      - {name: ftp, runtime: proftpd, from: [203.0.113.0/24]}\n", ""},
		"another path":           {"path: /api/*", "path: /v2/*"},
		"more hosts":             {"min: 3, max: 6", "min: 4, max: 8"},
		"bigger hosts":           {"m6i.large", "m6i.xlarge"},
		"a third instance":       {"instances: 2", "instances: 3"},
		"one instance":           {"instances: 2", "instances: 1"},
		"another instance class": {"db.r6g.large", "db.r6g.xlarge"},
		"a single NAT gateway":   {"nat: per-az", "nat: single"},
		"nobody from outside":    {"    - {name: monitoring, cidr: 198.51.100.7/32, protocol: tcp, ports: \"9100\"}\n", ""},
	}
	for name, replace := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 20})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				changed := client(t, "ACME", replace...)
				p := plan(ctx, t, r.Operator, changed)
				if err := p.Refused(); err != nil {
					t.Fatal(err)
				}
				if p.Mutations() == 0 {
					t.Fatal("the plan sees no change")
				}
				if err := create(ctx, r.Operator, changed); err != nil {
					t.Fatal(err)
				}
				r.wantNoChange(ctx, changed)
			})
		})
	}
}

// TestEverythingForeignIsRefused takes our tags off what has a natural name: the
// same name without them is somebody else's.
func TestEveryNameIsRefusedWhenItIsForeign(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		whole := r.tree()
		for _, held := range heldBy(ctx, t, r, acme(t)) {
			if !held.Keyed || held.Scope.String() != "client ACME" {
				continue
			}
			r.restore(whole)
			stripped := r.tree()
			if stripTags(stripped, held.ID) == 0 {
				t.Errorf("%s %s: its tags are nowhere in the account", held.Kind, held.Role)
				continue
			}
			r.restore(stripped)
			r.account.Forget()
			err := create(ctx, operator(t, r.account, cloud.Config{}), acme(t))
			if _, ok := errors.AsType[*provision.RefusedError](err); !ok {
				t.Errorf("%s %s without our tags: %v, want a refusal", held.Kind, held.Role, err)
			}
			for _, c := range r.account.Calls() {
				if c.Mutating {
					t.Errorf("%s %s without our tags, and yet %s was called", held.Kind, held.Role, c.Name())
				}
			}
			// A run that removes the rest may fail for what it must not touch. A listener
			// goes with its load balancer, whoever made it.
			_ = destroy(ctx, operator(t, r.account, cloud.Config{}), "ACME", true)
			if !holds(r.tree(), held.ID) && !strings.HasPrefix(held.Kind, "elb/listener") {
				t.Errorf("%s %s was removed though it is not ours", held.Kind, held.Role)
			}
		}
	})
}

func heldBy(ctx context.Context, tb testing.TB, r *rig, s *spec.Spec) []provision.Held {
	tb.Helper()
	return plan(ctx, tb, r.Operator, s).Held()
}
