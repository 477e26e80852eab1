package sandbox

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// callersRole is the ARN of the role that the caller has taken: with its path, which the
// ARN of the session leaves out.
func (t *tx) callersRole() string { return "arn:aws:iam::" + t.opts.ID + ":role/staff/operator" }

// allowed is nil when the caller may do what a call needs beside its own action.
func (t *tx) allowed(action, resource string) error {
	if t.judge == nil || t.judge(action, resource, map[string]string{"aws:RequestedRegion": t.region}) {
		return nil
	}
	return httpError(403, "AccessDenied", "User: "+*t.caller()+" is not authorized to perform: "+action+" on resource: "+resource+" because no identity-based policy allows the "+action+" action")
}

// registerSimulation answers for the caller alone, as the account knows nobody else's policies.
func registerSimulation(a *Account) {
	op(a, iam.ServiceID, func(t *tx, in *iam.SimulatePrincipalPolicyInput) (*iam.SimulatePrincipalPolicyOutput, error) {
		source := aws.ToString(in.PolicySourceArn)
		switch {
		case !strings.HasPrefix(source, "arn:aws:iam::"):
			return nil, apiError("InvalidInput", "Invalid Entity Arn: %s does not clearly define entity type and name.", source)
		case source != t.callersRole():
			return nil, httpError(404, "NoSuchEntity", "The role with name "+lastPart(source)+" cannot be found.")
		case len(in.ActionNames) == 0:
			return nil, apiError("InvalidInput", "ActionNames must not be empty.")
		}
		context := map[string]string{}
		for _, e := range in.ContextEntries {
			if len(e.ContextKeyValues) > 0 {
				context[aws.ToString(e.ContextKeyName)] = e.ContextKeyValues[0]
			}
		}
		out := &iam.SimulatePrincipalPolicyOutput{}
		resources := in.ResourceArns
		if len(resources) == 0 {
			resources = []string{"*"}
		}
		for _, action := range in.ActionNames {
			for _, resource := range resources {
				decision := types.PolicyEvaluationDecisionTypeAllowed
				if t.judge != nil && !t.judge(action, resource, context) {
					decision = types.PolicyEvaluationDecisionTypeImplicitDeny
				}
				out.EvaluationResults = append(out.EvaluationResults, types.EvaluationResult{EvalActionName: &action, EvalResourceName: &resource, EvalDecision: decision})
			}
		}
		return out, nil
	})
}
