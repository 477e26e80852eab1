package sandbox

import (
	"cmp"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

// backupState is AWS Backup in one region, in the order of creation.
type backupState struct {
	Vaults table[backupVault]
	Plans  table[backupPlan]
	Points table[row[types.RecoveryPointByBackupVault]]
	OptIn  map[string]bool // by resource type
}

type backupVault struct {
	V    types.BackupVaultListMember
	Tags map[string]string
}

var (
	backupVaultName = regexp.MustCompile(`^[a-zA-Z0-9_-]{2,50}$`)
	backupName      = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,50}$`) // of plans, rules, selections, and request ids
)

func (t *tx) backup() *backupState {
	s := in(&t.Backup, t.region)
	if s.OptIn == nil {
		// An account that somebody has looked at before: Aurora is left out.
		s.OptIn = map[string]bool{"Aurora": false, "DynamoDB": true, "EBS": true, "EC2": true, "EFS": true, "RDS": true, "S3": false}
	}
	return s
}

func backupInvalid(format string, args ...any) error {
	return apiError("InvalidParameterValueException", format, args...)
}

func backupMissing(format string, args ...any) error {
	return apiError("ResourceNotFoundException", format, args...)
}

// vault finds a vault by its name. AWS does not tell strangers which vaults there
// are: one that does not exist is refused like one that may not be seen.
func (t *tx) vault(name *string) (*backupVault, error) {
	for _, v := range t.backup().Vaults {
		if *v.V.BackupVaultName == aws.ToString(name) {
			return v, nil
		}
	}
	return nil, httpError(http.StatusForbidden, "AccessDeniedException", "Insufficient privileges to perform this action.")
}

// pointsIn are the recovery points of a vault.
func (t *tx) pointsIn(vault string) []*row[types.RecoveryPointByBackupVault] {
	return t.backup().Points.where(func(p *row[types.RecoveryPointByBackupVault]) bool { return *p.V.BackupVaultName == vault })
}

var backupTagRules = tagMap{reserves(backupInvalid("Tag keys cannot start with aws:")).upTo(50, backupInvalid("A resource can have no more than 50 tags."))}

func checkRequestID(id *string) error {
	if id != nil && !backupName.MatchString(*id) {
		return backupInvalid("Invalid creator request id: %s", *id)
	}
	return nil
}

func registerBackup(a *Account) {
	op(a, backup.ServiceID, createVault)
	op(a, backup.ServiceID, func(t *tx, in *backup.ListBackupVaultsInput) (*backup.ListBackupVaultsOutput, error) {
		part, next, err := list(t, t.backup().Vaults, in.NextToken, func(v *backupVault) (types.BackupVaultListMember, bool) {
			m := v.V
			m.NumberOfRecoveryPoints = int64(len(t.pointsIn(*m.BackupVaultName)))
			return m, true
		})
		return &backup.ListBackupVaultsOutput{BackupVaultList: part, NextToken: next}, err
	})
	opChange[backup.DeleteBackupVaultOutput](on(a, backup.ServiceID, (*tx).vault), func(in *backup.DeleteBackupVaultInput) *string { return in.BackupVaultName }, func(t *tx, v *backupVault, _ *backup.DeleteBackupVaultInput) error {
		if len(t.pointsIn(*v.V.BackupVaultName)) > 0 {
			return apiError("InvalidRequestException", "Backup vault cannot be deleted because it contains recovery points.")
		}
		t.backup().Vaults.drop(v)
		return nil
	})
	tags := tagsOn(on(a, backup.ServiceID, (*tx).backupTags), backupTagRules, func(tags *map[string]string) *map[string]string { return tags })
	opOn(tags.resources, func(in *backup.ListTagsInput) *string { return in.ResourceArn }, func(t *tx, tags *map[string]string, in *backup.ListTagsInput) (*backup.ListTagsOutput, error) {
		part, next, err := page(t, slices.Sorted(maps.Keys(*tags)), in.NextToken)
		out := &backup.ListTagsOutput{Tags: map[string]string{}, NextToken: next}
		for _, key := range part {
			out.Tags[key] = (*tags)[key]
		}
		return out, err
	})
	opTag[backup.TagResourceOutput](tags, func(in *backup.TagResourceInput) (*string, map[string]string) { return in.ResourceArn, in.Tags })
	opUntag[backup.UntagResourceOutput](tags, func(in *backup.UntagResourceInput) (*string, []string) { return in.ResourceArn, in.TagKeyList })
	registerBackupPlans(a)
	registerBackupSelections(a)
	registerRecoveryPoints(a)
	op(a, backup.ServiceID, func(t *tx, _ *backup.DescribeRegionSettingsInput) (*backup.DescribeRegionSettingsOutput, error) {
		return &backup.DescribeRegionSettingsOutput{ResourceTypeOptInPreference: t.backup().OptIn, ResourceTypeManagementPreference: map[string]bool{"DynamoDB": true, "EFS": true}}, nil
	})
	// What is left out is turned off: only whole lists are safe.
	op(a, backup.ServiceID, func(t *tx, in *backup.UpdateRegionSettingsInput) (*backup.UpdateRegionSettingsOutput, error) {
		s := t.backup()
		for kind := range in.ResourceTypeOptInPreference {
			if _, known := s.OptIn[kind]; !known {
				return nil, backupInvalid("Unsupported resource type: %s", kind)
			}
		}
		if in.ResourceTypeOptInPreference != nil {
			for kind := range s.OptIn {
				s.OptIn[kind] = in.ResourceTypeOptInPreference[kind]
			}
		}
		return &backup.UpdateRegionSettingsOutput{}, nil
	})
}

func createVault(t *tx, in *backup.CreateBackupVaultInput) (*backup.CreateBackupVaultOutput, error) {
	name := aws.ToString(in.BackupVaultName)
	if !backupVaultName.MatchString(name) {
		return nil, backupInvalid("Invalid backup vault name: %s", name)
	}
	if err := cmp.Or(checkRequestID(in.CreatorRequestId), backupTagRules.check(in.BackupVaultTags)); err != nil {
		return nil, err
	}
	key := aws.String(t.arn("kms", "key/aws-managed-backup"))
	if in.EncryptionKeyArn != nil {
		r, err := t.usableKey(*in.EncryptionKeyArn)
		if err != nil || !strings.HasPrefix(*in.EncryptionKeyArn, "arn:") {
			return nil, backupInvalid("The KMS key %s cannot be used", *in.EncryptionKeyArn)
		}
		key = r.V.Meta.Arn
	}
	if v, err := t.vault(&name); err == nil {
		if in.CreatorRequestId == nil || aws.ToString(v.V.CreatorRequestId) != *in.CreatorRequestId || *v.V.EncryptionKeyArn != *key {
			return nil, apiError("AlreadyExistsException", "Backup vault with the same name already exists")
		}
		return &backup.CreateBackupVaultOutput{BackupVaultName: &name, BackupVaultArn: v.V.BackupVaultArn, CreationDate: v.V.CreationDate}, nil
	}
	v := &backupVault{Tags: maps.Clone(in.BackupVaultTags), V: types.BackupVaultListMember{
		BackupVaultName: &name, BackupVaultArn: aws.String(t.arn("backup", "backup-vault:"+name)), CreationDate: aws.Time(t.now), CreatorRequestId: in.CreatorRequestId,
		EncryptionKeyArn: key, EncryptionKeyType: types.EncryptionKeyTypeCustomerManagedKmsKey, Locked: aws.Bool(false),
		VaultType: types.VaultTypeBackupVault, VaultState: types.VaultStateAvailable,
	}}
	t.backup().Vaults.add(v)
	return &backup.CreateBackupVaultOutput{BackupVaultName: &name, BackupVaultArn: v.V.BackupVaultArn, CreationDate: v.V.CreationDate}, nil
}

// backupTags finds the tags of a vault or a plan. Recovery points of Aurora are
// RDS's, and so are their tags.
func (t *tx) backupTags(arn *string) (*map[string]string, error) {
	if v := t.backup().Vaults.first(func(v *backupVault) bool { return *v.V.BackupVaultArn == aws.ToString(arn) }); v != nil {
		return &v.Tags, nil
	}
	if p := t.backup().Plans.first(func(p *backupPlan) bool { return *p.V.BackupPlanArn == aws.ToString(arn) }); p != nil {
		return &p.Tags, nil
	}
	return nil, backupMissing("Cannot find resource %s", aws.ToString(arn))
}
