package conformance

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// away is how long an answer of AWS takes to come.
const away = 40 * time.Millisecond

// slowly are the calls that make what takes its time, and those that tell how far it is.
var slowly = map[string]string{
	"CreateDBCluster": "DescribeDBClusters", "CreateDBInstance": "DescribeDBInstances",
	"CreateNatGateway": "DescribeNatGateways", "CreateLoadBalancer": "DescribeLoadBalancers",
}

// distant reaches an account as AWS is reached: at a distance, within its rates, at its pace.
func distant(tb testing.TB, account *sandbox.Account) *cloud.Operator {
	tb.Helper()
	install := func(cfg *aws.Config) {
		account.Install(cfg)
		cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
			if _, sends := stack.Finalize.Get("Retry"); !sends { // what is signed and not sent
				return nil
			}
			return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Distance", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				time.Sleep(away)
				return next.HandleFinalize(ctx, in)
			}), "SandboxAnswer", middleware.Before)
		})
	}
	o, err := cloud.Open(tb.Context(), cloud.Config{}, cloud.Connection{Options: awsapi.Options{Install: install}, Pace: cloud.Pace, NewKey: quickKey})
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// A create is seen to end soon after what takes longest is ready, and is not asked for more
// often than that takes.
func TestWhatTakesTimeIsSeenWhenItIsReady(t *testing.T) {
	t.Parallel()
	const late = 1.04 // of the longest chain
	for what, c := range map[string]struct {
		takes map[string]time.Duration
		looks int // at most, the plan's and those of reading back included
	}{
		"all is ready at once": {map[string]time.Duration{}, 17},
		"less than usual": {map[string]time.Duration{
			"CreateDBCluster": 30 * time.Second, "CreateDBInstance": 90 * time.Second, "CreateNatGateway": 40 * time.Second, "CreateLoadBalancer": 50 * time.Second,
		}, 27},
		"an instance a third later": {map[string]time.Duration{
			"CreateDBCluster": 30 * time.Second, "CreateDBInstance": 2 * time.Minute, "CreateNatGateway": 40 * time.Second, "CreateLoadBalancer": 50 * time.Second,
		}, 37},
		"as usual": {map[string]time.Duration{
			"CreateDBCluster": 48 * time.Second, "CreateDBInstance": 380 * time.Second, "CreateNatGateway": 105 * time.Second, "CreateLoadBalancer": 155 * time.Second,
		}, 70},
		"a load balancer longest": {map[string]time.Duration{
			"CreateDBCluster": 20 * time.Second, "CreateDBInstance": 60 * time.Second, "CreateNatGateway": 100 * time.Second, "CreateLoadBalancer": 170 * time.Second,
		}, 48},
		"twice as long": {map[string]time.Duration{
			"CreateDBCluster": 100 * time.Second, "CreateDBInstance": 12 * time.Minute, "CreateNatGateway": 200 * time.Second, "CreateLoadBalancer": 5 * time.Minute,
		}, 110},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account, err := newAccount(sandbox.Options{PageSize: 100, Looks: -1, Lag: -1, Takes: c.takes})
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				var ready time.Time // what takes longest, as far as AWS is concerned
				looks := 0
				account.OnCall(func(call sandbox.Call) sandbox.Fault {
					if takes := c.takes[call.Operation]; takes > 0 && time.Now().Add(takes).After(ready) {
						ready = time.Now().Add(takes)
					}
					for _, look := range slowly {
						if call.Operation == look {
							looks++
						}
					}
					return sandbox.Fault{}
				})
				o := distant(t, account)
				s, err := spec.Default("ACME", region, o.Checks())
				if err != nil {
					t.Fatal(err)
				}
				if err := create(t.Context(), o, s); err != nil {
					t.Fatal(err)
				}
				wall := time.Since(begun)
				account.OnCall(nil)
				t.Logf("%v, %d looks, %d calls", wall, looks, len(account.Calls()))
				if chain := ready.Sub(begun); !ready.IsZero() && wall > time.Duration(late*float64(chain)) {
					t.Errorf("took %v, and all was ready after %v: at most %g times as long is allowed", wall, chain, late)
				}
				if looks > c.looks {
					t.Errorf("%d looks, at most %d are allowed", looks, c.looks)
				}
			})
		})
	}
}

// Whoever stops while something takes its time finds it when he comes back, and makes nothing twice.
func TestWhatTakesTimeIsFoundAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		account, err := newAccount(sandbox.Options{PageSize: 100, Takes: map[string]time.Duration{
			"CreateDBCluster": 48 * time.Second, "CreateDBInstance": 380 * time.Second, "CreateNatGateway": 105 * time.Second, "CreateLoadBalancer": 155 * time.Second,
		}})
		if err != nil {
			t.Fatal(err)
		}
		o := distant(t, account)
		s, err := spec.Default("ACME", region, o.Checks())
		if err != nil {
			t.Fatal(err)
		}
		run, err := o.Build(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		stop := make(chan struct{})
		time.AfterFunc(3*time.Minute, func() { close(stop) })
		if _, err := run.Apply(ctx, p, stop, nil); err == nil {
			t.Fatal("the database was ready too early")
		}
		if err := create(ctx, distant(t, account), s); err != nil {
			t.Fatal(err)
		}
		out, err := o.Factory.Set(region).EC2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.NatGateways) != 3 {
			t.Errorf("%d NAT gateways, want one for each zone", len(out.NatGateways))
		}
		if p := plan(ctx, t, o, s); slices.ContainsFunc(p.Changes(), func(c provision.Change) bool { return c.Op != provision.OpLater }) {
			t.Errorf("changes: %+v", p.Changes())
		}
	})
}

// An audit asks about everything at once: that of ten clients takes as long as AWS's rates for
// keys and for Cloud Control want, and no longer for each call.
func TestAnAuditOfTenClientsTakesSeconds(t *testing.T) {
	t.Parallel()
	const most = 2500 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		r, specs := estate(t, 10)
		o := distant(t, r.account)
		r.account.Forget()
		begun := time.Now()
		a, err := audit.Examine(t.Context(), o, audit.Examined{Specs: specs, Regions: []string{region}})
		if err != nil {
			t.Fatal(err)
		}
		wall := time.Since(begun)
		t.Logf("%v, %d calls", wall, len(r.account.Calls()))
		if len(a.Clients) != 10 || len(a.NotAudited) > 0 {
			t.Errorf("%d clients were audited, and not: %+v", len(a.Clients), a.NotAudited)
		}
		if wall > most {
			t.Errorf("took %v, at most %v is allowed", wall, most)
		}
	})
}
