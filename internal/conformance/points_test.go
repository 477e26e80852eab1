package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func wantFinding(t *testing.T, p *backup.Points, id, is string) {
	t.Helper()
	for _, f := range p.Findings {
		if f.ID == id && strings.Contains(f.Is, is) {
			return
		}
	}
	t.Errorf("%s (%s) is not among %+v", id, is, p.Findings)
}

func TestPointsTellEveryCopy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		if _, err := archived(ctx, r.Operator, small(t), false); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		p, err := backup.ReadPoints(ctx, r.Operator, "ACME", region, small(t))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(r.account.Calls()); n > 12 {
			t.Errorf("%d calls", n)
		}
		kinds := map[rules.CopyKind]backup.Point{}
		for _, each := range p.Points {
			kinds[each.Kind] = each
		}
		if c := kinds[rules.Continuous]; !c.Restorable || c.Since == nil || c.Days != 30 {
			t.Errorf("continuous: %+v", c)
		}
		if a := kinds[rules.Archive]; a.Restorable || a.Until == nil || a.Until.Sub(p.At) < 365*24*time.Hour {
			t.Errorf("archive: %+v", a)
		}
		for _, f := range p.Findings {
			t.Errorf("found %+v", f)
		}
		// What was destroyed is still told.
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		if p, err = backup.ReadPoints(ctx, operator(t, r.account, cloud.Config{}), "ACME", region, nil); err != nil {
			t.Fatal(err)
		}
		var left []rules.CopyKind
		for _, each := range p.Points {
			left = append(left, each.Kind)
		}
		if !slices.Equal(left, []rules.CopyKind{rules.Retained, rules.Snapshot, rules.Archive}) || len(p.Findings) > 0 {
			t.Errorf("left are %v, found %v", left, p.Findings)
		}
	})
}

// The vault is that of all clients of a region.
func TestPointsTellTheClientsOwnMonthlyCopies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		if err := create(ctx, r.Operator, client(t, "GLOBEX")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * 24 * time.Hour)
		p, err := backup.ReadPoints(ctx, r.Operator, "ACME", region, small(t))
		if err != nil {
			t.Fatal(err)
		}
		wantFinding(t, p, "CICD-BACKUP-9", "no copy")
		if err := r.account.RunBackups(region); err != nil {
			t.Fatal(err)
		}
		if p, err = backup.ReadPoints(ctx, r.Operator, "ACME", region, small(t)); err != nil {
			t.Fatal(err)
		}
		var copies []backup.Point
		for _, each := range p.Points {
			if each.Kind == rules.Monthly {
				copies = append(copies, each)
			}
		}
		if len(copies) != 1 || !copies[0].Restorable || copies[0].Until == nil || copies[0].Until.Sub(copies[0].At) != rules.MonthlyDays*24*time.Hour {
			t.Errorf("monthly copies: %+v", copies)
		}
		if slices.ContainsFunc(p.Findings, func(f judge.Finding) bool { return f.ID == "CICD-BACKUP-9" || f.ID == "CICD-BACKUP-10" }) {
			t.Errorf("found %+v", p.Findings)
		}
	})
}

// What AWS does not let be seen is not "none".
func TestPointsSayWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	for operation, c := range map[string]struct {
		look judge.Look
		rule string
	}{
		"DescribeDBClusters":              {judge.LookDatabase, "CICD-BACKUP-1"},
		"DescribeDBInstances":             {judge.LookInstances, "CICD-BACKUP-11"},
		"DescribeDBClusterSnapshots":      {judge.LookSnapshots, ""},
		"DescribeExportTasks":             {judge.LookExports, "CICD-BACKUP-5"},
		"ListRecoveryPointsByBackupVault": {judge.LookMonthly, "CICD-BACKUP-9"},
		"GetSchedule":                     {judge.LookArchive, "CICD-BACKUP-4"},
		"GetBucketLifecycleConfiguration": {judge.LookBucket, "CICD-BACKUP-8"},
		"DescribeKey":                     {judge.LookClientKey, "CICD-BACKUP-13"},
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), protectedRig(t)
				r.account.OnCall(func(call sandbox.Call) sandbox.Fault {
					if call.Operation == operation {
						return sandbox.Fault{Before: refusal("AccessDenied")}
					}
					return sandbox.Fault{}
				})
				p, err := backup.ReadPoints(ctx, r.Operator, "ACME", region, small(t))
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(p.Unknown[c.look], "AccessDenied") {
					t.Errorf("not known is only %v", p.Unknown)
				}
				if c.rule != "" {
					wantFinding(t, p, c.rule, "not known: ")
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), protectedRig(t)
		r.account.OnCall(func(call sandbox.Call) sandbox.Fault {
			if call.Service == "STS" {
				return sandbox.Fault{}
			}
			return sandbox.Fault{Before: refusal("AccessDenied")}
		})
		if p, err := backup.ReadPoints(ctx, r.Operator, "ACME", region, small(t)); err == nil {
			t.Errorf("all is refused, and it tells %+v", p)
		}
	})
}

// What somebody changes by hand is found.
func TestPointsFindWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change   func(context.Context, *rig) error
		id, want string
	}{
		"fewer days": {func(ctx context.Context, r *rig) error {
			api := r.Factory.Set(region).RDS
			var errs []error
			look := func() {
				for range 4 { // until what is under way is done
					_, err := api.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{})
					errs = append(errs, err)
				}
			}
			look()
			_, err := api.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("acme"), BackupRetentionPeriod: aws.Int32(1), ApplyImmediately: aws.Bool(true)})
			look()
			return errors.Join(append(errs, err)...)
		}, "CICD-BACKUP-1", "1 day"},
		"no schedule": {func(ctx context.Context, r *rig) error {
			_, err := r.Factory.Set(region).Scheduler.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{GroupName: aws.String("acme"), Name: aws.String(rules.ArchiveSchedule)})
			return err
		}, "CICD-BACKUP-4", "missing"},
		"hosts that get old": {func(ctx context.Context, r *rig) error {
			api := r.Factory.Set(region).Scheduler
			have, err := api.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: aws.String("acme"), Name: aws.String(rules.RefreshSchedule)})
			if err != nil {
				return err
			}
			_, err = api.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{
				GroupName: have.GroupName, Name: have.Name, ScheduleExpression: have.ScheduleExpression, ScheduleExpressionTimezone: have.ScheduleExpressionTimezone,
				FlexibleTimeWindow: have.FlexibleTimeWindow, Target: have.Target, State: schedulertypes.ScheduleStateDisabled,
			})
			return err
		}, "CICD-MAINTENANCE-1", "disabled"},
		"no archive for months": {func(context.Context, *rig) error { time.Sleep(80 * 24 * time.Hour); return nil }, "CICD-BACKUP-5", "no archive"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), protectedRig(t)
				if err := c.change(ctx, r); err != nil {
					t.Fatal(err)
				}
				p, err := backup.ReadPoints(ctx, r.Operator, "ACME", region, small(t))
				if err != nil {
					t.Fatal(err)
				}
				wantFinding(t, p, c.id, c.want)
			})
		})
	}
}
