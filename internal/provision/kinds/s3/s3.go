// Package s3 holds the kinds of S3: buckets, and the private keys kept in one of them.
package s3

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// What the kinds of S3 share, and the canonical texts of a bucket's settings.

// s3Tags are tags as S3 has them.
var s3Tags = kit.TagCodec[s3types.Tag](func(t *s3types.Tag) (key, value **string) { return &t.Key, &t.Value })

// mergeS3Tags is the whole set that S3 wants when a few tags change. AWS keeps
// its own tags by itself and refuses them.
func mergeS3Tags(have, change provision.Tags) []s3types.Tag {
	all := maps.Clone(have)
	if all == nil {
		all = provision.Tags{}
	}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(k, _ string) bool { return strings.HasPrefix(k, "aws:") })
	return s3Tags.To(all)
}

// allBlocked is the text of a public access block that is on as a whole.
const allBlocked = "public ACLs and policies blocked, existing ones ignored"

func blockPublic(ctx context.Context, api awsapi.S3, name string) error {
	yes := aws.Bool(true)
	_, err := api.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes,
	}})
	return err
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

// lifecycled is a lifecycle rule in days; zero means not at all.
type lifecycled struct {
	id, prefix                string
	abort, noncurrent, expire int32
	glacier                   bool // moved to S3 Glacier at the next midnight UTC
}

// lifecycle are the lifecycle rules of a bucket, with their canonical text.
type lifecycle struct {
	rules []lifecycled
	text  string
}

func newLifecycle(rules ...lifecycled) lifecycle {
	return lifecycle{rules, lifecycleText(lifecycleRules(rules), smallest(rules))}
}

func lifecycleRules(want []lifecycled) []s3types.LifecycleRule {
	var out []s3types.LifecycleRule
	for _, w := range want {
		r := s3types.LifecycleRule{ID: aws.String(w.id), Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String(w.prefix)}}
		if w.abort > 0 {
			r.AbortIncompleteMultipartUpload = &s3types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(w.abort)}
		}
		if w.noncurrent > 0 {
			r.NoncurrentVersionExpiration = &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(w.noncurrent)}
			// Delete markers with nothing left under them.
			r.Expiration = &s3types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)}
		}
		if w.expire > 0 {
			r.Expiration = &s3types.LifecycleExpiration{Days: aws.Int32(w.expire)}
		}
		if w.glacier {
			r.Transitions = []s3types.Transition{{Days: aws.Int32(0), StorageClass: s3types.TransitionStorageClassGlacier}}
		}
		out = append(out, r)
	}
	return out
}

// smallest is what S3 does with objects under 128 KB: it leaves them where they
// are, unless told that all are to move.
func smallest(life []lifecycled) s3types.TransitionDefaultMinimumObjectSize {
	if slices.ContainsFunc(life, func(l lifecycled) bool { return l.glacier }) {
		return s3types.TransitionDefaultMinimumObjectSizeVariesByStorageClass
	}
	return s3types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k
}

// lifecycleText is one line of JSON a rule, without what is not set, so that an
// attribute that nobody here thought of is seen as well.
func lifecycleText(all []s3types.LifecycleRule, smallest s3types.TransitionDefaultMinimumObjectSize) string {
	var text []string
	for _, r := range all {
		if r.Filter == nil {
			r.Filter = &s3types.LifecycleRuleFilter{Prefix: r.Prefix}
			r.Prefix = nil
		}
		if r.Filter.Prefix == nil && r.Filter.And == nil {
			r.Filter.Prefix = aws.String("") // S3 leaves out the empty prefix
		}
		var tree any
		data, err := json.Marshal(r)
		if err == nil {
			err = json.Unmarshal(data, &tree)
		}
		if err == nil {
			data, err = json.Marshal(pruned(tree))
		}
		if err != nil {
			return err.Error() // plain structs always encode
		}
		text = append(text, string(data))
	}
	if smallest == s3types.TransitionDefaultMinimumObjectSizeVariesByStorageClass {
		text = append(text, "objects under 128 KB move too")
	}
	return kit.Lines(text)
}

// pruned drops what is null, false or an empty list.
func pruned(v any) any {
	if list, ok := v.([]any); ok {
		for i := range list {
			list[i] = pruned(list[i])
		}
	}
	if m, ok := v.(map[string]any); ok {
		for k, item := range m {
			item = pruned(item)
			list, isList := item.([]any)
			if m[k] = item; item == nil || item == false || isList && len(list) == 0 {
				delete(m, k)
			}
		}
	}
	return v
}

// setting is what one call tells of a bucket. Cloud Control may have told it before,
// under the name of a property.
type setting struct {
	property string
	told     func(*Bucket, []byte) bool // false in doubt
	read     func(context.Context, awsapi.S3, *Bucket) error
}

func bucketSettings() []setting {
	return []setting{
		{"PublicAccessBlockConfiguration", toldPublicBlock, readPublicBlock},
		{"OwnershipControls", toldOwnership, readOwnership},
		{"BucketEncryption", toldEncryption, readEncryption},
		{"VersioningConfiguration", toldVersioning, readVersioning},
		{"LifecycleConfiguration", toldLifecycle, readLifecycle},
	}
}

// describeBucket reads all settings of a bucket, several at once.
func describeBucket(ctx context.Context, w *provision.Sweep, b *Bucket) error {
	told := kit.ToldOf(ctx, w, BucketType, b.name)
	reads := []func(context.Context, awsapi.S3, *Bucket) error{readBucketPolicy}
	for _, s := range bucketSettings() {
		if !s.told(b, told[s.property]) {
			reads = append(reads, s.read)
		}
	}
	// Archives have no folders, and whether there are any matters to whoever may
	// remove the bucket.
	if w.Index == nil || b.tags[provision.TagRole] != kit.ArchiveRole {
		reads = append(reads, readContents)
	}
	if w.Removing && b.tags[provision.TagRole] == kit.ArchiveRole {
		reads = append(reads, readNewest)
	}
	return kit.Parallel(ctx, reads, func(ctx context.Context, read func(context.Context, awsapi.S3, *Bucket) error) error {
		return read(ctx, w.S3, b)
	})
}

func readPublicBlock(ctx context.Context, api awsapi.S3, b *Bucket) error {
	out, err := api.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &b.name})
	if err == nil {
		b.publicBlock = publicBlockText(out.PublicAccessBlockConfiguration)
	}
	return awsapi.IgnoreNotFound(err)
}

func readOwnership(ctx context.Context, api awsapi.S3, b *Bucket) error {
	out, err := api.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &b.name})
	if err == nil && out.OwnershipControls != nil {
		b.noteOwnership(out.OwnershipControls.Rules)
	}
	return awsapi.IgnoreNotFound(err)
}

func (b *Bucket) noteOwnership(rules []s3types.OwnershipControlsRule) {
	if len(rules) > 0 {
		b.ownership = string(rules[0].ObjectOwnership)
	}
}

func readBucketPolicy(ctx context.Context, api awsapi.S3, b *Bucket) error {
	out, err := api.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.name})
	if err == nil {
		b.policy = kit.ResourcePolicy(out.Policy)
	}
	return awsapi.IgnoreNotFound(err)
}

func readEncryption(ctx context.Context, api awsapi.S3, b *Bucket) error {
	out, err := api.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &b.name})
	if err == nil {
		b.noteEncryption(out.ServerSideEncryptionConfiguration)
	}
	return awsapi.IgnoreNotFound(err)
}

func (b *Bucket) noteEncryption(c *s3types.ServerSideEncryptionConfiguration) {
	b.encryption = encryptionText(c)
	if c != nil && len(c.Rules) > 0 && c.Rules[0].ApplyServerSideEncryptionByDefault != nil {
		b.key = aws.ToString(c.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID)
	}
}

func readVersioning(ctx context.Context, api awsapi.S3, b *Bucket) error {
	out, err := api.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.name})
	if err == nil {
		b.noteVersioning(out.Status)
	}
	return awsapi.IgnoreNotFound(err)
}

func (b *Bucket) noteVersioning(status s3types.BucketVersioningStatus) {
	b.versioning = kit.OnOff(status == s3types.BucketVersioningStatusEnabled)
}

func readLifecycle(ctx context.Context, api awsapi.S3, b *Bucket) error {
	out, err := api.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &b.name})
	if err == nil {
		b.noteLifecycle(out.Rules, out.TransitionDefaultMinimumObjectSize)
	}
	return awsapi.IgnoreNotFound(err)
}

func (b *Bucket) noteLifecycle(rules []s3types.LifecycleRule, smallest s3types.TransitionDefaultMinimumObjectSize) {
	b.lifecycle = lifecycleText(rules, smallest)
	for _, r := range rules {
		if r.Filter == nil { // as rules once were
			r.Filter = &s3types.LifecycleRuleFilter{Prefix: r.Prefix}
		}
		if everything := aws.ToString(r.Filter.Prefix) == "" && r.Filter.And == nil; everything && r.Status == s3types.ExpirationStatusEnabled && r.Expiration != nil {
			b.expires = max(b.expires, aws.ToInt32(r.Expiration.Days))
		}
	}
}
