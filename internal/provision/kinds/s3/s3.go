// Package s3 holds the kinds of S3: buckets, and the private keys kept in one of them.
package s3

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// What the kinds of S3 share, and the canonical texts of a bucket's settings.

// Tags are tags as S3 has them.
var Tags = kit.TagCodec[s3types.Tag](func(t *s3types.Tag) (key, value **string) { return &t.Key, &t.Value })

// mergeS3Tags is the whole set that S3 wants when a few tags change. AWS keeps
// its own tags by itself and refuses them.
func mergeS3Tags(have, change provision.Tags) []s3types.Tag {
	all := maps.Clone(have)
	if all == nil {
		all = provision.Tags{}
	}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(k, _ string) bool { return strings.HasPrefix(k, "aws:") })
	return Tags.To(all)
}

// newBucket is the one call that makes a bucket, its tags included, in the account's
// own namespace.
func newBucket(name, region string, tags provision.Tags) *s3.CreateBucketInput {
	return &s3.CreateBucketInput{Bucket: &name, BucketNamespace: s3types.BucketNamespaceAccountRegional, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
		LocationConstraint: s3types.BucketLocationConstraint(region), Tags: Tags.To(tags),
	}}
}

// FoundAdminBucket makes the account's admin bucket, as its kind does, for the
// leases that are needed before any kind can be created.
func FoundAdminBucket(ctx context.Context, home *provision.Scope) error {
	name := rules.AdminBucketName(home.Account, home.Region)
	tags := home.OwnTags("admin")
	maps.Copy(tags, adminLabels(home))
	err := kit.Do(ctx, home.API.S3.CreateBucket, newBucket(name, home.Region, tags))
	if err != nil && awsapi.Code(err) != "BucketAlreadyOwnedByYou" {
		return lang.Errorf("create the admin bucket %s: %w", name, err)
	}
	if err := blockPublic(ctx, home.API.S3, name); err != nil {
		return lang.Errorf("close the admin bucket %s to the public: %w", name, err)
	}
	return nil
}

// listBuckets reads the tags of the region's buckets that have names of ours:
// S3 tells tags one bucket at a time, and an account may have thousands.
func listBuckets(ctx context.Context, w *provision.Sweep) ([]*Bucket, error) {
	p := s3.NewListBucketsPaginator(w.S3, &s3.ListBucketsInput{BucketRegion: &w.Region})
	buckets, err := kit.ListAs(ctx, p, func(o *s3.ListBucketsOutput) []s3types.Bucket { return o.Buckets }, func(b s3types.Bucket) *Bucket {
		if name := aws.ToString(b.Name); named(w, name) {
			return &Bucket{name: name}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	arn := func(b *Bucket) string { return "arn:aws:s3:::" + b.name }
	return kit.WithTags(ctx, w, buckets, arn, func(b *Bucket) *provision.Tags { return &b.tags }, func(ctx context.Context, b *Bucket) (provision.Tags, error) {
		if !w.ReadsBack {
			if b.told = kit.ToldOf(ctx, w, BucketType, b.name); toldTags(b, b.told["Tags"]) {
				return b.tags, nil
			}
		}
		in := &s3.GetBucketTaggingInput{Bucket: &b.name}
		tags, err := kit.Get(ctx, w.S3.GetBucketTagging, in, func(o *s3.GetBucketTaggingOutput) provision.Tags { return Tags.Of(o.TagSet) })
		return tags, awsapi.IgnoreNotFound(err) // no tags
	})
}

func named(w *provision.Sweep, name string) bool {
	if w.Shares() && slices.Contains([]string{rules.AdminBucketName(w.Account, w.Region), rules.TrailBucketName(w.Account, w.Region), rules.AccessLogBucketName(w.Account, w.Region)}, name) {
		return true
	}
	begins := func(client string) bool { return strings.HasPrefix(name, rules.Lower(client)+"-") }
	return strings.HasSuffix(name, rules.BucketSuffix(w.Account, w.Region)) && (len(w.Clients) == 0 || slices.ContainsFunc(w.Clients, begins))
}

// allBlocked is the text of a public access block that is on as a whole.
const allBlocked = "public ACLs and policies blocked, existing ones ignored"

func blockPublic(ctx context.Context, api awsapi.S3, name string) error {
	yes := aws.Bool(true)
	return kit.Do(ctx, api.PutPublicAccessBlock, &s3.PutPublicAccessBlockInput{Bucket: &name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes,
	}})
}

func publicBlockText(c *s3types.PublicAccessBlockConfiguration) string {
	if c == nil {
		return "off"
	}
	on := []bool{aws.ToBool(c.BlockPublicAcls), aws.ToBool(c.BlockPublicPolicy), aws.ToBool(c.IgnorePublicAcls), aws.ToBool(c.RestrictPublicBuckets)}
	if on[0] && on[1] && on[2] && on[3] {
		return allBlocked
	}
	return fmt.Sprintf("block ACLs %s, block policies %s, ignore ACLs %s, restrict %s", kit.OnOff(on[0]), kit.OnOff(on[1]), kit.OnOff(on[2]), kit.OnOff(on[3]))
}

// bucketEncryption uses the scope's key. Bucket keys save most calls of KMS; keys
// that the caller brings along (SSE-C) would lock everybody else out.
func bucketEncryption(s *provision.Step, d wantBucket) *s3types.ServerSideEncryptionConfiguration {
	if d.key == kit.AccessLogsRole {
		return logEncryption()
	}
	return &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
			SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String(s.ID("kms/key", d.key)),
		},
		// CloudTrail encrypts by itself, under the trail's ARN; a bucket key would have it
		// work under the bucket's (CloudTrail user guide, "Configure AWS KMS key policies").
		BucketKeyEnabled:       aws.Bool(d.key != kit.TrailRole),
		BlockedEncryptionTypes: &s3types.BlockedEncryptionTypes{EncryptionType: []s3types.EncryptionType{s3types.EncryptionTypeSseC}},
	}}}
}

func encryptionText(c *s3types.ServerSideEncryptionConfiguration) string {
	if c == nil || len(c.Rules) == 0 || c.Rules[0].ApplyServerSideEncryptionByDefault == nil {
		return ""
	}
	rule := c.Rules[0]
	text := []string{string(rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm)}
	if id := aws.ToString(rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID); id != "" {
		text = append(text, "with "+id+", bucket key "+kit.OnOff(aws.ToBool(rule.BucketKeyEnabled)))
		if b := rule.BlockedEncryptionTypes; b != nil {
			for _, t := range b.EncryptionType {
				text = append(text, "blocks "+string(t))
			}
		}
	}
	return strings.Join(text, ", ")
}

func (b *Bucket) noteOwnership(c *s3types.OwnershipControls) {
	if c != nil && len(c.Rules) > 0 {
		b.ownership = string(c.Rules[0].ObjectOwnership)
	}
}

func (b *Bucket) noteEncryption(c *s3types.ServerSideEncryptionConfiguration) {
	b.encryption = encryptionText(c)
	if c != nil && len(c.Rules) > 0 && c.Rules[0].ApplyServerSideEncryptionByDefault != nil {
		b.key = aws.ToString(c.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID)
	}
}

func (b *Bucket) noteVersioning(status s3types.BucketVersioningStatus) {
	b.versioning = kit.OnOff(status == s3types.BucketVersioningStatusEnabled)
}
