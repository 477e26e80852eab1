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
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ireland is another of the four regions.
const ireland = "eu-west-1"

// withBackups is an account in which ACME was built, got a monthly copy, and was
// destroyed: a final snapshot, the copy and the automated backups are left.
func withBackups(t *testing.T) any {
	t.Helper()
	var snapshot any
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1})
		s := monthly(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		if err := r.account.RunBackups(region); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		snapshot = r.tree()
	})
	return snapshot
}

// monthly is a small client with a restorable monthly copy.
func monthly(t *testing.T) *spec.Spec {
	t.Helper()
	s := *small(t)
	s.Backup.RestorableMonthly = true
	return &s
}

// sourceOf is the word for the backup of a kind, as a list of backups has it.
func sourceOf(ctx context.Context, tb testing.TB, o *cloud.Operator, kind rules.CopyKind) string {
	tb.Helper()
	p, err := backup.ReadPoints(ctx, o, "ACME", region, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for _, point := range p.Points {
		if point.Kind == kind {
			return point.Source
		}
	}
	tb.Fatalf("no %s backup among %+v", kind, p.Points)
	return ""
}

func (r *rig) cluster(ctx context.Context, in, id string) *rdstypes.DBCluster {
	r.tb.Helper()
	out, err := r.Factory.Set(in).RDS.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &id})
	if err != nil {
		r.tb.Fatal(err)
	}
	return &out.DBClusters[0]
}

// wantBackedUp fails for every finding about databases and backups but
// those that a new account has as well.
func wantBackedUp(ctx context.Context, tb testing.TB, o *cloud.Operator, s *spec.Spec) {
	tb.Helper()
	got, err := audit.Examine(ctx, o, audit.Examined{Specs: []*spec.Spec{s}, Regions: []string{s.Region}})
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range got.Findings {
		if strings.Contains(f.Resource, "rds/") || strings.HasPrefix(f.ID, "CICD-BACKUP") || strings.HasPrefix(f.ID, "RDS") {
			tb.Errorf("%s: %s is %s, should be %s", f.ID, f.Resource, f.Is, f.Should)
		}
	}
}

// A client that was destroyed comes back with its data, from whichever backup is left.
func TestADestroyedClientComesBackFromEveryBackup(t *testing.T) {
	t.Parallel()
	snapshot := withBackups(t)
	for _, kind := range []rules.CopyKind{rules.Snapshot, rules.Monthly, rules.Retained} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(2 * time.Hour)
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				s, ask := monthly(t), backup.RestoreAsk{From: sourceOf(ctx, t, r.Operator, kind)}
				run, err := restoreCopy(ctx, r.Operator, s, ask)
				if err != nil {
					t.Fatal(err)
				}
				c := r.cluster(ctx, region, "acme")
				if !run.Own || run.ID != "acme" || len(c.DBClusterMembers) != s.Database.Instances || aws.ToString(c.DBSubnetGroup) != "acme" || aws.ToString(c.DBClusterParameterGroup) != "acme" {
					t.Errorf("%+v was made: %+v", run.ID, c)
				}
				tags := map[string]string{}
				for _, tag := range c.TagList {
					tags[*tag.Key] = *tag.Value
				}
				if tags[provision.TagRole] != "database" || rules.RestoredOf(tags[provision.TagRestored]) != ask.From {
					t.Errorf("its tags are %v", tags)
				}
				r.wantNoChange(ctx, s)
				wantBackedUp(ctx, t, r.Operator, s)
				// The same command again finds it complete.
				again, err := backup.PrepareRestore(ctx, r.Operator, s, ask)
				if err != nil || !again.Own || !again.Exists {
					t.Fatalf("%v: %+v", err, again)
				}
				if plan, err := again.Plan(ctx); err != nil || !plan.Settled() {
					t.Fatalf("%v: %v", err, plan.Changes())
				}
			})
		})
	}
}

// Beside a database that is there, a copy is made, and the original stays as it is.
func TestACopyIsMadeOfEveryBackup(t *testing.T) {
	t.Parallel()
	snapshot := withBackups(t)
	for _, kind := range []rules.CopyKind{rules.Snapshot, rules.Monthly, rules.Retained} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(2 * time.Hour)
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				s := monthly(t)
				if err := create(ctx, r.Operator, s); err != nil {
					t.Fatal(err)
				}
				before := r.original()
				run, err := restoreCopy(ctx, r.Operator, s, backup.RestoreAsk{From: sourceOf(ctx, t, r.Operator, kind)})
				if err != nil {
					t.Fatal(err)
				}
				if run.Own || r.original() != before {
					t.Error("the database that runs was changed")
				}
				c := r.cluster(ctx, region, run.ID)
				if !aws.ToBool(c.DeletionProtection) || !aws.ToBool(c.IAMDatabaseAuthenticationEnabled) || c.MasterUserSecret == nil || len(c.DBClusterMembers) != s.Database.Instances {
					t.Errorf("the copy is %+v", c)
				}
				r.wantNoChange(ctx, s)
				wantBackedUp(ctx, t, r.Operator, s)
				record, err := drillFrom(ctx, r, s, sourceOf(ctx, t, r.Operator, kind))
				if err != nil || !record.OK || record.RPO < 3600 || record.From == "" {
					t.Errorf("%v: the drill measured %+v", err, record)
				}
				if tag := r.cluster(ctx, region, "acme").TagList; slices.ContainsFunc(tag, func(t rdstypes.Tag) bool { return *t.Key == provision.TagDrill }) {
					t.Error("the drill of another backup says what the continuous one promises")
				}
			})
		})
	}
}

func drillFrom(ctx context.Context, r *rig, s *spec.Spec, from string) (*backup.DrillRecord, error) {
	d, err := backup.PrepareDrill(ctx, r.Operator, s, from)
	if err != nil {
		return nil, err
	}
	return d.Conduct(ctx, nil, nil, nil)
}

// In another region, the snapshot is copied first, under the key of there.
func TestADestroyedClientComesBackInAnotherRegion(t *testing.T) {
	t.Parallel()
	snapshot := withBackups(t)
	for _, kind := range []rules.CopyKind{rules.Snapshot, rules.Monthly} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(2 * time.Hour)
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				s := monthly(t)
				s.Region = ireland
				if _, err := restoreCopy(ctx, r.Operator, s, backup.RestoreAsk{From: sourceOf(ctx, t, r.Operator, kind), Home: region}); err != nil {
					t.Fatal(err)
				}
				c := r.cluster(ctx, ireland, "acme")
				if !strings.Contains(aws.ToString(c.KmsKeyId), ":"+ireland+":") {
					t.Errorf("it is encrypted with %s", aws.ToString(c.KmsKeyId))
				}
				out, err := r.Factory.Set(ireland).RDS.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("manual")})
				if err != nil || len(out.DBClusterSnapshots) != 1 || aws.ToString(out.DBClusterSnapshots[0].KmsKeyId) != aws.ToString(c.KmsKeyId) {
					t.Errorf("%v: %+v", err, out.DBClusterSnapshots)
				}
				r.wantNoChange(ctx, s)
				wantBackedUp(ctx, t, r.Operator, s)
			})
		})
	}
}

func TestRestoreFromABackupConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	snapshot := withBackups(t)
	ask := func(ctx context.Context, r *rig) backup.RestoreAsk {
		return backup.RestoreAsk{From: sourceOf(ctx, t, r.Operator, rules.Snapshot), As: "acme-test"}
	}
	var there any
	calls := 0
	var want map[string]int
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(2 * time.Hour)
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		if err := create(ctx, r.Operator, monthly(t)); err != nil {
			t.Fatal(err)
		}
		there = r.tree()
		r.account.Forget()
		if _, err := restoreCopy(ctx, r.Operator, monthly(t), ask(ctx, r)); err != nil {
			t.Fatal(err)
		}
		calls, want = r.changes(), r.inventory(ctx)
	})
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		time.Sleep(2 * time.Hour)
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(there)
		asked := ask(ctx, r)
		r.killAt(n, after)
		if _, err := restoreCopy(ctx, r.Operator, monthly(t), asked); err == nil {
			return
		}
		r.revive()
		if _, err := restoreCopy(ctx, operator(t, r.account, cloud.Config{}), monthly(t), asked); err != nil {
			t.Fatal(err)
		}
		compareInventories(t, r.inventory(ctx), want)
	})
}

func TestRestoreFromABackupRefuses(t *testing.T) {
	t.Parallel()
	snapshot := withBackups(t)
	for name, c := range map[string]struct {
		change func(ctx context.Context, r *rig, s *spec.Spec, ask *backup.RestoreAsk)
		want   string
	}{
		"a word that names nothing": {func(_ context.Context, _ *rig, _ *spec.Spec, ask *backup.RestoreAsk) { ask.From = "monthly-1" }, `no backup "monthly-1" in eu-west-3: cicdctl backup list ACME`},
		"another client's snapshot": {func(ctx context.Context, r *rig, _ *spec.Spec, ask *backup.RestoreAsk) {
			arn := "arn:aws:rds:eu-west-3:123456789012:cluster-snapshot:" + ask.From
			if _, err := r.Factory.Set(region).RDS.AddTagsToResource(ctx, &rds.AddTagsToResourceInput{ResourceName: &arn, Tags: []rdstypes.Tag{{Key: aws.String(provision.TagClient), Value: aws.String("GLOBEX")}}}); err != nil {
				r.tb.Fatal(err)
			}
		}, "does not carry ACME's tags"},
		"a moment of a snapshot": {func(_ context.Context, _ *rig, _ *spec.Spec, ask *backup.RestoreAsk) { ask.At = time.Now() }, "of no other moment: leave --to-time out"},
		"another engine": {func(_ context.Context, _ *rig, s *spec.Spec, _ *backup.RestoreAsk) {
			s.Database.Engine = spec.AuroraMySQL
		}, "set database.engine in its spec"},
		"a copy beside what is not there": {func(_ context.Context, _ *rig, _ *spec.Spec, ask *backup.RestoreAsk) { ask.As = "acme-test" }, "leave --as out"},
		"retained backups elsewhere": {func(ctx context.Context, r *rig, s *spec.Spec, ask *backup.RestoreAsk) {
			ask.From, ask.Home, s.Region = sourceOf(ctx, t, r.Operator, rules.Retained), region, ireland
		}, "AWS restores automated backups in their own region only, here eu-west-3"},
		"a moment that is not retained": {func(ctx context.Context, r *rig, _ *spec.Spec, ask *backup.RestoreAsk) {
			ask.From, ask.At = sourceOf(ctx, t, r.Operator, rules.Retained), time.Now()
		}, "after the latest moment"},
		"the continuous backup elsewhere": {func(_ context.Context, _ *rig, s *spec.Spec, ask *backup.RestoreAsk) {
			ask.From, ask.Home, s.Region = "acme", region, ireland
		}, "aws rds create-db-cluster-snapshot --region eu-west-3 --db-cluster-identifier acme"},
		"no database and no backup": {func(_ context.Context, _ *rig, _ *spec.Spec, ask *backup.RestoreAsk) { ask.From = "" }, "cicdctl backup restore ACME --from SOURCE makes it again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(2 * time.Hour)
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				s, ask := monthly(t), backup.RestoreAsk{From: sourceOf(ctx, t, r.Operator, rules.Snapshot)}
				c.change(ctx, r, s, &ask)
				r.account.Forget()
				_, err := restoreCopy(ctx, r.Operator, s, ask)
				var guard *cloud.GuardError
				if !errors.As(err, &guard) || !strings.Contains(guard.Reason, c.want) {
					t.Errorf("%v, want a refusal with %q", err, c.want)
				}
				for _, call := range r.account.Calls() {
					if call.Mutating {
						t.Errorf("%s was called", call.Name())
					}
				}
			})
		})
	}
}
