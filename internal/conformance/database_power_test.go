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
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// rdsClient is RDS for who does by hand what cicdctl has no call for.
func (r *rig) rdsClient() *rds.Client { return r.Factory.Set(region).RDS.(*rds.Client) }

// stopDatabase is somebody's hand on the client's database.
func (r *rig) stopDatabase(ctx context.Context) {
	r.tb.Helper()
	if _, err := r.rdsClient().StopDBCluster(ctx, &rds.StopDBClusterInput{DBClusterIdentifier: aws.String("acme")}); err != nil {
		r.tb.Fatal(err)
	}
}

// awaitDatabase looks until the cluster has a status.
func (r *rig) awaitDatabase(ctx context.Context, status string) {
	r.tb.Helper()
	var last string
	for range 40 {
		out, err := r.rdsClient().DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("acme")})
		if err != nil {
			r.tb.Fatal(err)
		}
		if last = *out.DBClusters[0].Status; last == status {
			return
		}
	}
	r.tb.Fatalf("the database is %s, not %s", last, status)
}

// changedDatabases are the calls that changed something of RDS, in order, each with what it is about.
func (r *rig) changedDatabases() []string {
	var out []string
	for _, c := range r.account.Calls() {
		if c.Service != rds.ServiceID || !c.Mutating {
			continue
		}
		name := c.Operation
		switch in := c.Input.(type) {
		case *rds.ModifyDBInstanceInput:
			name += " " + *in.DBInstanceIdentifier
		case *rds.RebootDBInstanceInput:
			name += " " + *in.DBInstanceIdentifier
		case *rds.FailoverDBClusterInput:
			name += " " + *in.TargetDBInstanceIdentifier
		case *rds.DeleteDBInstanceInput:
			name += " " + *in.DBInstanceIdentifier
		}
		out = append(out, name)
	}
	return out
}

// changesOf are the lines of a plan about a kind.
func changesOf(p *provision.Plan, kind string) []provision.Change {
	return slices.DeleteFunc(p.Changes(), func(c provision.Change) bool { return c.Kind != kind })
}

// A database that somebody has stopped, with nothing to change, stays so, is no difference,
// and is told.
func TestAStoppedDatabaseStaysStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.stopDatabase(ctx)
		for _, status := range []string{"stopping", "stopped"} {
			if status == "stopped" {
				r.awaitDatabase(ctx, status)
			}
			p := plan(ctx, t, r.Operator, acme(t))
			told := changesOf(p, "rds/cluster")
			if !p.Settled() || len(told) != 1 || told[0].Op != provision.OpLater || !strings.Contains(told[0].Why, "starts it by itself on ") {
				t.Errorf("%s: settled %v, told %+v", status, p.Settled(), told)
			}
		}
		r.account.Forget()
		began := time.Now()
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if got := r.changedDatabases(); len(got) > 0 || time.Since(began) > time.Minute {
			t.Errorf("create did %v in %v", got, time.Since(began))
		}
		r.awaitDatabase(ctx, "stopped")
	})
}

// A stopped database is started before anything of it is changed, and the plan says so.
func TestAStoppedDatabaseIsStartedToBeChanged(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		was, is string // of the spec
		starts  bool
	}{
		"a setting of the cluster": {"retention_days: 30", "retention_days: 7", true},
		"an instance's class":      {"class: db.r6g.large", "class: db.r6g.xlarge", true},
		"one instance more":        {"instances: 2", "instances: 3", true},
		"one instance less":        {"instances: 2", "instances: 1", true},
		"only tags":                {"restorable_monthly: true", "restorable_monthly: false", false},
	}
	for name, c := range cases {
		for _, stopped := range []bool{true, false} { // or about to be
			t.Run(name+map[bool]string{true: ", stopped", false: ", stopping"}[stopped], func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
					before, after := client(t, "ACME", "instances: 2", "instances: 2"), client(t, "ACME", c.was, c.is)
					if err := create(ctx, r.Operator, before); err != nil {
						t.Fatal(err)
					}
					r.stopDatabase(ctx)
					if stopped {
						r.awaitDatabase(ctx, "stopped")
					}
					p := plan(ctx, t, r.Operator, after)
					if p.Mutations() == 0 {
						t.Fatalf("the plan changes nothing: the example has no %q", c.was)
					}
					starts := slices.ContainsFunc(changesOf(p, "rds/cluster"), func(c provision.Change) bool {
						return slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool {
							return d.Field == "status" && strings.HasPrefix(d.Have, "stop") && d.Want == "available"
						})
					})
					if starts != c.starts {
						t.Errorf("the plan starts it: %v, want %v", starts, c.starts)
					}
					r.account.Forget()
					if err := create(ctx, r.Operator, after); err != nil {
						t.Fatal(err)
					}
					got := r.changedDatabases()
					if n := len(slices.DeleteFunc(slices.Clone(got), func(s string) bool { return s != "StartDBCluster" })); (n == 1) != c.starts {
						t.Errorf("%d times started: %v", n, got)
					}
					if c.starts {
						r.wantNoChange(ctx, after)
					} else {
						r.awaitDatabase(ctx, "stopped")
					}
				})
			})
		}
	}
}

// A client with a stopped database is destroyed: the database is started for its last copy.
func TestAStoppedDatabaseIsDestroyed(t *testing.T) {
	t.Parallel()
	for name, purge := range map[string]bool{"with a final snapshot": false, "with its data": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				r.stopDatabase(ctx)
				r.awaitDatabase(ctx, "stopped")
				run, err := r.Remove(ctx, "ACME", region, purge)
				if err != nil {
					t.Fatal(err)
				}
				p, err := run.Plan(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if told := changesOf(p, "rds/cluster"); len(told) != 1 || !slices.ContainsFunc(told[0].Diffs, func(d provision.Diff) bool { return d.Field == "status" && d.Want == "available" }) {
					t.Errorf("the plan does not say that it is started: %+v", told)
				}
				r.account.Forget()
				if _, err := run.Apply(ctx, p, nil, nil); err != nil {
					t.Fatal(err)
				}
				calls := r.changedDatabases()
				if start, first := slices.Index(calls, "StartDBCluster"), slices.IndexFunc(calls, func(c string) bool { return strings.HasPrefix(c, "Delete") || strings.HasPrefix(c, "Modify") }); start < 0 || first < start {
					t.Errorf("not started first: %v", calls)
				}
				if finals := r.inventory(ctx)["rds/cluster-snapshot client ACME database"]; finals != map[bool]int{false: 1, true: 0}[purge] {
					t.Errorf("%d final snapshots", finals)
				}
			})
		})
	}
}

// Somebody disables the key of a client's database, or has it deleted: RDS takes the database
// away. One create brings both back, the key first.
func TestADatabaseThatLostItsKeyIsHealed(t *testing.T) {
	t.Parallel()
	cases := map[string]func(context.Context, *kms.Client, *string) error{
		"disabled": func(ctx context.Context, api *kms.Client, key *string) error {
			_, err := api.DisableKey(ctx, &kms.DisableKeyInput{KeyId: key})
			return err
		},
		"about to be deleted": func(ctx context.Context, api *kms.Client, key *string) error {
			_, err := api.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: key})
			return err
		},
	}
	for name, lose := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				before, key := r.inventory(ctx), r.held("kms/key", "client")
				if err := lose(ctx, r.Factory.Set(region).KMS.(*kms.Client), &key); err != nil {
					t.Fatal(err)
				}
				r.awaitDatabase(ctx, "inaccessible-encryption-credentials-recoverable")
				if _, err := r.rdsClient().StartDBCluster(ctx, &rds.StartDBClusterInput{DBClusterIdentifier: aws.String("acme")}); err == nil {
					t.Fatal("it starts without its key")
				}
				p := plan(ctx, t, r.Operator, acme(t))
				if fields := fieldsOf(p); p.Refused() != nil || !slices.Equal(fields, []string{"kms/key enabled", "rds/cluster status"}) {
					t.Errorf("the plan shows %v, %v", fields, p.Refused())
				}
				r.account.Forget()
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				if got := r.changedDatabases(); !slices.Equal(got, []string{"StartDBCluster"}) {
					t.Errorf("what was done to the database: %v", got)
				}
				compareInventories(t, r.inventory(ctx), before)
				r.wantNoChange(ctx, acme(t))
			})
		})
	}
}

// RDS gives up on a database that was without its key for seven days. It is told how the
// data comes back, and that is what cicdctl does.
func TestADatabaseThatIsLostIsRestored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		key := r.held("kms/key", "client")
		if _, err := r.Factory.Set(region).KMS.(*kms.Client).DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key}); err != nil {
			t.Fatal(err)
		}
		r.awaitDatabase(ctx, "inaccessible-encryption-credentials-recoverable")
		time.Sleep(8 * 24 * time.Hour)
		r.awaitDatabase(ctx, "inaccessible-encryption-credentials")
		err := create(ctx, r.Operator, acme(t))
		refused, ok := errors.AsType[*provision.RefusedError](err)
		if !ok || !strings.Contains(err.Error(), "cicdctl backup restore") || strings.Contains(err.Error(), "elete") {
			t.Fatalf("create: %v", err)
		}
		for _, c := range refused.Changes {
			if !strings.HasPrefix(c.Kind, "rds/") {
				t.Errorf("in the way: %s", line(c))
			}
		}
		if fields := fieldsOf(plan(ctx, t, operator(t, r.account, cloud.Config{}), acme(t))); slices.Contains(fields, "kms/key enabled") {
			t.Errorf("the key was not enabled: %v", fields)
		}
		if _, err := restoreCopy(ctx, r.Operator, acme(t), backup.RestoreAsk{As: "acme-back"}); err != nil {
			t.Errorf("restore: %v", err)
		}
	})
}

// A client whose database cannot reach its key is not destroyed: its last copy cannot be made.
func TestADatabaseWithoutItsKeyIsNotDestroyed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		key := r.held("kms/key", "client")
		if _, err := r.Factory.Set(region).KMS.(*kms.Client).DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key}); err != nil {
			t.Fatal(err)
		}
		r.awaitDatabase(ctx, "inaccessible-encryption-credentials-recoverable")
		r.account.Forget()
		if err := destroy(ctx, r.Operator, "ACME", false); err == nil || !strings.Contains(err.Error(), "cicdctl client create ACME") {
			t.Errorf("destroy: %v", err)
		}
		r.wantUntouched()
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Error(err)
		}
	})
}
