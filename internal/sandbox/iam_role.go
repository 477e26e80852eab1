package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// assumable tells a service whether it may take a role on behalf of a resource. It
// does not hear of fresh roles at once.
func (t *tx) assumable(arn, service, source string) bool {
	for _, r := range t.IAM.use().Roles {
		if t.iamARN("role", r.Path, r.Name) != arn {
			continue
		}
		if r.Unheard > 0 {
			r.Unheard--
			return false
		}
		return trusts(r.Trust, service, map[string]string{"aws:SourceAccount": t.opts.ID, "aws:SourceArn": source})
	}
	return false
}

// trusts reads a trust policy. Conditions are compared as they are written; those
// that end in IfExists are met as well by a service that does not send the key.
func trusts(policy, service string, context map[string]string) bool {
	var doc struct {
		Statement []struct {
			Effect    string
			Principal map[string]any
			Action    any
			Condition map[string]map[string]any
		}
	}
	if json.Unmarshal([]byte(policy), &doc) != nil {
		return false
	}
	has := func(v any, want string) bool {
		list, _ := v.([]any)
		return v == want || slices.Contains(list, any(want))
	}
	for _, s := range doc.Statement {
		ok := s.Effect == "Allow" && has(s.Principal["Service"], service) && has(s.Action, "sts:AssumeRole")
		for operator, keys := range s.Condition {
			for key, want := range keys {
				value, sent := context[key]
				ok = ok && (has(want, value) || !sent && strings.HasSuffix(operator, "IfExists"))
			}
		}
		if ok {
			return true
		}
	}
	return false
}

func registerRole(a *Account) {
	ownRoles := on(a, iam.ServiceID, (*tx).ownRole)
	op(a, iam.ServiceID, func(t *tx, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
		if err := cmp.Or(checkIAMName(in.RoleName, in.Path, maxRole), iamTags.check(in.Tags), checkTrust(aws.ToString(in.AssumeRolePolicyDocument))); err != nil {
			return nil, err
		}
		session := int32(sessionMin)
		setTo(&session, in.MaxSessionDuration)
		if session < sessionMin || session > sessionMax {
			return nil, iamError("ValidationError", "Value %d at 'maxSessionDuration' failed to satisfy constraint: between %d and %d", session, sessionMin, sessionMax)
		}
		if strings.HasPrefix(aws.ToString(in.Path), linkedPath) {
			return nil, iamError("InvalidInput", "The path %s is kept for the roles of AWS's services.", *in.Path)
		}
		if _, err := t.role(in.RoleName); err == nil {
			return nil, iamError("EntityAlreadyExists", "Role with name %s already exists.", *in.RoleName)
		}
		r := &iamRole{
			Name: *in.RoleName, ID: t.uniqueID("AROA"), Path: pathOr(in.Path), Description: aws.ToString(in.Description),
			Trust: *in.AssumeRolePolicyDocument, MaxSession: session, CreatedAt: t.now, Tags: in.Tags, Unheard: t.opts.Lag,
		}
		t.IAM.use().Roles.add(r)
		made := t.describeRole(r)
		made.Tags = r.Tags
		return &iam.CreateRoleOutput{Role: &made}, nil
	})
	registerSimulation(a)
	op(a, iam.ServiceID, func(t *tx, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
		if strings.Contains(*t.caller(), ":assumed-role/"+aws.ToString(in.RoleName)+"/") { // the caller's own
			return &iam.GetRoleOutput{Role: &types.Role{RoleName: in.RoleName, Path: aws.String("/staff/"), Arn: aws.String(t.callersRole())}}, nil
		}
		r, err := t.role(in.RoleName)
		if err != nil {
			return nil, err
		}
		shown := t.describeRole(r)
		shown.Tags = r.Tags
		return &iam.GetRoleOutput{Role: &shown}, nil
	})
	opChange[iam.UpdateAssumeRolePolicyOutput](ownRoles, func(in *iam.UpdateAssumeRolePolicyInput) *string { return in.RoleName }, func(_ *tx, r *iamRole, in *iam.UpdateAssumeRolePolicyInput) error {
		if err := checkTrust(aws.ToString(in.PolicyDocument)); err != nil {
			return err
		}
		r.Trust = *in.PolicyDocument
		return nil
	})
	opChange[iam.DeleteRoleOutput](ownRoles, func(in *iam.DeleteRoleInput) *string { return in.RoleName }, func(t *tx, r *iamRole, _ *iam.DeleteRoleInput) error {
		switch {
		case slices.ContainsFunc(t.IAM.use().Profiles, func(p *iamProfile) bool { return slices.Contains(p.Roles, r.Name) }):
			return iamError("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
		case len(r.Inline) > 0:
			return iamError("DeleteConflict", "Cannot delete entity, must delete policies first.")
		case len(r.Attached) > 0:
			return iamError("DeleteConflict", "Cannot delete entity, must detach all policies first.")
		}
		t.IAM.use().Roles.drop(r)
		return nil
	})
	tags := tagsOn(on(a, iam.ServiceID, (*tx).role), iamTags, func(r *iamRole) *[]types.Tag { return &r.Tags })
	opTag[iam.TagRoleOutput](tags, func(in *iam.TagRoleInput) (*string, []types.Tag) { return in.RoleName, in.Tags })
	opUntag[iam.UntagRoleOutput](tags, func(in *iam.UntagRoleInput) (*string, []string) { return in.RoleName, in.TagKeys })
}

func checkTrust(policy string) error {
	if err := checkDocument(policy, true); err != nil {
		return err
	}
	if policySize(policy) > maxTrust {
		return iamError("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrust)
	}
	return nil
}

func registerRolePolicies(a *Account) {
	ownRoles := on(a, iam.ServiceID, (*tx).ownRole)
	opChange[iam.PutRolePolicyOutput](ownRoles, func(in *iam.PutRolePolicyInput) *string { return in.RoleName }, func(_ *tx, r *iamRole, in *iam.PutRolePolicyInput) error {
		name, policy := aws.ToString(in.PolicyName), aws.ToString(in.PolicyDocument)
		if err := cmp.Or(checkIAMName(&name, nil, 128), checkDocument(policy, false)); err != nil {
			return err
		}
		total := policySize(policy)
		for _, other := range r.Inline {
			if other.Label != name {
				total += policySize(other.Policy)
			}
		}
		if total > maxInline {
			return iamError("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInline, r.Name)
		}
		r.dropInline(name)
		r.Inline = append(r.Inline, iamInline{name, policy})
		return nil
	})
	opChange[iam.DeleteRolePolicyOutput](ownRoles, func(in *iam.DeleteRolePolicyInput) *string { return in.RoleName }, func(_ *tx, r *iamRole, in *iam.DeleteRolePolicyInput) error {
		if !r.dropInline(aws.ToString(in.PolicyName)) {
			return iamError("NoSuchEntity", "The role policy with name %s cannot be found.", aws.ToString(in.PolicyName))
		}
		return nil
	})
	op(a, iam.ServiceID, func(t *tx, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
		r, err := t.ownRole(in.RoleName)
		arn := aws.ToString(in.PolicyArn)
		switch {
		case err != nil:
			return nil, err
		case !strings.HasPrefix(arn, "arn:aws:iam::aws:policy/"):
			return nil, iamError("NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
		case slices.Contains(r.Attached, arn):
			return &iam.AttachRolePolicyOutput{}, nil
		case len(r.Attached) >= maxAttached:
			return nil, iamError("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
		}
		r.Attached = append(r.Attached, arn)
		return &iam.AttachRolePolicyOutput{}, nil
	})
	opChange[iam.DetachRolePolicyOutput](ownRoles, func(in *iam.DetachRolePolicyInput) *string { return in.RoleName }, func(_ *tx, r *iamRole, in *iam.DetachRolePolicyInput) error {
		if !slices.Contains(r.Attached, aws.ToString(in.PolicyArn)) {
			return iamError("NoSuchEntity", "Policy %s was not found.", aws.ToString(in.PolicyArn))
		}
		r.Attached = slices.DeleteFunc(r.Attached, func(arn string) bool { return arn == *in.PolicyArn })
		return nil
	})
}

func (r *iamRole) dropInline(name string) (dropped bool) {
	before := len(r.Inline)
	r.Inline = slices.DeleteFunc(r.Inline, func(p iamInline) bool { return p.Label == name })
	return len(r.Inline) < before
}

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

func (t *tx) profile(name *string) (*iamProfile, error) {
	r := t.IAM.use().Profiles.first(func(p *iamProfile) bool { return strings.EqualFold(p.Name, aws.ToString(name)) })
	return found(r, iamError, "NoSuchEntity", "Instance Profile %s cannot be found.", aws.ToString(name))
}

// instanceProfile tells another service whether there is an instance profile with
// a role that hosts could take, by name or ARN. Fresh ones are not heard of at once.
func (t *tx) instanceProfile(ref string) bool {
	for _, p := range t.IAM.use().Profiles {
		if p.Name != ref && t.iamARN("instance-profile", p.Path, p.Name) != ref {
			continue
		}
		if p.Unheard > 0 {
			p.Unheard--
			return false
		}
		return len(p.Roles) > 0
	}
	return false
}

func (t *tx) describeProfile(p *iamProfile) types.InstanceProfile {
	out := types.InstanceProfile{
		InstanceProfileName: aws.String(p.Name), InstanceProfileId: aws.String(p.ID), Arn: aws.String(t.iamARN("instance-profile", p.Path, p.Name)),
		Path: aws.String(p.Path), CreateDate: aws.Time(p.CreatedAt), Tags: p.Tags, Roles: []types.Role{},
	}
	for _, r := range t.IAM.use().Roles {
		if slices.Contains(p.Roles, r.Name) {
			out.Roles = append(out.Roles, t.describeRole(r))
		}
	}
	return out
}

func registerProfile(a *Account) {
	profiles := on(a, iam.ServiceID, (*tx).profile)
	op(a, iam.ServiceID, func(t *tx, in *iam.CreateInstanceProfileInput) (*iam.CreateInstanceProfileOutput, error) {
		if err := cmp.Or(checkIAMName(in.InstanceProfileName, in.Path, maxProfile), iamTags.check(in.Tags)); err != nil {
			return nil, err
		}
		if _, err := t.profile(in.InstanceProfileName); err == nil {
			return nil, iamError("EntityAlreadyExists", "Instance Profile %s already exists.", *in.InstanceProfileName)
		}
		p := &iamProfile{Name: *in.InstanceProfileName, ID: t.uniqueID("AIPA"), Path: pathOr(in.Path), CreatedAt: t.now, Tags: in.Tags, Unheard: t.opts.Lag}
		t.IAM.use().Profiles.add(p)
		made := t.describeProfile(p)
		return &iam.CreateInstanceProfileOutput{InstanceProfile: &made}, nil
	})
	opOn(profiles, func(in *iam.GetInstanceProfileInput) *string { return in.InstanceProfileName }, func(t *tx, p *iamProfile, _ *iam.GetInstanceProfileInput) (*iam.GetInstanceProfileOutput, error) {
		found := t.describeProfile(p)
		return &iam.GetInstanceProfileOutput{InstanceProfile: &found}, nil
	})
	op(a, iam.ServiceID, func(t *tx, in *iam.ListInstanceProfilesInput) (*iam.ListInstanceProfilesOutput, error) {
		part, next, err := list(t, t.IAM.use().Profiles, in.Marker, func(p *iamProfile) (types.InstanceProfile, bool) {
			shown := t.describeProfile(p)
			shown.Tags = nil // left out of the list
			return shown, strings.HasPrefix(p.Path, aws.ToString(in.PathPrefix))
		})
		return &iam.ListInstanceProfilesOutput{InstanceProfiles: part, Marker: next, IsTruncated: next != nil}, err
	})
	opChange[iam.AddRoleToInstanceProfileOutput](profiles, func(in *iam.AddRoleToInstanceProfileInput) *string { return in.InstanceProfileName }, func(t *tx, p *iamProfile, in *iam.AddRoleToInstanceProfileInput) error {
		r, err := t.role(in.RoleName)
		switch {
		case err != nil:
			return err
		case len(t.describeProfile(p).Roles) > 0: // also when it is the same role
			return iamError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
		}
		p.Roles = []string{r.Name}
		return nil
	})
	opChange[iam.RemoveRoleFromInstanceProfileOutput](profiles, func(in *iam.RemoveRoleFromInstanceProfileInput) *string { return in.InstanceProfileName }, func(_ *tx, p *iamProfile, in *iam.RemoveRoleFromInstanceProfileInput) error {
		if !slices.Contains(p.Roles, aws.ToString(in.RoleName)) {
			return iamError("NoSuchEntity", "The role with name %s cannot be found.", aws.ToString(in.RoleName))
		}
		p.Roles = slices.DeleteFunc(p.Roles, func(name string) bool { return name == *in.RoleName })
		return nil
	})
	opChange[iam.DeleteInstanceProfileOutput](profiles, func(in *iam.DeleteInstanceProfileInput) *string { return in.InstanceProfileName }, func(t *tx, p *iamProfile, _ *iam.DeleteInstanceProfileInput) error {
		if len(p.Roles) > 0 {
			return iamError("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
		}
		t.IAM.use().Profiles.drop(p)
		return nil
	})
	tags := tagsOn(profiles, iamTags, func(p *iamProfile) *[]types.Tag { return &p.Tags })
	opTag[iam.TagInstanceProfileOutput](tags, func(in *iam.TagInstanceProfileInput) (*string, []types.Tag) { return in.InstanceProfileName, in.Tags })
	opUntag[iam.UntagInstanceProfileOutput](tags, func(in *iam.UntagInstanceProfileInput) (*string, []string) { return in.InstanceProfileName, in.TagKeys })
	// Users and roles are left out.
	tagged(a, iam.ServiceID, iamTags, func(t *tx) []*iamProfile { return t.IAM.use().Profiles }, func(t *tx, p *iamProfile) (string, []types.Tag) {
		return t.iamARN("instance-profile", p.Path, p.Name), p.Tags
	})
}
