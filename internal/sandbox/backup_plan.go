package sandbox

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

type backupPlan struct {
	V          types.BackupPlansListMember
	Body       types.BackupPlan
	Tags       map[string]string
	Selections table[backupSelection]
	meta
}

type backupSelection struct {
	V    types.BackupSelectionsListMember
	Body types.BackupSelection
}

func (t *tx) backupPlan(id *string) (*backupPlan, error) {
	r := t.backup().Plans.first(func(p *backupPlan) bool { return *p.V.BackupPlanId == aws.ToString(id) })
	return found(r, apiError, "ResourceNotFoundException", "Failed reading Backup plan with provided version")
}

// coldStorage is how many days a copy must stay in cold storage.
const coldStorage = 90

// backupCron has six fields, one of which, the day of the month or of the week, says nothing.
var backupCron = lazyregexp.New(`^cron\(\S+ \S+ (\S+) \S+ (\S+) \S+\)$`)

func checkBackupLifecycle(l *types.Lifecycle, continuous bool) error {
	if l == nil {
		return nil
	}
	days, cold := aws.ToInt64(l.DeleteAfterDays), aws.ToInt64(l.MoveToColdStorageAfterDays)
	switch {
	case l.DeleteAfterDays != nil && days < 1, l.MoveToColdStorageAfterDays != nil && cold < 1:
		return backupInvalid("Invalid lifecycle. Days must be at least 1")
	case l.DeleteAfterDays != nil && l.MoveToColdStorageAfterDays != nil && days < cold+coldStorage:
		return backupInvalid("Invalid lifecycle. DeleteAfterDays cannot be less than %d days apart from MoveToColdStorageAfterDays", coldStorage)
	case continuous && (days == 0 || days > 35):
		return backupInvalid("Invalid lifecycle. Continuous backups are kept 1 to 35 days")
	}
	return nil
}

// planBody judges a plan and fills in what AWS does.
func (t *tx) planBody(in *types.BackupPlanInput) (types.BackupPlan, error) {
	out := types.BackupPlan{BackupPlanName: in.BackupPlanName, AdvancedBackupSettings: in.AdvancedBackupSettings}
	if !backupName.MatchString(aws.ToString(in.BackupPlanName)) {
		return out, backupInvalid("Invalid backup plan name: %s", aws.ToString(in.BackupPlanName))
	}
	if len(in.Rules) == 0 {
		return out, backupInvalid("A backup plan needs at least one rule")
	}
	for _, r := range in.Rules {
		rule := types.BackupRule{
			RuleName: r.RuleName, TargetBackupVaultName: r.TargetBackupVaultName, ScheduleExpression: r.ScheduleExpression, ScheduleExpressionTimezone: r.ScheduleExpressionTimezone,
			StartWindowMinutes: r.StartWindowMinutes, CompletionWindowMinutes: r.CompletionWindowMinutes, Lifecycle: r.Lifecycle, RecoveryPointTags: r.RecoveryPointTags,
			CopyActions: r.CopyActions, EnableContinuousBackup: aws.Bool(aws.ToBool(r.EnableContinuousBackup)), RuleId: aws.String(t.uuid()),
		}
		fill := func(field **int64, value int64) {
			if *field == nil {
				*field = &value
			}
		}
		fill(&rule.StartWindowMinutes, 480)
		fill(&rule.CompletionWindowMinutes, 10080)
		rule.ScheduleExpression = cmp.Or(rule.ScheduleExpression, aws.String("cron(0 5 ? * * *)"))
		rule.ScheduleExpressionTimezone = cmp.Or(rule.ScheduleExpressionTimezone, aws.String("Etc/UTC"))
		cron := backupCron.FindStringSubmatch(*rule.ScheduleExpression)
		if !backupName.MatchString(aws.ToString(rule.RuleName)) {
			return out, backupInvalid("Invalid rule name: %s", aws.ToString(rule.RuleName))
		}
		if _, err := t.vault(rule.TargetBackupVaultName); err != nil {
			return out, backupInvalid("Backup vault %s does not exist", aws.ToString(rule.TargetBackupVaultName))
		}
		switch {
		case len(cron) < 3 || (cron[1] == "?") == (cron[2] == "?"):
			return out, backupInvalid("Invalid schedule expression: %s", *rule.ScheduleExpression)
		case *rule.StartWindowMinutes < 60:
			return out, backupInvalid("Start window must be at least 60 minutes")
		case *rule.CompletionWindowMinutes < *rule.StartWindowMinutes+60:
			return out, backupInvalid("Completion window must be at least 60 minutes longer than the start window")
		}
		if err := checkBackupLifecycle(rule.Lifecycle, *rule.EnableContinuousBackup); err != nil {
			return out, err
		}
		if err := backupTagRules.check(rule.RecoveryPointTags); err != nil {
			return out, err
		}
		out.Rules = append(out.Rules, rule)
	}
	return out, nil
}

// samePlan compares two plans but for the ids of their rules.
func samePlan(a, b types.BackupPlan) bool {
	strip := func(p types.BackupPlan) types.BackupPlan {
		p = clone(p)
		for i := range p.Rules {
			p.Rules[i].RuleId = nil
		}
		return p
	}
	return reflect.DeepEqual(strip(a), strip(b))
}

func registerBackupPlans(a *Account) {
	plans := on(a, backup.ServiceID, (*tx).backupPlan)
	op(a, backup.ServiceID, func(t *tx, in *backup.CreateBackupPlanInput) (*backup.CreateBackupPlanOutput, error) {
		if err := cmp.Or(checkRequestID(in.CreatorRequestId), backupTagRules.check(in.BackupPlanTags)); err != nil {
			return nil, err
		}
		body, err := t.planBody(in.BackupPlan)
		if err != nil {
			return nil, err
		}
		answer := func(p *backupPlan) (*backup.CreateBackupPlanOutput, error) {
			return &backup.CreateBackupPlanOutput{BackupPlanId: p.V.BackupPlanId, BackupPlanArn: p.V.BackupPlanArn, CreationDate: p.V.CreationDate, VersionId: p.V.VersionId}, nil
		}
		for _, p := range t.backup().Plans {
			again := in.CreatorRequestId != nil && aws.ToString(p.V.CreatorRequestId) == *in.CreatorRequestId
			switch same := samePlan(p.Body, body); {
			case again && same:
				return answer(p)
			case again || same: // names may be taken twice, whole documents may not
				return nil, apiError("AlreadyExistsException", "Backup plan with the same plan document already exists")
			}
		}
		id := t.uuid()
		p := &backupPlan{Body: body, Tags: maps.Clone(in.BackupPlanTags), meta: t.lagging(nil), V: types.BackupPlansListMember{
			BackupPlanId: &id, BackupPlanArn: aws.String(t.arn("backup", "backup-plan:"+id)), BackupPlanName: body.BackupPlanName,
			CreationDate: aws.Time(t.now), CreatorRequestId: in.CreatorRequestId, VersionId: aws.String(t.uuid()),
		}}
		t.backup().Plans.add(p)
		return answer(p)
	})
	op(a, backup.ServiceID, func(t *tx, in *backup.ListBackupPlansInput) (*backup.ListBackupPlansOutput, error) {
		part, next, err := list(t, t.backup().Plans, in.NextToken, func(p *backupPlan) (types.BackupPlansListMember, bool) { return p.V, !t.late(&p.meta) })
		return &backup.ListBackupPlansOutput{BackupPlansList: part, NextToken: next}, err
	})
	opOn(plans, func(in *backup.GetBackupPlanInput) *string { return in.BackupPlanId }, func(_ *tx, p *backupPlan, in *backup.GetBackupPlanInput) (*backup.GetBackupPlanOutput, error) {
		if in.VersionId != nil && *in.VersionId != *p.V.VersionId {
			return nil, backupMissing("Failed reading Backup plan with provided version")
		}
		return &backup.GetBackupPlanOutput{
			BackupPlan: &p.Body, BackupPlanId: p.V.BackupPlanId, BackupPlanArn: p.V.BackupPlanArn, VersionId: p.V.VersionId,
			CreationDate: p.V.CreationDate, CreatorRequestId: p.V.CreatorRequestId, AdvancedBackupSettings: p.Body.AdvancedBackupSettings,
		}, nil
	})
	opOn(plans, func(in *backup.UpdateBackupPlanInput) *string { return in.BackupPlanId }, func(t *tx, p *backupPlan, in *backup.UpdateBackupPlanInput) (*backup.UpdateBackupPlanOutput, error) {
		body, err := t.planBody(in.BackupPlan)
		if err != nil {
			return nil, err
		}
		p.Body, p.V.BackupPlanName, p.V.VersionId = body, body.BackupPlanName, aws.String(t.uuid())
		return &backup.UpdateBackupPlanOutput{BackupPlanId: p.V.BackupPlanId, BackupPlanArn: p.V.BackupPlanArn, CreationDate: p.V.CreationDate, VersionId: p.V.VersionId}, nil
	})
	opOn(plans, func(in *backup.DeleteBackupPlanInput) *string { return in.BackupPlanId }, func(t *tx, p *backupPlan, _ *backup.DeleteBackupPlanInput) (*backup.DeleteBackupPlanOutput, error) {
		if len(p.Selections) > 0 {
			return nil, apiError("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion")
		}
		t.backup().Plans.drop(p)
		return &backup.DeleteBackupPlanOutput{BackupPlanId: p.V.BackupPlanId, BackupPlanArn: p.V.BackupPlanArn, DeletionDate: aws.Time(t.now), VersionId: p.V.VersionId}, nil
	})
}

// backupRole says why AWS Backup cannot work with a role. It takes one without
// saying for which account.
func (t *tx) backupRole(arn *string) error {
	name := aws.ToString(arn)
	r, err := t.role(aws.String(name[strings.LastIndex(name, "/")+1:]))
	if err != nil || t.iamARN("role", r.Path, r.Name) != name || !trusts(r.Trust, "backup.amazonaws.com", nil) {
		return backupInvalid("IAM Role %s cannot be assumed by AWS Backup", name)
	}
	may := slices.Contains(r.Attached, "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup")
	for _, p := range r.Inline {
		may = may || strings.Contains(p.Policy, "tag:GetResources")
	}
	if !may {
		return backupInvalid("IAM Role %s is not authorized to call tag:GetResources", name)
	}
	return nil
}

func registerBackupSelections(a *Account) {
	opOn(on(a, backup.ServiceID, (*tx).backupPlan), func(in *backup.CreateBackupSelectionInput) *string { return in.BackupPlanId }, func(t *tx, p *backupPlan, in *backup.CreateBackupSelectionInput) (*backup.CreateBackupSelectionOutput, error) {
		if err := checkRequestID(in.CreatorRequestId); err != nil {
			return nil, err
		}
		body := *in.BackupSelection
		if err := t.checkBackupSelection(body); err != nil {
			return nil, err
		}
		for _, s := range p.Selections {
			again := in.CreatorRequestId != nil && aws.ToString(s.V.CreatorRequestId) == *in.CreatorRequestId
			if again && reflect.DeepEqual(s.Body, body) {
				return &backup.CreateBackupSelectionOutput{BackupPlanId: p.V.BackupPlanId, SelectionId: s.V.SelectionId, CreationDate: s.V.CreationDate}, nil
			}
			if again || *s.V.SelectionName == *body.SelectionName {
				return nil, apiError("AlreadyExistsException", "Backup selection %s already exists", *body.SelectionName)
			}
		}
		s := &backupSelection{Body: body, V: types.BackupSelectionsListMember{
			BackupPlanId: p.V.BackupPlanId, SelectionId: aws.String(t.uuid()), SelectionName: body.SelectionName, IamRoleArn: body.IamRoleArn,
			CreationDate: aws.Time(t.now), CreatorRequestId: in.CreatorRequestId,
		}}
		p.Selections.add(s)
		return &backup.CreateBackupSelectionOutput{BackupPlanId: p.V.BackupPlanId, SelectionId: s.V.SelectionId, CreationDate: s.V.CreationDate}, nil
	})
	opOn(on(a, backup.ServiceID, (*tx).backupPlan), func(in *backup.ListBackupSelectionsInput) *string { return in.BackupPlanId }, func(t *tx, p *backupPlan, in *backup.ListBackupSelectionsInput) (*backup.ListBackupSelectionsOutput, error) {
		part, next, err := list(t, p.Selections, in.NextToken, func(s *backupSelection) (types.BackupSelectionsListMember, bool) { return s.V, true })
		return &backup.ListBackupSelectionsOutput{BackupSelectionsList: part, NextToken: next}, err
	})
	op(a, backup.ServiceID, func(t *tx, in *backup.GetBackupSelectionInput) (*backup.GetBackupSelectionOutput, error) {
		_, s, err := t.backupSelection(in.BackupPlanId, in.SelectionId)
		if err != nil {
			return nil, err
		}
		return &backup.GetBackupSelectionOutput{BackupPlanId: s.V.BackupPlanId, SelectionId: s.V.SelectionId, BackupSelection: &s.Body, CreationDate: s.V.CreationDate, CreatorRequestId: s.V.CreatorRequestId}, nil
	})
	op(a, backup.ServiceID, func(t *tx, in *backup.DeleteBackupSelectionInput) (*backup.DeleteBackupSelectionOutput, error) {
		p, s, err := t.backupSelection(in.BackupPlanId, in.SelectionId)
		if err != nil {
			return nil, err
		}
		p.Selections.drop(s)
		return &backup.DeleteBackupSelectionOutput{}, nil
	})
}

func (t *tx) backupSelection(plan, id *string) (*backupPlan, *backupSelection, error) {
	p, err := t.backupPlan(plan)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range p.Selections {
		if *s.V.SelectionId == aws.ToString(id) {
			return p, s, nil
		}
	}
	return nil, nil, backupMissing("Cannot find Backup selection %s", aws.ToString(id))
}

func (t *tx) checkBackupSelection(body types.BackupSelection) error {
	if !backupName.MatchString(aws.ToString(body.SelectionName)) {
		return backupInvalid("Invalid backup selection name: %s", aws.ToString(body.SelectionName))
	}
	if len(body.Resources)+len(body.ListOfTags) == 0 {
		return backupInvalid("Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be non-empty.")
	}
	for _, arn := range slices.Concat(body.Resources, body.NotResources) {
		prefix := strings.TrimSuffix(arn, "*")
		if arn != "*" && !strings.HasPrefix(arn, "arn:") || strings.Contains(prefix, "*") {
			return backupInvalid("Invalid resource ARN: %s", arn)
		}
	}
	if c := body.Conditions; c != nil {
		for _, each := range slices.Concat(c.StringEquals, c.StringLike, c.StringNotEquals, c.StringNotLike) {
			if !strings.HasPrefix(aws.ToString(each.ConditionKey), "aws:ResourceTag/") || each.ConditionValue == nil {
				return backupInvalid("Invalid condition key: %s", aws.ToString(each.ConditionKey))
			}
		}
	}
	for _, r := range t.IAM.use().Roles { // it does not hear of fresh roles at once
		if r.Unheard > 0 && t.iamARN("role", r.Path, r.Name) == *body.IamRoleArn {
			r.Unheard--
			return backupInvalid("IAM Role %s cannot be assumed by AWS Backup", *body.IamRoleArn)
		}
	}
	return t.backupRole(body.IamRoleArn)
}
