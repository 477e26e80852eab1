package conformance

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// An audit does without the list of a cluster's services only where the list could
// tell of no other than those that the tagging service has shown.
func TestAuditsSeeTheServicesOfOthers(t *testing.T) {
	t.Parallel()
	cluster := aws.String(rules.ClusterName("ACME"))
	for why, by := range map[string]struct {
		add, remove, lists bool
	}{
		"nobody was there":                     {},
		"a service without tags was added":     {add: true, lists: true},
		"one took the place of one of ours":    {add: true, remove: true, lists: true},
		"the tagging service shows a lost one": {remove: true, lists: true},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				seen, err := audit.Look(ctx, r.Operator, audit.Examined{Specs: []*spec.Spec{acme(t)}, Regions: []string{region}})
				if err != nil {
					t.Fatal(err)
				}
				ours := seen.Inventory.All("ecs/service", region)
				api := r.Factory.Set(region).ECS
				_, name, _ := strings.Cut(ours[0].ID, "/")
				described, err := api.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{name}})
				if err != nil {
					t.Fatal(err)
				}
				like := described.Services[0]
				if by.remove {
					if _, err := api.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: cluster, Service: &name, Force: aws.Bool(true)}); err != nil {
						t.Fatal(err)
					}
				}
				if by.add {
					if _, err := api.CreateService(ctx, &ecs.CreateServiceInput{
						Cluster: cluster, ServiceName: aws.String("stranger"), TaskDefinition: like.TaskDefinition, NetworkConfiguration: like.NetworkConfiguration, DesiredCount: aws.Int32(0),
					}); err != nil {
						t.Fatal(err)
					}
				}
				r.account.Forget()
				inv := provision.Observe(ctx, r.Types, seen.Request) // with the tags as they were before
				var now []string
				for _, s := range inv.All("ecs/service", region) {
					if s.State == provision.Available {
						now = append(now, s.Key)
					}
				}
				want := len(ours)
				if by.add {
					want++
				}
				if by.remove {
					want--
				}
				if len(now) != want || by.add != slices.Contains(now, *cluster+"/stranger") {
					t.Errorf("an audit sees %v, want %d", now, want)
				}
				lists := slices.ContainsFunc(r.account.Calls(), func(c sandbox.Call) bool { return c.Operation == "ListServices" })
				if lists != by.lists {
					t.Errorf("services were listed: %v, want %v", lists, by.lists)
				}
			})
		})
	}
}

// Nor does it ask each load balancer for its listeners where those on all ports of the
// spec are known by their tags.
func TestAuditsSeeWhichListenersAreGone(t *testing.T) {
	t.Parallel()
	for why, by := range map[string]struct {
		specs []*spec.Spec
		gone  bool
		asks  bool
	}{
		"all are there":                 {specs: []*spec.Spec{acme(t)}},
		"nobody knows what there is":    {asks: true},
		"the one that was shown is not": {specs: []*spec.Spec{acme(t)}, gone: true, asks: true},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				seen, err := audit.Look(ctx, r.Operator, audit.Examined{Specs: by.specs, Regions: []string{region}})
				if err != nil {
					t.Fatal(err)
				}
				want := len(seen.Inventory.All("elb/listener", region))
				if by.gone {
					gone := seen.Inventory.All("elb/listener", region)[0].ID
					if _, err := r.Factory.Set(region).ELB.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: &gone}); err != nil {
						t.Fatal(err)
					}
					want--
				}
				r.account.Forget()
				inv := provision.Observe(ctx, r.Types, seen.Request) // with the tags as they were before
				if got := len(inv.All("elb/listener", region)); got != want || inv.Err() != nil {
					t.Errorf("an audit sees %d listeners, want %d: %v", got, want, inv.Err())
				}
				asks := slices.ContainsFunc(r.account.Calls(), func(c sandbox.Call) bool {
					in, ok := c.Input.(*elb.DescribeListenersInput)
					return ok && in.LoadBalancerArn != nil
				})
				if asks != by.asks {
					t.Errorf("a load balancer was asked: %v, want %v", asks, by.asks)
				}
			})
		})
	}
}
