package s3

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// BucketType is a bucket in the CloudFormation registry.
const BucketType = "AWS::S3::Bucket"

// toldTags takes tags where there are some: none may as well be none that may be told.
func toldTags(b *Bucket, property []byte) bool {
	var tags []s3types.Tag
	if !kit.Plain(property, &tags) || len(tags) == 0 {
		return false
	}
	b.tags = Tags.Of(tags)
	return true
}

func toldPublicBlock(b *Bucket, property []byte) bool {
	var c s3types.PublicAccessBlockConfiguration
	if !kit.Plain(property, &c) || c.BlockPublicAcls == nil || c.BlockPublicPolicy == nil || c.IgnorePublicAcls == nil || c.RestrictPublicBuckets == nil {
		return false
	}
	b.publicBlock = publicBlockText(&c)
	return true
}

func toldOwnership(b *Bucket, property []byte) bool {
	var c s3types.OwnershipControls
	if !kit.Plain(property, &c) || len(c.Rules) != 1 || c.Rules[0].ObjectOwnership == "" {
		return false
	}
	b.noteOwnership(&c)
	return true
}

func toldVersioning(b *Bucket, property []byte) bool {
	var c struct {
		Status s3types.BucketVersioningStatus
	}
	if !kit.Plain(property, &c) || !slices.Contains(c.Status.Values(), c.Status) {
		return false
	}
	b.noteVersioning(c.Status)
	return true
}

// toldEncryption takes encryption with a key that is named, and all that we say of it, and
// that with keys of S3, of which there is nothing more to say.
func toldEncryption(b *Bucket, property []byte) bool {
	var c struct {
		ServerSideEncryptionConfiguration []struct {
			ServerSideEncryptionByDefault *s3types.ServerSideEncryptionByDefault
			BucketKeyEnabled              *bool
			BlockedEncryptionTypes        *s3types.BlockedEncryptionTypes
		}
	}
	if !kit.Plain(property, &c) || len(c.ServerSideEncryptionConfiguration) != 1 {
		return false
	}
	rule := c.ServerSideEncryptionConfiguration[0]
	if by := rule.ServerSideEncryptionByDefault; by != nil && by.SSEAlgorithm == s3types.ServerSideEncryptionAes256 && by.KMSMasterKeyID == nil {
		b.noteEncryption(&s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: by}}})
		return true
	}
	if rule.ServerSideEncryptionByDefault == nil || rule.ServerSideEncryptionByDefault.KMSMasterKeyID == nil || rule.BucketKeyEnabled == nil || rule.BlockedEncryptionTypes == nil {
		return false
	}
	b.noteEncryption(&s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: rule.ServerSideEncryptionByDefault, BucketKeyEnabled: rule.BucketKeyEnabled, BlockedEncryptionTypes: rule.BlockedEncryptionTypes,
	}}})
	return true
}

// toldRule is a lifecycle rule of a kind that cicdctl makes. CloudFormation has no
// filter and names some members otherwise than S3.
type toldRule struct {
	ID, Prefix                     *string
	Status                         s3types.ExpirationStatus
	ExpirationInDays               *int32
	ExpiredObjectDeleteMarker      *bool
	AbortIncompleteMultipartUpload *s3types.AbortIncompleteMultipartUpload
	NoncurrentVersionExpiration    *s3types.NoncurrentVersionExpiration
	Transitions                    []struct {
		StorageClass     s3types.TransitionStorageClass
		TransitionInDays *int32
	}
}

func toldLifecycle(b *Bucket, property []byte) bool {
	var c struct {
		TransitionDefaultMinimumObjectSize s3types.TransitionDefaultMinimumObjectSize
		Rules                              []toldRule
	}
	// CloudFormation has been seen to leave this one out. Each of our buckets has a rule
	// with it, so that its handler shows by one that it tells them.
	markers := func(r toldRule) bool { return aws.ToBool(r.ExpiredObjectDeleteMarker) }
	if !kit.Plain(property, &c) || c.TransitionDefaultMinimumObjectSize == "" || !slices.ContainsFunc(c.Rules, markers) {
		return false
	}
	var rules []s3types.LifecycleRule
	for _, r := range c.Rules {
		rule, ok := r.rule()
		if !ok {
			return false
		}
		rules = append(rules, rule)
	}
	b.noteLifecycle(rules, c.TransitionDefaultMinimumObjectSize)
	return true
}

// rule is what S3 says of the same rule.
func (r toldRule) rule() (out s3types.LifecycleRule, ok bool) {
	out = s3types.LifecycleRule{
		ID: r.ID, Status: r.Status, Filter: &s3types.LifecycleRuleFilter{Prefix: r.Prefix},
		AbortIncompleteMultipartUpload: r.AbortIncompleteMultipartUpload, NoncurrentVersionExpiration: r.NoncurrentVersionExpiration,
	}
	if r.ExpirationInDays != nil || r.ExpiredObjectDeleteMarker != nil {
		out.Expiration = &s3types.LifecycleExpiration{Days: r.ExpirationInDays, ExpiredObjectDeleteMarker: r.ExpiredObjectDeleteMarker}
	}
	for _, t := range r.Transitions {
		if t.TransitionInDays == nil {
			return out, false
		}
		out.Transitions = append(out.Transitions, s3types.Transition{Days: t.TransitionInDays, StorageClass: t.StorageClass})
	}
	acts := out.Expiration != nil || r.AbortIncompleteMultipartUpload != nil || r.NoncurrentVersionExpiration != nil || len(out.Transitions) > 0
	return out, acts && r.ID != nil && r.Prefix != nil && r.Status != ""
}
