package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

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
