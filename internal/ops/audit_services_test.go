package ops

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"gitlab.com/cicd/cicdctl/internal/awsapi/sandbox"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
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
				seen, err := r.sight(ctx, Examined{Specs: []*spec.Spec{acme(t)}, Regions: []string{region}})
				if err != nil {
					t.Fatal(err)
				}
				ours := seen.inventory.All("ecs/service", region)
				api := r.factory.Set(region).ECS
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
				inv := provision.Observe(ctx, r.types, seen.wish) // with the tags as they were before
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
