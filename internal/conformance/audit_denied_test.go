package conformance

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// shortcut is a call whose answers the services themselves can give.
const shortcut = "CloudControl.GetResource"

// refuse makes the account answer one operation with an error.
func (r *rig) refuse(name, code string) {
	r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
		if c.Name() == name {
			return sandbox.Fault{Before: refusal(code)}
		}
		return sandbox.Fault{}
	})
}

// What AWS does not let be read is told as not audited; nothing false is said of
// what depends on it, and nothing of it passes as clean.
func TestWhatIsDeniedIsNotAudited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		asked := map[string]bool{}
		for _, refused := range []string{"", shortcut} { // what stands behind the shortcut is asked for only without it
			r.account.Forget()
			r.refuse(refused, "AccessDenied")
			r.examine(t, acme(t))
			for _, c := range r.account.Calls() {
				asked[c.Name()] = true
			}
		}
		for name := range asked {
			if name == "STS.GetCallerIdentity" {
				continue // without it there is no audit at all
			}
			r.refuse(name, "AccessDenied")
			a, err := audit.Examine(ctx, operator(t, r.account, cloud.Config{}), audit.Examined{Specs: []*spec.Spec{acme(t)}, Regions: []string{region}})
			r.account.OnCall(nil)
			if err != nil {
				t.Errorf("with %s denied there is no audit: %v", name, err)
				continue
			}
			if len(a.NotAudited) == 0 && name != shortcut {
				t.Errorf("with %s denied everything counts as audited", name)
			}
			if len(a.NotAudited) > 0 && name == shortcut {
				t.Errorf("with %s denied the services were not asked: %v", name, a.NotAudited)
			}
			for _, f := range a.Findings {
				t.Errorf("with %s denied: %s %s: %s instead of %s", name, f.ID, f.Resource, f.Is, f.Should)
			}
		}
	})
}

// An exception excuses its finding until its day has passed.
func TestExceptionsExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		_, err := r.Factory.Set(region).RDS.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{
			DBClusterIdentifier: aws.String(rules.DatabaseName("ACME")), DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true),
		})
		if err != nil {
			t.Fatal(err)
		}
		day := spec.Date{Time: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 10)}
		s.Audit.Exceptions = []spec.Exception{
			{ID: "RDS.7", Resource: "acme", Reason: "being moved", Until: day},
			{ID: "CICD-DRIFT-2", Resource: "rds/cluster", Reason: "being moved", Until: day},
		}
		a := r.examine(t, s)
		if len(a.Findings) != 0 || len(a.Excepted) != 2 {
			t.Errorf("with exceptions: findings %v, excepted %v", a.Findings, a.Excepted)
		}
		time.Sleep(11 * 24 * time.Hour)
		a = r.examine(t, s)
		ids := map[string]int{}
		for _, f := range a.Findings {
			ids[f.ID]++
		}
		if ids["RDS.7"] != 1 || ids["CICD-DRIFT-2"] != 1 || ids["CICD-EXCEPTION-1"] != 2 || len(a.Excepted) != 0 {
			t.Errorf("with exceptions that have expired: %v, excepted %v", a.Findings, a.Excepted)
		}
	})
}

// Who accepts that a rule is broken accepts the drift that this is, and nothing else; what
// clients share is excused where it is named.
func TestExceptionsExcuseTheirDrift(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		s := acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region)
		subnets, err := api.EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:cicdctl:role"), Values: []string{"edge-a"}}}})
		if err != nil {
			t.Fatal(err)
		}
		edge := subnets.Subnets[0].SubnetId
		if _, err := api.EC2.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: edge, MapPublicIpOnLaunch: &ec2types.AttributeBooleanValue{Value: aws.Bool(true)}}); err != nil {
			t.Fatal(err)
		}
		if _, err := api.RDS.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{
			DBClusterIdentifier: aws.String(rules.DatabaseName("ACME")), DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true),
		}); err != nil {
			t.Fatal(err)
		}
		day := spec.Date{Time: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 10)}
		for want, exceptions := range map[int][]spec.Exception{
			4: nil,
			2: {{ID: "RDS.7", Reason: "being moved", Until: day}, {ID: "EC2.15", Reason: "names nothing", Until: day}},
			0: {{ID: "RDS.7", Reason: "being moved", Until: day}, {ID: "EC2.15", Resource: *edge, Reason: "an experiment", Until: day}},
		} {
			s.Audit.Exceptions = exceptions
			if a := r.examine(t, s); len(a.Findings) != want || len(a.Excepted) != 4-want {
				t.Errorf("with %v: %d findings, want %d, %d excepted: %+v", exceptions, len(a.Findings), want, len(a.Excepted), a.Findings)
			}
		}
	})
}

// That a trail or a flow log is missing breaks the control that asks for it.
func TestWhatWatchesIsMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		api := r.Factory.Set(region)
		logs, err := api.EC2.DescribeFlowLogs(ctx, &ec2.DescribeFlowLogsInput{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.EC2.DeleteFlowLogs(ctx, &ec2.DeleteFlowLogsInput{FlowLogIds: []string{*logs.FlowLogs[0].FlowLogId}}); err != nil {
			t.Fatal(err)
		}
		if _, err := api.CloudTrail.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: aws.String(rules.TrailName)}); err != nil {
			t.Fatal(err)
		}
		ids := map[string]int{}
		for _, f := range r.examine(t, acme(t)).Findings {
			ids[f.ID]++
		}
		if want := map[string]int{"CloudTrail.1": 1, "EC2.6": 1, "CICD-DRIFT-1": 2}; !maps.Equal(ids, want) {
			t.Errorf("findings %v, want %v", ids, want)
		}
	})
}
