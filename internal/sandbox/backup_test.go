package sandbox_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// AWS Backup refuses what AWS does, and changes nothing then.
func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	account, err := sandbox.New(sandbox.Options{Lag: -1, Used: true})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, api, roles := t.Context(), factory.Set("eu-west-3").Backup, factory.Set("eu-west-3").IAM
	role := func(name, trust, policy string) *string {
		made, err := roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
		if err == nil {
			_, err = roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: &policy})
		}
		if err != nil {
			t.Fatal(err)
		}
		return made.Role.Arn
	}
	const find = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"tag:GetResources","Resource":"*"}]}`
	trust := func(service, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `.amazonaws.com"},"Action":"sts:AssumeRole"` + condition + `}]}`
	}
	good := role("good", trust("backup", `,"Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"123456789012"}}`), find)
	vault := func(name, token string) error {
		in := &backup.CreateBackupVaultInput{BackupVaultName: &name}
		if token != "" {
			in.CreatorRequestId = &token
		}
		_, err := api.CreateBackupVault(ctx, in)
		return err
	}
	plan := func(token string, change func(*types.BackupRuleInput)) (*backup.CreateBackupPlanOutput, error) {
		rule := types.BackupRuleInput{RuleName: aws.String("r"), TargetBackupVaultName: aws.String("v-1"), ScheduleExpression: aws.String("cron(0 3 1 * ? *)"), Lifecycle: &types.Lifecycle{DeleteAfterDays: aws.Int64(366)}}
		change(&rule)
		return api.CreateBackupPlan(ctx, &backup.CreateBackupPlanInput{CreatorRequestId: &token, BackupPlan: &types.BackupPlanInput{BackupPlanName: aws.String("p"), Rules: []types.BackupRuleInput{rule}}})
	}
	as := func(*types.BackupRuleInput) {}
	if err := vault("v-1", "one"); err != nil {
		t.Fatal(err)
	}
	first, err := plan("one", as)
	if err != nil {
		t.Fatal(err)
	}
	selection := func(token string, change func(*types.BackupSelection)) (*backup.CreateBackupSelectionOutput, error) {
		s := types.BackupSelection{SelectionName: aws.String("s"), IamRoleArn: good, Resources: []string{"arn:aws:rds:eu-west-3:123456789012:cluster:*"}}
		change(&s)
		return api.CreateBackupSelection(ctx, &backup.CreateBackupSelectionInput{BackupPlanId: first.BackupPlanId, BackupSelection: &s, CreatorRequestId: &token})
	}
	made, err := selection("one", func(*types.BackupSelection) {})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := plan("one", as); err != nil || *again.BackupPlanId != *first.BackupPlanId {
		t.Errorf("a plan asked for again: %v", err)
	}
	if again, err := selection("one", func(*types.BackupSelection) {}); err != nil || *again.SelectionId != *made.SelectionId {
		t.Errorf("a selection asked for again: %v", err)
	}
	if err := vault("v-1", "one"); err != nil {
		t.Errorf("a vault asked for again: %v", err)
	}

	rule := func(change func(*types.BackupRuleInput)) func() error {
		return func() error { _, err := plan("other", change); return err }
	}
	chosen := func(change func(*types.BackupSelection)) func() error {
		return func() error {
			_, err := selection("other", func(s *types.BackupSelection) { s.SelectionName = aws.String("t"); change(s) })
			return err
		}
	}
	taken := func(name, trust, policy string) func() error {
		arn := role(name, trust, policy)
		return chosen(func(s *types.BackupSelection) { s.IamRoleArn = arn })
	}
	const invalid = "InvalidParameterValueException"
	tests := map[string]struct {
		do   func() error
		want string
	}{
		"a vault of a name that is taken": {func() error { return vault("v-1", "") }, "AlreadyExistsException"},
		"a vault with a dot in its name":  {func() error { return vault("v.1", "") }, invalid},
		"a plan whose document exists":    {rule(as), "AlreadyExistsException"},
		"a token that made something else": {func() error {
			_, err := plan("one", func(r *types.BackupRuleInput) { r.RuleName = aws.String("x") })
			return err
		}, "AlreadyExistsException"},
		"a vault that does not exist":         {rule(func(r *types.BackupRuleInput) { r.TargetBackupVaultName = aws.String("none") }), invalid},
		"cold storage too close to the end":   {rule(func(r *types.BackupRuleInput) { r.Lifecycle.MoveToColdStorageAfterDays = aws.Int64(300) }), invalid},
		"no days":                             {rule(func(r *types.BackupRuleInput) { r.Lifecycle.DeleteAfterDays = aws.Int64(0) }), invalid},
		"continuous backups of a year":        {rule(func(r *types.BackupRuleInput) { r.EnableContinuousBackup = aws.Bool(true) }), invalid},
		"a cron of five fields":               {rule(func(r *types.BackupRuleInput) { r.ScheduleExpression = aws.String("cron(0 3 1 * *)") }), invalid},
		"a cron with two days":                {rule(func(r *types.BackupRuleInput) { r.ScheduleExpression = aws.String("cron(0 3 1 * 1 *)") }), invalid},
		"a start window of half an hour":      {rule(func(r *types.BackupRuleInput) { r.StartWindowMinutes = aws.Int64(30) }), invalid},
		"an end before the start":             {rule(func(r *types.BackupRuleInput) { r.CompletionWindowMinutes = aws.Int64(60) }), invalid},
		"a selection of a name that is taken": {chosen(func(s *types.BackupSelection) { s.SelectionName = aws.String("s") }), "AlreadyExistsException"},
		"a selection of nothing":              {chosen(func(s *types.BackupSelection) { s.Resources = nil }), invalid},
		"a wildcard in the middle":            {chosen(func(s *types.BackupSelection) { s.Resources = []string{"arn:aws:rds:*:*:cluster:*"} }), invalid},
		"a condition on no tag": {chosen(func(s *types.BackupSelection) {
			s.Conditions = &types.Conditions{StringEquals: []types.ConditionParameter{{ConditionKey: aws.String("a"), ConditionValue: aws.String("b")}}}
		}), invalid},
		"a role that does not exist":            {chosen(func(s *types.BackupSelection) { s.IamRoleArn = aws.String("arn:aws:iam::123456789012:role/none") }), invalid},
		"a role for another service":            {taken("other", trust("ec2", ""), find), invalid},
		"a role that wants to know the account": {taken("strict", trust("backup", `,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`), find), invalid},
		"a role that cannot find resources":     {taken("blind", trust("backup", ""), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"rds:*","Resource":"*"}]}`), invalid},
		"a plan with selections, deleted": {func() error {
			_, err := api.DeleteBackupPlan(ctx, &backup.DeleteBackupPlanInput{BackupPlanId: first.BackupPlanId})
			return err
		}, "InvalidRequestException"},
		"a vault that does not exist, deleted": {func() error {
			_, err := api.DeleteBackupVault(ctx, &backup.DeleteBackupVaultInput{BackupVaultName: aws.String("none")})
			return err
		}, "AccessDeniedException"},
		"an unknown recovery point, deleted": {func() error {
			_, err := api.DeleteRecoveryPoint(ctx, &backup.DeleteRecoveryPointInput{BackupVaultName: aws.String("v-1"), RecoveryPointArn: aws.String("arn:aws:rds:eu-west-3:123456789012:cluster-snapshot:x")})
			return err
		}, "ResourceNotFoundException"},
		"a service that AWS Backup does not know": {func() error {
			_, err := api.UpdateRegionSettings(ctx, &backup.UpdateRegionSettingsInput{ResourceTypeOptInPreference: map[string]bool{"Abacus": true}})
			return err
		}, invalid},
		"tags that are AWS's": {func() error {
			_, err := api.TagResource(ctx, &backup.TagResourceInput{ResourceArn: first.BackupPlanArn, Tags: map[string]string{"aws:x": "y"}})
			return err
		}, invalid},
	}
	for name, test := range tests {
		if got := awsapi.Code(test.do()); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
