package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/backup"
)

// Backup is the part of AWS Backup that cicdctl uses.
type Backup interface {
	CreateBackupVault(context.Context, *backup.CreateBackupVaultInput, ...func(*backup.Options)) (*backup.CreateBackupVaultOutput, error)
	ListBackupVaults(context.Context, *backup.ListBackupVaultsInput, ...func(*backup.Options)) (*backup.ListBackupVaultsOutput, error)
	DeleteBackupVault(context.Context, *backup.DeleteBackupVaultInput, ...func(*backup.Options)) (*backup.DeleteBackupVaultOutput, error)
	CreateBackupPlan(context.Context, *backup.CreateBackupPlanInput, ...func(*backup.Options)) (*backup.CreateBackupPlanOutput, error)
	ListBackupPlans(context.Context, *backup.ListBackupPlansInput, ...func(*backup.Options)) (*backup.ListBackupPlansOutput, error)
	GetBackupPlan(context.Context, *backup.GetBackupPlanInput, ...func(*backup.Options)) (*backup.GetBackupPlanOutput, error)
	UpdateBackupPlan(context.Context, *backup.UpdateBackupPlanInput, ...func(*backup.Options)) (*backup.UpdateBackupPlanOutput, error)
	DeleteBackupPlan(context.Context, *backup.DeleteBackupPlanInput, ...func(*backup.Options)) (*backup.DeleteBackupPlanOutput, error)
	CreateBackupSelection(context.Context, *backup.CreateBackupSelectionInput, ...func(*backup.Options)) (*backup.CreateBackupSelectionOutput, error)
	ListBackupSelections(context.Context, *backup.ListBackupSelectionsInput, ...func(*backup.Options)) (*backup.ListBackupSelectionsOutput, error)
	GetBackupSelection(context.Context, *backup.GetBackupSelectionInput, ...func(*backup.Options)) (*backup.GetBackupSelectionOutput, error)
	DeleteBackupSelection(context.Context, *backup.DeleteBackupSelectionInput, ...func(*backup.Options)) (*backup.DeleteBackupSelectionOutput, error)
	DescribeRegionSettings(context.Context, *backup.DescribeRegionSettingsInput, ...func(*backup.Options)) (*backup.DescribeRegionSettingsOutput, error)
	UpdateRegionSettings(context.Context, *backup.UpdateRegionSettingsInput, ...func(*backup.Options)) (*backup.UpdateRegionSettingsOutput, error)
	ListRecoveryPointsByBackupVault(context.Context, *backup.ListRecoveryPointsByBackupVaultInput, ...func(*backup.Options)) (*backup.ListRecoveryPointsByBackupVaultOutput, error)
	DeleteRecoveryPoint(context.Context, *backup.DeleteRecoveryPointInput, ...func(*backup.Options)) (*backup.DeleteRecoveryPointOutput, error)
	ListTags(context.Context, *backup.ListTagsInput, ...func(*backup.Options)) (*backup.ListTagsOutput, error)
	TagResource(context.Context, *backup.TagResourceInput, ...func(*backup.Options)) (*backup.TagResourceOutput, error)
	UntagResource(context.Context, *backup.UntagResourceInput, ...func(*backup.Options)) (*backup.UntagResourceOutput, error)
}
