package cloud

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Trusted settles who may read private keys, and who may look at the bucket that
// they are in: the configured lists, else those that the bucket's tags name, else
// the caller and nobody. Without the tags, the next operator to run the tool would
// take the first one's place and shut the auditors out.
func (o *Operator) Trusted(ctx context.Context, account *provision.Scope) (rules.Trusted, error) {
	none := rules.Trusted{}
	id, err := o.Identity(ctx)
	if err != nil {
		return none, err
	}
	place := rules.Place{Partition: id.Partition, Account: id.Account}
	for key, list := range map[string][]string{"admins": o.cfg.Admins, "auditors": o.cfg.Auditors} {
		if err := rules.CheckPrincipals(key, list); err != nil {
			return none, &ConfigError{err}
		}
	}
	var who rules.Trusted
	if len(o.cfg.Admins) > 0 {
		who.Admins = rules.WithRoot(place, o.cfg.Admins)
	}
	if o.cfg.Auditors != nil {
		who.Auditors = append([]string{}, o.cfg.Auditors...) // empty says that nobody is one
		slices.Sort(who.Auditors)
		who.Auditors = slices.Compact(who.Auditors)
	}
	if who.Admins == nil || who.Auditors == nil {
		if err := remember(ctx, account, place, &who); err != nil {
			return none, shutOut(err, rules.AdminBucketName(account.Account, account.Region), who, id.ARN)
		}
	}
	if who.Admins == nil {
		who.Admins = rules.WithRoot(place, rules.Principals(id.ARN))
	}
	who.Admins, who.Auditors = rules.Lasting(who.Admins), rules.Lasting(who.Auditors)
	return who, nil
}

// ShutOutError says that the admin bucket's policy keeps the caller out.
type ShutOutError struct {
	Bucket, Caller string
	Admins         []string // that are configured; nil when only the bucket knows them
	Err            error
}

func (e *ShutOutError) Error() string {
	admitted := lang.Say("its admins and auditors")
	if e.Admins != nil {
		admitted = lang.Sprintf("%s and its auditors", strings.Join(e.Admins, ", "))
	}
	return lang.Sprintf("the admin bucket %s lets in only %s; you are %s", e.Bucket, admitted, e.Caller)
}

func (e *ShutOutError) Unwrap() error { return e.Err }

// Remedy is what a person can do.
func (e *ShutOutError) Remedy() string { return rules.HowToGetBackIn(e.Caller) }

// shutOut tells a refusal of the bucket's policy from one of IAM's, by AWS's own words: "with
// an explicit deny in a resource-based policy" (IAM user guide, "Troubleshoot access denied
// error messages").
func shutOut(err error, bucket string, who rules.Trusted, caller string) error {
	var said smithy.APIError
	if !awsapi.Is(err, awsapi.Denied) || !errors.As(err, &said) || !strings.Contains(said.ErrorMessage(), "explicit deny in a resource-based policy") {
		return err
	}
	return &ShutOutError{Bucket: bucket, Caller: caller, Admins: who.Admins, Err: err}
}

// AdminBuckets are the regions that have an admin bucket of the account: one, unless somebody
// ran with another admin_region.
func (o *Operator) AdminBuckets(ctx context.Context, account *provision.Scope) ([]string, error) {
	there := map[string]string{}
	for _, r := range rules.Regions() {
		there[rules.AdminBucketName(account.Account, r.Name)] = r.Name
	}
	out := []string{}
	prefix, _, _ := strings.Cut(rules.AdminBucketName(account.Account, account.Region), account.Region)
	for p := s3.NewListBucketsPaginator(account.API.S3, &s3.ListBucketsInput{Prefix: &prefix}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("look for the account's admin bucket: %w", err)
		}
		for _, b := range page.Buckets {
			if region := there[aws.ToString(b.Name)]; region != "" {
				out = append(out, region)
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// firstAdminBucket is a *ConfigError when the account has an admin bucket in another region
// than the configured one: a second one would divide its private keys.
func (o *Operator) firstAdminBucket(ctx context.Context, account *provision.Scope) error {
	regions, err := o.AdminBuckets(ctx, account)
	if err != nil || len(regions) == 0 || slices.Contains(regions, account.Region) {
		return err
	}
	return &ConfigError{lang.Errorf("admin_region: %s, but the account's admin bucket is in %s, with all that was made so far: write admin_region: %s", account.Region, strings.Join(regions, " and "), regions[0])}
}

// remember fills in the lists that are not configured from the admin bucket's tags.
func remember(ctx context.Context, account *provision.Scope, place rules.Place, who *rules.Trusted) error {
	bucket := rules.AdminBucketName(account.Account, account.Region)
	out, err := account.API.S3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &bucket})
	if awsapi.Is(err, awsapi.NotFound) {
		return nil
	}
	if err != nil {
		return lang.Errorf("read the tags of %s: %w", bucket, err)
	}
	for _, tag := range out.TagSet {
		key, list := "admins", &who.Admins
		switch aws.ToString(tag.Key) {
		case provision.TagAdmins:
		case provision.TagAuditors:
			key, list = "auditors", &who.Auditors
		default:
			continue
		}
		if *list != nil {
			continue // configured
		}
		if *list = rules.DecodePrincipals(place, aws.ToString(tag.Value)); *list == nil {
			return &ConfigError{lang.Errorf("%s: the tag of %s could not hold the list, so it must be in the configuration", key, bucket)}
		}
	}
	return nil
}

// admitted are those whom trusted finds, when the caller is one of them as far as
// the configuration tells.
func (o *Operator) admitted(ctx context.Context, account *provision.Scope) (rules.Trusted, error) {
	who, err := o.Trusted(ctx, account)
	if err != nil || len(o.cfg.Admins) == 0 {
		return who, err
	}
	id, err := o.Identity(ctx)
	if err != nil {
		return who, err
	}
	if err := rules.CheckAdmitted(who, id.ARN); err != nil {
		return who, &ConfigError{err}
	}
	return who, nil
}

// changing is a *GuardError when the caller may only look at what an admin's run
// would change.
func (o *Operator) changing(ctx context.Context, who rules.Trusted) error {
	id, err := o.Identity(ctx)
	if err != nil {
		return err
	}
	if why := rules.MayOnlyLook(who, id.ARN); why != "" {
		return &GuardError{why}
	}
	return nil
}
