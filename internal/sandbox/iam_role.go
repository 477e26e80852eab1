package sandbox

import (
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
	op(a, iam.ServiceID, func(t *tx, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
		if err := checkIAMName(in.RoleName, in.Path, maxRole); err != nil {
			return nil, err
		}
		if err := checkIAMTags(in.Tags); err != nil {
			return nil, err
		}
		if err := checkTrust(aws.ToString(in.AssumeRolePolicyDocument)); err != nil {
			return nil, err
		}
		session := int32(sessionMin)
		if in.MaxSessionDuration != nil {
			session = *in.MaxSessionDuration
		}
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
		t.IAM.use().Roles = append(t.IAM.use().Roles, r)
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
	op(a, iam.ServiceID, func(t *tx, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
		r, err := t.ownRole(in.RoleName)
		if err == nil {
			err = checkTrust(aws.ToString(in.PolicyDocument))
		}
		if err != nil {
			return nil, err
		}
		r.Trust = *in.PolicyDocument
		return &iam.UpdateAssumeRolePolicyOutput{}, nil
	})
	op(a, iam.ServiceID, func(t *tx, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
		r, err := t.ownRole(in.RoleName)
		switch {
		case err != nil:
			return nil, err
		case slices.ContainsFunc(t.IAM.use().Profiles, func(p *iamProfile) bool { return slices.Contains(p.Roles, r.Name) }):
			return nil, iamError("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
		case len(r.Inline) > 0:
			return nil, iamError("DeleteConflict", "Cannot delete entity, must delete policies first.")
		case len(r.Attached) > 0:
			return nil, iamError("DeleteConflict", "Cannot delete entity, must detach all policies first.")
		}
		t.IAM.use().Roles.drop(r)
		return &iam.DeleteRoleOutput{}, nil
	})
	op(a, iam.ServiceID, func(t *tx, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
		r, err := t.role(in.RoleName)
		if err != nil {
			return nil, err
		}
		if err := checkIAMTags(in.Tags); err != nil {
			return nil, err
		}
		r.Tags = mergeTags(r.Tags, in.Tags)
		return &iam.TagRoleOutput{}, nil
	})
	op(a, iam.ServiceID, func(t *tx, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
		r, err := t.role(in.RoleName)
		if err != nil {
			return nil, err
		}
		r.Tags = slices.DeleteFunc(r.Tags, func(tag types.Tag) bool { return slices.Contains(in.TagKeys, *tag.Key) })
		return &iam.UntagRoleOutput{}, nil
	})
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
	op(a, iam.ServiceID, func(t *tx, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
		r, err := t.ownRole(in.RoleName)
		if err != nil {
			return nil, err
		}
		name, policy := aws.ToString(in.PolicyName), aws.ToString(in.PolicyDocument)
		if err := checkIAMName(&name, nil, 128); err != nil {
			return nil, err
		}
		if err := checkDocument(policy, false); err != nil {
			return nil, err
		}
		total := policySize(policy)
		for _, other := range r.Inline {
			if other.Label != name {
				total += policySize(other.Policy)
			}
		}
		if total > maxInline {
			return nil, iamError("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInline, r.Name)
		}
		r.dropInline(name)
		r.Inline = append(r.Inline, iamInline{name, policy})
		return &iam.PutRolePolicyOutput{}, nil
	})
	op(a, iam.ServiceID, func(t *tx, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
		r, err := t.ownRole(in.RoleName)
		if err != nil {
			return nil, err
		}
		if !r.dropInline(aws.ToString(in.PolicyName)) {
			return nil, iamError("NoSuchEntity", "The role policy with name %s cannot be found.", aws.ToString(in.PolicyName))
		}
		return &iam.DeleteRolePolicyOutput{}, nil
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
	op(a, iam.ServiceID, func(t *tx, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
		r, err := t.ownRole(in.RoleName)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(r.Attached, aws.ToString(in.PolicyArn)) {
			return nil, iamError("NoSuchEntity", "Policy %s was not found.", aws.ToString(in.PolicyArn))
		}
		r.Attached = slices.DeleteFunc(r.Attached, func(arn string) bool { return arn == *in.PolicyArn })
		return &iam.DetachRolePolicyOutput{}, nil
	})
}

func (r *iamRole) dropInline(name string) (dropped bool) {
	before := len(r.Inline)
	r.Inline = slices.DeleteFunc(r.Inline, func(p iamInline) bool { return p.Label == name })
	return len(r.Inline) < before
}
