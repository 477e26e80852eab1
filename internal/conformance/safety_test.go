package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// What must hold while things go wrong: nothing open, nothing double, nothing of
// others touched.

// The VPC's default ACL and group are closed before anything can be put into a subnet.
func TestNoSubnetIsMadeInAnOpenNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Operation == "DeleteNetworkAclEntry" {
				return sandbox.Fault{Before: refusal("UnauthorizedOperation")}
			}
			return sandbox.Fault{}
		})
		if err := create(ctx, r.Operator, acme(t)); err == nil {
			t.Error("the default ACL cannot be closed, and the run succeeds")
		}
		for _, c := range r.account.Calls() {
			if c.Operation == "CreateSubnet" {
				t.Fatal("a subnet is made though the default ACL is open")
			}
		}
	})
}

// A client lives in one region: a second one of its name is refused as such, and not for
// each name of IAM that is taken, and the first one stays as it is.
func TestAClientIsInOneRegion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		err := create(ctx, operator(t, r.account, cloud.Config{}), client(t, "ACME", "region: "+region, "region: eu-west-1"))
		if !cloud.Refused(err) || !strings.Contains(err.Error(), "client ACME is in "+region+" already; a client lives in one region") {
			t.Errorf("a second region: %v", err)
		}
		if n := r.changes(); n != 0 {
			t.Errorf("%d calls changed something", n)
		}
		r.wantNoChange(ctx, acme(t))
	})
}

// Lists that are long in showing what was made lead to no second one.
func TestSlowListsMakeNothingTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Lag: 12})
		for range 4 {
			if create(ctx, operator(t, r.account, cloud.Config{}), acme(t)) == nil {
				break
			}
		}
		made := map[string]int{}
		for _, c := range r.account.Calls() {
			if c.Operation == "CreateVpc" || c.Operation == "CreateInternetGateway" {
				made[c.Operation]++
			}
		}
		for operation, n := range made {
			if n != 1 {
				t.Errorf("%s was called %d times", operation, n)
			}
		}
	})
}

// A run that is told to stop, at whatever moment, leaves what the next one completes.
func TestInterruptedRunsAreCompleted(t *testing.T) {
	t.Parallel()
	want := built(t, acme(t))
	calls := 0
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 50})
		if err := create(t.Context(), r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		calls = len(r.account.Calls())
	})
	step := 7
	if testing.Short() {
		step = 40
	}
	for n := 1; n <= calls; n += step {
		t.Run(fmt.Sprintf("at call %d", n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				stop := make(chan struct{})
				r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
					if c.N == n {
						close(stop)
					}
					return sandbox.Fault{}
				})
				run, err := r.Build(ctx, acme(t))
				if err != nil {
					t.Fatal(err)
				}
				p, err := run.Plan(ctx)
				if err != nil {
					t.Fatal(err)
				}
				open := map[string]bool{}
				_, err = run.Apply(ctx, p, stop, func(e provision.Event) {
					at := e.Kind + " " + e.Scope.String() + " " + e.Role
					switch e.Phase {
					case provision.PhaseStart:
						open[at] = true
					case provision.PhaseDone, provision.PhaseFailed, provision.PhaseSkipped:
						delete(open, at)
					}
				})
				if err != nil && !errors.Is(err, provision.ErrInterrupted) {
					t.Errorf("interrupted: %v", err)
				}
				for at := range open {
					t.Errorf("no end of %s was told", at)
				}
				r.revive()
				if err := create(ctx, operator(t, r.account, cloud.Config{}), acme(t)); err != nil {
					t.Fatal(err)
				}
				compareInventories(t, r.inventory(ctx), want)
			})
		})
	}
}

// What has lost its tags is somebody else's: a removal of the client leaves it as it is.
func TestDestroyChangesNothingForeign(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		whole := r.tree()
		for _, held := range heldBy(ctx, t, r, acme(t)) {
			if held.Scope.String() != "client ACME" || strings.HasPrefix(held.Kind, "elb/listener") {
				continue // a listener goes with its load balancer
			}
			service, _, _ := strings.Cut(held.Kind, "/")
			stripped := r.copyOf(whole)
			if stripTags(stripped, held.ID) == 0 {
				t.Errorf("%s %s: its tags are nowhere in the account", held.Kind, held.Role)
				continue
			}
			r.restore(stripped)
			r.account.Forget()
			_ = destroy(ctx, operator(t, r.account, cloud.Config{}), "ACME", true) // it may fail for what it must not touch
			for _, c := range r.account.Calls() {
				operand := strings.HasPrefix(c.Operation, "RevokeSecurityGroup") || c.Operation == "DeleteService"
				if c.Mutating && !operand && strings.EqualFold(c.Service, service) && mentions(c.Input, held.ID) {
					t.Errorf("%s %s is not ours, and yet %s was called with it", held.Kind, held.Role, c.Name())
				}
			}
		}
	})
}

// mentions reports whether a call's input has the identifier, alone or at the end of an ARN.
func mentions(input any, id string) bool {
	raw, err := json.Marshal(input)
	return err != nil || bytes.Contains(raw, []byte(`"`+id+`"`)) || bytes.Contains(raw, []byte("/"+id+`"`)) || bytes.Contains(raw, []byte(":"+id+`"`))
}

// An instance that is ours in a cluster that is not takes nothing of the cluster along.
func TestDestroyLeavesTheProtectionOfAForeignCluster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region)
		clusters, err := api.RDS.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.RDS.RemoveTagsFromResource(ctx, &rds.RemoveTagsFromResourceInput{ResourceName: clusters.DBClusters[0].DBClusterArn, TagKeys: []string{provision.TagManagedBy}}); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		_ = destroy(ctx, operator(t, r.account, cloud.Config{}), "ACME", true) // the cluster stands in its way
		for _, c := range r.account.Calls() {
			if c.Operation == "ModifyDBCluster" || c.Operation == "DeleteDBCluster" {
				t.Errorf("%s was called for a cluster that is not ours", c.Operation)
			}
		}
	})
}

// A key whose tags somebody took off keeps its alias: what was encrypted with it is found by it.
func TestTheAliasOfAForeignKeyIsNotTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		tree := r.tree()
		for _, held := range heldBy(ctx, t, r, acme(t)) {
			if held.Kind == "kms/key" && held.Role == "shared" {
				stripTags(tree, held.ID)
			}
		}
		r.restore(tree)
		r.account.Forget()
		if _, refused := errors.AsType[*provision.RefusedError](create(ctx, operator(t, r.account, cloud.Config{}), acme(t))); !refused {
			t.Error("a key with our alias and without our tags is not refused")
		}
		for _, c := range r.account.Calls() {
			if c.Mutating {
				t.Errorf("%s was called", c.Name())
			}
		}
	})
}

// A client that comes between the plan and the answer keeps its region.
func TestARegionIsNotRemovedUnderANewClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		run, err := r.RemoveRegion(ctx, region, true)
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, operator(t, r.account, cloud.Config{}), client(t, "GLOBEX")); err != nil {
			t.Fatal(err)
		}
		if _, err := run.Apply(ctx, p, nil, nil); !cloud.Refused(err) {
			t.Errorf("got %v, want a refusal", err)
		}
		r.wantNoChange(ctx, client(t, "GLOBEX"))
	})
}

// A second NAT gateway and its address cost money: the next run of whatever client
// removes them, and the one that routes lead to stays.
func TestDoublesThatCostMoneyGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		for _, name := range []string{"ACME", "GLOBEX"} {
			if err := create(ctx, r.Operator, client(t, name)); err != nil {
				t.Fatal(err)
			}
		}
		want := r.inventory(ctx)
		api := r.Factory.Set(region).EC2
		gateways, err := api.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{MaxResults: aws.Int32(50)})
		if err != nil {
			t.Fatal(err)
		}
		first := gateways.NatGateways[0]
		tagged := func(what types.ResourceType) []types.TagSpecification {
			return []types.TagSpecification{{ResourceType: what, Tags: first.Tags}}
		}
		address, err := api.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: tagged(types.ResourceTypeElasticIp)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
			SubnetId: first.SubnetId, AllocationId: address.AllocationId, TagSpecifications: tagged(types.ResourceTypeNatgateway),
		}); err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, operator(t, r.account, cloud.Config{}), client(t, "ACME")); err != nil {
			t.Fatal(err)
		}
		compareInventories(t, r.inventory(ctx), want)
		r.wantNoChange(ctx, client(t, "GLOBEX"))
	})
}
