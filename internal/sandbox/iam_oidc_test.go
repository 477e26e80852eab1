package sandbox_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func TestProvidersAreOneForEachURL(t *testing.T) {
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
	create := func(url string, audiences ...string) string {
		_, err := api.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: &url, ClientIDList: audiences})
		return awsapi.Code(err)
	}
	arn := aws.String("arn:aws:iam::123456789012:oidc-provider/gitlab.com")
	add := func(arn *string, id string) string {
		_, err := api.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: &id})
		return awsapi.Code(err)
	}
	remove := func() string {
		_, err := api.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
		return awsapi.Code(err)
	}
	for _, step := range []struct{ what, want, got string }{
		{"http", "InvalidInput", create("http://gitlab.com")},
		{"a port", "InvalidInput", create("https://gitlab.com:8443")},
		{"a provider", "", create("https://gitlab.com", "a")},
		{"the same URL", "EntityAlreadyExists", create("https://gitlab.com", "b")},
		{"another URL", "", create("https://git.acme.example", "a")},
		{"an audience", "", add(arn, "b")},
		{"the same audience", "", add(arn, "b")},
		{"an audience of what is not there", "NoSuchEntity", add(aws.String(*arn+"x"), "b")},
		{"the removal", "", remove()},
		{"the removal once more", "", remove()},
	} {
		if step.got != step.want {
			t.Errorf("%s: %q, want %q", step.what, step.got, step.want)
		}
	}
	left, err := api.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	if err != nil || len(left.OpenIDConnectProviderList) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}
