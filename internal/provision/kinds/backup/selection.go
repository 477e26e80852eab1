package backup

import (
	"context"
	"fmt"
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

// selection names the resources that a plan copies. AWS lets nobody change one.
type selection struct {
	id string
	backuptypes.BackupSelection
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
	return kit.Drop(gone, func(v selection) error {
		return kit.Do(ctx, s.API.Backup.DeleteBackupSelection, &backup.DeleteBackupSelectionInput{BackupPlanId: &p.id, SelectionId: &v.id})
	})
}
