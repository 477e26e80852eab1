package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// registerKeyStates are the operations that turn keys and their rotation on and off.
func registerKeyStates(a *Account) {
	rotatingKeys := on(a, kms.ServiceID, (*tx).rotatingKey)
	ownKeys := on(a, kms.ServiceID, (*tx).ownKey)
	op(a, kms.ServiceID, func(t *tx, in *kms.EnableKeyInput) (*kms.EnableKeyOutput, error) {
		return &kms.EnableKeyOutput{}, t.switchKey(in.KeyId, true)
	})
	op(a, kms.ServiceID, func(t *tx, in *kms.DisableKeyInput) (*kms.DisableKeyOutput, error) {
		return &kms.DisableKeyOutput{}, t.switchKey(in.KeyId, false)
	})
	opChange[kms.EnableKeyRotationOutput](rotatingKeys, func(in *kms.EnableKeyRotationInput) *string { return in.KeyId }, func(t *tx, r *row[kmsKey], in *kms.EnableKeyRotationInput) error {
		days := r.V.Days
		if in.RotationPeriodInDays != nil {
			days = *in.RotationPeriodInDays
		} else if days == 0 {
			days = 365
		}
		if days < 90 || days > 2560 {
			return apiError("ValidationException", "RotationPeriodInDays must be between 90 and 2560")
		}
		r.V.changing(t, keyRotation)
		r.V.Days = days
		return nil
	})
	opChange[kms.DisableKeyRotationOutput](rotatingKeys, func(in *kms.DisableKeyRotationInput) *string { return in.KeyId }, func(t *tx, r *row[kmsKey], _ *kms.DisableKeyRotationInput) error {
		r.V.changing(t, keyRotation)
		r.V.Days = 0
		return nil
	})
	opOn(ownKeys, func(in *kms.GetKeyRotationStatusInput) *string { return in.KeyId }, func(_ *tx, r *row[kmsKey], _ *kms.GetKeyRotationStatusInput) (*kms.GetKeyRotationStatusOutput, error) {
		if err := r.V.rotates(); err != nil {
			return nil, err
		}
		days := told(r.V.Settling, keyRotation, true, &r.V).Days
		out := &kms.GetKeyRotationStatusOutput{KeyId: r.V.Meta.Arn, KeyRotationEnabled: days > 0 && r.V.Meta.KeyState != types.KeyStatePendingDeletion}
		if out.KeyRotationEnabled {
			out.RotationPeriodInDays = aws.Int32(days)
			out.NextRotationDate = aws.Time(r.V.Meta.CreationDate.AddDate(0, 0, int(days)))
		}
		return out, nil
	})
	opOn(on(a, kms.ServiceID, (*tx).liveKey), func(in *kms.ScheduleKeyDeletionInput) *string { return in.KeyId }, func(t *tx, r *row[kmsKey], in *kms.ScheduleKeyDeletionInput) (*kms.ScheduleKeyDeletionOutput, error) {
		days := int32(30)
		setTo(&days, in.PendingWindowInDays)
		if days < 7 || days > 30 {
			return nil, apiError("ValidationException", "PendingWindowInDays must be between 7 and 30")
		}
		m := &r.V.Meta
		m.KeyState, m.Enabled, m.DeletionDate = types.KeyStatePendingDeletion, false, aws.Time(t.now.Add(time.Duration(days)*24*time.Hour))
		return &kms.ScheduleKeyDeletionOutput{KeyId: m.Arn, KeyState: m.KeyState, DeletionDate: m.DeletionDate, PendingWindowInDays: &days}, nil
	})
	opOn(ownKeys, func(in *kms.CancelKeyDeletionInput) *string { return in.KeyId }, func(_ *tx, r *row[kmsKey], _ *kms.CancelKeyDeletionInput) (*kms.CancelKeyDeletionOutput, error) {
		m := &r.V.Meta
		if m.KeyState != types.KeyStatePendingDeletion {
			return nil, apiError("KMSInvalidStateException", "%s is not pending deletion.", *m.Arn)
		}
		m.KeyState, m.DeletionDate = types.KeyStateDisabled, nil
		return &kms.CancelKeyDeletionOutput{KeyId: m.Arn}, nil
	})
}

func (t *tx) switchKey(ref *string, on bool) error {
	r, err := t.liveKey(ref)
	if err != nil {
		return err
	}
	r.V.Meta.Enabled, r.V.Meta.KeyState = on, types.KeyStateDisabled
	if on {
		r.V.Meta.KeyState = types.KeyStateEnabled
	}
	return nil
}

// rotatingKey finds a key whose rotation may be changed.
func (t *tx) rotatingKey(ref *string) (*row[kmsKey], error) {
	r, err := t.liveKey(ref)
	if err == nil && !r.V.Meta.Enabled {
		err = apiError("DisabledException", "%s is disabled.", *r.V.Meta.Arn)
	}
	if err == nil {
		err = r.V.rotates()
	}
	return r, err
}

// rotates says that KMS renews the material of symmetric keys only.
func (k *kmsKey) rotates() error {
	if k.Private != nil {
		return apiError("UnsupportedOperationException", "%s: key rotation is supported for symmetric encryption keys only.", *k.Meta.Arn)
	}
	return nil
}

func registerAliases(a *Account) {
	op(a, kms.ServiceID, func(t *tx, in *kms.ListAliasesInput) (*kms.ListAliasesOutput, error) {
		all := append([]types.AliasListEntry{
			{AliasName: aws.String(managedAlias), AliasArn: aws.String(t.arn("kms", managedAlias)), TargetKeyId: aws.String(t.managedKeyID())},
			// Names that AWS keeps for keys it has not made yet.
			{AliasName: aws.String("alias/aws/s3"), AliasArn: aws.String(t.arn("kms", "alias/aws/s3"))},
		}, t.kms().Aliases...)
		if in.KeyId != nil {
			r, err := t.kmsKey(*in.KeyId)
			if err != nil {
				return nil, err
			}
			all = slices.DeleteFunc(all, func(a types.AliasListEntry) bool { return aws.ToString(a.TargetKeyId) != *r.V.Meta.KeyId })
		}
		part, next, err := page(t, all, in.Marker)
		return &kms.ListAliasesOutput{Aliases: part, NextMarker: next, Truncated: next != nil}, err
	})
	op(a, kms.ServiceID, func(t *tx, in *kms.CreateAliasInput) (*kms.CreateAliasOutput, error) {
		name := aws.ToString(in.AliasName)
		if err := checkAlias(name); err != nil {
			return nil, err
		}
		r, err := t.liveKey(in.TargetKeyId)
		if err != nil {
			return nil, err
		}
		if t.alias(name) != nil {
			return nil, apiError("AlreadyExistsException", "An alias with the name %s already exists", t.arn("kms", name))
		}
		s := t.kms()
		s.Aliases = append(s.Aliases, types.AliasListEntry{
			AliasName: &name, AliasArn: aws.String(t.arn("kms", name)), TargetKeyId: r.V.Meta.KeyId, CreationDate: aws.Time(t.now), LastUpdatedDate: aws.Time(t.now),
		})
		return &kms.CreateAliasOutput{}, nil
	})
	opChange[kms.UpdateAliasOutput](on(a, kms.ServiceID, (*tx).ownAlias), func(in *kms.UpdateAliasInput) *string { return in.AliasName }, func(t *tx, alias *types.AliasListEntry, in *kms.UpdateAliasInput) error {
		r, err := t.liveKey(in.TargetKeyId)
		if err != nil {
			return err
		}
		alias.TargetKeyId, alias.LastUpdatedDate = r.V.Meta.KeyId, aws.Time(t.now)
		return nil
	})
	opChange[kms.DeleteAliasOutput](on(a, kms.ServiceID, (*tx).ownAlias), func(in *kms.DeleteAliasInput) *string { return in.AliasName }, func(t *tx, _ *types.AliasListEntry, in *kms.DeleteAliasInput) error {
		s := t.kms()
		s.Aliases = slices.DeleteFunc(s.Aliases, func(a types.AliasListEntry) bool { return *a.AliasName == *in.AliasName })
		return nil
	})
}

// ownAlias finds an alias that its owner may change.
func (t *tx) ownAlias(name *string) (*types.AliasListEntry, error) {
	if err := checkAlias(aws.ToString(name)); err != nil {
		return nil, err
	}
	return found(t.alias(aws.ToString(name)), apiError, "NotFoundException", "Alias %s is not found.", t.arn("kms", aws.ToString(name)))
}

func checkAlias(name string) error {
	if strings.HasPrefix(name, "alias/aws/") {
		return apiError("NotAuthorizedException", "Aliases that begin with alias/aws/ belong to AWS")
	}
	if !aliasPattern.MatchString(name) {
		return apiError("ValidationException", "Alias must start with the prefix \"alias/\" and hold letters, digits, /, _ and - only")
	}
	return nil
}

func (t *tx) alias(name string) *types.AliasListEntry {
	s := t.kms()
	for i := range s.Aliases {
		if *s.Aliases[i].AliasName == name {
			return &s.Aliases[i]
		}
	}
	return nil
}
