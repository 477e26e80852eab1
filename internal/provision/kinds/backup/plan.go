package backup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"

	"gitlab.com/cicd/cicdctl/internal/count"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// backupPlan is a plan of AWS Backup with all that decides what it copies.
type backupPlan struct {
	id, arn    string
	named      bool // like ours
	tags       provision.Tags
	rules      []backuptypes.BackupRule
	selections []selection
	aurora     bool // the region lets AWS Backup copy Aurora clusters
}

// auroraType is what AWS Backup calls Aurora clusters.
const auroraType = "Aurora"

// PlanKind makes one restorable copy a month of each database whose tag asks
// for it: one plan for all clients of a region. AWS takes the name of a plan twice,
// so it says nothing about whose the plan is.
func PlanKind() *provision.Type {
	return provision.Define(provision.Kind[struct{}, *backupPlan]{
		Name:          "backup/plan",
		ARN:           "backup:backup-plan:",
		Levels:        provision.RegionLevel,
		Billing:       provision.Billing[struct{}, *backupPlan]{Free: freeBackup},
		Impact:        provision.Impact[*backupPlan]{Stateless: true},
		NotIdempotent: true,
		DependsOn:     append(provision.Existing("backup/vault"), provision.ForFields(provision.Ready("iam/role"))...),
		Want:          kit.One(kit.MonthlyRole),
		List:          listBackupPlans,
		Describe:      func(ctx context.Context, w *provision.Sweep, p *backupPlan) error { return p.describe(ctx, w) },
		ID:            func(p *backupPlan) string { return p.id },
		Tags:          func(p *backupPlan) provision.Tags { return p.tags },
		Naming:        provision.Naming[struct{}, *backupPlan]{Title: func(*provision.Scope, provision.Role, struct{}) string { return rules.MonthlyName }},
		InUse:         func(p *backupPlan) bool { return len(p.selections) > 0 },
		LostTags:      func(_ *provision.Step, _ struct{}, other *backupPlan) bool { return other.named },
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (*backupPlan, error) {
			// The time makes the plan another one than its predecessor.
			in := &backup.CreateBackupPlanInput{BackupPlan: monthlyPlan(), BackupPlanTags: s.Tags, CreatorRequestId: aws.String(s.Token(s.Now.String()))}
			return kit.Get(ctx, s.API.Backup.CreateBackupPlan, in, func(o *backup.CreateBackupPlanOutput) *backupPlan {
				return &backupPlan{id: aws.ToString(o.BackupPlanId), arn: aws.ToString(o.BackupPlanArn), tags: s.Tags, rules: []backuptypes.BackupRule{monthlyRule()}}
			})
		},
		Delete: func(ctx context.Context, s *provision.Step, p *backupPlan) error {
			held, err := selectionsOf(ctx, s.API.Backup, p.id)
			if err == nil {
				err = deleteSelections(ctx, s, p, held)
			}
			if err == nil {
				err = kit.Do(ctx, s.API.Backup.DeleteBackupPlan, &backup.DeleteBackupPlanInput{BackupPlanId: &p.id})
			}
			return err
		},
		Retag: retagBackup(func(p *backupPlan) *string { return &p.arn }),
		Facts: func(*backupPlan) []provision.Fact {
			return []provision.Fact{{Name: "copies", Value: fmt.Sprintf("%s UTC, kept %s", rules.MonthlyCron, kit.Days(rules.MonthlyDays))}}
		},
		Fields: []provision.Field[struct{}, *backupPlan]{
			{
				Name: "rule",
				Want: func(*provision.Step, struct{}) string { return ruleText(monthlyRule()) },
				Have: func(p *backupPlan) string { return blocks(p.rules, ruleText) },
				Set: func(ctx context.Context, s *provision.Step, _ struct{}, p *backupPlan) error {
					return kit.Do(ctx, s.API.Backup.UpdateBackupPlan, &backup.UpdateBackupPlanInput{BackupPlanId: &p.id, BackupPlan: monthlyPlan()})
				},
			},
			{
				Name: "selection",
				Want: func(s *provision.Step, _ struct{}) string { return selectionText(monthlySelection(s)) },
				Have: func(p *backupPlan) string { return blocks(p.selections, selectionText) },
				Set:  setSelection,
			},
			{
				// A setting of the region: without it AWS Backup passes over Aurora in silence.
				// It stays on when the region is destroyed, as others may rely on it by then.
				Name: "Aurora opt-in",
				Want: func(*provision.Step, struct{}) string { return kit.OnOff(true) },
				Have: func(p *backupPlan) string { return kit.OnOff(p.aurora) },
				Set:  optIn,
			},
		},
	})
}

// listBackupPlans lists the plans, with the tags of those that are named like ours.
func listBackupPlans(ctx context.Context, w *provision.Sweep) ([]*backupPlan, error) {
	p := backup.NewListBackupPlansPaginator(w.Backup, &backup.ListBackupPlansInput{})
	all, err := kit.All(ctx, p, func(o *backup.ListBackupPlansOutput) []backuptypes.BackupPlansListMember { return o.BackupPlansList })
	if err != nil {
		return nil, err
	}
	plans := kit.Chosen(all, func(m backuptypes.BackupPlansListMember) *backupPlan {
		return &backupPlan{id: aws.ToString(m.BackupPlanId), arn: aws.ToString(m.BackupPlanArn), named: aws.ToString(m.BackupPlanName) == rules.MonthlyName}
	})
	return kit.Present(ctx, plans, func(ctx context.Context, p *backupPlan) (err error) {
		if p.named {
			p.tags, err = backupTags(ctx, w, &p.arn)
		}
		return err
	})
}

// describe reads what lists leave out.
func (p *backupPlan) describe(ctx context.Context, w *provision.Sweep) error {
	out, err := w.Backup.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: &p.id})
	if err == nil {
		p.rules = out.BackupPlan.Rules
		p.selections, err = selectionsOf(ctx, w.Backup, p.id)
	}
	if err != nil {
		return err
	}
	settings, err := provision.Shared(w, "backup settings", func() (*backup.DescribeRegionSettingsOutput, error) {
		return w.Backup.DescribeRegionSettings(ctx, &backup.DescribeRegionSettingsInput{})
	})
	if err != nil {
		return err
	}
	p.aurora = settings.ResourceTypeOptInPreference[auroraType]
	return nil
}

func monthlyRule() backuptypes.BackupRule {
	return backuptypes.BackupRule{
		RuleName: aws.String(kit.MonthlyRole), TargetBackupVaultName: aws.String(rules.MonthlyName),
		ScheduleExpression: aws.String(rules.MonthlyCron), ScheduleExpressionTimezone: aws.String("Etc/UTC"),
		StartWindowMinutes: aws.Int64(rules.MonthlyStartMinutes), CompletionWindowMinutes: aws.Int64(rules.MonthlyCompleteMinutes),
		Lifecycle: &backuptypes.Lifecycle{DeleteAfterDays: aws.Int64(rules.MonthlyDays)},
	}
}

func monthlyPlan() *backuptypes.BackupPlanInput {
	r := monthlyRule()
	return &backuptypes.BackupPlanInput{BackupPlanName: aws.String(rules.MonthlyName), Rules: []backuptypes.BackupRuleInput{{
		RuleName: r.RuleName, TargetBackupVaultName: r.TargetBackupVaultName, ScheduleExpression: r.ScheduleExpression, ScheduleExpressionTimezone: r.ScheduleExpressionTimezone,
		StartWindowMinutes: r.StartWindowMinutes, CompletionWindowMinutes: r.CompletionWindowMinutes, Lifecycle: r.Lifecycle,
	}}}
}

// ruleText is one attribute a line.
func ruleText(r backuptypes.BackupRule) string {
	out := []string{
		"name " + aws.ToString(r.RuleName),
		"at " + aws.ToString(r.ScheduleExpression) + " " + aws.ToString(r.ScheduleExpressionTimezone),
		"into vault " + aws.ToString(r.TargetBackupVaultName),
		count.Sprintf("starts within %d {minute|minutes}", aws.ToInt64(r.StartWindowMinutes)),
		count.Sprintf("ends within %d {minute|minutes}", aws.ToInt64(r.CompletionWindowMinutes)),
		retentionText(r.Lifecycle),
	}
	if aws.ToBool(r.EnableContinuousBackup) {
		out = append(out, "continuous")
	}
	for _, c := range r.CopyActions {
		out = append(out, "copied to "+aws.ToString(c.DestinationBackupVaultArn)+", "+retentionText(c.Lifecycle))
	}
	for key, value := range r.RecoveryPointTags {
		out = append(out, "tag "+key+" = "+value)
	}
	return kit.Lines(out)
}

func retentionText(l *backuptypes.Lifecycle) string {
	text := "kept for ever"
	if l != nil && l.DeleteAfterDays != nil {
		text = count.Sprintf("kept %d {day|days}", *l.DeleteAfterDays)
	}
	if l != nil && l.MoveToColdStorageAfterDays != nil {
		text += fmt.Sprintf(", in cold storage after %d", *l.MoveToColdStorageAfterDays)
	}
	return text
}

// blocks are the texts of several, sorted. Two of the same do not pass for one.
func blocks[T any](all []T, text func(T) string) string {
	out := kit.Texts(all, text)
	slices.Sort(out)
	return strings.Join(out, "\n\n")
}

// optIn turns Aurora on in the region and sends the rest back as it is: what is
// left out, AWS may turn off.
func optIn(ctx context.Context, s *provision.Step, _ struct{}, _ *backupPlan) error {
	now, err := s.API.Backup.DescribeRegionSettings(ctx, &backup.DescribeRegionSettingsInput{})
	if err != nil || now.ResourceTypeOptInPreference[auroraType] {
		return err
	}
	all := map[string]bool{}
	maps.Copy(all, now.ResourceTypeOptInPreference)
	all[auroraType] = true
	return kit.Do(ctx, s.API.Backup.UpdateRegionSettings, &backup.UpdateRegionSettingsInput{ResourceTypeOptInPreference: all})
}
