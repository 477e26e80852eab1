package mototest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

func TestBackupPlans(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	ctx, client := t.Context(), backup.NewFromConfig(config)
	vault, name := aws.String("vault"), aws.String("p")
	must[*backup.CreateBackupVaultOutput](t)(client.CreateBackupVault(ctx, &backup.CreateBackupVaultInput{BackupVaultName: vault}))
	document := func(days int64) *types.BackupPlanInput {
		return &types.BackupPlanInput{BackupPlanName: name, Rules: []types.BackupRuleInput{{RuleName: name, TargetBackupVaultName: vault, Lifecycle: &types.Lifecycle{DeleteAfterDays: &days}}}}
	}
	create := func(days int64, token string) (*backup.CreateBackupPlanOutput, error) {
		return client.CreateBackupPlan(ctx, &backup.CreateBackupPlanInput{BackupPlan: document(days), CreatorRequestId: &token, BackupPlanTags: map[string]string{"a": "b"}})
	}
	first := must[*backup.CreateBackupPlanOutput](t)(create(366, "one"))
	plan := first.BackupPlanId
	if again := must[*backup.CreateBackupPlanOutput](t)(create(366, "one")); *again.BackupPlanId != *plan {
		t.Error("a request that is repeated makes a second plan")
	}
	if _, err := create(366, "two"); codeOf(err) != "AlreadyExistsException" {
		t.Errorf("the same document twice: %v", err)
	}
	if tags := must[*backup.ListTagsOutput](t)(client.ListTags(ctx, &backup.ListTagsInput{ResourceArn: first.BackupPlanArn})).Tags; tags["a"] != "b" {
		t.Errorf("a plan has the tags %v", tags)
	}
	second := must[*backup.CreateBackupPlanOutput](t)(create(30, "three")).BackupPlanId // the name is free
	must[*backup.DeleteBackupPlanOutput](t)(client.DeleteBackupPlan(ctx, &backup.DeleteBackupPlanInput{BackupPlanId: second}))
	must[*backup.CreateBackupPlanOutput](t)(create(30, "four")) // and that of a deleted plan

	must[*backup.UpdateBackupPlanOutput](t)(client.UpdateBackupPlan(ctx, &backup.UpdateBackupPlanInput{BackupPlanId: plan, BackupPlan: document(90)}))
	got := must[*backup.GetBackupPlanOutput](t)(client.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: plan}))
	if days := aws.ToInt64(got.BackupPlan.Rules[0].Lifecycle.DeleteAfterDays); days != 90 {
		t.Errorf("copies are kept %d days, want 90", days)
	}

	selection := &types.BackupSelection{SelectionName: name, IamRoleArn: aws.String("arn:aws:iam::123456789012:role/r"), Resources: []string{"arn:aws:rds:eu-west-3:123456789012:cluster:*"}, Conditions: &types.Conditions{
		StringEquals: []types.ConditionParameter{{ConditionKey: aws.String("aws:ResourceTag/a"), ConditionValue: name}},
	}}
	made := must[*backup.CreateBackupSelectionOutput](t)(client.CreateBackupSelection(ctx, &backup.CreateBackupSelectionInput{BackupPlanId: plan, BackupSelection: selection}))
	if _, err := client.CreateBackupSelection(ctx, &backup.CreateBackupSelectionInput{BackupPlanId: plan, BackupSelection: selection}); codeOf(err) != "AlreadyExistsException" {
		t.Errorf("a selection twice: %v", err)
	}
	listed := must[*backup.ListBackupSelectionsOutput](t)(client.ListBackupSelections(ctx, &backup.ListBackupSelectionsInput{BackupPlanId: plan})).BackupSelectionsList
	if len(listed) != 1 || *listed[0].SelectionId != *made.SelectionId || *listed[0].SelectionName != *name {
		t.Errorf("listed are %+v", listed)
	}
	read := must[*backup.GetBackupSelectionOutput](t)(client.GetBackupSelection(ctx, &backup.GetBackupSelectionInput{BackupPlanId: plan, SelectionId: made.SelectionId})).BackupSelection
	if len(read.Resources) != 1 || len(read.Conditions.StringEquals) != 1 {
		t.Errorf("the selection reads %+v", read)
	}
	if _, err := client.DeleteBackupPlan(ctx, &backup.DeleteBackupPlanInput{BackupPlanId: plan}); codeOf(err) != "InvalidRequestException" {
		t.Errorf("a plan with a selection is deleted: %v", err)
	}
	must[*backup.DeleteBackupSelectionOutput](t)(client.DeleteBackupSelection(ctx, &backup.DeleteBackupSelectionInput{BackupPlanId: plan, SelectionId: made.SelectionId}))
	must[*backup.DeleteBackupPlanOutput](t)(client.DeleteBackupPlan(ctx, &backup.DeleteBackupPlanInput{BackupPlanId: plan}))
	if _, err := client.ListBackupSelections(ctx, &backup.ListBackupSelectionsInput{BackupPlanId: plan}); codeOf(err) != "ResourceNotFoundException" {
		t.Errorf("selections of a deleted plan: %v", err)
	}
}

func TestBackupSettingsAndRecoveryPoints(t *testing.T) {
	t.Parallel()
	config, _ := account(t)
	ctx, client := t.Context(), backup.NewFromConfig(config)
	before := must[*backup.DescribeRegionSettingsOutput](t)(client.DescribeRegionSettings(ctx, &backup.DescribeRegionSettingsInput{})).ResourceTypeOptInPreference
	if before["Aurora"] || !before["EBS"] {
		t.Errorf("at first AWS Backup looks after %v", before)
	}
	must[*backup.UpdateRegionSettingsOutput](t)(client.UpdateRegionSettings(ctx, &backup.UpdateRegionSettingsInput{ResourceTypeOptInPreference: map[string]bool{"Aurora": true}}))
	after := must[*backup.DescribeRegionSettingsOutput](t)(client.DescribeRegionSettings(ctx, &backup.DescribeRegionSettingsInput{})).ResourceTypeOptInPreference
	if !after["Aurora"] || !after["EBS"] {
		t.Errorf("then it looks after %v", after)
	}
	vault := aws.String("vault")
	if _, err := client.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: vault}); codeOf(err) != "ResourceNotFoundException" {
		t.Errorf("recovery points of no vault: %v", err)
	}
	must[*backup.CreateBackupVaultOutput](t)(client.CreateBackupVault(ctx, &backup.CreateBackupVaultInput{BackupVaultName: vault}))
	points := must[*backup.ListRecoveryPointsByBackupVaultOutput](t)(client.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: vault})).RecoveryPoints
	if len(points) != 0 {
		t.Errorf("moto made %d recovery points", len(points))
	}
	_, err := client.DeleteRecoveryPoint(ctx, &backup.DeleteRecoveryPointInput{BackupVaultName: vault, RecoveryPointArn: aws.String("arn:aws:rds:eu-west-3:123456789012:cluster-snapshot:awsbackup:job-1")})
	if codeOf(err) != "ResourceNotFoundException" {
		t.Errorf("an unknown recovery point: %v", err)
	}
}
