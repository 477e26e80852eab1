package cloud

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The account's own things, without any client: their beginning and their end.

// InitAccount prepares what an account holds for the clients of all regions. It only reads. The
// error may be a *ConfigError.
func (o *Operator) InitAccount(ctx context.Context) (*Run, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	g, looking := errgroup.WithContext(ctx)
	g.Go(func() (err error) { account.Trusted, err = o.admitted(looking, account); return })
	g.Go(func() (err error) { account.OrganizationTrail, err = OrganizationTrail(looking, account); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	who := account.Trusted
	return &Run{
		Op: o, Admitted: who, guard: func(ctx context.Context) error { return o.changing(ctx, who) },
		Request: provision.Request{Scopes: []*provision.Scope{account}},
	}, nil
}

// RemoveAccount prepares the removal of the account's own things. It is refused with a *GuardError
// while anything of a client or of a region is there in any of the document's regions, whatever
// regions the configuration allows.
func (o *Operator) RemoveAccount(ctx context.Context, purge bool) (*Run, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	if account.Trusted, err = o.admitted(ctx, account); err != nil {
		return nil, err
	}
	// An older release does not know all that a newer one may have left.
	if _, err := o.look(ctx, []*provision.Scope{account}); err != nil {
		return nil, err
	}
	// Another admin_region would say that there is nothing.
	if err := o.firstAdminBucket(ctx, account); err != nil {
		return nil, err
	}
	if account.OrganizationTrail, err = OrganizationTrail(ctx, account); err != nil {
		return nil, err
	}
	inv, err := o.unneeded(ctx, account)
	if err != nil {
		return nil, err
	}
	escrowed, err := privateKeys(ctx, account)
	if err != nil {
		return nil, err
	}
	guard := func(ctx context.Context) error {
		if err := o.changing(ctx, account.Trusted); err != nil {
			return err
		}
		if _, err := o.unneeded(ctx, account); err != nil {
			return err
		}
		now, err := privateKeys(ctx, account)
		if err != nil {
			return err
		}
		for _, key := range now {
			if !slices.Contains(escrowed, key) {
				return Guardf("another run is at work in account %s: it has put %s into the admin bucket; run again once it is done", account.Account, key)
			}
		}
		return o.Leases(account).Settle(ctx, func(string) {})
	}
	return &Run{
		Op: o, Notes: o.stays(account, inv),
		Request: provision.Request{Scopes: []*provision.Scope{account}, Destroy: account, Purge: purge, Guard: guard},
	}, nil
}

// privateKeys are the objects in the admin bucket that hold clients' keys.
func privateKeys(ctx context.Context, account *provision.Scope) ([]string, error) {
	bucket := rules.AdminBucketName(account.Account, account.Region)
	var keys []string
	for p := s3.NewListObjectsV2Paginator(account.API.S3, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: aws.String("keys/")}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if awsapi.Is(err, awsapi.NotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, lang.Errorf("list the private keys in %s: %w", bucket, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys, nil
}

// stays says what of an account's own things is there, serves, and is nobody's to remove.
func (o *Operator) stays(account *provision.Scope, inv *provision.Inventory) []string {
	var notes, linked []string
	for _, r := range inv.All("iam/oidc-provider", account.Region) {
		if r.Foreign() && r.Key == rules.GitLabHost(o.cfg.GitLab) {
			notes = append(notes, lang.Sprintf("%s was not made by cicdctl: it stays", r.ID))
		}
	}
	if account.OrganizationTrail != "" {
		notes = append(notes, lang.Sprintf("%s is the organization's: it stays", account.OrganizationTrail))
	}
	for _, role := range rules.LinkedRoles() {
		if slices.ContainsFunc(inv.All("iam/service-linked-role", account.Region), func(r *provision.Resource) bool { return strings.EqualFold(r.Key, role.Name) }) {
			linked = append(linked, role.Name)
		}
	}
	if len(linked) > 0 {
		notes = append(notes, lang.Sprintf("the roles of AWS's services stay, which are AWS's own and cost nothing: %s", strings.Join(linked, ", ")))
	}
	return notes
}
