// Package kms holds the kind of customer-managed KMS keys.
package kms

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Key is a customer-managed KMS key.
type Key struct {
	arn, id  string
	tags     provision.Tags
	aliases  []string
	State    kmstypes.KeyState // Enabled until Describe has asked
	Made     time.Time         // zero where nobody has asked, and in audits: Cloud Control does not tell
	policy   string
	rotation string
	use      string // its type and what that is for
	removing bool   // was looked at to be removed
}

// What keys are: made with AWS's defaults, or to sign certificates with. Client VPN takes
// RSA of 1024 or 2048 bits only (administrator guide, "Mutual authentication").
var (
	encrypts = useOf(kmstypes.KeySpecSymmetricDefault, kmstypes.KeyUsageTypeEncryptDecrypt)
	signs    = useOf(kmstypes.KeySpecRsa2048, kmstypes.KeyUsageTypeSignVerify)
)

func useOf(spec kmstypes.KeySpec, usage kmstypes.KeyUsageType) string {
	return string(spec) + " for " + string(usage)
}

const (
	ownAliases    = "alias/cicdctl/"
	clientAliases = ownAliases + "client/"
	// rotates is how AWS renews a key's material when nothing else is said.
	rotates = "every 365 days"
	// onlyPolicy is the name of the one policy that a key can have.
	onlyPolicy = "default"
	// deletionDays is the shortest time that AWS lets a key wait for its deletion.
	deletionDays = 7
)

// keyStates are the states other than those of a key that can be used, or made to be.
var keyStates = map[kmstypes.KeyState]provision.State{
	// Nothing can be encrypted or read with it any more.
	kmstypes.KeyStatePendingDeletion: provision.Gone, kmstypes.KeyStatePendingReplicaDeletion: provision.Gone,
	kmstypes.KeyStateCreating: provision.Pending, kmstypes.KeyStateUpdating: provision.Pending,
	kmstypes.KeyStateUnavailable: provision.Failed, kmstypes.KeyStatePendingImport: provision.Failed,
}

// KeyKind is the keys of the account's admin bucket and of its trail, a region's
// shared key and each client's own. A destroyed client's key stays: without it the snapshots and
// buckets that stay as well could never be read again.
func KeyKind() *provision.Type {
	return provision.Define(provision.Kind[wantKey, *Key]{
		Name:    "kms/key",
		ARN:     "kms:key/",
		Levels:  provision.AccountLevel | provision.RegionLevel | provision.ClientLevel,
		Billing: provision.Billing[wantKey, *Key]{Items: billKey},
		Impact:  provision.Impact[*Key]{Losses: keyLosses, Word: keyWord},
		Data: provision.Data[*Key]{
			Policy: provision.Retain,
			// The archive's key is only for what is in the archive bucket. The client's own
			// is also for backups of the database that nobody lists once it is gone.
			// The authority's key is for nothing but who connects; the account's are for what is in
			// their buckets.
			Auxiliary: func(k *Key) bool {
				return k.ofAccount() || slices.Contains([]provision.Role{kit.ArchiveRole, kit.VPNRole}, k.tags[provision.TagRole])
			},
		},
		NotIdempotent: true,
		Want:          wantKeys,
		Naming: provision.Naming[wantKey, *Key]{
			Title: kit.Title(func(d wantKey) string { return d.alias }),
			// A key whose alias is ours and whose tags are not must keep it: what was
			// encrypted with it is read under its alias.
			Key:   func(k *Key) string { return kit.Lines(k.ownAliases()) },
			KeyOf: kit.Name(func(d wantKey) string { return d.alias }),
		},
		List:     listKeys,
		Describe: func(ctx context.Context, w *provision.Sweep, k *Key) error { return k.read(ctx, w) },
		ID:       func(k *Key) string { return k.arn },
		Tags:     func(k *Key) provision.Tags { return k.tags },
		State: func(k *Key) provision.State {
			if len(k.ownAliases()) > 0 && keyStates[k.State] == provision.Gone && !(k.removing && k.ofAccount()) {
				return provision.Available // somebody else's doing, or the account's former end, and to be undone
			}
			return keyStates[k.State]
		},
		Repair: func(k *Key) string {
			return lang.Sprintf("KMS says %s: nothing that it encrypts can be read until that is over; keep the key, and see to its key material or its custom key store (aws kms describe-key --key-id %s)", string(k.State), k.arn)
		},
		InUse: func(k *Key) bool { return len(k.ownAliases()) > 0 },
		Create: func(ctx context.Context, s *provision.Step, d wantKey) (*Key, error) {
			in := &kms.CreateKeyInput{
				Description: aws.String(d.description), Policy: aws.String(d.policy), Tags: kmsTags.To(s.Tags),
				KeySpec: kmstypes.KeySpecSymmetricDefault, KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt,
			}
			if d.signs {
				in.KeySpec, in.KeyUsage = kmstypes.KeySpecRsa2048, kmstypes.KeyUsageTypeSignVerify
			}
			out, err := s.API.KMS.CreateKey(ctx, in)
			if err != nil {
				return nil, err
			}
			m := out.KeyMetadata
			return &Key{arn: aws.ToString(m.Arn), id: aws.ToString(m.KeyId), tags: s.Tags, State: m.KeyState, policy: d.policy, rotation: "off", use: d.use(), Made: aws.ToTime(m.CreationDate)}, nil
		},
		Delete: deleteKey,
		Retag: kit.Retag(ofKMS, awsapi.KMS.TagResource, func(k *Key, tags provision.Tags, in *kms.TagResourceInput) {
			in.KeyId, in.Tags = &k.arn, kmsTags.To(tags)
		}),
		Untag: kit.Untag(ofKMS, awsapi.KMS.UntagResource, func(k *Key, keys []string, in *kms.UntagResourceInput) {
			in.KeyId, in.TagKeys = &k.arn, keys
		}),
		FactsListed: true,
		Facts: func(k *Key) []provision.Fact {
			return []provision.Fact{{Name: "alias", Value: strings.Join(k.ownAliases(), " ")}}
		},
		Fields: []provision.Field[wantKey, *Key]{
			kit.Immutable("type", kit.Wanted(wantKey.use), func(k *Key) string { return k.use },
				"a key keeps its type: take cicdctl's tags and its alias off the key, and run again for a new one"),
			// First: a disabled key refuses the rest.
			kit.Settable("enabled", kit.Const[wantKey]("on"), func(k *Key) string {
				if k.State == kmstypes.KeyStatePendingDeletion {
					return "waits for its deletion"
				}
				return kit.OnOff(k.State == kmstypes.KeyStateEnabled)
			}, enableKey),
			kit.Settable("policy", kit.Wanted(wantKey.keyPolicy), func(k *Key) string { return k.policy },
				kit.Set(ofKMS, awsapi.KMS.PutKeyPolicy, func(_ *provision.Step, d wantKey, k *Key, in *kms.PutKeyPolicyInput) {
					in.KeyId, in.PolicyName, in.Policy = &k.arn, aws.String(onlyPolicy), &d.policy
				})),
			kit.Settable("rotation", kit.Wanted(wantKey.rotation), func(k *Key) string { return k.rotation },
				kit.Set(ofKMS, awsapi.KMS.EnableKeyRotation, func(_ *provision.Step, _ wantKey, k *Key, in *kms.EnableKeyRotationInput) {
					in.KeyId, in.RotationPeriodInDays = &k.arn, aws.Int32(365)
				})),
			kit.Settable("alias", kit.Wanted(func(d wantKey) string { return d.alias }), func(k *Key) string { return kit.Lines(k.ownAliases()) }, setAlias),
		},
	})
}

// keyPolicy is none where nobody knows who the admins are, whom the policy names.
func (d wantKey) keyPolicy() string { return cmp.Or(d.policy, provision.Keep) }

func (d wantKey) use() string {
	if d.signs {
		return signs
	}
	return encrypts
}

// rotation is of keys with one half only (KMS developer guide, "Rotate AWS KMS keys").
func (d wantKey) rotation() string {
	if d.signs {
		return provision.Keep
	}
	return rotates
}

func enableKey(ctx context.Context, s *provision.Step, _ wantKey, k *Key) error {
	if k.State == kmstypes.KeyStatePendingDeletion {
		err := kit.Do(ctx, s.API.KMS.CancelKeyDeletion, &kms.CancelKeyDeletionInput{KeyId: &k.arn})
		if err := kit.IgnoreCode(err, "KMSInvalidStateException"); err != nil { // cancelled by another run
			return err
		}
	}
	return kit.Do(ctx, s.API.KMS.EnableKey, &kms.EnableKeyInput{KeyId: &k.arn})
}

// setAlias gives the key its alias, taking it from whatever key has it, such as a
// predecessor that waits for its deletion, and takes away others of cicdctl's.
func setAlias(ctx context.Context, s *provision.Step, d wantKey, k *Key) error {
	if !slices.Contains(k.aliases, d.alias) {
		err := kit.Do(ctx, s.API.KMS.CreateAlias, &kms.CreateAliasInput{AliasName: &d.alias, TargetKeyId: &k.id})
		if awsapi.Is(err, awsapi.Exists) {
			err = kit.Do(ctx, s.API.KMS.UpdateAlias, &kms.UpdateAliasInput{AliasName: &d.alias, TargetKeyId: &k.id})
		}
		if err != nil {
			return err
		}
	}
	return dropAliases(ctx, s, slices.DeleteFunc(k.ownAliases(), func(alias string) bool { return alias == d.alias }))
}

func dropAliases(ctx context.Context, s *provision.Step, aliases []string) error {
	return kit.Drop(aliases, func(alias string) error {
		return kit.Do(ctx, s.API.KMS.DeleteAlias, &kms.DeleteAliasInput{AliasName: &alias})
	})
}

// ofAccount reports whether the key is one of the account's own.
func (k *Key) ofAccount() bool {
	return k.tags[provision.TagScope] == provision.AccountLevel.String()
}

// waits is how many days the key waits for its deletion.
func (k *Key) waits() int32 {
	if k.ofAccount() {
		return rules.AccountKeyDays
	}
	return deletionDays
}

// deleteKey takes the aliases away first: cut off in between, the key is still
// found by its tags. The account's keys keep theirs, by which a run that prepares the account
// again within the time knows them, and takes them back.
func deleteKey(ctx context.Context, s *provision.Step, k *Key) error {
	if !k.ofAccount() {
		if err := dropAliases(ctx, s, k.ownAliases()); err != nil {
			return err
		}
	}
	err := kit.Do(ctx, s.API.KMS.ScheduleKeyDeletion, &kms.ScheduleKeyDeletionInput{KeyId: &k.arn, PendingWindowInDays: aws.Int32(k.waits())})
	if awsapi.Code(err) != "KMSInvalidStateException" {
		return err
	}
	// Another run, or an attempt whose answer was lost, may have come first.
	out, readErr := s.API.KMS.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &k.arn})
	if readErr != nil {
		return readErr
	}
	if out.KeyMetadata.KeyState == kmstypes.KeyStatePendingDeletion {
		return nil
	}
	return err
}

// kmsTags are tags as KMS has them.
var kmsTags = kit.TagCodec[kmstypes.Tag](func(t *kmstypes.Tag) (key, value **string) { return &t.TagKey, &t.TagValue })

func ofKMS(s *provision.Step) awsapi.KMS { return s.API.KMS }

// keyWord names the key of the VPN's certificates as the spec names the VPN, with which it goes.
func keyWord(role provision.Role) string {
	if role == kit.VPNRole {
		return "vpn.openvpn"
	}
	return "kms/key/" + role
}

// keyLosses: AWS waits before it destroys a key, but nothing can be read meanwhile. Archives
// tell of themselves.
func keyLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, k *Key) ([]provision.Loss, error) {
	switch {
	case k.tags[provision.TagRole] == kit.ArchiveRole, keyStates[k.State] == provision.Gone:
		return nil, nil
	case k.tags[provision.TagRole] == kit.VPNRole:
		return []provision.Loss{provision.Lost("the authority that signed the certificates of the VPN's users")}, nil
	default:
		return []provision.Loss{provision.Lost("whatever is encrypted with the key, %d {day|days} after its removal", k.waits())}, nil
	}
}
