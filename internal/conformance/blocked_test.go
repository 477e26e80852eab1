package conformance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// held is the ID of a resource of a kind and role.
func (r *rig) held(kind string, role provision.Role) string {
	r.tb.Helper()
	for _, h := range plan(r.tb.Context(), r.tb, r.Operator, acme(r.tb)).Held() {
		if h.Kind == kind && (role == "" || h.Role == role) {
			return h.ID
		}
	}
	r.tb.Fatalf("there is no %s %s", kind, role)
	return ""
}

// A resource that AWS calls failed keeps back what depends on it. All else is mended, and
// nobody is told to delete a database.
func TestOneFailureDoesNotBlockTheCure(t *testing.T) {
	t.Parallel()
	const wrong = 3 // days, which somebody has set by hand
	cases := map[string]struct {
		kind, key string         // what has failed, and what its ID is called in the account
		change    map[string]any // how AWS tells that
		says      string
	}{
		"a database whose host is incompatible": {"rds/instance", "DBInstanceIdentifier", map[string]any{"DBInstanceStatus": "incompatible-network"}, "incompatible-network"},
		"a cluster that failed":                 {"rds/cluster", "DBClusterIdentifier", map[string]any{"Status": "incompatible-restore"}, "incompatible-restore"},
		"a load balancer that was not set up":   {"elb/load-balancer", "LoadBalancerArn", map[string]any{"State": map[string]any{"Code": "failed", "Reason": "no room in the subnet"}}, "no room in the subnet"},
		"a key whose material is gone":          {"kms/key", "Arn", map[string]any{"KeyState": "Unavailable"}, "keep the key"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				logs := r.Factory.Set(region).Logs
				group := aws.String(rules.FlowLogGroupName)
				if _, err := logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(wrong)}); err != nil {
					t.Fatal(err)
				}
				role := map[string]provision.Role{"kms/key": "client"}[c.kind]
				id := r.held(c.kind, role)
				r.alter(t, c.key, id, c.change)
				err := create(ctx, r.Operator, acme(t))
				refused, ok := errors.AsType[*provision.RefusedError](err)
				if !ok || len(refused.Changes) != 1 || refused.Changes[0].ID != id || !strings.Contains(err.Error(), c.says) {
					t.Errorf("create: %v, want one refusal of %s that says %s", err, id, c.says)
				}
				if strings.HasPrefix(c.kind, "rds/") && strings.Contains(err.Error(), "elete") {
					t.Errorf("somebody is told to delete a database: %v", err)
				}
				out, err := logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: group})
				if err != nil {
					t.Fatal(err)
				}
				if days := aws.ToInt32(out.LogGroups[0].RetentionInDays); days == wrong && c.kind != "kms/key" {
					t.Errorf("what has nothing to do with it was not mended: %d days", days)
				}
			})
		})
	}
}

// A NAT gateway that failed is replaced: there is one that works, and none besides.
func TestAFailedNATGatewayIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		before := r.inventory(ctx)
		id := r.held("ec2/nat-gateway", "")
		r.alter(t, "NatGatewayId", id, map[string]any{"State": "failed", "FailureCode": "InternalError"})
		var ops []string
		for _, c := range plan(ctx, t, r.Operator, acme(t)).Changes() {
			if c.Kind == "ec2/nat-gateway" {
				ops = append(ops, string(c.Op))
			}
		}
		if slices.Sort(ops); !slices.Equal(ops, []string{"create", "delete"}) {
			t.Errorf("the plan does %v", ops)
		}
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		compareInventories(t, r.inventory(ctx), before)
		r.wantNoChange(ctx, acme(t))
	})
}
