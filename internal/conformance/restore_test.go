package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// restoreCopy asks, plans and applies, as the command does.
func restoreCopy(ctx context.Context, o *cloud.Operator, s *spec.Spec, ask backup.RestoreAsk) (*backup.Restoration, error) {
	run, err := backup.PrepareRestore(ctx, o, s, ask)
	if err != nil {
		return nil, err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return run, err
	}
	_, err = run.Apply(ctx, plan, nil, nil)
	return run, err
}

func discard(ctx context.Context, o *cloud.Operator, id string, purge bool) error {
	run, err := backup.PrepareDiscard(ctx, o, "ACME", region, id, purge)
	if err != nil {
		return err
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	_, err = run.Apply(ctx, plan, nil, nil)
	return err
}

// withClient is an account in which ACME was built, and the moment to which its
// database can be restored.
func withClient(t *testing.T) (snapshot any, moment time.Time) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		snapshot, moment = r.tree(), r.span(ctx).Earliest
	})
	return snapshot, moment
}

func (r *rig) span(ctx context.Context) backup.Span {
	r.tb.Helper()
	found, err := backup.DatabasesOf(ctx, r.Operator, "ACME", region)
	if err != nil {
		r.tb.Fatal(err)
	}
	source, err := found.Source()
	if err != nil {
		r.tb.Fatal(err)
	}
	return backup.SpanOf(source)
}

// original is all that the account holds of the client's own database, but for how
// busy it is.
func (r *rig) original() string {
	r.tb.Helper()
	raw, err := json.Marshal(r.tree()["RDS"].(map[string]any)[region])
	if err != nil {
		r.tb.Fatal(err)
	}
	var all struct{ Clusters, Instances []struct{ V map[string]any } }
	if err := json.Unmarshal(raw, &all); err != nil {
		r.tb.Fatal(err)
	}
	var parts []any
	for _, row := range append(all.Clusters, all.Instances...) {
		delete(row.V, "Status")
		delete(row.V, "DBInstanceStatus")
		if id := row.V["DBInstanceIdentifier"]; id == "acme-1" || id == "acme-2" || id == nil && row.V["DBClusterIdentifier"] == "acme" {
			parts = append(parts, row.V)
		}
	}
	if raw, err = json.Marshal(parts); err != nil || len(parts) != 3 {
		r.tb.Fatalf("%d parts of the database were found (%v)", len(parts), err)
	}
	return string(raw)
}

// The same command completes what a run that died has begun, and touches nothing else.
func TestRestoreConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	snapshot, moment := withClient(t)
	asks := map[string]backup.RestoreAsk{"to a moment": {At: moment}, "of the latest moment": {}}
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			var want map[string]int
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				before := r.original()
				r.account.Forget()
				run, err := restoreCopy(ctx, r.Operator, small(t), ask)
				if err != nil {
					t.Fatal(err)
				}
				calls, want = r.changes(), r.inventory(ctx)
				if r.original() != before {
					t.Error("the database that runs was changed")
				}
				r.wantNoChange(ctx, small(t))
				plan, err := run.Plan(ctx)
				if err != nil || !plan.Settled() {
					t.Fatalf("%v: %v", err, plan.Changes())
				}
				if e := run.Endpoints(plan); !strings.HasPrefix(e.Writer, run.ID+".") || e.Port != 5432 || !strings.Contains(e.Secret, "secret:rds!cluster") {
					t.Errorf("it answers at %+v", e)
				}
			})
			everyCall(t, calls, func(t *testing.T, n int, after bool) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				before := r.original()
				r.killAt(n, after)
				if _, err := restoreCopy(ctx, r.Operator, small(t), ask); err == nil {
					return
				}
				r.revive()
				time.Sleep(time.Minute) // another name, were it a new copy
				run, err := restoreCopy(ctx, operator(t, r.account, cloud.Config{}), small(t), ask)
				if err != nil {
					t.Fatal(err)
				}
				if r.original() != before {
					t.Error("the database that runs was changed")
				}
				got := r.inventory(ctx)
				if ask.At.IsZero() { // named by the time at which the run began
					got, want = unnamed(got), unnamed(want)
				}
				compareInventories(t, got, want)
				if copied, _ := run.Plan(ctx); copied == nil || !copied.Settled() {
					t.Error("the copy is not complete")
				}
			})
		})
	}
}

// unnamed counts resources with the names of copies made alike.
func unnamed(held map[string]int) map[string]int {
	out := map[string]int{}
	for key, count := range held {
		if before, rest, copied := strings.Cut(key, "restored-acme-"); copied {
			key = before + "copy" + strings.TrimLeft(rest, "0123456789t")
		}
		out[key] += count
	}
	return out
}

// A copy is adopted: planned with the client, mended like the original, and removed with it.
func TestARestoredCopyIsLookedAfter(t *testing.T) {
	t.Parallel()
	snapshot, moment := withClient(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		one, err := restoreCopy(ctx, r.Operator, small(t), backup.RestoreAsk{At: moment})
		if err != nil {
			t.Fatal(err)
		}
		two, err := restoreCopy(ctx, r.Operator, small(t), backup.RestoreAsk{As: one.ID + "-1"}) // a name that begins with the other's
		if err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, small(t))

		api := r.Factory.Set(region).RDS
		if _, err := api.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: &one.ID, DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		if fields := fieldsOf(plan(ctx, t, r.Operator, small(t))); len(fields) != 1 || fields[0] != "rds/cluster deletion protection" {
			t.Errorf("a plan shows %v", fields)
		}
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, small(t))

		if err := discard(ctx, r.Operator, one.ID, false); err != nil {
			t.Fatal(err)
		}
		if !holds(r.tree()["RDS"], two.ID) || !holds(r.tree()["RDS"], two.ID+"-2") {
			t.Error("the other copy went too")
		}
		r.wantNoChange(ctx, small(t))
		if err := discard(ctx, r.Operator, one.ID, true); err != nil {
			t.Errorf("twice: %v", err)
		}
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		final := 0
		for key, count := range r.inventory(ctx) {
			switch kind, rest, _ := strings.Cut(key, " "); {
			case kind == backup.SnapshotKind:
				final += count
			case strings.Contains(rest, "restored-"):
				t.Errorf("left behind: %s", key)
			}
		}
		if final != 2 { // of the database and of the second copy, taken in the same second
			t.Errorf("%d final snapshots, want 2", final)
		}
	})
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	snapshot, moment := withClient(t)
	cases := map[string]struct {
		ask  backup.RestoreAsk
		does func(ctx context.Context, t *testing.T, r *rig)
		want string
	}{
		"a moment before the first backup": {ask: backup.RestoreAsk{At: moment.Add(-90 * time.Second)}, want: "lies 1m30s before the earliest moment: acme can be restored to any moment from " + backup.Stamp(moment)},
		"a moment to come":                 {ask: backup.RestoreAsk{At: moment.Add(24 * time.Hour)}, want: "after the latest moment"},
		"another client's name":            {ask: backup.RestoreAsk{As: "globex-test"}, want: "does not begin with acme-"},
		"a name that RDS refuses":          {ask: backup.RestoreAsk{As: "acme-a--b"}, want: "RDS CreateDBCluster"},
		"a name that is taken": {backup.RestoreAsk{As: "acme-theirs"}, func(ctx context.Context, t *testing.T, r *rig) {
			t.Helper()
			_, err := r.Factory.Set(region).RDS.RestoreDBClusterToPointInTime(ctx, &rds.RestoreDBClusterToPointInTimeInput{
				DBClusterIdentifier: aws.String("acme-theirs"), SourceDBClusterIdentifier: aws.String("acme"), DBSubnetGroupName: aws.String("acme"), UseLatestRestorableTime: aws.Bool(true),
			})
			if err != nil {
				t.Fatal(err)
			}
		}, "it is not a restored copy of ACME"},
		"a copy of another moment": {backup.RestoreAsk{As: "acme-other", At: moment}, func(ctx context.Context, t *testing.T, r *rig) {
			t.Helper()
			if _, err := restoreCopy(ctx, r.Operator, small(t), backup.RestoreAsk{As: "acme-other"}); err != nil {
				t.Fatal(err)
			}
		}, "was restored from acme as of the latest moment, not from"},
		"a client without its subnet group": {backup.RestoreAsk{}, func(_ context.Context, t *testing.T, r *rig) {
			t.Helper()
			tree := r.tree()
			for _, owner := range ownersOf(tree["RDS"], "acme") {
				if strings.Contains(fmt.Sprint(owner), "Subnets of the database") {
					dropTags(owner)
				}
			}
			r.restore(tree)
		}, "ACME is not complete: client ACME has no rds/subnet-group database; cicdctl client create ACME"},
		"a client that is gone": {backup.RestoreAsk{}, func(ctx context.Context, t *testing.T, r *rig) {
			t.Helper()
			if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
				t.Fatal(err)
			}
		}, "has no database in eu-west-3"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				if c.does != nil {
					c.does(ctx, t, r)
				}
				r.account.Forget()
				_, err := restoreCopy(ctx, operator(t, r.account, cloud.Config{}), small(t), c.ask)
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

// In a disaster the instances may be gone: what is left can be restored.
func TestRestoreWithoutTheOriginalsInstances(t *testing.T) {
	t.Parallel()
	snapshot, _ := withClient(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1})
		r.restore(snapshot)
		for _, id := range []string{"acme-1", "acme-2"} {
			if _, err := r.Factory.Set(region).RDS.DeleteDBInstance(ctx, &rds.DeleteDBInstanceInput{DBInstanceIdentifier: &id}); err != nil {
				t.Fatal(err)
			}
		}
		run, err := restoreCopy(ctx, r.Operator, small(t), backup.RestoreAsk{})
		if err != nil {
			t.Fatal(err)
		}
		if !holds(r.tree()["RDS"], run.ID+"-2") || holds(r.tree()["RDS"], "acme-2") {
			t.Error("the copy is not complete, or the original was mended")
		}
	})
}

func TestTwoRestoresAtOnceMakeOneCopy(t *testing.T) {
	t.Parallel()
	snapshot, moment := withClient(t)
	for name, ask := range map[string]backup.RestoreAsk{"to a moment": {At: moment}, "of the latest moment": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				errs := make(chan error, 2)
				for range 2 {
					o, s := operator(t, r.account, cloud.Config{}), small(t)
					go func() {
						_, err := restoreCopy(ctx, o, s, ask)
						errs <- err
					}()
				}
				for range 2 {
					if err := <-errs; err != nil {
						t.Error(err)
					}
				}
				copies := 0
				for key, count := range r.inventory(ctx) {
					if strings.HasPrefix(key, backup.ClusterKind+" ") && strings.Contains(key, " restored-") {
						copies += count
					}
				}
				if copies != 1 {
					t.Errorf("%d copies, want 1", copies)
				}
				r.wantNoChange(ctx, small(t))
			})
		})
	}
}

// Nobody discards anything but copies.
func TestDiscardRefuses(t *testing.T) {
	t.Parallel()
	snapshot, _ := withClient(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		if err := create(ctx, r.Operator, client(t, "GLOBEX")); err != nil {
			t.Fatal(err)
		}
		before := r.inventory(ctx)
		for _, id := range []string{"acme", "globex"} {
			if err := discard(ctx, r.Operator, id, true); !cloud.Refused(err) {
				t.Errorf("%s: %v, want a refusal", id, err)
			}
		}
		for _, id := range []string{"", "acme-1", "database"} {
			if err := discard(ctx, r.Operator, id, true); err != nil {
				t.Errorf("%s: %v, want nothing to be done", id, err)
			}
		}
		compareInventories(t, r.inventory(ctx), before)
	})
}
