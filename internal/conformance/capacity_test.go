package conformance

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// AWS takes an Auto Scaling group by name or ARN for a capacity provider, and may tell
// either: the ARN is sent, and both are the same group.
func TestAGroupIsTheSameByNameAndByARN(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		for _, c := range r.account.Calls() {
			if in, ok := c.Input.(*ecs.CreateCapacityProviderInput); ok && !strings.HasPrefix(aws.ToString(in.AutoScalingGroupProvider.AutoScalingGroupArn), "arn:") {
				t.Errorf("the group is given as %s", *in.AutoScalingGroupProvider.AutoScalingGroupArn)
			}
		}
		told := func(group string) any { return replaceAll(r.tree(), "AutoScalingGroupArn", group) }
		r.restore(told("acme-hosts"))
		r.wantNoChange(ctx, acme(t))
		r.restore(told("another-group"))
		if err := plan(ctx, t, r.Operator, acme(t)).Refused(); err == nil || !strings.Contains(err.Error(), "another group") {
			t.Errorf("a provider of another group: %v, want a refusal", err)
		}
	})
}

// replaceAll puts a value wherever the tree has the key.
func replaceAll(tree any, key string, value any) any {
	switch v := tree.(type) {
	case map[string]any:
		for k := range v {
			if k == key {
				v[k] = value
			} else {
				v[k] = replaceAll(v[k], key, value)
			}
		}
	case []any:
		for i := range v {
			v[i] = replaceAll(v[i], key, value)
		}
	}
	return tree
}
