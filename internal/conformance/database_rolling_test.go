package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// three is the example with a writer and two readers.
func three(tb testing.TB, replace ...string) *spec.Spec {
	tb.Helper()
	return client(tb, "ACME", append([]string{"instances: 2", "instances: 3"}, replace...)...)
}

// setParameter sets a static parameter of the client's group: all instances wait for a restart.
func (r *rig) setParameter(ctx context.Context) {
	r.tb.Helper()
	_, err := r.rdsClient().ModifyDBClusterParameterGroup(ctx, &rds.ModifyDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("acme"), Parameters: []rdstypes.Parameter{
		{ParameterName: aws.String("max_connections"), ParameterValue: aws.String("100"), ApplyMethod: rdstypes.ApplyMethodPendingReboot},
	}})
	if err != nil {
		r.tb.Fatal(err)
	}
}

// wantNoOutage fails when the account notes that more was interrupted than had to be.
func (r *rig) wantNoOutage() {
	r.tb.Helper()
	state := r.tree()["RDS"].(map[string]any)[region].(map[string]any)
	if outages, _ := state["Outages"].([]any); len(outages) > 0 {
		r.tb.Errorf("interrupted more than it had to be: %v", outages)
	}
}

// writer is the instance that writes.
func (r *rig) writer(ctx context.Context) string {
	r.tb.Helper()
	out, err := r.rdsClient().DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("acme")})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, m := range out.DBClusters[0].DBClusterMembers {
		if *m.IsClusterWriter {
			return *m.DBInstanceIdentifier
		}
	}
	r.tb.Fatal("nobody writes")
	return ""
}

// readers are the other instances, by name.
func (r *rig) readers(ctx context.Context) []string {
	r.tb.Helper()
	out, err := r.rdsClient().DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("acme")})
	if err != nil {
		r.tb.Fatal(err)
	}
	var names []string
	for _, m := range out.DBClusters[0].DBClusterMembers {
		if !*m.IsClusterWriter {
			names = append(names, *m.DBInstanceIdentifier)
		}
	}
	slices.Sort(names)
	return names
}

// who replaces R1, R2 by the names of readers.
func who(readers []string) []string {
	var out []string
	for i, name := range readers {
		out = append(out, fmt.Sprintf(" R%d", i+1), " "+name)
	}
	return out
}

// What takes instances away goes reader by reader, then a failover to one that is done, then
// the former writer; each only when the one before it is back.
func TestInstancesAreRestartedOneByOne(t *testing.T) {
	t.Parallel()
	larger := []string{"class: db.r6g.large", "class: db.r6g.xlarge"}
	cases := map[string]struct {
		after  func(*testing.T) *spec.Spec
		hinder func(context.Context, *rig)
		want   []string
	}{
		"another class": {
			after: func(t *testing.T) *spec.Spec { return three(t, larger...) },
			want:  []string{"ModifyDBInstance R1", "ModifyDBInstance R2", "FailoverDBCluster R1", "ModifyDBInstance W"},
		},
		"a static parameter": {
			after: func(t *testing.T) *spec.Spec { return three(t) }, hinder: func(ctx context.Context, r *rig) { r.setParameter(ctx) },
			want: []string{"RebootDBInstance R1", "RebootDBInstance R2", "FailoverDBCluster R1", "RebootDBInstance W"},
		},
		"both": { // another class is a restart
			after: func(t *testing.T) *spec.Spec { return three(t, larger...) }, hinder: func(ctx context.Context, r *rig) { r.setParameter(ctx) },
			want: []string{"ModifyDBInstance R1", "ModifyDBInstance R2", "FailoverDBCluster R1", "ModifyDBInstance W"},
		},
		"a static parameter, where another instance writes": {
			after: func(t *testing.T) *spec.Spec { return three(t) },
			hinder: func(ctx context.Context, r *rig) {
				r.setParameter(ctx)
				if _, err := r.rdsClient().FailoverDBCluster(ctx, &rds.FailoverDBClusterInput{DBClusterIdentifier: aws.String("acme"), TargetDBInstanceIdentifier: aws.String(r.readers(ctx)[1])}); err != nil {
					r.tb.Fatal(err)
				}
				r.awaitDatabase(ctx, "available")
				r.account.Forget()
			},
			want: []string{"RebootDBInstance R1", "RebootDBInstance R2", "FailoverDBCluster R1", "RebootDBInstance W"},
		},
		"the parameters of one reader's own group": {
			after: func(t *testing.T) *spec.Spec { return three(t) },
			hinder: func(ctx context.Context, r *rig) {
				r.alter(r.tb.(*testing.T), "DBInstanceIdentifier", r.readers(ctx)[1], map[string]any{"DBParameterGroups": []any{map[string]any{"DBParameterGroupName": "default.aurora-postgresql16", "ParameterApplyStatus": "pending-reboot"}}})
			},
			want: []string{"RebootDBInstance R2"},
		},
		"another parameter group of the cluster, set by hand": {
			after: func(t *testing.T) *spec.Spec { return three(t) },
			hinder: func(ctx context.Context, r *rig) {
				out, err := r.rdsClient().DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{})
				if err != nil {
					r.tb.Fatal(err)
				}
				other := "default.aurora-postgresql" + (*out.DBClusters[0].EngineVersion)[:2]
				if _, err := r.rdsClient().ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("acme"), DBClusterParameterGroupName: &other, ApplyImmediately: aws.Bool(true)}); err != nil {
					r.tb.Fatal(err)
				}
			},
			want: []string{"ModifyDBCluster", "RebootDBInstance R1", "RebootDBInstance R2", "FailoverDBCluster R1", "RebootDBInstance W"},
		},
		"the writer in another zone": {
			after: func(t *testing.T) *spec.Spec { return three(t) },
			hinder: func(ctx context.Context, r *rig) {
				r.alter(r.tb.(*testing.T), "DBInstanceIdentifier", r.writer(ctx), map[string]any{"AvailabilityZone": "eu-west-3x"})
			},
			want: []string{"FailoverDBCluster R1", "DeleteDBInstance W", "CreateDBInstance"},
		},
		"another class of the only instance": {
			after: func(t *testing.T) *spec.Spec {
				return client(t, "ACME", append([]string{"instances: 2", "instances: 1"}, larger...)...)
			},
			hinder: func(ctx context.Context, r *rig) {
				if err := create(ctx, r.Operator, client(r.tb, "ACME", "instances: 2", "instances: 1")); err != nil {
					r.tb.Fatal(err)
				}
			},
			want: []string{"ModifyDBInstance W"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				if err := create(ctx, r.Operator, three(t)); err != nil {
					t.Fatal(err)
				}
				if c.hinder != nil {
					c.hinder(ctx, r)
				}
				writer, readers := r.writer(ctx), r.readers(ctx)
				r.account.Forget()
				if err := create(ctx, r.Operator, c.after(t)); err != nil {
					t.Fatal(err)
				}
				got := slices.Compact(r.changedDatabases()) // what was refused for now is asked again
				names := strings.NewReplacer(append([]string{" W", " " + writer}, who(readers)...)...)
				for i, want := range c.want {
					c.want[i] = names.Replace(want)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("done: %v, want %v", got, c.want)
				}
				r.wantNoOutage()
				r.wantNoChange(ctx, c.after(t))
			})
		})
	}
}

// A run that is killed anywhere in it leaves a database that the next run brings to its end,
// with no interruption beyond those that it takes.
func TestARestartOneByOneConvergesWhereverItIsKilled(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		after  func(*testing.T) *spec.Spec
		hinder func(context.Context, *rig)
	}{
		"another class":      {func(t *testing.T) *spec.Spec { return three(t, "class: db.r6g.large", "class: db.r6g.xlarge") }, func(context.Context, *rig) {}},
		"a static parameter": {func(t *testing.T) *spec.Spec { return three(t) }, func(ctx context.Context, r *rig) { r.setParameter(ctx) }},
		"the writer in another zone": {func(t *testing.T) *spec.Spec { return three(t) }, func(ctx context.Context, r *rig) {
			r.alter(r.tb.(*testing.T), "DBInstanceIdentifier", r.writer(ctx), map[string]any{"AvailabilityZone": "eu-west-3x"})
		}},
		"a stopped database": {func(t *testing.T) *spec.Spec { return three(t, "class: db.r6g.large", "class: db.r6g.xlarge") }, func(ctx context.Context, r *rig) { r.stopDatabase(ctx) }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var snapshot any
			var want map[string]int
			calls := 0
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				if err := create(ctx, r.Operator, three(t)); err != nil {
					t.Fatal(err)
				}
				c.hinder(ctx, r)
				snapshot = r.tree()
				r.account.Forget()
				if err := create(ctx, r.Operator, c.after(t)); err != nil {
					t.Fatal(err)
				}
				calls, want = r.changes(), r.inventory(ctx)
				if calls < 3 {
					t.Errorf("only %d calls", calls)
				}
			})
			everyCall(t, calls, func(t *testing.T, n int, after bool) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				r.restore(snapshot)
				r.killAt(n, after)
				if err := create(ctx, r.Operator, c.after(t)); err == nil {
					return
				}
				r.revive()
				if err := create(ctx, operator(t, r.account, cloud.Config{}), c.after(t)); err != nil {
					t.Fatal(err)
				}
				compareInventories(t, r.inventory(ctx), want)
				r.wantNoOutage()
				r.wantNoChange(ctx, c.after(t))
			})
		})
	}
}

// A reader that does not come back keeps the writer from being touched.
func TestTheWriterWaitsForItsReaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, three(t)); err != nil {
			t.Fatal(err)
		}
		writer, readers := r.writer(ctx), r.readers(ctx)
		r.account.Forget()
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if in, ok := c.Input.(*rds.ModifyDBInstanceInput); ok && *in.DBInstanceIdentifier == readers[0] {
				return sandbox.Fault{Before: refusal("InsufficientDBInstanceCapacity")}
			}
			return sandbox.Fault{}
		})
		larger := three(t, "class: db.r6g.large", "class: db.r6g.xlarge")
		if err := create(ctx, r.Operator, larger); err == nil || !strings.Contains(err.Error(), "InsufficientDBInstanceCapacity") {
			t.Errorf("create: %v", err)
		}
		if got := r.changedDatabases(); slices.Contains(got, "ModifyDBInstance "+writer) || slices.Contains(got, "ModifyDBInstance "+readers[1]) {
			t.Errorf("done all the same: %v", got)
		}
		if now := r.writer(ctx); now != writer {
			t.Errorf("%s writes", now)
		}
		r.revive()
		if err := create(ctx, r.Operator, larger); err != nil {
			t.Fatal(err)
		}
		r.wantNoOutage()
	})
}

// createInWindow is client create --in-window.
func createInWindow(ctx context.Context, o *cloud.Operator, s *spec.Spec) (*provision.Plan, error) {
	run, err := o.Build(ctx, s)
	if err != nil {
		return nil, err
	}
	run.InWindow()
	p, err := run.Plan(ctx)
	if err != nil {
		return nil, err
	}
	return run.Apply(ctx, p, nil, nil)
}

// With --in-window another class waits for the maintenance window. Nothing is interrupted
// before, and later plans tell it and do not change it.
func TestAnotherClassWaitsForTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, three(t)); err != nil {
			t.Fatal(err)
		}
		r.setParameter(ctx)
		readers, last := r.readers(ctx), r.writer(ctx)
		r.account.Forget()
		larger := three(t, "class: db.r6g.large", "class: db.r6g.xlarge")
		if _, err := createInWindow(ctx, r.Operator, larger); err != nil {
			t.Fatal(err)
		}
		if got := r.changedDatabases(); !slices.Equal(got, []string{"ModifyDBInstance " + readers[0], "ModifyDBInstance " + readers[1], "ModifyDBInstance " + last}) {
			t.Errorf("done: %v", got)
		}
		out, err := r.rdsClient().DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range out.DBInstances {
			if *i.DBInstanceClass != "db.r6g.large" || i.PendingModifiedValues == nil || *i.DBInstanceStatus != "available" {
				t.Errorf("%s is %s, %s", *i.DBInstanceIdentifier, *i.DBInstanceClass, *i.DBInstanceStatus)
			}
		}
		// The parameters are in order again, so that the class is all there is to tell.
		r.alter(t, "Stale", true, map[string]any{"Stale": false})
		p := plan(ctx, t, r.Operator, larger)
		told := changesOf(p, "rds/instance")
		if !p.Settled() || len(told) != 3 {
			t.Errorf("settled %v: %+v", p.Settled(), told)
		}
		for _, c := range told {
			if c.Op != provision.OpLater || !strings.Contains(c.Why, "class db.r6g.xlarge waits for the maintenance window (sun:") {
				t.Errorf("told: %s", line(c))
			}
		}
		// A change of something else does not bring it forward.
		r.account.Forget()
		if _, err := r.rdsClient().ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{DBInstanceIdentifier: aws.String("acme-2"), PromotionTier: aws.Int32(9)}); err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, r.Operator, larger); err != nil {
			t.Fatal(err)
		}
		out, err = r.rdsClient().DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(out.DBInstances, func(a, b rdstypes.DBInstance) int {
			return strings.Compare(*a.DBInstanceIdentifier, *b.DBInstanceIdentifier)
		})
		for n, i := range out.DBInstances {
			if *i.DBInstanceClass != "db.r6g.large" || *i.PromotionTier != int32(n) {
				t.Errorf("%s is %s, tier %d", *i.DBInstanceIdentifier, *i.DBInstanceClass, *i.PromotionTier)
			}
		}
	})
}
