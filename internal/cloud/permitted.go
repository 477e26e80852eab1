package cloud

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Whether the caller may have the last copy of a database made. RDS asks for that only
// when the cluster is deleted, which is after its instances.

// permitted is a *GuardError when IAM says that it would refuse the final snapshot of
// what the plan removes. Where IAM cannot be asked, the operator is told.
func (r *Run) permitted(ctx context.Context, plan *Plan) error {
	if r.Request.Purge {
		return nil
	}
	scope := r.Scope()
	var clusters, snapshots []string
	for _, c := range plan.Changes() {
		if c.Kind == "rds/cluster" && c.Op == provision.OpDelete && !provision.IsDrill(c.Role) {
			clusters = append(clusters, scope.ARN("rds", "cluster:"+c.ID))
			snapshots = append(snapshots, scope.ARN("rds", "cluster-snapshot:"+rules.FinalSnapshotName(c.ID, time.Now())))
		}
	}
	if len(clusters) == 0 {
		return nil
	}
	who, err := r.Op.policySource(ctx, scope)
	if err == nil && who == "" {
		return nil // the account's root user may do everything
	}
	here := map[string]string{"aws:RequestedRegion": scope.Region}
	ours := map[string]string{"aws:RequestedRegion": scope.Region, "aws:ResourceTag/" + provision.TagManagedBy: provision.ManagedBy}
	var refused, unsure []string
	if err == nil {
		refused, unsure, err = simulate(ctx, scope, who, []string{"rds:DeleteDBCluster", "rds:CreateDBClusterSnapshot"}, clusters, ours)
	}
	if err == nil {
		var more, alsoUnsure []string
		// The snapshot has no tags yet when RDS asks.
		more, alsoUnsure, err = simulate(ctx, scope, who, []string{"rds:AddTagsToResource", "rds:CreateDBClusterSnapshot"}, snapshots, here)
		refused, unsure = append(refused, more...), append(unsure, alsoUnsure...)
	}
	note := ""
	switch {
	case len(refused) > 0:
		return Guardf("the database would lose its instances and then not be deleted, for IAM lets %s take no final snapshot: it lacks %s. The policies that cicdctl iam-policy prints have that; --purge-data takes no snapshot", who, strings.Join(refused, ", "))
	case err != nil:
		note = lang.Sprintf("whether IAM allows the final snapshot is not known: %s", awsapi.Explain(err))
	case len(unsure) > 0:
		note = lang.Sprintf("whether IAM allows the final snapshot is not known: the policies of %s go by what only a real call has (%s)", who, strings.Join(unsure, ", "))
	}
	if note != "" && !slices.Contains(r.Notes, note) {
		r.Notes = append(r.Notes, note)
	}
	return nil
}

// policySource is the caller as IAM's simulation takes it: a user, or the role that was
// taken. It is empty for the account's root user.
func (o *Operator) policySource(ctx context.Context, scope *provision.Scope) (string, error) {
	id, err := o.Identity(ctx)
	if err != nil {
		return "", err
	}
	_, entity, _ := strings.Cut(id.ARN, id.Account+":")
	kind, name, _ := strings.Cut(entity, "/")
	switch kind {
	case "root":
		return "", nil
	case "assumed-role":
		// The session's ARN lacks the path, which roles of IAM Identity Center have.
		name, _, _ = strings.Cut(name, "/")
		out, err := scope.API.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.Role.Arn), nil
	default:
		return id.ARN, nil
	}
}

// simulate asks IAM about actions on resources. A refusal that may be due to facts that
// only a real call has, such as multi-factor authentication, is not sure; then the
// facts are told.
func simulate(ctx context.Context, scope *provision.Scope, who string, actions, resources []string, facts map[string]string) (refused, unsure []string, err error) {
	in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &who, ActionNames: actions, ResourceArns: resources}
	for key, value := range facts {
		in.ContextEntries = append(in.ContextEntries, iamtypes.ContextEntry{ContextKeyName: aws.String(key), ContextKeyType: iamtypes.ContextKeyTypeEnumString, ContextKeyValues: []string{value}})
	}
	for p := iam.NewSimulatePrincipalPolicyPaginator(scope.API.IAM, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range page.EvaluationResults {
			switch {
			case e.EvalDecision == iamtypes.PolicyEvaluationDecisionTypeAllowed:
			case e.EvalDecision == iamtypes.PolicyEvaluationDecisionTypeImplicitDeny && len(e.MissingContextValues) > 0:
				unsure = append(unsure, e.MissingContextValues...)
			default:
				refused = append(refused, aws.ToString(e.EvalActionName)+" on "+aws.ToString(e.EvalResourceName))
			}
		}
	}
	slices.Sort(unsure)
	return refused, slices.Compact(unsure), nil
}
