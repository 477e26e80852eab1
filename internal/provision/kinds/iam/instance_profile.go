package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type instanceProfile = *iamtypes.InstanceProfile

// InstanceProfileKind hands the hosts their role.
func InstanceProfileKind() *provision.Type {
	name := func(p instanceProfile) string { return aws.ToString(p.InstanceProfileName) }
	return provision.Define(provision.Kind[string, instanceProfile]{
		Name:      "iam/instance-profile",
		ARN:       "iam:instance-profile/",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[string, instanceProfile]{Free: freeIAM},
		Impact:    provision.Impact[instanceProfile]{Stateless: true},
		DependsOn: provision.ForFields(provision.Existing("iam/role")),
		Want:      kit.OneOf("ecs-host", func(s *provision.Scope) string { return rules.HostRoleName(s.Client) }),
		List:      listProfiles,
		ID:        name,
		Tags:      func(p instanceProfile) provision.Tags { return iamTags.Of(p.Tags) },
		Naming:    namedAnyCase(name, func(name string) string { return name }),
		Create: func(ctx context.Context, s *provision.Step, d string) (instanceProfile, error) {
			out, err := s.API.IAM.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &d, Tags: iamTags.To(s.Tags)})
			if err != nil {
				return nil, err
			}
			out.InstanceProfile.Tags = iamTags.To(s.Tags)
			return out.InstanceProfile, nil
		},
		Delete: func(ctx context.Context, s *provision.Step, p instanceProfile) error {
			if err := takeRoles(ctx, s, p, ""); err != nil {
				return err
			}
			return kit.Do(ctx, s.API.IAM.DeleteInstanceProfile, &iam.DeleteInstanceProfileInput{InstanceProfileName: p.InstanceProfileName})
		},
		Retag: kit.Retag(ofIAM, awsapi.IAM.TagInstanceProfile, func(p instanceProfile, tags provision.Tags, in *iam.TagInstanceProfileInput) {
			in.InstanceProfileName, in.Tags = p.InstanceProfileName, iamTags.To(tags)
		}),
		Untag: kit.Untag(ofIAM, awsapi.IAM.UntagInstanceProfile, func(p instanceProfile, keys []string, in *iam.UntagInstanceProfileInput) {
			in.InstanceProfileName, in.TagKeys = p.InstanceProfileName, keys
		}),
		Fields: []provision.Field[string, instanceProfile]{
			kit.Settable("role", kit.IDOf[string]("iam/role", "ecs-host"), func(p instanceProfile) string { return kit.Lines(rolesOf(p)) }, giveRole),
		},
	})
}

func rolesOf(p instanceProfile) []string {
	return kit.Texts(p.Roles, func(r iamtypes.Role) string { return aws.ToString(r.RoleName) })
}

// takeRoles removes all roles but one from the profile.
func takeRoles(ctx context.Context, s *provision.Step, p instanceProfile, keep string) error {
	roles := slices.DeleteFunc(rolesOf(p), func(role string) bool { return role == keep })
	return kit.Drop(roles, func(role string) error {
		return kit.Do(ctx, s.API.IAM.RemoveRoleFromInstanceProfile, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: p.InstanceProfileName, RoleName: &role})
	})
}

// giveRole makes the hosts' role the profile's only one: it can have no more.
func giveRole(ctx context.Context, s *provision.Step, _ string, p instanceProfile) error {
	role := s.ID("iam/role", "ecs-host")
	if err := takeRoles(ctx, s, p, role); err != nil {
		return err
	}
	err := kit.Do(ctx, s.API.IAM.AddRoleToInstanceProfile, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: p.InstanceProfileName, RoleName: &role})
	if !awsapi.Is(err, awsapi.Quota) {
		return err
	}
	// The place is taken: perhaps by this very role, given by another run or by an
	// attempt whose answer was lost.
	out, readErr := s.API.IAM.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: p.InstanceProfileName})
	if readErr != nil {
		return readErr
	}
	if slices.Equal(rolesOf(out.InstanceProfile), []string{role}) {
		return nil
	}
	return err
}

// listProfiles asks for the profiles that clients have, by name: lists leave out
// the tags. An audit takes what is in the list as it is, with the tags that the
// tagging service shows.
func listProfiles(ctx context.Context, w *provision.Sweep) ([]instanceProfile, error) {
	var found []instanceProfile
	names, err := profileNames(ctx, w, func(p iamtypes.InstanceProfile) bool {
		tags, there := w.Index[aws.ToString(p.Arn)]
		if there {
			p.Tags = iamTags.To(tags)
			found = append(found, &p)
		}
		return there
	})
	if err != nil {
		return nil, err
	}
	asked, err := kit.Gather(ctx, names, func(ctx context.Context, name string) (instanceProfile, error) {
		in := &iam.GetInstanceProfileInput{InstanceProfileName: &name}
		return kit.Get(ctx, w.IAM.GetInstanceProfile, in, func(o *iam.GetInstanceProfileOutput) instanceProfile { return o.InstanceProfile })
	})
	return append(found, asked...), err
}

// profileNames are the names to ask for, without those of profiles that are known
// once they are seen in the list.
func profileNames(ctx context.Context, w *provision.Sweep, known func(iamtypes.InstanceProfile) bool) ([]string, error) {
	if len(w.Clients) > 0 && w.Index == nil { // few enough to do without the list of all
		return kit.Texts(w.Clients, rules.HostRoleName), nil
	}
	concerns := func(name string) bool {
		// IAM does not tell names by their case.
		is := func(client string) bool { return strings.EqualFold(name, rules.HostRoleName(client)) }
		return strings.HasSuffix(strings.ToLower(name), rules.HostRoleName("")) && kit.Concerns(w, is)
	}
	p := iam.NewListInstanceProfilesPaginator(w.IAM, &iam.ListInstanceProfilesInput{MaxItems: aws.Int32(1000)})
	listed, err := kit.All(ctx, p, func(o *iam.ListInstanceProfilesOutput) []iamtypes.InstanceProfile { return o.InstanceProfiles })
	var names []string
	for _, profile := range listed {
		if name := aws.ToString(profile.InstanceProfileName); concerns(name) && !known(profile) {
			names = append(names, name)
		}
	}
	return names, err
}
