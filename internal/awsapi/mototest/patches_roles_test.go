package mototest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

func TestServiceLinkedRoles(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	client := iam.NewFromConfig(config)
	for _, r := range rules.LinkedRoles() {
		in := &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(r.Service)}
		role := must[*iam.CreateServiceLinkedRoleOutput](t)(client.CreateServiceLinkedRole(t.Context(), in)).Role
		if *role.RoleName != r.Name || *role.Path != r.Path() {
			t.Errorf("the role of %s is %s%s, want %s%s", r.Service, *role.Path, *role.RoleName, r.Path(), r.Name)
		}
		_, err := client.CreateServiceLinkedRole(t.Context(), in)
		if codeOf(err) != "InvalidInput" {
			t.Errorf("a second role of %s: %v", r.Service, err)
		}
	}
}
