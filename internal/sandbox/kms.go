package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// kmsState is KMS in one region. Slices are in the order of creation.
type kmsState struct {
	Keys    table[row[kmsKey]]
	Aliases []types.AliasListEntry
}

type kmsKey struct {
	Meta   types.KeyMetadata
	Tags   []types.Tag
	Policy string
	Days   int32 // between rotations; 0 while rotation is off
	// Private is the material of a key that signs, in PKCS #8. No operation tells it.
	Private []byte `json:",omitempty"`

	Settling map[string]*settling[*kmsKey] `json:",omitempty"`
}

// The settings of a key that are told by turns after they were written.
const (
	keyTags     = "tags"
	keyPolicy   = "policy"
	keyRotation = "rotation"
)

// changing notes what a key is before one of its settings is written.
func (k *kmsKey) changing(t *tx, name string) {
	was := *k
	was.Settling, was.Private = nil, nil
	settle(t, &k.Settling, name, clone(&was))
}

// managedAlias is the alias of the key that AWS itself keeps in every region:
// lists show it, nobody can tag or change it.
const managedAlias = "alias/aws/ebs"

var aliasPattern = lazyregexp.New(`^alias/[a-zA-Z0-9/_-]{1,250}$`)

func (t *tx) kms() *kmsState {
	s := in(&t.KMS, t.region)
	// What waits for deletion is gone when its time has come, with its aliases.
	s.Keys.dropAll(func(r *row[kmsKey]) bool {
		gone := r.V.Meta.DeletionDate != nil && t.now.After(*r.V.Meta.DeletionDate)
		if gone {
			s.Aliases = slices.DeleteFunc(s.Aliases, func(a types.AliasListEntry) bool { return *a.TargetKeyId == *r.V.Meta.KeyId })
		}
		return gone
	})
	return s
}

func (t *tx) managedKeyID() string { return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%s", t.opts.ID) }

func (t *tx) managedKey() *row[kmsKey] {
	r := &row[kmsKey]{V: kmsKey{Meta: t.keyMetadata(t.managedKeyID()), Policy: t.defaultKeyPolicy()}}
	r.V.Meta.KeyManager, r.V.Meta.CreationDate = types.KeyManagerTypeAws, aws.Time(time.Unix(0, 0).UTC())
	return r
}

func (t *tx) keyMetadata(id string) types.KeyMetadata {
	return types.KeyMetadata{
		KeyId: aws.String(id), Arn: aws.String(t.arn("kms", "key/"+id)), AWSAccountId: aws.String(t.opts.ID), CreationDate: aws.Time(t.now),
		Enabled: true, KeyState: types.KeyStateEnabled, KeyManager: types.KeyManagerTypeCustomer, KeySpec: types.KeySpecSymmetricDefault,
		KeyUsage: types.KeyUsageTypeEncryptDecrypt, Origin: types.OriginTypeAwsKms, MultiRegion: aws.Bool(false), Description: aws.String(""),
		EncryptionAlgorithms: []types.EncryptionAlgorithmSpec{types.EncryptionAlgorithmSpecSymmetricDefault},
	}
}

func (t *tx) defaultKeyPolicy() string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"kms:*","Resource":"*"}]}`, t.opts.ID)
}

// kmsKey finds a key by id, ARN, alias or alias ARN.
func (t *tx) kmsKey(ref string) (*row[kmsKey], error) {
	s, id := t.kms(), ref
	if strings.HasPrefix(id, "arn:") {
		inRegion, ok := strings.CutPrefix(id, t.arn("kms", ""))
		if !ok {
			return nil, apiError("NotFoundException", "Invalid arn %s", t.region)
		}
		id = strings.TrimPrefix(inRegion, "key/")
	}
	for _, a := range s.Aliases {
		if *a.AliasName == id {
			id = *a.TargetKeyId
		}
	}
	if id == managedAlias || id == t.managedKeyID() {
		return t.managedKey(), nil
	}
	if r := find(s.Keys, id, func(k *kmsKey) *string { return k.Meta.KeyId }); r != nil {
		return r, nil
	}
	return nil, apiError("NotFoundException", "Key '%s' does not exist", ref)
}

// ownKey finds a key that its owner wants to change or to read closely.
func (t *tx) ownKey(ref *string) (*row[kmsKey], error) {
	if strings.Contains(aws.ToString(ref), "alias/") {
		return nil, apiError("NotFoundException", "Invalid keyId %s", *ref)
	}
	r, err := t.kmsKey(aws.ToString(ref))
	if err == nil && r.V.Meta.KeyManager == types.KeyManagerTypeAws {
		err = apiError("AccessDeniedException", "%s is managed by AWS", *ref)
	}
	return r, err
}

// liveKey is an ownKey that does not wait for its deletion.
func (t *tx) liveKey(ref *string) (*row[kmsKey], error) {
	r, err := t.ownKey(ref)
	if err == nil && r.V.Meta.KeyState == types.KeyStatePendingDeletion {
		err = apiError("KMSInvalidStateException", "%s is pending deletion.", *r.V.Meta.Arn)
	}
	return r, err
}

// workingKey finds a key that is about to be used, by whatever name.
func (t *tx) workingKey(ref string) (*row[kmsKey], error) {
	r, err := t.kmsKey(ref)
	switch {
	case err != nil:
		return nil, err
	case r.V.Meta.KeyState == types.KeyStateDisabled:
		return nil, apiError("DisabledException", "%s is disabled.", *r.V.Meta.Arn)
	case r.V.Meta.KeyState != types.KeyStateEnabled:
		return nil, apiError("KMSInvalidStateException", "%s is pending deletion.", *r.V.Meta.Arn)
	}
	return r, nil
}

// usableKey says why another service cannot encrypt or decrypt with a key.
func (t *tx) usableKey(ref string) (*row[kmsKey], error) {
	r, err := t.workingKey(ref)
	if err == nil && r.V.Meta.KeyUsage == types.KeyUsageTypeSignVerify {
		err = apiError("InvalidKeyUsageException", "%s key usage is %s which is not valid for GenerateDataKey.", *r.V.Meta.Arn, r.V.Meta.KeyUsage)
	}
	return r, err
}

func registerKMS(a *Account) {
	ownKeys := on(a, kms.ServiceID, (*tx).ownKey)
	liveKeys := on(a, kms.ServiceID, (*tx).liveKey)
	registerAliases(a)
	registerKeyStates(a)
	registerSigning(a)
	op(a, kms.ServiceID, func(t *tx, in *kms.CreateKeyInput) (*kms.CreateKeyOutput, error) {
		if err := keyTagRules.check(in.Tags); err != nil {
			return nil, err
		}
		policy := t.defaultKeyPolicy()
		setTo(&policy, in.Policy)
		if err := checkKeyPolicy(policy); err != nil {
			return nil, err
		}
		meta := t.keyMetadata(t.uuid())
		set(&meta.Description, in.Description)
		private, err := a.newMaterial(&meta, in)
		if err != nil {
			return nil, err
		}
		t.kms().Keys.add(&row[kmsKey]{V: kmsKey{Meta: meta, Tags: in.Tags, Policy: policy, Private: private}, meta: t.lagging(nil)})
		return &kms.CreateKeyOutput{KeyMetadata: &meta}, nil
	})
	tagged(a, kms.ServiceID, keyTagRules, func(t *tx) []*row[kmsKey] { return t.kms().Keys }, func(_ *tx, r *row[kmsKey]) (string, []types.Tag) { return *r.V.Meta.Arn, r.V.Tags })
	op(a, kms.ServiceID, func(t *tx, in *kms.ListKeysInput) (*kms.ListKeysOutput, error) {
		managed := t.managedKey().V.Meta
		all := []types.KeyListEntry{{KeyId: managed.KeyId, KeyArn: managed.Arn}}
		rows := t.kms().Keys
		for _, r := range rows {
			if r.Lag == 0 {
				all = append(all, types.KeyListEntry{KeyId: r.V.Meta.KeyId, KeyArn: r.V.Meta.Arn})
			}
		}
		part, next, err := page(t, all, in.Marker)
		if err == nil && next == nil {
			for _, r := range rows {
				r.Lag = max(r.Lag-1, 0)
			}
		}
		return &kms.ListKeysOutput{Keys: part, NextMarker: next, Truncated: next != nil}, err
	})
	opOn(on(a, kms.ServiceID, (*tx).kmsKey), func(in *kms.DescribeKeyInput) string { return aws.ToString(in.KeyId) }, func(_ *tx, r *row[kmsKey], _ *kms.DescribeKeyInput) (*kms.DescribeKeyOutput, error) {
		return &kms.DescribeKeyOutput{KeyMetadata: &r.V.Meta}, nil
	})
	opOn(ownKeys, func(in *kms.ListResourceTagsInput) *string { return in.KeyId }, func(t *tx, r *row[kmsKey], in *kms.ListResourceTagsInput) (*kms.ListResourceTagsOutput, error) {
		part, next, err := page(t, peek(r.V.Settling, keyTags, true, &r.V).Tags, in.Marker)
		if err == nil && next == nil {
			looked(r.V.Settling, keyTags)
		}
		return &kms.ListResourceTagsOutput{Tags: part, NextMarker: next, Truncated: next != nil}, err
	})
	opChange[kms.TagResourceOutput](liveKeys, func(in *kms.TagResourceInput) *string { return in.KeyId }, func(t *tx, r *row[kmsKey], in *kms.TagResourceInput) error {
		if err := keyTagRules.check(in.Tags); err != nil {
			return err
		}
		r.V.changing(t, keyTags)
		r.V.Tags = keyTagRules.merge(r.V.Tags, in.Tags)
		return nil
	})
	opChange[kms.UntagResourceOutput](liveKeys, func(in *kms.UntagResourceInput) *string { return in.KeyId }, func(t *tx, r *row[kmsKey], in *kms.UntagResourceInput) error {
		r.V.changing(t, keyTags)
		keyTagRules.remove(&r.V.Tags, in.TagKeys)
		return nil
	})
	opOn(ownKeys, func(in *kms.GetKeyPolicyInput) *string { return in.KeyId }, func(_ *tx, r *row[kmsKey], in *kms.GetKeyPolicyInput) (*kms.GetKeyPolicyOutput, error) {
		if name := aws.ToString(in.PolicyName); name != "" && name != "default" {
			return nil, apiError("NotFoundException", "No such policy exists")
		}
		return &kms.GetKeyPolicyOutput{Policy: aws.String(told(r.V.Settling, keyPolicy, true, &r.V).Policy), PolicyName: aws.String("default")}, nil
	})
	opChange[kms.PutKeyPolicyOutput](liveKeys, func(in *kms.PutKeyPolicyInput) *string { return in.KeyId }, func(t *tx, r *row[kmsKey], in *kms.PutKeyPolicyInput) error {
		if err := checkKeyPolicy(aws.ToString(in.Policy)); err != nil {
			return err
		}
		r.V.changing(t, keyPolicy)
		r.V.Policy = *in.Policy
		return nil
	})
}

var keyTagRules = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.TagKey, tag.TagValue },
	tagRules: refuses(emptyTag|repeatedTag|reservedTag, func(key string) error {
		return apiError("TagException", "Invalid or duplicate tag key '%s'", key)
	}),
}

// checkKeyPolicy refuses what KMS cannot read.
func checkKeyPolicy(text string) error {
	if !isPolicy(text) {
		return apiError("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals or is not a policy.")
	}
	return nil
}

// isPolicy reports whether the text is a policy document: JSON with statements
// that all have an effect, actions, or those that are not meant, and a principal, and
// whose conditions name values.
func isPolicy(text string) bool {
	var p struct {
		Version   string
		Statement []struct {
			Effect    string
			Principal any
			Action    any
			NotAction any
			Resource  any
			Condition map[string]map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil || len(p.Statement) == 0 {
		return false
	}
	for _, s := range p.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" || (s.Action == nil) == (s.NotAction == nil) || s.Resource == nil || s.Principal == nil {
			return false
		}
		for _, keys := range s.Condition {
			for _, value := range keys {
				if list, isList := value.([]any); value == nil || isList && len(list) == 0 {
					return false
				}
			}
		}
	}
	return true
}
