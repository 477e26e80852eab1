package kinds

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// AWS's Cloud Control API tells all settings of a bucket or a key in one call, in the
// words of CloudFormation, where S3 and KMS take one call each. It is a shortcut for
// audits of many clients and never a second opinion: only what it says plainly is
// taken, into the very types that the services answer with. What it leaves out may be
// not set, not allowed to the caller, or not told by anybody; that, and every other
// doubt, is for the service itself.

// Types of the CloudFormation registry.
const (
	bucketType = "AWS::S3::Bucket"
	keyType    = "AWS::KMS::Key"
)

// properties are those that Cloud Control has told, by name, as JSON.
type properties map[string]json.RawMessage

// toldOf asks Cloud Control about one resource. It is not asked in looks that change
// things, nor again once it has failed with the type.
func toldOf(ctx context.Context, w *provision.Sweep, typeName, id string) properties {
	if w.Index == nil || w.GivenUp(typeName) {
		return nil
	}
	var all properties
	out, err := w.CloudControl.GetResource(ctx, &cloudcontrol.GetResourceInput{TypeName: &typeName, Identifier: &id})
	if err == nil && out.ResourceDescription != nil {
		err = json.Unmarshal([]byte(aws.ToString(out.ResourceDescription.Properties)), &all)
	}
	if err != nil && !awsapi.Is(err, awsapi.NotFound) {
		w.GiveUp(typeName)
	}
	return all
}

// toldOfAll asks about several resources, some at once, and answers by their id.
func toldOfAll[A any](ctx context.Context, w *provision.Sweep, typeName string, all []A, id func(A) string) (map[string]properties, error) {
	var mu sync.Mutex
	out := map[string]properties{}
	err := parallel(ctx, all, func(ctx context.Context, a A) error {
		p := toldOf(ctx, w, typeName, id(a))
		mu.Lock()
		defer mu.Unlock()
		out[id(a)] = p
		return nil
	})
	return out, err
}

// plain decodes a property that has nothing in it but what is known here.
func plain(property []byte, into any) bool {
	d := json.NewDecoder(bytes.NewReader(property))
	d.DisallowUnknownFields()
	return d.Decode(into) == nil
}

func toldPublicBlock(b *bucket, property []byte) bool {
	var c s3types.PublicAccessBlockConfiguration
	if !plain(property, &c) || c.BlockPublicAcls == nil || c.BlockPublicPolicy == nil || c.IgnorePublicAcls == nil || c.RestrictPublicBuckets == nil {
		return false
	}
	b.publicBlock = publicBlockText(&c)
	return true
}

func toldOwnership(b *bucket, property []byte) bool {
	var c s3types.OwnershipControls
	if !plain(property, &c) || len(c.Rules) != 1 || c.Rules[0].ObjectOwnership == "" {
		return false
	}
	b.noteOwnership(c.Rules)
	return true
}

func toldVersioning(b *bucket, property []byte) bool {
	var c struct {
		Status s3types.BucketVersioningStatus
	}
	if !plain(property, &c) || !slices.Contains(c.Status.Values(), c.Status) {
		return false
	}
	b.noteVersioning(c.Status)
	return true
}

// toldEncryption takes encryption with a key that is named, and all that we say of it.
func toldEncryption(b *bucket, property []byte) bool {
	var c struct {
		ServerSideEncryptionConfiguration []struct {
			ServerSideEncryptionByDefault *s3types.ServerSideEncryptionByDefault
			BucketKeyEnabled              *bool
			BlockedEncryptionTypes        *s3types.BlockedEncryptionTypes
		}
	}
	if !plain(property, &c) || len(c.ServerSideEncryptionConfiguration) != 1 {
		return false
	}
	rule := c.ServerSideEncryptionConfiguration[0]
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

func toldLifecycle(b *bucket, property []byte) bool {
	var c struct {
		TransitionDefaultMinimumObjectSize s3types.TransitionDefaultMinimumObjectSize
		Rules                              []toldRule
	}
	// CloudFormation has been seen to leave this one out. Each of our buckets has a rule
	// with it, so that its handler shows by one that it tells them.
	markers := func(r toldRule) bool { return aws.ToBool(r.ExpiredObjectDeleteMarker) }
	if !plain(property, &c) || c.TransitionDefaultMinimumObjectSize == "" || !slices.ContainsFunc(c.Rules, markers) {
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

// take takes what is plain of a key, and says what was. How often a key is renewed
// CloudFormation can be told, but never tells.
func (k *key) take(p properties) (state, policy, rotation bool) {
	var enabled, rotates *bool
	if state = plain(p["Enabled"], &enabled) && aws.ToBool(enabled); state {
		k.state = kmstypes.KeyStateEnabled // disabled, it may as well be in another state
	}
	if text := string(p["KeyPolicy"]); strings.HasPrefix(text, "{") {
		k.policy, policy = resourcePolicy(&text), true
	}
	if rotation = plain(p["EnableKeyRotation"], &rotates) && rotates != nil && !*rotates; rotation {
		k.rotation = "off"
	}
	return state, policy, rotation
}
