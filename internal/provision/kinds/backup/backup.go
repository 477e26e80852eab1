package backup

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// vaults are all vaults of the region.
func vaults(ctx context.Context, w *provision.Sweep) ([]backuptypes.BackupVaultListMember, error) {
	return provision.Shared(w, "backup vaults", func() ([]backuptypes.BackupVaultListMember, error) {
		p := backup.NewListBackupVaultsPaginator(w.Backup, &backup.ListBackupVaultsInput{})
		return kit.All(ctx, p, func(o *backup.ListBackupVaultsOutput) []backuptypes.BackupVaultListMember { return o.BackupVaultList })
	})
}

func monthly(v backuptypes.BackupVaultListMember) bool {
	return aws.ToString(v.BackupVaultName) == rules.MonthlyName
}

// backupTags reads the tags of a vault or a plan.
func backupTags(ctx context.Context, w *provision.Sweep, arn *string) (provision.Tags, error) {
	tags := provision.Tags{}
	for p := backup.NewListTagsPaginator(w.Backup, &backup.ListTagsInput{ResourceArn: arn}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		maps.Copy(tags, page.Tags)
	}
	return tags, nil
}

func retagBackup[A any](arn func(A) *string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		return kit.Do(ctx, s.API.Backup.TagResource, &backup.TagResourceInput{ResourceArn: arn(a), Tags: tags})
	}
}

// backupPatience is how long AWS Backup may take to remove copies.
const backupPatience = 20 * time.Minute

// recoveryPoints are those in the vault of the monthly copies. Whether it exists is
// looked up first: AWS refuses to speak of a vault that does not, as if the caller
// lacked the permission.
func recoveryPoints(ctx context.Context, w *provision.Sweep) ([]backuptypes.RecoveryPointByBackupVault, error) {
	return provision.Shared(w, "recovery points", func() ([]backuptypes.RecoveryPointByBackupVault, error) {
		all, err := vaults(ctx, w)
		if err != nil || !slices.ContainsFunc(all, monthly) {
			return nil, err
		}
		p := backup.NewListRecoveryPointsByBackupVaultPaginator(w.Backup, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: aws.String(rules.MonthlyName)})
		return kit.All(ctx, p, func(o *backup.ListRecoveryPointsByBackupVaultOutput) []backuptypes.RecoveryPointByBackupVault {
			return o.RecoveryPoints
		})
	})
}
