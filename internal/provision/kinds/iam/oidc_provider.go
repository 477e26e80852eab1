package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// oidcProvider is whose tokens IAM takes.
type oidcProvider struct {
	arn, host string
	audiences []string
	tags      provision.Tags
	users     []string // roles of others that trust it; read where it may be removed
}

// gitlabRole is the role of the provider of GitLab's tokens.
const gitlabRole = "gitlab"

// OidcProviderKind lets GitLab's pipelines show who they are. What they may do then
// is each deploy role's own trust policy: being known opens nothing.
//
// AWS has room for one provider of a URL in an account, so others may have made it
// before, for pipelines of their own. As long as it takes our audience it is used as
// it is, and stays theirs: it is neither tagged nor changed. Without our audience
// the plan stops, for adding it is for whoever it belongs to.
//
// Likewise others may add audiences of theirs to the one that cicdctl has made:
// those are left alone. No thumbprint is given: IAM trusts what public authorities
// have signed, and looks at thumbprints only where an instance has one of its own.
func OidcProviderKind() *provision.Type {
	host := func(p *oidcProvider) string { return p.host }
	return provision.Define(provision.Kind[string, *oidcProvider]{
		Name:     "iam/oidc-provider",
		ARN:      "iam:oidc-provider/",
		Levels:   provision.AccountLevel,
		Billing:  provision.Billing[string, *oidcProvider]{Free: freeIAM},
		Impact:   provision.Impact[*oidcProvider]{Stateless: true},
		Want:     kit.OneOf(gitlabRole, func(s *provision.Scope) string { return s.GitLab }),
		Data:     provision.Data[*oidcProvider]{Shared: (*oidcProvider).shared},
		List:     listOIDCProviders,
		Describe: findOIDCUsers,
		ID:       func(p *oidcProvider) string { return p.arn },
		Tags:     func(p *oidcProvider) provision.Tags { return p.tags },
		Naming:   provision.Naming[string, *oidcProvider]{Key: host, KeyOf: kit.Name(rules.GitLabHost)},
		UseForeign: func(_ *provision.Scope, url string, p *oidcProvider) bool {
			return p.tags[provision.TagManagedBy] != provision.ManagedBy && slices.Contains(p.audiences, url)
		},
		Create: func(ctx context.Context, s *provision.Step, url string) (*oidcProvider, error) {
			in := &iam.CreateOpenIDConnectProviderInput{Url: &url, ClientIDList: []string{url}, Tags: iamTags.To(s.Tags)}
			return kit.Get(ctx, s.API.IAM.CreateOpenIDConnectProvider, in, func(o *iam.CreateOpenIDConnectProviderOutput) *oidcProvider {
				return &oidcProvider{arn: aws.ToString(o.OpenIDConnectProviderArn), host: rules.GitLabHost(url), audiences: []string{url}, tags: s.Tags}
			})
		},
		Delete: kit.Delete(ofIAM, awsapi.IAM.DeleteOpenIDConnectProvider, func(p *oidcProvider, in *iam.DeleteOpenIDConnectProviderInput) { in.OpenIDConnectProviderArn = &p.arn }),
		Retag: kit.Retag(ofIAM, awsapi.IAM.TagOpenIDConnectProvider, func(p *oidcProvider, tags provision.Tags, in *iam.TagOpenIDConnectProviderInput) {
			in.OpenIDConnectProviderArn, in.Tags = &p.arn, iamTags.To(tags)
		}),
		Fields: []provision.Field[string, *oidcProvider]{
			kit.Immutable("GitLab instance", kit.Wanted(rules.GitLabHost), host,
				"pipelines of the other instance deploy with this provider: once none does any more, delete it in IAM and run again"),
			kit.Settable("audience", kit.Wanted(func(url string) string { return url }), func(p *oidcProvider) string {
				if url := "https://" + p.host; slices.Contains(p.audiences, url) {
					return url
				}
				return kit.Lines(p.audiences)
			}, kit.Set(ofIAM, awsapi.IAM.AddClientIDToOpenIDConnectProvider, func(_ *provision.Step, url string, p *oidcProvider, in *iam.AddClientIDToOpenIDConnectProviderInput) {
				in.OpenIDConnectProviderArn, in.ClientID = &p.arn, &url
			})),
		},
	})
}

// findOIDCUsers finds, for who may remove the provider, roles that trust it and are not cicdctl's.
func findOIDCUsers(ctx context.Context, w *provision.Sweep, p *oidcProvider) error {
	if !w.Removing {
		return nil
	}
	all, err := allRoles(ctx, w)
	for _, d := range all {
		if r := newRole(d); r.tags[provision.TagManagedBy] != provision.ManagedBy && strings.Contains(r.trust, `"`+p.arn+`"`) {
			p.users = append(p.users, r.name)
		}
	}
	slices.Sort(p.users)
	return err
}

// shared says who else signs in with the provider: without it, their pipelines would stop.
func (p *oidcProvider) shared() string {
	others := slices.DeleteFunc(slices.Clone(p.audiences), func(a string) bool { return a == "https://"+p.host })
	switch {
	case len(p.users) > 0:
		return lang.Sprintf("left: roles that are not cicdctl's trust it (%s)", strings.Join(p.users, ", "))
	case len(others) > 0:
		return lang.Sprintf("left: others have added audiences to it (%s)", strings.Join(others, ", "))
	default:
		return ""
	}
}

// clusterIssuers begins the URLs of the providers that EKS clusters have, one each:
// there may be many, and none of them is GitLab's.
const clusterIssuers = "oidc.eks."

// listOIDCProviders asks for each provider by itself: the list has nothing but ARNs.
func listOIDCProviders(ctx context.Context, w *provision.Sweep) ([]*oidcProvider, error) {
	out, err := w.IAM.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	if err != nil {
		return nil, err
	}
	var all []*oidcProvider
	for _, p := range out.OpenIDConnectProviderList {
		_, host, _ := strings.Cut(aws.ToString(p.Arn), ":oidc-provider/")
		if !strings.HasPrefix(host, clusterIssuers) {
			all = append(all, &oidcProvider{arn: aws.ToString(p.Arn), host: host})
		}
	}
	return kit.Present(ctx, all, func(ctx context.Context, p *oidcProvider) error {
		out, err := w.IAM.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &p.arn})
		if err == nil {
			p.host, p.audiences, p.tags = strings.TrimPrefix(aws.ToString(out.Url), "https://"), out.ClientIDList, iamTags.Of(out.Tags)
		}
		return err
	})
}
