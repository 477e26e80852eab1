package elb

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// Rules of a listener are tried in the order of their priorities, which AWS keeps unique.

// lastPriority is the largest that AWS takes (API reference, CreateRule).
const lastPriority = 50000

// freePriority is the wanted priority, or one at the far end when another rule
// still has the wanted one: that rule cannot be moved before this one exists.
func freePriority(s *provision.Step, d routed) int32 {
	held, place := map[string]bool{}, 0
	for i, role := range s.Roles("elb/listener-rule") {
		if role == s.Role {
			place = i
		} else if r, ok := provision.Lookup[*listenerRule](s, "elb/listener-rule", role); ok && r.listener == d.key(s.Scope) {
			held[r.priority()] = true
		}
	}
	if !held[priorityText(d)] {
		return d.Priority
	}
	for _, r := range routes(s.Scope) {
		held[priorityText(r)] = true
	}
	// Each rule takes another of the free ones, so that two of them do not meet.
	for p := int32(lastPriority); ; p-- {
		if held[strconv.Itoa(int(p))] {
			continue
		}
		if place--; place < 0 {
			return p
		}
	}
}

// orderRules gives all rules of a listener their priorities in one call, so that they can
// change places. It reads them first: the call for another rule may have done it already.
func orderRules(ctx context.Context, s *provision.Step, listener provision.Role) error {
	all, err := rulesOf(ctx, s.API.ELB, aws.String(s.ID("elb/listener", listener)))
	if err != nil {
		return err
	}
	wanted := map[string]int32{} // priority by ARN
	for _, d := range routes(s.Scope) {
		if r, ok := provision.Lookup[*listenerRule](s, "elb/listener-rule", d.role()); ok {
			wanted[aws.ToString(r.RuleArn)] = d.Priority
		}
	}
	holder := map[string]string{} // ARN of rules that stay where they are, by priority
	for _, r := range all {
		if _, ordered := wanted[aws.ToString(r.RuleArn)]; !ordered {
			holder[aws.ToString(r.Priority)] = aws.ToString(r.RuleArn)
		}
	}
	in := &elb.SetRulePrioritiesInput{}
	for _, r := range all {
		number, ordered := wanted[aws.ToString(r.RuleArn)]
		want := strconv.Itoa(int(number))
		if !ordered || want == aws.ToString(r.Priority) {
			continue
		}
		if other := holder[want]; other != "" {
			// Either it is being removed at this moment, or somebody made it by hand.
			return &smithy.GenericAPIError{Code: "ResourceInUse", Message: fmt.Sprintf("priority %s is held by %s, which is not in the spec; delete that rule if it stays", want, other)}
		}
		in.RulePriorities = append(in.RulePriorities, elbtypes.RulePriorityPair{RuleArn: r.RuleArn, Priority: aws.Int32(number)})
	}
	if len(in.RulePriorities) == 0 {
		return nil
	}
	return kit.Do(ctx, s.API.ELB.SetRulePriorities, in)
}
