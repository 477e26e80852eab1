package sandbox

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// dbBackup is the type of the snapshots that AWS Backup makes and alone may delete.
const dbBackup = "awsbackup"

func registerRecoveryPoints(a *Account) {
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
}

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
	_, err := a.transact(func(st *state) (any, error) {
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
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			snapshot.V.TagList = append(snapshot.V.TagList, rdstypes.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
		}
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
