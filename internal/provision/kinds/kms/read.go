package kms

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/count"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// How keys are listed and read.

// ownAliases are the aliases that cicdctl gives; others may give their own.
func (k *Key) ownAliases() []string {
	return slices.DeleteFunc(slices.Clone(k.aliases), func(a string) bool { return !strings.HasPrefix(a, ownAliases) })
}

// listKeys lists the keys of the region with their aliases and tags. KMS tells
// tags one key at a time, so AWS's own keys and those that another client's alias
// names are left out, and those that clients share where the look is about none of these.
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
		if !ok {
			return !w.Shares()
		}
		client, _, _ = strings.Cut(client, "/")
		if w.Levels != 0 && w.Levels&provision.ClientLevel == 0 {
			return true
		}
		return !kit.Concerns(w, func(c string) bool { return rules.Lower(c) == client })
	}
	var keys []*Key
	all := kms.NewListKeysPaginator(w.KMS, &kms.ListKeysInput{})
	listed, err := kit.All(ctx, all, func(o *kms.ListKeysOutput) []kmstypes.KeyListEntry { return o.Keys })
	for _, e := range listed {
		k := &Key{arn: aws.ToString(e.KeyArn), id: aws.ToString(e.KeyId), aliases: aliases[aws.ToString(e.KeyId)], State: kmstypes.KeyStateEnabled}
		managed := slices.ContainsFunc(k.aliases, func(a string) bool { return strings.HasPrefix(a, "alias/aws/") })
		own := k.ownAliases()
		if managed || len(own) > 0 && !slices.ContainsFunc(own, func(a string) bool { return !others(a) }) {
			continue
		}
		keys = append(keys, k)
	}
	return keys, err
}

func (k *Key) readTags(ctx context.Context, w *provision.Sweep) error {
	if shown, err := kit.ShownTags(ctx, w); err != nil {
		return err
	} else if tags, there := shown[k.arn]; there { // no other key ever has its ARN
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
		return kit.Get(ctx, api.DescribeKey, &kms.DescribeKeyInput{KeyId: &arn}, func(o *kms.DescribeKeyOutput) *kmstypes.KeyMetadata { return o.KeyMetadata })
	})
}

// ask fills in the state of the key and since when there is one.
func (k *Key) ask(ctx context.Context, w *provision.Sweep) error {
	about, err := DescribeKey(ctx, w, w.KMS, k.arn)
	if err == nil {
		k.State, k.use = about.KeyState, useOf(about.KeySpec, about.KeyUsage)
		if w.Index == nil {
			k.Made = aws.ToTime(about.CreationDate)
		}
	}
	return err
}

// read fills in what lists leave out.
func (k *Key) read(ctx context.Context, w *provision.Sweep) error {
	k.removing = w.Removing
	var told kit.Properties
	if w.Index != nil { // plans want to know since when there is the key, which Cloud Control does not tell
		told = kit.ToldOf(ctx, w, keyType, k.id)
	}
	state, policy, rotation := k.take(told)
	if (!state || k.use == "") && !k.askPublic(ctx, w) {
		if err := k.ask(ctx, w); err != nil {
			return err
		}
	}
	if k.State == kmstypes.KeyStatePendingDeletion || w.Removing {
		k.policy, k.rotation = provision.Keep, provision.Keep // looked at once it is back, or never
		return nil
	}
	if !policy {
		out, err := w.KMS.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &k.arn, PolicyName: aws.String(onlyPolicy)})
		if err != nil {
			return err
		}
		k.policy = kit.ResourcePolicy(out.Policy)
	}
	if k.use != encrypts {
		k.rotation = provision.Keep // KMS refuses the question of keys with two halves
		return nil
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
		k.rotation = count.Sprintf("every %d {day|days}", aws.ToInt32(status.RotationPeriodInDays))
	}
	return nil
}

// keyType is a key in the CloudFormation registry.
const keyType = "AWS::KMS::Key"

// take takes what is plain of a key, and says what was. How often a key is renewed
// CloudFormation can be told, but never tells.
func (k *Key) take(p kit.Properties) (state, policy, rotation bool) {
	var enabled, rotates *bool
	if state = kit.Plain(p["Enabled"], &enabled) && aws.ToBool(enabled); state {
		k.State = kmstypes.KeyStateEnabled // disabled, it may as well be in another state
	}
	var spec kmstypes.KeySpec
	var usage kmstypes.KeyUsageType
	if kit.Plain(p["KeySpec"], &spec) && kit.Plain(p["KeyUsage"], &usage) && spec != "" && usage != "" {
		k.use = useOf(spec, usage)
	}
	if text := string(p["KeyPolicy"]); strings.HasPrefix(text, "{") {
		k.policy, policy = kit.ResourcePolicy(&text), true
	}
	if rotation = kit.Plain(p["EnableKeyRotation"], &rotates) && rotates != nil && !*rotates; rotation {
		k.rotation = "off"
	}
	return state, policy, rotation
}
