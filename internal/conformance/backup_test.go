package conformance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// The monthly copies that AWS Backup makes.

// heldCopies lists a client's recovery points.
func heldCopies(ctx context.Context, t *testing.T, r *rig, name string) []provision.Held {
	t.Helper()
	run, err := r.Remove(ctx, name, region, false)
	if err != nil {
		t.Fatal(err)
	}
	p, err := run.Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var out []provision.Held
	for _, held := range p.Held() {
		if held.Kind == "backup/recovery-point" {
			out = append(out, held)
		}
	}
	return out
}

// removeRegion plans the removal of the region, applies it, and returns the plan by kind and role.
func removeRegion(ctx context.Context, t *testing.T, r *rig, purge bool) map[string]provision.Change {
	t.Helper()
	run, err := r.RemoveRegion(ctx, region, purge)
	if err != nil {
		t.Fatal(err)
	}
	p, err := run.Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]provision.Change{}
	for _, c := range p.Changes() {
		out[c.Kind+" "+c.Role] = c
	}
	if _, err := run.Apply(ctx, p, nil, nil); err != nil {
		t.Fatal(err)
	}
	return out
}

// A copy is made every month of the databases whose client asks for it. It outlives
// the client, is told with its expiry, and goes by itself in a year; until then the
// vault stays, and the role with which AWS Backup removes what has expired.
func TestMonthlyCopiesOutliveTheirClientForAYear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 2})
		without := client(t, "GLOBEX", "restorable_monthly: true", "restorable_monthly: false")
		if without.Backup.RestorableMonthly {
			t.Fatal("the example does not say restorable_monthly: true")
		}
		for _, err := range []error{create(ctx, r.Operator, acme(t)), create(ctx, r.Operator, without)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if held := heldCopies(ctx, t, r, "ACME"); len(held) > 0 {
			t.Errorf("before the first month there is %v", held)
		}
		for range 2 {
			if err := r.account.RunBackups(region); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * 24 * time.Hour)
		}
		r.wantNoChange(ctx, acme(t))
		held := heldCopies(ctx, t, r, "ACME")
		if len(held) != 2 {
			t.Fatalf("two months made %d copies", len(held))
		}
		facts := map[string]string{}
		for _, f := range held[0].Facts {
			facts[f.Name] = f.Value
		}
		taken, expires := day(t, facts["taken"]), day(t, facts["expires"])
		if facts["restorable"] != "yes" || expires.Sub(taken) != rules.MonthlyDays*24*time.Hour {
			t.Errorf("facts of a copy: %v", facts)
		}
		if held := heldCopies(ctx, t, r, "GLOBEX"); len(held) > 0 {
			t.Errorf("a client that wants no copies has %v", held)
		}

		for name, purge := range map[string]bool{"ACME": false, "GLOBEX": true} {
			if err := destroy(ctx, r.Operator, name, purge); err != nil {
				t.Fatal(err)
			}
		}
		if held := heldCopies(ctx, t, r, "ACME"); len(held) != 2 {
			t.Fatalf("of 2 copies %d outlive their client", len(held))
		}
		planned := removeRegion(ctx, t, r, false)
		for name, op := range map[string]provision.Op{
			"backup/plan monthly": provision.OpDelete, "backup/vault monthly": provision.OpRetain, "iam/role backup": provision.OpRetain, "kms/key shared": provision.OpRetain,
		} {
			if planned[name].Op != op {
				t.Errorf("with copies left, removing the region does to %s: %s", name, line(planned[name]))
			}
		}
		if until := planned["iam/role backup"].Until; until == nil || !until.After(expires) {
			t.Errorf("the role is kept until %v, and the last copy until after %v", until, expires)
		}

		time.Sleep(rules.MonthlyDays * 24 * time.Hour)
		if err := r.account.RunBackups(region); err != nil {
			t.Fatal(err)
		}
		if held := heldCopies(ctx, t, r, "ACME"); len(held) > 0 {
			t.Errorf("after a year there is %v", held)
		}
		planned = removeRegion(ctx, t, r, false)
		for _, name := range []string{"backup/vault monthly", "iam/role backup"} {
			if planned[name].Op != provision.OpDelete {
				t.Errorf("with no copies left, removing the region does to %s: %s", name, line(planned[name]))
			}
		}
	})
}

func day(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Error(err)
	}
	return at
}

// --purge-data removes a client's copies with the client, and all that are
// cicdctl's with the region.
func TestPurgeRemovesCopies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		for _, name := range []string{"ACME", "GLOBEX"} {
			if err := create(ctx, r.Operator, client(t, name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.account.RunBackups(region); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "GLOBEX", false); err != nil {
			t.Fatal(err)
		}
		if of, left := len(heldCopies(ctx, t, r, "ACME")), len(heldCopies(ctx, t, r, "GLOBEX")); of != 0 || left != 1 {
			t.Errorf("left are %d copies of ACME and %d of GLOBEX, want 0 and 1", of, left)
		}
		removeRegion(ctx, t, r, true)
		for key := range r.inventory(ctx) {
			if strings.HasPrefix(key, "backup/") || strings.HasPrefix(key, "iam/role region") {
				t.Errorf("left behind: %s", key)
			}
		}
	})
}

// What somebody else has put into the vault is never removed: the vault stays.
func TestPurgeLeavesForeignCopies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if err := r.account.RunBackups(region); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region)
		snapshot := heldCopies(ctx, t, r, "ACME")[0].ID
		if _, err := api.RDS.RemoveTagsFromResource(ctx, &rds.RemoveTagsFromResourceInput{ResourceName: &snapshot, TagKeys: []string{provision.TagManagedBy}}); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		run, err := r.RemoveRegion(ctx, region, true)
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = run.Apply(ctx, p, nil, nil); err == nil || !strings.Contains(err.Error(), snapshot) {
			t.Errorf("got %v, want that %s is in the way", err, snapshot)
		}
		left, err := api.Backup.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: aws.String(rules.MonthlyName)})
		if err != nil || len(left.RecoveryPoints) != 1 {
			t.Errorf("the foreign copy: %v, %v", left, err)
		}
	})
}

// AWS Backup's copies are not told among RDS's own, nor deleted there.
func TestCopiesAreKeptFromRDS(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if err := r.account.RunBackups(region); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region).RDS
		of := func(kind *string) []rdstypes.DBClusterSnapshot {
			out, err := api.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{SnapshotType: kind})
			if err != nil {
				t.Fatal(err)
			}
			return out.DBClusterSnapshots
		}
		for _, s := range of(nil) {
			if *s.SnapshotType != "automated" && *s.SnapshotType != "manual" {
				t.Errorf("without a type RDS tells of %s", *s.DBClusterSnapshotIdentifier)
			}
		}
		copied := of(aws.String("awsbackup"))
		if len(copied) != 1 || !strings.HasPrefix(*copied[0].DBClusterSnapshotIdentifier, "awsbackup:job-") {
			t.Fatalf("the copies are %v", copied)
		}
		if _, err := api.DeleteDBClusterSnapshot(ctx, &rds.DeleteDBClusterSnapshotInput{DBClusterSnapshotIdentifier: copied[0].DBClusterSnapshotIdentifier}); awsapi.Code(err) != "InvalidDBClusterSnapshotStateFault" {
			t.Errorf("RDS deletes it: %v", err)
		}
	})
}

// A selection that differs is replaced without a moment in which nothing is
// selected, wherever the run is killed; a second plan goes; what the region lets
// AWS Backup do for other services stays.
func TestMonthlyCopiesAreRepaired(t *testing.T) {
	t.Parallel()
	spoil := func(ctx context.Context, t *testing.T, api awsapi.Backup) {
		t.Helper()
		plans, err := api.ListBackupPlans(ctx, &backup.ListBackupPlansInput{})
		if err != nil {
			t.Fatal(err)
		}
		id, arn := plans.BackupPlansList[0].BackupPlanId, plans.BackupPlansList[0].BackupPlanArn
		listed, err := api.ListBackupSelections(ctx, &backup.ListBackupSelectionsInput{BackupPlanId: id})
		if err != nil {
			t.Fatal(err)
		}
		was := listed.BackupSelectionsList[0]
		right, err := api.GetBackupSelection(ctx, &backup.GetBackupSelectionInput{BackupPlanId: id, SelectionId: was.SelectionId})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.DeleteBackupSelection(ctx, &backup.DeleteBackupSelectionInput{BackupPlanId: id, SelectionId: was.SelectionId}); err != nil {
			t.Fatal(err)
		}
		wrong := *right.BackupSelection // under the right name, and another beside it
		wrong.Conditions = nil
		for _, name := range []string{*wrong.SelectionName, "other"} {
			wrong.SelectionName = &name
			if _, err := api.CreateBackupSelection(ctx, &backup.CreateBackupSelectionInput{BackupPlanId: id, BackupSelection: &wrong}); err != nil {
				t.Fatal(err)
			}
		}
		tags, err := api.ListTags(ctx, &backup.ListTagsInput{ResourceArn: arn})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.CreateBackupPlan(ctx, &backup.CreateBackupPlanInput{BackupPlanTags: tags.Tags, BackupPlan: &backuptypes.BackupPlanInput{
			BackupPlanName: aws.String(rules.MonthlyName), Rules: []backuptypes.BackupRuleInput{{RuleName: aws.String("daily"), TargetBackupVaultName: aws.String(rules.MonthlyName)}},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	repaired := func(ctx context.Context, t *testing.T, r *rig) {
		t.Helper()
		r.wantNoChange(ctx, acme(t))
		api := r.Factory.Set(region).Backup
		plans, err := api.ListBackupPlans(ctx, &backup.ListBackupPlansInput{})
		if err != nil || len(plans.BackupPlansList) != 1 {
			t.Fatalf("there are %d plans (%v), want one", len(plans.BackupPlansList), err)
		}
		selections, err := api.ListBackupSelections(ctx, &backup.ListBackupSelectionsInput{BackupPlanId: plans.BackupPlansList[0].BackupPlanId})
		if err != nil || len(selections.BackupSelectionsList) != 1 {
			t.Errorf("there are %d selections (%v), want one", len(selections.BackupSelectionsList), err)
		}
		settings, err := api.DescribeRegionSettings(ctx, &backup.DescribeRegionSettingsInput{})
		if on := settings.ResourceTypeOptInPreference; err != nil || !on["Aurora"] || !on["EBS"] || on["S3"] {
			t.Errorf("the region lets AWS Backup do %v (%v)", on, err)
		}
	}
	var spoilt any
	calls := 0
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		spoil(ctx, t, r.Factory.Set(region).Backup)
		spoilt = r.tree()
		r.account.Forget()
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		for _, c := range r.account.Calls() {
			if c.Mutating {
				calls++
			}
		}
		repaired(ctx, t, r)
	})
	for n := 1; n <= calls; n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("killed at change %d, after %v", n, after), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Lag: -1})
					r.restore(spoilt)
					seen := 0
					r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
						if c.Mutating {
							seen++
						}
						switch {
						case seen < n:
							return sandbox.Fault{}
						case seen == n && c.Mutating && after:
							return sandbox.Fault{After: errKilled}
						default:
							return sandbox.Fault{Before: errKilled}
						}
					})
					if err := create(ctx, r.Operator, acme(t)); err == nil {
						t.Error("the run was not killed")
					}
					r.revive()
					if err := create(ctx, operator(t, r.account, cloud.Config{}), acme(t)); err != nil {
						t.Fatal(err)
					}
					repaired(ctx, t, r)
				})
			})
		}
	}
}
