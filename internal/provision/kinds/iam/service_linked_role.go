package iam

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// serviceLinkedRole is a role with which a service of AWS works in the account.
type serviceLinkedRole struct{ name, path, arn string }

// ServiceLinkedRoleKind makes the roles that AWS's services would make for themselves
// with the account's first resource. A first call that meets none is refused, or takes
// it for something else that is missing (see [rules.LinkedRoles]), so they are there
// before. They are the account's, whoever made them: IAM takes no tags with
// CreateServiceLinkedRole, other resources may work with them, and AWS lets go of
// one only when nothing does. So one that is there is fine, and none is ever removed.
func ServiceLinkedRoleKind() *provision.Type {
	return provision.Define(provision.Kind[rules.LinkedRole, *serviceLinkedRole]{
		Name:       "iam/service-linked-role",
		Levels:     provision.AccountLevel,
		Billing:    provision.Billing[rules.LinkedRole, *serviceLinkedRole]{Free: freeIAM},
		Impact:     provision.Impact[*serviceLinkedRole]{Stateless: true},
		CreateOnly: true,
		Want: func(*provision.Scope) map[provision.Role]rules.LinkedRole {
			return kit.ByRole(rules.LinkedRoles(), func(r rules.LinkedRole) provision.Role { return r.Name })
		},
		List:   listServiceLinkedRoles,
		ID:     func(r *serviceLinkedRole) string { return r.arn },
		Tags:   func(*serviceLinkedRole) provision.Tags { return nil },
		Naming: namedAnyCase(func(r *serviceLinkedRole) string { return r.name }, func(d rules.LinkedRole) string { return d.Name }),
		// A role that somebody made under the name is not the service's.
		UseForeign: func(_ *provision.Scope, d rules.LinkedRole, r *serviceLinkedRole) bool { return r.path == d.Path() },
		Create: func(ctx context.Context, s *provision.Step, d rules.LinkedRole) (*serviceLinkedRole, error) {
			err := kit.Do(ctx, s.API.IAM.CreateServiceLinkedRole, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(d.Service)})
			if err != nil && !awsapi.Is(err, awsapi.Exists) { // the service, or another run, was first
				return nil, err
			}
			return &serviceLinkedRole{name: d.Name, path: d.Path(), arn: fmt.Sprintf("arn:%s:iam::%s:role%s%s", s.Partition, s.Account, d.Path(), d.Name)}, nil
		},
		Delete: func(_ context.Context, _ *provision.Step, r *serviceLinkedRole) error {
			return lang.Errorf("%s is not cicdctl's to delete", r.name)
		},
	})
}

// listServiceLinkedRoles takes them from the list of all roles.
func listServiceLinkedRoles(ctx context.Context, w *provision.Sweep) ([]*serviceLinkedRole, error) {
	all, err := allRoles(ctx, w)
	var linked []*serviceLinkedRole
	for _, d := range all {
		if r := (&serviceLinkedRole{aws.ToString(d.RoleName), aws.ToString(d.Path), aws.ToString(d.Arn)}); rules.IsLinkedRole(r.name) {
			linked = append(linked, r)
		}
	}
	return linked, err
}

// allRoles reads all roles with their policies and tags, a thousand with a call, once
// for all who look at them in all regions.
func allRoles(ctx context.Context, w *provision.Sweep) ([]iamtypes.RoleDetail, error) {
	return provision.SharedByAll(w, "roles", func() ([]iamtypes.RoleDetail, error) {
		p := iam.NewGetAccountAuthorizationDetailsPaginator(w.IAM, &iam.GetAccountAuthorizationDetailsInput{Filter: []iamtypes.EntityType{iamtypes.EntityTypeRole}, MaxItems: aws.Int32(1000)})
		return kit.All(ctx, p, func(o *iam.GetAccountAuthorizationDetailsOutput) []iamtypes.RoleDetail { return o.RoleDetailList })
	})
}
