package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func statusOf(err error) int {
	if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return http.StatusBadRequest
}

func absent(code, what string) error {
	return s3Error(http.StatusNotFound, code, "The %s does not exist", what)
}

func registerBucketSettings(a *Account) {
	buckets := on(a, s3.ServiceID, (*tx).ownBucket)
	opOn(buckets, func(in *s3.GetBucketTaggingInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, _ *s3.GetBucketTaggingInput) (*s3.GetBucketTaggingOutput, error) {
		b = told(b.Settling, taggingSetting, true, b)
		if len(b.Tags) == 0 {
			return nil, absent("NoSuchTagSet", "TagSet")
		}
		return &s3.GetBucketTaggingOutput{TagSet: b.Tags}, nil
	})
	opChange[s3.PutBucketTaggingOutput](buckets, func(in *s3.PutBucketTaggingInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, in *s3.PutBucketTaggingInput) error {
		if err := bucketTags.check(in.Tagging.TagSet); err != nil {
			return err
		}
		b.changing(t, taggingSetting)
		b.Tags = in.Tagging.TagSet
		return nil
	})
	opOn(buckets, func(in *s3.GetPublicAccessBlockInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, _ *s3.GetPublicAccessBlockInput) (*s3.GetPublicAccessBlockOutput, error) {
		if b.PublicBlock == nil {
			return nil, absent("NoSuchPublicAccessBlockConfiguration", "public access block configuration")
		}
		return &s3.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: b.PublicBlock}, nil
	})
	opSet[s3.PutPublicAccessBlockOutput](buckets, func(in *s3.PutPublicAccessBlockInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(b *s3Bucket, in *s3.PutPublicAccessBlockInput) { b.PublicBlock = in.PublicAccessBlockConfiguration })
	opSet[s3.DeletePublicAccessBlockOutput](buckets, func(in *s3.DeletePublicAccessBlockInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(b *s3Bucket, _ *s3.DeletePublicAccessBlockInput) { b.PublicBlock = nil })
	opOn(buckets, func(in *s3.GetBucketEncryptionInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, _ *s3.GetBucketEncryptionInput) (*s3.GetBucketEncryptionOutput, error) {
		return &s3.GetBucketEncryptionOutput{ServerSideEncryptionConfiguration: &b.Encryption}, nil
	})
	opChange[s3.PutBucketEncryptionOutput](buckets, func(in *s3.PutBucketEncryptionInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, in *s3.PutBucketEncryptionInput) error {
		rules := in.ServerSideEncryptionConfiguration.Rules
		if len(rules) != 1 || rules[0].ApplyServerSideEncryptionByDefault == nil {
			return s3Error(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed")
		}
		if by := rules[0].ApplyServerSideEncryptionByDefault; by.SSEAlgorithm == types.ServerSideEncryptionAes256 && by.KMSMasterKeyID != nil {
			return s3Error(http.StatusBadRequest, "InvalidArgument", "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
		}
		b.Encryption = *in.ServerSideEncryptionConfiguration
		return nil
	})
	opSet[s3.DeleteBucketEncryptionOutput](buckets, func(in *s3.DeleteBucketEncryptionInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(b *s3Bucket, _ *s3.DeleteBucketEncryptionInput) { b.Encryption = ownEncryption() })
	opOn(buckets, func(in *s3.GetBucketVersioningInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, _ *s3.GetBucketVersioningInput) (*s3.GetBucketVersioningOutput, error) {
		return &s3.GetBucketVersioningOutput{Status: b.Versioning}, nil
	})
	opSet[s3.PutBucketVersioningOutput](buckets, func(in *s3.PutBucketVersioningInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(b *s3Bucket, in *s3.PutBucketVersioningInput) { b.Versioning = in.VersioningConfiguration.Status })
	opOn(buckets, func(in *s3.GetBucketOwnershipControlsInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, _ *s3.GetBucketOwnershipControlsInput) (*s3.GetBucketOwnershipControlsOutput, error) {
		if b.Ownership == "" {
			return nil, absent("OwnershipControlsNotFoundError", "bucket ownership controls")
		}
		return &s3.GetBucketOwnershipControlsOutput{OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: b.Ownership}}}}, nil
	})
	opChange[s3.PutBucketOwnershipControlsOutput](buckets, func(in *s3.PutBucketOwnershipControlsInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, in *s3.PutBucketOwnershipControlsInput) error {
		if len(in.OwnershipControls.Rules) != 1 {
			return s3Error(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed")
		}
		b.Ownership = in.OwnershipControls.Rules[0].ObjectOwnership
		return nil
	})
	opSet[s3.DeleteBucketOwnershipControlsOutput](buckets, func(in *s3.DeleteBucketOwnershipControlsInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(b *s3Bucket, _ *s3.DeleteBucketOwnershipControlsInput) { b.Ownership = "" })
	opOn(buckets, func(in *s3.GetBucketLifecycleConfigurationInput) owned {
		return owned{in.Bucket, in.ExpectedBucketOwner}
	}, func(_ *tx, b *s3Bucket, _ *s3.GetBucketLifecycleConfigurationInput) (*s3.GetBucketLifecycleConfigurationOutput, error) {
		b = told(b.Settling, lifecycleSetting, false, b) // whoever looks once is told the new one
		if len(b.Lifecycle) == 0 {
			return nil, absent("NoSuchLifecycleConfiguration", "lifecycle configuration")
		}
		return &s3.GetBucketLifecycleConfigurationOutput{Rules: b.Lifecycle, TransitionDefaultMinimumObjectSize: b.Smallest}, nil
	})
	opOn(buckets, func(in *s3.PutBucketLifecycleConfigurationInput) owned {
		return owned{in.Bucket, in.ExpectedBucketOwner}
	}, func(t *tx, b *s3Bucket, in *s3.PutBucketLifecycleConfigurationInput) (*s3.PutBucketLifecycleConfigurationOutput, error) {
		if err := checkLifecycle(in.LifecycleConfiguration); err != nil {
			return nil, err
		}
		b.changing(t, lifecycleSetting)
		b.Lifecycle, b.Smallest = in.LifecycleConfiguration.Rules, cmp.Or(in.TransitionDefaultMinimumObjectSize, types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k)
		return &s3.PutBucketLifecycleConfigurationOutput{TransitionDefaultMinimumObjectSize: b.Smallest}, nil
	})
	opChange[s3.DeleteBucketLifecycleOutput](buckets, func(in *s3.DeleteBucketLifecycleInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(t *tx, b *s3Bucket, _ *s3.DeleteBucketLifecycleInput) error {
		b.changing(t, lifecycleSetting)
		b.Lifecycle = nil
		return nil
	})
	opOn(buckets, func(in *s3.GetBucketPolicyInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, _ *s3.GetBucketPolicyInput) (*s3.GetBucketPolicyOutput, error) {
		if b.Policy == "" {
			return nil, absent("NoSuchBucketPolicy", "bucket policy")
		}
		return &s3.GetBucketPolicyOutput{Policy: aws.String(b.Policy)}, nil
	})
	opChange[s3.PutBucketPolicyOutput](buckets, func(in *s3.PutBucketPolicyInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(_ *tx, b *s3Bucket, in *s3.PutBucketPolicyInput) error {
		if err := checkBucketPolicy(b, aws.ToString(in.Policy)); err != nil {
			return err
		}
		b.Policy = *in.Policy
		return nil
	})
	registerBucketLogging(a)
	opSet[s3.DeleteBucketPolicyOutput](buckets, func(in *s3.DeleteBucketPolicyInput) owned { return owned{in.Bucket, in.ExpectedBucketOwner} }, func(b *s3Bucket, _ *s3.DeleteBucketPolicyInput) { b.Policy = "" })
}

func checkLifecycle(c *types.BucketLifecycleConfiguration) error {
	if c == nil || len(c.Rules) == 0 {
		return s3Error(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed")
	}
	seen := map[string]bool{}
	for _, r := range c.Rules {
		acts := r.Expiration != nil || r.NoncurrentVersionExpiration != nil || r.AbortIncompleteMultipartUpload != nil || len(r.Transitions)+len(r.NoncurrentVersionTransitions) > 0
		if !acts || r.Filter == nil || r.Status == "" {
			return s3Error(http.StatusBadRequest, "MalformedXML", "A rule needs a filter, a status and an action")
		}
		if id := aws.ToString(r.ID); id != "" && seen[id] {
			return s3Error(http.StatusBadRequest, "InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		}
		seen[aws.ToString(r.ID)] = true
		for _, move := range r.Transitions {
			if move.Days != nil && r.Expiration != nil && r.Expiration.Days != nil && *r.Expiration.Days <= *move.Days {
				return s3Error(http.StatusBadRequest, "InvalidArgument", "'Days' in the Expiration action must be greater than 'Days' in the Transition action")
			}
		}
		if e := r.Expiration; e != nil && e.Days != nil && aws.ToBool(e.ExpiredObjectDeleteMarker) {
			return s3Error(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed")
		}
		if e := r.NoncurrentVersionExpiration; e != nil && aws.ToInt32(e.NoncurrentDays) < 1 || r.AbortIncompleteMultipartUpload != nil && aws.ToInt32(r.AbortIncompleteMultipartUpload.DaysAfterInitiation) < 1 {
			return s3Error(http.StatusBadRequest, "InvalidArgument", "'Days' for action must be a positive integer")
		}
	}
	return nil
}

// bucketPolicy is the part of a bucket's policy that the sandbox reads.
type bucketPolicy struct {
	Statement []struct {
		Effect                      string
		Principal                   any
		Action, NotAction, Resource textList
		Condition                   map[string]map[string]textList
	}
}

// textList is one text or a list of them.
type textList []string

func (l *textList) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = textList{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

func checkBucketPolicy(b *s3Bucket, text string) error {
	var p bucketPolicy
	if !isPolicy(text) || json.Unmarshal([]byte(text), &p) != nil {
		return s3Error(http.StatusBadRequest, "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
	}
	arn := "arn:aws:s3:::" + b.Name
	for _, s := range p.Statement {
		if slices.Contains(slices.Concat(s.Action, s.NotAction), "s3:ListAllMyBuckets") { // is about no bucket
			return s3Error(http.StatusBadRequest, "MalformedPolicy", "Policy has invalid action")
		}
		for _, r := range s.Resource {
			if r != arn && !strings.HasPrefix(r, arn+"/") {
				return s3Error(http.StatusBadRequest, "MalformedPolicy", "Policy has invalid resource")
			}
		}
		blocked := b.PublicBlock != nil && aws.ToBool(b.PublicBlock.BlockPublicPolicy)
		if s.Effect == "Allow" && s.Principal == "*" && len(s.Condition) == 0 && blocked {
			return s3Error(http.StatusForbidden, "AccessDenied", "public policies are blocked by the BlockPublicPolicy block public access setting")
		}
	}
	return nil
}

// deniesPut reports whether the bucket's policy refuses an object because it has
// no condition or because of the KMS key that the request names. Who calls, and
// that the call came over TLS, is taken to be in order.
func (b *s3Bucket) deniesPut(key, kmsKey string) bool {
	var p bucketPolicy
	if b.Policy == "" || json.Unmarshal([]byte(b.Policy), &p) != nil {
		return false
	}
	for _, s := range p.Statement {
		if s.Effect != "Deny" || !like(s.Action, "s3:PutObject") || !like(s.Resource, "arn:aws:s3:::"+b.Name+"/"+key) {
			continue
		}
		met := true
		for operator, keys := range s.Condition {
			for name, values := range keys {
				met = met && operator == "StringNotEquals" && name == "s3:x-amz-server-side-encryption-aws-kms-key-id" && (len(values) == 0 || values[0] != kmsKey)
			}
		}
		if met {
			return true
		}
	}
	return false
}

// like reports whether one of the patterns, with * and ?, fits.
func like(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return compiled(p).MatchString(text) })
}

// compiledPatterns are those that were asked for before, by their text: policies have the
// same few for every object.
var compiledPatterns sync.Map

func compiled(pattern string) *regexp.Regexp {
	if known, ok := compiledPatterns.Load(pattern); ok {
		return known.(*regexp.Regexp)
	}
	made := regexp.MustCompile("^" + strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern)) + "$")
	compiledPatterns.Store(pattern, made)
	return made
}
