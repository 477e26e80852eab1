package sandbox

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamProvider is an OpenID Connect provider. Its host is its name: a provider of
// another URL is another provider.
type iamProvider struct {
	HostName  string // the URL without https://
	Audiences []string
	Prints    []string `json:",omitempty"`
	CreatedAt time.Time
	Tags      []types.Tag
}

// Quotas of IAM ("IAM and STS quotas").
const maxProviders, maxAudiences = 100, 100

func (t *tx) providerARN(p *iamProvider) *string {
	return aws.String(t.iamARN("oidc-provider", "/", p.HostName))
}

func (t *tx) oidcProvider(arn *string) (*iamProvider, error) {
	r := t.IAM.use().Providers.first(func(p *iamProvider) bool { return *t.providerARN(p) == aws.ToString(arn) })
	return found(r, iamError, "NoSuchEntity", "OpenIDConnect Provider not found for arn %s", aws.ToString(arn))
}

func checkAudience(id string) error {
	if id == "" || len(id) > 255 {
		return iamError("ValidationError", "Value at 'clientID' failed to satisfy constraint: Member must have length between 1 and 255")
	}
	return nil
}

func registerProvider(a *Account) {
	providers := on(a, iam.ServiceID, (*tx).oidcProvider)
	op(a, iam.ServiceID, func(t *tx, in *iam.CreateOpenIDConnectProviderInput) (*iam.CreateOpenIDConnectProviderOutput, error) {
		u, err := url.Parse(aws.ToString(in.Url))
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.Port() != "" || u.RawQuery != "" {
			return nil, iamError("InvalidInput", "Invalid Open ID Connect Provider URL")
		}
		if err := iamTags.check(in.Tags); err != nil {
			return nil, err
		}
		for _, id := range in.ClientIDList {
			if err := checkAudience(id); err != nil {
				return nil, err
			}
		}
		all := t.IAM.use()
		p := &iamProvider{HostName: strings.TrimPrefix(*in.Url, "https://"), Audiences: in.ClientIDList, Prints: in.ThumbprintList, CreatedAt: t.now, Tags: in.Tags}
		switch {
		case slices.ContainsFunc(all.Providers, func(x *iamProvider) bool { return x.HostName == p.HostName }):
			return nil, iamError("EntityAlreadyExists", "Provider with url %s already exists.", *in.Url)
		case len(all.Providers) >= maxProviders:
			return nil, iamError("LimitExceeded", "Cannot exceed quota for OpenIdConnectProvidersPerAccount: %d", maxProviders)
		case len(in.ClientIDList) > maxAudiences:
			return nil, iamError("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: %d", maxAudiences)
		}
		all.Providers.add(p)
		return &iam.CreateOpenIDConnectProviderOutput{OpenIDConnectProviderArn: t.providerARN(p), Tags: p.Tags}, nil
	})
	opOn(providers, func(in *iam.GetOpenIDConnectProviderInput) *string { return in.OpenIDConnectProviderArn }, func(_ *tx, p *iamProvider, _ *iam.GetOpenIDConnectProviderInput) (*iam.GetOpenIDConnectProviderOutput, error) {
		return &iam.GetOpenIDConnectProviderOutput{Url: &p.HostName, ClientIDList: p.Audiences, ThumbprintList: p.Prints, CreateDate: &p.CreatedAt, Tags: p.Tags}, nil
	})
	// One page, however many there are.
	op(a, iam.ServiceID, func(t *tx, _ *iam.ListOpenIDConnectProvidersInput) (*iam.ListOpenIDConnectProvidersOutput, error) {
		all := each(t.IAM.use().Providers, func(p *iamProvider) types.OpenIDConnectProviderListEntry {
			return types.OpenIDConnectProviderListEntry{Arn: t.providerARN(p)}
		})
		return &iam.ListOpenIDConnectProvidersOutput{OpenIDConnectProviderList: all}, nil
	})
	op(a, iam.ServiceID, func(t *tx, in *iam.AddClientIDToOpenIDConnectProviderInput) (*iam.AddClientIDToOpenIDConnectProviderOutput, error) {
		p, err := t.oidcProvider(in.OpenIDConnectProviderArn)
		if err == nil {
			err = checkAudience(aws.ToString(in.ClientID))
		}
		switch {
		case err != nil:
			return nil, err
		case slices.Contains(p.Audiences, *in.ClientID): // it is no error
			return &iam.AddClientIDToOpenIDConnectProviderOutput{}, nil
		case len(p.Audiences) >= maxAudiences:
			return nil, iamError("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: %d", maxAudiences)
		}
		p.Audiences = append(p.Audiences, *in.ClientID)
		return &iam.AddClientIDToOpenIDConnectProviderOutput{}, nil
	})
	opTag[iam.TagOpenIDConnectProviderOutput](tagsOn(providers, iamTags, func(p *iamProvider) *[]types.Tag { return &p.Tags }),
		func(in *iam.TagOpenIDConnectProviderInput) (*string, []types.Tag) {
			return in.OpenIDConnectProviderArn, in.Tags
		})
	// The removal of one that is not there is no error.
	op(a, iam.ServiceID, func(t *tx, in *iam.DeleteOpenIDConnectProviderInput) (*iam.DeleteOpenIDConnectProviderOutput, error) {
		t.IAM.use().Providers.dropAll(func(x *iamProvider) bool {
			return *t.providerARN(x) == aws.ToString(in.OpenIDConnectProviderArn)
		})
		return &iam.DeleteOpenIDConnectProviderOutput{}, nil
	})
}
