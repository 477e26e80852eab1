package conformance

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// A client's slice of AWS ends and begins again: what AWS does late must not show.

// deployAll lets people in where they send files, and runs an image in every service
// and environment of the spec.
func (r *rig) deployAll(t *testing.T, s *spec.Spec) {
	t.Helper()
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			r.push(s.Client, app.Name+"-"+svc.Name, "v1", sandbox.ImageFate{})
			for _, env := range spec.Envs() {
				if svc.Runtime == "mysecureshell" || svc.Runtime == "proftpd" {
					letIn(t.Context(), t, r.Operator, s, svc.Name, env)
				}
				must(t)(first(deployTo(t.Context(), r.Operator, s, svc.Name, env, "v1")))
			}
		}
	}
}

// wantClean fails for every finding, and for what was not audited.
func wantClean(t *testing.T, when string, a *audit.Audited, expected ...string) {
	t.Helper()
	for _, f := range a.Findings {
		if !slices.Contains(expected, f.ID) {
			t.Errorf("%s: finding %s %s: %s: is %q, should be %q", when, f.ID, f.Resource, f.Title, f.Is, f.Should)
		}
	}
	for _, n := range a.NotAudited {
		t.Errorf("%s: not audited: %+v", when, n)
	}
}

// A client is destroyed with all that it runs and made again at once, and nothing of what
// AWS does late shows: no drift, nothing foreign in the way, no orphan.
func TestAClientIsDestroyedAndMadeAgainAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		for _, purge := range []bool{false, true} {
			if err := create(ctx, r.Operator, acme(t)); err != nil {
				t.Fatalf("create: %v", err)
			}
			r.deployAll(t, acme(t))
			if err := destroy(ctx, r.Operator, "ACME", purge); err != nil {
				t.Fatalf("destroy: %v", err)
			}
			if err := create(ctx, r.Operator, acme(t)); err != nil {
				t.Fatalf("create again: %v", err)
			}
			wantClean(t, "made again", r.examine(t, acme(t)))
			r.wantNoChange(ctx, acme(t))
		}
	})
}

// AWS's tagging service goes on telling of what is deleted: none of it is an orphan.
func TestWhatIsGoneIsNoOrphan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		for _, s := range []*spec.Spec{acme(t), client(t, "GLOBEX")} {
			if err := create(ctx, r.Operator, s); err != nil {
				t.Fatal(err)
			}
		}
		r.deployAll(t, client(t, "GLOBEX"))
		if err := destroy(ctx, r.Operator, "GLOBEX", true); err != nil {
			t.Fatal(err)
		}
		wantClean(t, "with a client left", r.examine(t, acme(t)))
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		wantClean(t, "with no client left", r.examine(t), "CICD-ORPHAN-1")
		// What is left are the region's shared things.
		for _, f := range r.examine(t).Findings {
			if f.Client != "" {
				t.Errorf("of a client that is gone: %+v", f)
			}
		}
	})
}

// lateGroups names what AWS has made again: groups under names of its own, without tags.
func (r *rig) lateGroups(t *testing.T) []string {
	t.Helper()
	var late []string
	api := r.Factory.Set(region).Logs
	for p := cloudwatchlogs.NewDescribeLogGroupsPaginator(api, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/")}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range page.LogGroups {
			out, err := api.ListTagsForResource(t.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: g.LogGroupArn})
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Tags) == 0 {
				late = append(late, *g.LogGroupName)
			}
		}
	}
	return late
}

// RDS and Container Insights write once more when their log groups are removed, and so
// make them again. Destroy looks once more; what comes later still is the next run's.
func TestLogGroupsThatAWSMakesAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		looks int
		left  bool // after the first destroy
	}{
		"at once":                   {-1, false},
		"while destroy still looks": {2, false},
		"after the last look":       {3, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: c.looks})
				for _, purge := range []bool{false, true} {
					if err := create(ctx, r.Operator, acme(t)); err != nil {
						t.Fatalf("create: %v", err)
					}
					r.wantNoChange(ctx, acme(t))
					wantClean(t, "after create", r.examine(t, acme(t)))
					if err := destroy(ctx, r.Operator, "ACME", purge); err != nil {
						t.Fatalf("destroy: %v", err)
					}
					if late := r.lateGroups(t); len(late) > 0 != c.left {
						t.Errorf("AWS has made %q again, left behind: want %v", late, c.left)
					}
				}
				if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
					t.Fatal(err)
				}
				if late := r.lateGroups(t); len(late) > 0 {
					t.Errorf("another destroy left %q", late)
				}
			})
		})
	}
}

// A log group under a name that AWS gives is somebody else's as long as nothing proves
// that it is this client's.
func TestLogGroupsOfOthersAreNotTakenOver(t *testing.T) {
	t.Parallel()
	insights, database := rules.InsightsLogGroupName("ACME"), rules.DatabaseLogGroupName("acme", "postgresql")
	for name, c := range map[string]struct {
		made    cloudwatchlogs.CreateLogGroupInput
		after   bool // the client was there before, and its key still is
		days    int32
		refused bool
	}{
		"older than the client":       {made: cloudwatchlogs.CreateLogGroupInput{LogGroupName: &database}, refused: true},
		"of a client that was there":  {made: cloudwatchlogs.CreateLogGroupInput{LogGroupName: &database}, after: true},
		"of a cluster that was there": {made: cloudwatchlogs.CreateLogGroupInput{LogGroupName: &insights}, after: true},
		"with somebody's tags":        {made: cloudwatchlogs.CreateLogGroupInput{LogGroupName: &database, Tags: map[string]string{"owner": "else"}}, after: true, refused: true},
		"that somebody gave an end":   {made: cloudwatchlogs.CreateLogGroupInput{LogGroupName: &insights}, after: true, days: 30, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
				api := r.Factory.Set(region).Logs
				if c.after {
					if err := create(ctx, r.Operator, acme(t)); err != nil {
						t.Fatal(err)
					}
					if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := api.CreateLogGroup(ctx, &c.made); err != nil {
					t.Fatal(err)
				}
				if c.days > 0 {
					if _, err := api.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: c.made.LogGroupName, RetentionInDays: &c.days}); err != nil {
						t.Fatal(err)
					}
				}
				if c.refused { // and a destroy leaves it
					if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
						t.Fatal(err)
					}
				}
				err := create(ctx, r.Operator, acme(t))
				if _, refused := errors.AsType[*provision.RefusedError](err); refused != c.refused || err != nil && !refused {
					t.Errorf("create: %v, want a refusal: %v", err, c.refused)
				}
				if err == nil {
					r.wantNoChange(ctx, acme(t))
				}
			})
		})
	}
}

// What a destroy sweeps is what AWS has made again since the client was there, and for no
// cluster of somebody else's.
func TestADestroyLeavesLogGroupsOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		set := r.Factory.Set(region)
		older, theirs := rules.DatabaseLogGroupName("acme-20260101t000000", "postgresql"), rules.DatabaseLogGroupName("acme", "postgresql")
		if _, err := set.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &older}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		subnets, err := set.EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, s := range subnets.Subnets {
			ids = append(ids, *s.SubnetId)
		}
		if _, err := set.RDS.CreateDBSubnetGroup(ctx, &rds.CreateDBSubnetGroupInput{DBSubnetGroupName: aws.String("theirs"), DBSubnetGroupDescription: aws.String("theirs"), SubnetIds: ids}); err != nil {
			t.Fatal(err)
		}
		if _, err := set.RDS.CreateDBCluster(ctx, &rds.CreateDBClusterInput{DBClusterIdentifier: aws.String("acme"), Engine: aws.String("aurora-postgresql"), DBSubnetGroupName: aws.String("theirs"), MasterUsername: aws.String("root1"), MasterUserPassword: aws.String("a-password")}); err != nil {
			t.Fatal(err)
		}
		if _, err := set.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &theirs}); err != nil {
			t.Fatal(err)
		}
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{older, theirs} {
			if !slices.Contains(r.lateGroups(t), name) {
				t.Errorf("%s was removed", name)
			}
		}
	})
}
