package dbcopy

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// RecoveryPoints are those in the vault of monthly copies, of one database or of all;
// none where there is no vault. AWS refuses to speak of a vault that does not exist as
// if the caller lacked the permission (seen in the SDKs' issues, boto3 2269 and
// aws-sdk-js 2625), so that after a refusal the list of vaults says which of the two it
// is. Who may not ask for the list either gets the refusal.
func RecoveryPoints(ctx context.Context, api *awsapi.Set, database *string) ([]backuptypes.RecoveryPointByBackupVault, error) {
	name := rules.MonthlyName
	var out []backuptypes.RecoveryPointByBackupVault
	for p := backup.NewListRecoveryPointsByBackupVaultPaginator(api.Backup, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: &name, ByResourceArn: database}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		switch {
		case awsapi.Is(err, awsapi.NotFound):
			return nil, nil
		case awsapi.Is(err, awsapi.Denied):
			if there, failed := vaultExists(ctx, api, name); failed != nil || there {
				return nil, err
			}
			return nil, nil
		case err != nil:
			return nil, err
		}
		out = append(out, page.RecoveryPoints...)
	}
	return out, nil
}

func vaultExists(ctx context.Context, api *awsapi.Set, name string) (bool, error) {
	for p := backup.NewListBackupVaultsPaginator(api.Backup, &backup.ListBackupVaultsInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(page.BackupVaultList, func(v backuptypes.BackupVaultListMember) bool { return aws.ToString(v.BackupVaultName) == name }) {
			return true, nil
		}
	}
	return false, nil
}
