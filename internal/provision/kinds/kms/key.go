// Package kms holds the kind of customer-managed KMS keys.
package kms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
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
}

type wantKey struct{ alias, policy, description string }

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

// KeyKind is the keys of the account's admin bucket and of its trail, a region's
// shared key and each client's own. A destroyed client's key stays: without it the snapshots and
// buckets that stay as well could never be read again.
func KeyKind() *provision.Type {
	return provision.Define(provision.Kind[wantKey, *Key]{
		Name:   "kms/key",
		ARN:    "kms:key/",
		Levels: provision.AccountLevel | provision.RegionLevel | provision.ClientLevel,
		Data: provision.Data[*Key]{
			Policy: provision.Retain,
			// The archive's key is only for what is in the archive bucket. The client's own
			// is also for backups of the database that nobody lists once it is gone.
			Auxiliary: func(k *Key) bool { return k.tags[provision.TagRole] == kit.ArchiveRole },
		},
		NotIdempotent: true,
		Want:          wantKeys,
		Naming: provision.Naming[wantKey, *Key]{
			Title: func(_ *provision.Scope, _ provision.Role, d wantKey) string { return d.alias },
			// A key whose alias is ours and whose tags are not must keep it: what was
			// encrypted with it is read under its alias.
			Key:   func(k *Key) string { return kit.Lines(k.ownAliases()) },
			KeyOf: func(_ *provision.Scope, d wantKey) string { return d.alias },
		},
		List:     listKeys,
		Describe: func(ctx context.Context, w *provision.Sweep, k *Key) error { return k.read(ctx, w) },
		ID:       func(k *Key) string { return k.arn },
		Tags:     func(k *Key) provision.Tags { return k.tags },
		State: func(k *Key) provision.State {
			switch k.State {
			case kmstypes.KeyStatePendingDeletion, kmstypes.KeyStatePendingReplicaDeletion:
				if len(k.ownAliases()) > 0 {
					return provision.Available // somebody else's doing, and to be undone
				}
				return provision.Gone // nothing can be encrypted or read with it any more
			case kmstypes.KeyStateCreating, kmstypes.KeyStateUpdating:
				return provision.Pending
			case kmstypes.KeyStateUnavailable, kmstypes.KeyStatePendingImport:
				return provision.Failed
			default:
				return provision.Available
			}
		},
		InUse: func(k *Key) bool { return len(k.ownAliases()) > 0 },
		Create: func(ctx context.Context, s *provision.Step, d wantKey) (*Key, error) {
			out, err := s.API.KMS.CreateKey(ctx, &kms.CreateKeyInput{Description: aws.String(d.description), Policy: aws.String(d.policy), Tags: kmsTags.To(s.Tags)})
			if err != nil {
				return nil, err
			}
			m := out.KeyMetadata
			return &Key{arn: aws.ToString(m.Arn), id: aws.ToString(m.KeyId), tags: s.Tags, State: m.KeyState, policy: d.policy, rotation: "off"}, nil
		},
		Delete: deleteKey,
		Retag: kit.Retag(ofKMS, awsapi.KMS.TagResource, func(k *Key, tags provision.Tags, in *kms.TagResourceInput) {
			in.KeyId, in.Tags = &k.arn, kmsTags.To(tags)
		}),
		Facts: func(k *Key) []provision.Fact {
			return []provision.Fact{{Name: "alias", Value: strings.Join(k.ownAliases(), " ")}}
		},
		Fields: []provision.Field[wantKey, *Key]{
			{
				Name: "enabled", // first: a disabled key refuses the rest
				Want: kit.Const[wantKey]("on"),
				Have: func(k *Key) string {
					if k.State == kmstypes.KeyStatePendingDeletion {
						return "waits for its deletion"
					}
					return kit.OnOff(k.State == kmstypes.KeyStateEnabled)
				},
				Set: func(ctx context.Context, s *provision.Step, _ wantKey, k *Key) error {
					if k.State == kmstypes.KeyStatePendingDeletion {
						err := kit.Do(ctx, s.API.KMS.CancelKeyDeletion, &kms.CancelKeyDeletionInput{KeyId: &k.arn})
						if err != nil && awsapi.Code(err) != "KMSInvalidStateException" { // cancelled by another run
							return err
						}
					}
					return kit.Do(ctx, s.API.KMS.EnableKey, &kms.EnableKeyInput{KeyId: &k.arn})
				},
			},
			kit.Settable("policy", kit.Wanted(func(d wantKey) string { return d.policy }), func(k *Key) string { return k.policy },
				kit.Set(ofKMS, awsapi.KMS.PutKeyPolicy, func(_ *provision.Step, d wantKey, k *Key, in *kms.PutKeyPolicyInput) {
					in.KeyId, in.PolicyName, in.Policy = &k.arn, aws.String(onlyPolicy), &d.policy
				})),
			kit.Settable("rotation", kit.Const[wantKey](rotates), func(k *Key) string { return k.rotation },
				kit.Set(ofKMS, awsapi.KMS.EnableKeyRotation, func(_ *provision.Step, _ wantKey, k *Key, in *kms.EnableKeyRotationInput) {
					in.KeyId, in.RotationPeriodInDays = &k.arn, aws.Int32(365)
				})),
			kit.Settable("alias", kit.Wanted(func(d wantKey) string { return d.alias }), func(k *Key) string { return kit.Lines(k.ownAliases()) }, setAlias),
		},
	})
}

func wantKeys(s *provision.Scope) map[provision.Role]wantKey {
	place := kit.PlaceOf(s)
	switch s.Level {
	case provision.AccountLevel:
		want := map[provision.Role]wantKey{"admin": {rules.AdminAlias, rules.AdminKeyPolicy(place, s.Trusted), "cicdctl: the admin bucket and the private keys in it"}}
		if s.OrganizationTrail == "" {
			want[kit.TrailRole] = wantKey{rules.TrailAlias, rules.TrailKeyPolicy(place), "cicdctl: the account's trail"}
		}
		return want
	case provision.RegionLevel:
		// No client is named SHARED, so no client's log group has this prefix.
		return map[provision.Role]wantKey{"shared": {rules.SharedAlias, rules.KeyPolicy(place, "/cicdctl/shared/"), "cicdctl: what clients share in " + s.Region}}
	default:
		policy := rules.ClientKeyPolicy(place, s.Client, rules.ClientLogGroups(s.Client)...)
		want := map[provision.Role]wantKey{"client": {rules.KeyAlias(s.Client), policy, "cicdctl: the data of " + s.Client}}
		if s.Spec.Backup.Archive.Monthly() {
			want[kit.ArchiveRole] = wantKey{rules.ArchiveKeyAlias(s.Client), rules.ArchiveKeyPolicy(place), "cicdctl: the archives of " + s.Client}
		}
		return want
	}
}

// ownAliases are the aliases that cicdctl gives; others may give their own.
func (k *Key) ownAliases() []string {
	return slices.DeleteFunc(slices.Clone(k.aliases), func(a string) bool { return !strings.HasPrefix(a, ownAliases) })
}

// listKeys lists the keys of the region with their aliases and tags. KMS tells
// tags one key at a time, so AWS's own keys and those that another client's alias
// names are left out.
func listKeys(ctx context.Context, w *provision.Sweep) ([]*Key, error) {
	keys, err := customerKeys(ctx, w)
	if err == nil {
		err = kit.Parallel(ctx, keys, func(ctx context.Context, k *Key) error {
			err := k.readTags(ctx, w)
			// Without its alias, one of ours waits for its deletion.
			if err == nil && k.tags[provision.TagManagedBy] == provision.ManagedBy && len(k.ownAliases()) == 0 {
				err = k.ask(ctx, w)
			}
			return err
		})
	}
	return keys, err
}

func customerKeys(ctx context.Context, w *provision.Sweep) ([]*Key, error) {
	aliases := map[string][]string{}
	named := kms.NewListAliasesPaginator(w.KMS, &kms.ListAliasesInput{})
	names, err := kit.All(ctx, named, func(o *kms.ListAliasesOutput) []kmstypes.AliasListEntry { return o.Aliases })
	if err != nil {
		return nil, err
	}
	for _, a := range names {
		aliases[aws.ToString(a.TargetKeyId)] = append(aliases[aws.ToString(a.TargetKeyId)], aws.ToString(a.AliasName))
	}
	others := func(alias string) bool {
		client, ok := strings.CutPrefix(alias, clientAliases)
		client, _, _ = strings.Cut(client, "/")
		return ok && len(w.Clients) > 0 && !slices.ContainsFunc(w.Clients, func(c string) bool { return rules.Lower(c) == client })
	}
	var keys []*Key
	all := kms.NewListKeysPaginator(w.KMS, &kms.ListKeysInput{})
	listed, err := kit.All(ctx, all, func(o *kms.ListKeysOutput) []kmstypes.KeyListEntry { return o.Keys })
	if err != nil {
		return nil, err
	}
	for _, e := range listed {
		k := &Key{arn: aws.ToString(e.KeyArn), id: aws.ToString(e.KeyId), aliases: aliases[aws.ToString(e.KeyId)], State: kmstypes.KeyStateEnabled}
		managed := slices.ContainsFunc(k.aliases, func(a string) bool { return strings.HasPrefix(a, "alias/aws/") })
		own := k.ownAliases()
		if managed || len(own) > 0 && !slices.ContainsFunc(own, func(a string) bool { return !others(a) }) {
			continue
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func (k *Key) readTags(ctx context.Context, w *provision.Sweep) error {
	if tags, there := w.Index[k.arn]; there {
		k.tags = tags
		return nil
	}
	tags, err := provision.SharedByRun(w, "tags of "+k.arn, lastingTags, func() (provision.Tags, error) { return k.askTags(ctx, w) })
	k.tags = tags
	return err
}

// lastingTags reports whether a key's tags say what it is for. They come with the key,
// whole, and nothing gives it another purpose later.
func lastingTags(tags provision.Tags) bool { return tags[provision.TagRole] != "" }

func (k *Key) askTags(ctx context.Context, w *provision.Sweep) (provision.Tags, error) {
	p := kms.NewListResourceTagsPaginator(w.KMS, &kms.ListResourceTagsInput{KeyId: &k.arn})
	tags, err := kit.All(ctx, p, func(o *kms.ListResourceTagsOutput) []kmstypes.Tag { return o.Tags })
	if k.locked(err) {
		err = nil
	}
	return kmsTags.Of(tags), awsapi.IgnoreNotFound(err)
}

// locked reports whether it is the key's own policy that keeps us out. No policy
// of ours does that to whoever may run cicdctl, so the key is somebody else's,
// and no reason to stop. An alias of ours on it would be one.
func (k *Key) locked(err error) bool {
	return awsapi.Is(err, awsapi.Denied) && strings.Contains(err.Error(), "resource-based policy") && len(k.ownAliases()) == 0
}

// DescribeKey asks AWS for the state of a key, once a sweep: the escrowed private key
// depends on one of them.
func DescribeKey(ctx context.Context, w *provision.Sweep, api awsapi.KMS, arn string) (*kmstypes.KeyMetadata, error) {
	return provision.Shared(w, "state of "+arn, func() (*kmstypes.KeyMetadata, error) {
		out, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
		if err != nil {
			return nil, err
		}
		return out.KeyMetadata, nil
	})
}

// ask fills in the state of the key and since when there is one.
func (k *Key) ask(ctx context.Context, w *provision.Sweep) error {
	about, err := DescribeKey(ctx, w, w.KMS, k.arn)
	if err == nil {
		k.State = about.KeyState
		if w.Index == nil {
			k.Made = aws.ToTime(about.CreationDate)
		}
	}
	return err
}

// read fills in what lists leave out.
func (k *Key) read(ctx context.Context, w *provision.Sweep) error {
	state, policy, rotation := k.take(kit.ToldOf(ctx, w, keyType, k.id))
	if !state {
		if err := k.ask(ctx, w); err != nil {
			return err
		}
	}
	if k.State == kmstypes.KeyStatePendingDeletion {
		k.policy, k.rotation = provision.Keep, provision.Keep // looked at once it is back
		return nil
	}
	if !policy {
		out, err := w.KMS.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &k.arn, PolicyName: aws.String(onlyPolicy)})
		if err != nil {
			return err
		}
		k.policy = kit.ResourcePolicy(out.Policy)
	}
	if rotation {
		return nil
	}
	status, err := w.KMS.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &k.arn})
	if err != nil {
		return err
	}
	k.rotation = "off"
	if status.KeyRotationEnabled {
		k.rotation = fmt.Sprintf("every %d days", aws.ToInt32(status.RotationPeriodInDays))
	}
	return nil
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
	for _, alias := range k.ownAliases() {
		if alias == d.alias {
			continue
		}
		if err := kit.Do(ctx, s.API.KMS.DeleteAlias, &kms.DeleteAliasInput{AliasName: &alias}); awsapi.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// deleteKey takes the aliases away first: cut off in between, the key is still
// found by its tags.
func deleteKey(ctx context.Context, s *provision.Step, k *Key) error {
	for _, alias := range k.ownAliases() {
		if err := kit.Do(ctx, s.API.KMS.DeleteAlias, &kms.DeleteAliasInput{AliasName: &alias}); awsapi.IgnoreNotFound(err) != nil {
			return err
		}
	}
	err := kit.Do(ctx, s.API.KMS.ScheduleKeyDeletion, &kms.ScheduleKeyDeletionInput{KeyId: &k.arn, PendingWindowInDays: aws.Int32(deletionDays)})
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
