package conformance

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"gitlab.com/cicd/cicdctl/internal/cloud"
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

// A resource that has lost its tags is told by its ID, and the whole plan is refused rather
// than a second one made. It is taken back with them, and nothing of it has changed.
func TestWhatHasLostItsTagsIsTakenBack(t *testing.T) {
	t.Parallel()
	// A second one of these harms nobody: public certificates cost nothing, and what AWS
	// makes an account's own has no tags.
	harmless := []string{"acm/certificate", "iam/oidc-provider", "iam/service-linked-role"}
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		whole, seen := r.tree(), map[string]bool{}
		for _, held := range heldBy(ctx, t, r, acme(t)) {
			if seen[held.Kind+held.Scope.String()] || slices.Contains(harmless, held.Kind) {
				continue
			}
			seen[held.Kind+held.Scope.String()] = true
			r.restore(whole)
			stripped := r.tree()
			if !loseTags(stripped, held) {
				t.Errorf("%s %s: its tags are nowhere in the account", held.Kind, held.Role)
				continue
			}
			r.restore(stripped)
			o := operator(t, r.account, cloud.Config{})
			run, err := o.Build(ctx, acme(t))
			if err != nil {
				continue // as for the admin bucket, which says who may change anything
			}
			p, err := run.Plan(ctx)
			if err != nil {
				t.Fatal(err)
			}
			told := slices.ContainsFunc(p.Changes(), func(c provision.Change) bool {
				return c.Op == provision.OpForeign && c.Kind == held.Kind && c.Role == held.Role && c.ID == held.ID && c.Untagged
			})
			if !told || p.Stopped() == nil {
				t.Errorf("%s %s %s has lost its tags, and the plan does not say so: %v", held.Kind, held.Role, held.ID, p.Stopped())
				continue
			}
			lost, err := run.FindImport(ctx, held.Kind, held.Role, held.ID)
			if err == nil {
				err = run.Import(ctx, lost)
			}
			if err != nil {
				t.Errorf("%s %s: %v", held.Kind, held.Role, err)
				continue
			}
			// The sandbox goes by looks where AWS goes by time: some are told old and new by turns.
			for range 3 {
				plan(ctx, t, operator(t, r.account, cloud.Config{}), acme(t))
			}
			for _, c := range plan(ctx, t, operator(t, r.account, cloud.Config{}), acme(t)).Changes() {
				if (c.Op == provision.OpForeign || c.Op == provision.OpCreate) && c.Kind == held.Kind && c.Role == held.Role { // of tags in its settings, some are lost as well
					t.Errorf("taken back, %s %s: %s", held.Kind, held.Role, line(c))
				}
			}
		}
	})
}

// loseTags takes the tags off a resource, and leaves those of all that refers to it.
func loseTags(tree any, held provision.Held) bool {
	lost := false
	for _, owner := range ownersOf(tree, held.ID) {
		if tags := tagsIn(owner); tags[provision.TagRole+" "+held.Role] && tags[provision.TagScope+" "+held.Scope.Level.String()] {
			removeTags(owner)
			dropTags(owner) // of a list by itself
			lost = true
		}
	}
	return lost
}

// tagsIn are cicdctl's tags somewhere in a node, however the service keeps them, as "key value".
func tagsIn(node any) map[string]bool {
	tags := map[string]bool{}
	visit(node, func(at map[string]any) {
		for _, prefix := range []string{"", "Tag"} {
			key, _ := at[prefix+"Key"].(string)
			if value, ok := at[prefix+"Value"].(string); ok && strings.HasPrefix(key, "cicdctl:") {
				tags[key+" "+value] = true
			}
		}
		for key, value := range at {
			if text, ok := value.(string); ok && strings.HasPrefix(key, "cicdctl:") {
				tags[key+" "+text] = true
			}
		}
	})
	return tags
}

func removeTags(node any) {
	visit(node, func(at map[string]any) {
		maps.DeleteFunc(at, func(key string, value any) bool {
			if list, ok := value.([]any); ok {
				at[key] = slices.DeleteFunc(list, func(item any) bool {
					tag, _ := item.(map[string]any)
					key, _ := cmp.Or(tag["Key"], tag["TagKey"]).(string)
					return strings.HasPrefix(key, "cicdctl:")
				})
			}
			return strings.HasPrefix(key, "cicdctl:")
		})
	})
}

// visit calls f for every object of a tree.
func visit(node any, f func(map[string]any)) {
	switch at := node.(type) {
	case map[string]any:
		f(at)
		for _, v := range at {
			visit(v, f)
		}
	case []any:
		for _, v := range at {
			visit(v, f)
		}
	}
}
