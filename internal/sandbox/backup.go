package sandbox

import (
	"cmp"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
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
	backupVaultName = lazyregexp.New(`^[a-zA-Z0-9_-]{2,50}$`)
	backupName      = lazyregexp.New(`^[a-zA-Z0-9_.-]{1,50}$`) // of plans, rules, selections, and request ids
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
	op(a, backup.ServiceID, func(t *tx, in *backup.CreateBackupVaultInput) (*backup.CreateBackupVaultOutput, error) {
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
	})
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
	vaults := on(a, backup.ServiceID, (*tx).vault)
	opOn(vaults, func(in *backup.ListRecoveryPointsByBackupVaultInput) *string { return in.BackupVaultName }, func(t *tx, v *backupVault, in *backup.ListRecoveryPointsByBackupVaultInput) (*backup.ListRecoveryPointsByBackupVaultOutput, error) {
		if !t.more {
			t.agePoints()
		}
		part, next, err := list(t, t.pointsIn(*v.V.BackupVaultName), in.NextToken, func(p *row[types.RecoveryPointByBackupVault]) (types.RecoveryPointByBackupVault, bool) {
			return p.V, in.ByResourceArn == nil || *p.V.ResourceArn == *in.ByResourceArn
		})
		return &backup.ListRecoveryPointsByBackupVaultOutput{RecoveryPoints: part, NextToken: next}, err
	})
	opChange[backup.DeleteRecoveryPointOutput](vaults, func(in *backup.DeleteRecoveryPointInput) *string { return in.BackupVaultName }, func(t *tx, v *backupVault, in *backup.DeleteRecoveryPointInput) error {
		for _, p := range t.pointsIn(*v.V.BackupVaultName) {
			if *p.V.RecoveryPointArn != aws.ToString(in.RecoveryPointArn) {
				continue
			}
			if p.V.Status == types.RecoveryPointStatusDeleting {
				return apiError("InvalidRequestException", "Recovery point %s is being deleted", *in.RecoveryPointArn)
			}
			p.V.Status, p.Looks = types.RecoveryPointStatusDeleting, t.opts.Looks
			return nil
		}
		return backupMissing("Cannot find recovery point %s", aws.ToString(in.RecoveryPointArn))
	})
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

// dbBackup is the type of the snapshots that AWS Backup makes and alone may delete.
const dbBackup = "awsbackup"

// agePoints lets removals go on; a snapshot goes with its recovery point.
func (t *tx) agePoints() {
	t.backup().Points.dropAll(func(p *row[types.RecoveryPointByBackupVault]) bool {
		if p.V.Status != types.RecoveryPointStatusDeleting || !p.gone() {
			return false
		}
		t.rds().Snapshots.dropAll(func(r *row[rdstypes.DBClusterSnapshot]) bool {
			return *r.V.DBClusterSnapshotArn == *p.V.RecoveryPointArn
		})
		return true
	})
}

// RunBackups does what AWS Backup would when the time of all plans of a region has
// come: it removes recovery points that have expired, and makes one of each Aurora
// cluster that a plan selects. Nothing in the account happens by itself, so that
// tests say when it does.
func (a *Account) RunBackups(region string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err := a.transact(true, func(st *state) (any, error) {
		t := &tx{state: st, opts: a.opts, region: region, now: time.Now().UTC()}
		t.expirePoints()
		for _, plan := range t.backup().Plans {
			for _, s := range plan.Selections {
				if t.backupRole(s.Body.IamRoleArn) != nil {
					continue // the job fails
				}
				for _, cluster := range t.rds().Clusters {
					busy := *cluster.V.Status == dbCreating || *cluster.V.Status == dbDeleting // other work is waited for
					if t.backup().OptIn["Aurora"] && !busy && selects(s.Body, cluster.V) {
						t.backUp(plan, s, cluster.V)
					}
				}
			}
		}
		return nil, nil
	})
	return err
}

// expirePoints removes what is older than its lifecycle says, with the role that
// made it: without that role it stays, as expired.
func (t *tx) expirePoints() {
	for _, p := range t.backup().Points {
		until := p.V.CalculatedLifecycle
		switch {
		case p.V.Status != types.RecoveryPointStatusCompleted, until == nil, until.DeleteAt == nil, until.DeleteAt.After(t.now):
		case t.backupRole(p.V.IamRoleArn) != nil:
			p.V.Status = types.RecoveryPointStatusExpired
		default:
			p.V.Status = types.RecoveryPointStatusDeleting
		}
	}
	t.agePoints()
}

// selects reports whether a selection takes a cluster in: its ARN must be named,
// and all conditions must be met; or one tag of the list is.
func selects(s types.BackupSelection, c rdstypes.DBCluster) bool {
	tags := map[string]string{}
	for _, tag := range c.TagList {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	names := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			prefix, open := strings.CutSuffix(p, "*")
			return p == *c.DBClusterArn || open && strings.HasPrefix(*c.DBClusterArn, prefix)
		})
	}
	if names(s.NotResources) {
		return false
	}
	listed := slices.ContainsFunc(s.ListOfTags, func(tag types.Condition) bool {
		value, has := tags[aws.ToString(tag.ConditionKey)]
		return has && value == aws.ToString(tag.ConditionValue)
	})
	if !listed && !names(s.Resources) {
		return false
	}
	if s.Conditions == nil {
		return true
	}
	meets := func(conditions []types.ConditionParameter, want bool, same func(pattern, value string) bool) bool {
		return !slices.ContainsFunc(conditions, func(p types.ConditionParameter) bool {
			value, has := tags[strings.TrimPrefix(aws.ToString(p.ConditionKey), "aws:ResourceTag/")]
			return (has && same(aws.ToString(p.ConditionValue), value)) != want
		})
	}
	equal := func(pattern, value string) bool { return pattern == value }
	like := func(pattern, value string) bool {
		ok, err := path.Match(pattern, value)
		return err == nil && ok
	}
	return meets(s.Conditions.StringEquals, true, equal) && meets(s.Conditions.StringLike, true, like) &&
		meets(s.Conditions.StringNotEquals, false, equal) && meets(s.Conditions.StringNotLike, false, like)
}

// backUp makes the snapshots and recovery points of one cluster, one for each rule.
func (t *tx) backUp(plan *backupPlan, s *backupSelection, c rdstypes.DBCluster) {
	for _, rule := range plan.Body.Rules {
		v, err := t.vault(rule.TargetBackupVaultName)
		if err != nil {
			continue // the job fails
		}
		id := "awsbackup:job-" + t.uuid()
		c.CopyTagsToSnapshot = aws.Bool(true) // AWS Backup copies tags whatever the cluster says
		t.snapshotDBCluster(c, id, dbBackup)
		snapshot := dbSnapshots.find(t, id)
		snapshot.V.Status, snapshot.V.PercentProgress, snapshot.Looks = aws.String(dbAvailable), aws.Int32(100), 0
		tags := map[string]string{"aws:backup:source-resource": aws.ToString(c.DbClusterResourceId)}
		maps.Copy(tags, rule.RecoveryPointTags)
		more := sorted(tags, func(key, value *string) rdstypes.Tag { return rdstypes.Tag{Key: key, Value: value} })
		snapshot.V.TagList = append(snapshot.V.TagList, more...)
		point := types.RecoveryPointByBackupVault{
			RecoveryPointArn: snapshot.V.DBClusterSnapshotArn, BackupVaultName: v.V.BackupVaultName, BackupVaultArn: v.V.BackupVaultArn,
			ResourceArn: c.DBClusterArn, ResourceType: aws.String("Aurora"), ResourceName: c.DBClusterIdentifier, IamRoleArn: s.Body.IamRoleArn,
			Status: types.RecoveryPointStatusCompleted, CreationDate: aws.Time(t.now), CompletionDate: aws.Time(t.now), Lifecycle: rule.Lifecycle,
			IsEncrypted: aws.ToBool(c.StorageEncrypted), EncryptionKeyArn: c.KmsKeyId, VaultType: v.V.VaultType,
			CreatedBy: &types.RecoveryPointCreator{BackupPlanArn: plan.V.BackupPlanArn, BackupPlanId: plan.V.BackupPlanId, BackupPlanName: plan.V.BackupPlanName, BackupPlanVersion: plan.V.VersionId, BackupRuleId: rule.RuleId, BackupRuleName: rule.RuleName},
		}
		if l := rule.Lifecycle; l != nil && l.DeleteAfterDays != nil {
			point.CalculatedLifecycle = &types.CalculatedLifecycle{DeleteAt: aws.Time(t.now.AddDate(0, 0, int(*l.DeleteAfterDays)))}
		}
		t.backup().Points.add(&row[types.RecoveryPointByBackupVault]{V: clone(point)})
	}
}
