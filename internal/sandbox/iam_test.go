package sandbox_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func TestIAMRefuses(t *testing.T) {
	t.Parallel()
	account, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	api, ctx := factory.Set("eu-west-3").IAM, t.Context()
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	create := func(name, trust string) error {
		_, err := api.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
		return err
	}
	put := func(document string) error {
		_, err := api.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("host"), PolicyName: aws.String("own"), PolicyDocument: &document})
		return err
	}
	give := func() error {
		_, err := api.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("host"), RoleName: aws.String("host")})
		return err
	}
	remove := func() error {
		_, err := api.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("host")})
		return err
	}
	for _, step := range []struct{ what, want, got string }{
		{"a role", "", awsapi.Code(create("host", trust))},
		{"its name in capitals", "EntityAlreadyExists", awsapi.Code(create("HOST", trust))},
		{"a name of 65 letters", "ValidationError", awsapi.Code(create(strings.Repeat("a", 65), trust))},
		{"a trust policy that is no JSON", "MalformedPolicyDocument", awsapi.Code(create("other", "{"))},
		{"a trust policy without principal", "MalformedPolicyDocument", awsapi.Code(create("other", policy))},
		{"a trust policy as a permission", "MalformedPolicyDocument", awsapi.Code(put(trust))},
		{"a policy that is too long", "LimitExceeded", awsapi.Code(put(strings.Replace(policy, "s3:*", strings.Repeat("a", 10240), 1)))},
		{"a policy", "", awsapi.Code(put(policy))},
		{"an unknown profile", "NoSuchEntity", awsapi.Code(give())},
		{"the removal of a role with a policy", "DeleteConflict", awsapi.Code(remove())},
	} {
		if step.got != step.want {
			t.Errorf("%s: %q, want %q", step.what, step.got, step.want)
		}
	}
	if _, err := api.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("host")}); err != nil {
		t.Fatal(err)
	}
	if err := give(); err != nil {
		t.Errorf("a profile does not take its role: %v", err)
	}
	if code := awsapi.Code(give()); code != "LimitExceeded" {
		t.Errorf("the same role again: %q", code)
	}
}
