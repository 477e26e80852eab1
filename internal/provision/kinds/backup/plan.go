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

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// backupPlan is a plan of AWS Backup with all that decides what it copies.
type backupPlan struct {
	id, arn    string
	tags       provision.Tags
	rules      []backuptypes.BackupRule
	selections []selection
	aurora     bool // the region lets AWS Backup copy Aurora clusters
}

// selection names the resources that a plan copies. AWS lets nobody change one.
type selection struct {
	id string
	backuptypes.BackupSelection
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
		NotIdempotent: true,
		DependsOn:     append(provision.Existing("backup/vault"), provision.ForFields(provision.Ready("iam/role"))...),
		Want: func(*provision.Scope) map[provision.Role]struct{} {
			return map[provision.Role]struct{}{kit.MonthlyRole: {}}
		},
		List:     listBackupPlans,
		Describe: func(ctx context.Context, w *provision.Sweep, p *backupPlan) error { return p.describe(ctx, w) },
		ID:       func(p *backupPlan) string { return p.id },
		Tags:     func(p *backupPlan) provision.Tags { return p.tags },
		State:    provision.AlwaysAvailable[*backupPlan],
		Naming:   provision.Naming[struct{}, *backupPlan]{Title: func(*provision.Scope, provision.Role, struct{}) string { return rules.MonthlyName }},
		InUse:    func(p *backupPlan) bool { return len(p.selections) > 0 },
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
	named := map[string]bool{}
	plans := kit.Chosen(all, func(m backuptypes.BackupPlansListMember) *backupPlan {
		named[aws.ToString(m.BackupPlanId)] = aws.ToString(m.BackupPlanName) == rules.MonthlyName
		return &backupPlan{id: aws.ToString(m.BackupPlanId), arn: aws.ToString(m.BackupPlanArn)}
	})
	return kit.Present(ctx, plans, func(ctx context.Context, p *backupPlan) (err error) {
		if named[p.id] {
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

// selectionsOf reads the selections of a plan, in the order of their ids.
func selectionsOf(ctx context.Context, api awsapi.Backup, plan string) ([]selection, error) {
	p := backup.NewListBackupSelectionsPaginator(api, &backup.ListBackupSelectionsInput{BackupPlanId: &plan})
	all, err := kit.All(ctx, p, func(o *backup.ListBackupSelectionsOutput) []backuptypes.BackupSelectionsListMember {
		return o.BackupSelectionsList
	})
	if err != nil {
		return nil, err
	}
	var out []selection
	for _, m := range all {
		got, err := api.GetBackupSelection(ctx, &backup.GetBackupSelectionInput{BackupPlanId: &plan, SelectionId: m.SelectionId})
		if awsapi.Is(err, awsapi.NotFound) {
			continue // gone since it was listed
		}
		if err != nil {
			return nil, err
		}
		out = append(out, selection{aws.ToString(m.SelectionId), *got.BackupSelection})
	}
	slices.SortFunc(out, func(a, b selection) int { return strings.Compare(a.id, b.id) })
	return out, nil
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
		fmt.Sprintf("starts within %d minutes", aws.ToInt64(r.StartWindowMinutes)),
		fmt.Sprintf("ends within %d minutes", aws.ToInt64(r.CompletionWindowMinutes)),
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
		text = fmt.Sprintf("kept %d days", *l.DeleteAfterDays)
	}
	if l != nil && l.MoveToColdStorageAfterDays != nil {
		text += fmt.Sprintf(", in cold storage after %d", *l.MoveToColdStorageAfterDays)
	}
	return text
}

// monthlySelection takes in the region's Aurora clusters that carry all of three tags.
func monthlySelection(s *provision.Step) selection {
	var tags []backuptypes.ConditionParameter
	for _, tag := range [][2]string{{provision.TagManagedBy, provision.ManagedBy}, {provision.TagRegion, s.Region}, {provision.TagMonthly, kit.OnOff(true)}} {
		tags = append(tags, backuptypes.ConditionParameter{ConditionKey: aws.String("aws:ResourceTag/" + tag[0]), ConditionValue: aws.String(tag[1])})
	}
	out := selection{BackupSelection: backuptypes.BackupSelection{
		IamRoleArn: aws.String(s.ARN("iam", "role/"+rules.BackupRoleName(s.Region))),
		Resources:  []string{s.ARN("rds", "cluster:*")},
		Conditions: &backuptypes.Conditions{StringEquals: tags},
	}}
	// AWS may keep names unique within a plan: another content has another name.
	out.SelectionName = aws.String(rules.MonthlyName + "-" + s.Token(selectionText(out))[:8])
	return out
}

// selectionText is one condition a line.
func selectionText(v selection) string {
	out := append([]string{"role " + aws.ToString(v.IamRoleArn)}, kit.Prefixed("resource ", slices.Clone(v.Resources))...)
	out = append(out, kit.Prefixed("not resource ", slices.Clone(v.NotResources))...)
	for _, c := range v.ListOfTags {
		out = append(out, fmt.Sprintf("or tag %s = %s", aws.ToString(c.ConditionKey), aws.ToString(c.ConditionValue)))
	}
	if c := v.Conditions; c != nil {
		for sign, list := range map[string][]backuptypes.ConditionParameter{"=": c.StringEquals, "like": c.StringLike, "is not": c.StringNotEquals, "is not like": c.StringNotLike} {
			for _, each := range list {
				out = append(out, fmt.Sprintf("and %s %s %s", aws.ToString(each.ConditionKey), sign, aws.ToString(each.ConditionValue)))
			}
		}
	}
	return kit.Lines(out)
}

// blocks are the texts of several, sorted. Two of the same do not pass for one.
func blocks[T any](all []T, text func(T) string) string {
	out := kit.Texts(all, text)
	slices.Sort(out)
	return strings.Join(out, "\n\n")
}

// setSelection makes the right selection before it deletes the others, so that
// there is no moment without one. What is there is read anew, as the run may be
// repeating what it had begun.
func setSelection(ctx context.Context, s *provision.Step, _ struct{}, p *backupPlan) error {
	held, err := selectionsOf(ctx, s.API.Backup, p.id)
	if err != nil {
		return err
	}
	want := monthlySelection(s)
	if i := slices.IndexFunc(held, func(v selection) bool { return selectionText(v) == selectionText(want) }); i >= 0 {
		return deleteSelections(ctx, s, p, slices.Delete(held, i, i+1))
	}
	// Whatever has taken the name stands in the way.
	named := func(v selection) bool { return aws.ToString(v.SelectionName) == aws.ToString(want.SelectionName) }
	rest := slices.DeleteFunc(slices.Clone(held), named)
	if err := deleteSelections(ctx, s, p, slices.DeleteFunc(held, func(v selection) bool { return !named(v) })); err != nil {
		return err
	}
	// Runs that come here at once have the same token, and so make the same one.
	if err := kit.Do(ctx, s.API.Backup.CreateBackupSelection, &backup.CreateBackupSelectionInput{
		BackupPlanId: &p.id, BackupSelection: &want.BackupSelection, CreatorRequestId: aws.String(s.Token(p.id, *want.SelectionName, s.Now.Format("2006-01-02T15"))),
	}); err != nil && !awsapi.Is(err, awsapi.Exists) {
		return err
	}
	return deleteSelections(ctx, s, p, rest)
}

func deleteSelections(ctx context.Context, s *provision.Step, p *backupPlan, gone []selection) error {
	return kit.Each(gone, func(v selection) error {
		return awsapi.IgnoreNotFound(kit.Do(ctx, s.API.Backup.DeleteBackupSelection, &backup.DeleteBackupSelectionInput{BackupPlanId: &p.id, SelectionId: &v.id}))
	})
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
