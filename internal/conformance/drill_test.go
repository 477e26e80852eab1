package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func drill(ctx context.Context, o *cloud.Operator, r *rig, stop <-chan struct{}) (*backup.DrillRecord, error) {
	d, err := backup.PrepareDrill(ctx, o, small(r.tb), "")
	if err != nil {
		return nil, err
	}
	return d.Conduct(ctx, stop, nil, func(string) {})
}

// wantNoDrill fails when anything of a drill is left.
func (r *rig) wantNoDrill(ctx context.Context) {
	r.tb.Helper()
	for key := range r.inventory(ctx) {
		if strings.Contains(key, "drill-") {
			r.tb.Errorf("left behind: %s", key)
		}
	}
}

func (r *rig) drills(ctx context.Context) []backup.DrillRecord {
	r.tb.Helper()
	all, err := backup.History(ctx, operator(r.tb, r.account, cloud.Config{}), "ACME", region)
	if err != nil {
		r.tb.Fatal(err)
	}
	return all
}

func TestADrillMeasuresAndLeavesNothing(t *testing.T) {
	t.Parallel()
	snapshot, _ := withClient(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		time.Sleep(time.Hour)
		before := r.inventory(ctx)
		record, err := drill(ctx, r.Operator, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !record.OK || record.RPO != 60 && record.RPO != 61 || record.RTO < 1 || record.RTO > 60 {
			t.Errorf("%+v", record)
		}
		compareInventories(t, r.inventory(ctx), before)
		r.wantNoChange(ctx, small(t))
		if all := r.drills(ctx); len(all) != 1 || all[0].Copy != record.Copy || all[0].RTO != record.RTO {
			t.Errorf("the history is %+v", all)
		}
		last, err := backup.LastDrill(ctx, operator(t, r.account, cloud.Config{}), "ACME", region)
		if err != nil || last == nil || int(last.RTO.Seconds()) != record.RTO || !last.Restored.Equal(*record.Restored) {
			t.Errorf("the database's tag says %+v (%v)", last, err)
		}
	})
}

// Whenever a drill is killed, the next one leaves nothing of it, and its history is whole.
func TestDrillsConvergeWhereverTheyAreKilled(t *testing.T) {
	t.Parallel()
	snapshot, _ := withClient(t)
	calls := 0
	var want map[string]int
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		r.account.Forget()
		want = r.inventory(ctx)
		r.account.Forget()
		if _, err := drill(ctx, r.Operator, r, nil); err != nil {
			t.Fatal(err)
		}
		calls = r.changes()
	})
	everyCall(t, calls, func(t *testing.T, n int, after bool) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		r.killAt(n, after)
		if _, err := drill(ctx, r.Operator, r, nil); err == nil {
			return
		}
		r.revive()
		begun := len(r.inventory(ctx)) > len(want)
		record, err := drill(ctx, operator(t, r.account, cloud.Config{}), r, nil)
		if err != nil {
			t.Fatal(err)
		}
		compareInventories(t, r.inventory(ctx), want)
		all := r.drills(ctx)
		if len(all) == 0 || !all[0].OK || all[0].Copy != record.Copy || begun && len(all) != 2 {
			t.Errorf("the history is %+v", all)
		}
	})
}

// A drill that fails, or is stopped, removes its copy and says why, in the history only.
func TestAFailedDrillIsClearedUpAndRecorded(t *testing.T) {
	t.Parallel()
	snapshot, _ := withClient(t)
	failures := map[string]func(r *rig, stop chan struct{}, cancel func(error)){
		"an instance that cannot be made": func(r *rig, _ chan struct{}, _ func(error)) {
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Operation == "CreateDBInstance" {
					return sandbox.Fault{Before: refusal("InsufficientDBInstanceCapacity")}
				}
				return sandbox.Fault{}
			})
		},
		"Ctrl-C while the instance is made": func(r *rig, stop chan struct{}, _ func(error)) {
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Operation == "CreateDBInstance" {
					close(stop)
				}
				return sandbox.Fault{}
			})
		},
		"Ctrl-C while the cluster is made": func(r *rig, stop chan struct{}, _ func(error)) {
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Operation == "RestoreDBClusterToPointInTime" {
					close(stop)
				}
				return sandbox.Fault{}
			})
		},
		"an end of patience": func(r *rig, _ chan struct{}, cancel func(error)) {
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Operation == "CreateDBInstance" {
					cancel(context.DeadlineExceeded)
				}
				return sandbox.Fault{}
			})
		},
		"a lost answer": func(r *rig, _ chan struct{}, _ func(error)) {
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Operation == "RestoreDBClusterToPointInTime" {
					return sandbox.Fault{After: refusal("SomethingElse")}
				}
				return sandbox.Fault{}
			})
		},
	}
	for name, fails := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, sandbox.Options{PageSize: 50})
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				r.restore(snapshot)
				before, stop := r.inventory(ctx), make(chan struct{})
				fails(r, stop, cancel)
				record, err := drill(ctx, r.Operator, r, stop)
				if err == nil || record == nil || record.OK || record.Reason == "" {
					t.Fatalf("%v: %+v", err, record)
				}
				r.revive()
				ctx = t.Context()
				compareInventories(t, r.inventory(ctx), before)
				if all := r.drills(ctx); len(all) != 1 || all[0].OK || all[0].Reason != record.Reason {
					t.Errorf("the history is %+v", all)
				}
				if last, err := backup.LastDrill(ctx, operator(t, r.account, cloud.Config{}), "ACME", region); err != nil || last != nil {
					t.Errorf("the database's tag says %+v (%v)", last, err)
				}
			})
		})
	}
}

// What a killed drill has left stays while it may be in use, and then goes with any run.
func TestADrillsCopyExpires(t *testing.T) {
	t.Parallel()
	snapshot, _ := withClient(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Operation == "AddTagsToResource" || strings.HasPrefix(c.Operation, "DeleteDB") || c.Operation == "PutObject" && c.N > 20 {
				return sandbox.Fault{Before: errKilled}
			}
			return sandbox.Fault{}
		})
		_, err := drill(ctx, r.Operator, r, nil)
		if _, left := errors.AsType[*backup.LeftError](err); !left {
			t.Fatalf("%v, want to be told of the copy that is left", err)
		}
		r.revive()
		r.wantNoChange(ctx, small(t)) // a run of the client leaves the copy, which may be in use
		kept := false
		for _, c := range plan(ctx, t, r.Operator, small(t)).Changes() {
			kept = kept || c.Op == provision.OpRetain && strings.Contains(c.Why, "a restore drill may be using it until")
		}
		if !kept {
			t.Error("a plan does not say why the copy stays")
		}
		time.Sleep(backup.DrillTime)
		if err := create(ctx, r.Operator, small(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoDrill(ctx)
		snapshots, err := r.Factory.Set(region).RDS.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("manual")})
		if err != nil || len(snapshots.DBClusterSnapshots) > 0 {
			t.Errorf("a drill left %d snapshots (%v)", len(snapshots.DBClusterSnapshots), err)
		}
	})
}

// Two drills of one client wait for each other; one that waits can be stopped.
func TestDrillsOfAClientDoNotMeet(t *testing.T) {
	t.Parallel()
	snapshot, _ := withClient(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: 20})
		r.restore(snapshot)
		before := r.inventory(ctx)
		most, now := 0, 0
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			switch c.Operation {
			case "RestoreDBClusterToPointInTime":
				now++
				most = max(most, now)
			case "DeleteDBCluster":
				now = 0
			}
			return sandbox.Fault{}
		})
		errs := make(chan error, 2)
		for range 2 {
			o := operator(t, r.account, cloud.Config{})
			go func() {
				_, err := drill(ctx, o, r, nil)
				errs <- err
			}()
		}
		for range 2 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		r.revive()
		if most != 1 || len(r.drills(ctx)) != 2 {
			t.Errorf("%d at once, history %+v", most, r.drills(ctx))
		}
		compareInventories(t, r.inventory(ctx), before)
	})
}

func TestADrillThatWaitsCanBeStopped(t *testing.T) {
	t.Parallel()
	snapshot, _ := withClient(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.restore(snapshot)
		account, err := r.Operator.Account(ctx)
		if err != nil {
			t.Fatal(err)
		}
		release, held := make(chan struct{}), make(chan struct{})
		done := make(chan error, 1)
		go func() {
			done <- operator(t, r.account, cloud.Config{}).Leases(account).Hold(ctx, "drill/"+region+"/ACME", func(string) {}, func(context.Context) error {
				close(held)
				<-release
				return nil
			})
		}()
		<-held
		stop := make(chan struct{})
		go func() {
			time.Sleep(10 * time.Minute) // renewed all the while
			close(stop)
		}()
		record, err := drill(ctx, r.Operator, r, stop)
		if !errors.Is(err, provision.ErrInterrupted) || record != nil {
			t.Errorf("%v, %+v", err, record)
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
