package conformance

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// dashboard is the body of the client's dashboard, empty when there is none.
func (r *rig) dashboard(ctx context.Context) string {
	out, err := r.Factory.Set(region).CloudWatch.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: aws.String("acme-" + region)})
	if err != nil {
		return ""
	}
	return aws.ToString(out.DashboardBody)
}

func (r *rig) putDashboard(ctx context.Context, body string) {
	r.tb.Helper()
	_, err := r.Factory.Set(region).CloudWatch.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: aws.String("acme-" + region), DashboardBody: &body})
	if err != nil {
		r.tb.Fatal(err)
	}
}

func TestDashboardsOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	const theirs = `{"widgets":[{"type":"text","properties":{"markdown":"ours"}}]}`
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		r.putDashboard(ctx, theirs)
		if err := create(ctx, r.Operator, acme(t)); err == nil || !strings.Contains(err.Error(), "did not make it") {
			t.Errorf("create: %v, want a refusal", err)
		}
		p := plan(ctx, t, r.Operator, acme(t)) // now that the topic is there, a plan sees it
		if fields := fieldsOf(p); !slices.Contains(fields, "sns/topic maker of the dashboard") || p.Refused() == nil {
			t.Errorf("a plan shows %v, want it to be refused", fields)
		}
		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		if got := r.dashboard(ctx); got != theirs {
			t.Errorf("their dashboard is now %q", got)
		}
	})
}

func TestTheDashboardComesAndGoesWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		var body struct{ Widgets []struct{ Type string } }
		if err := json.Unmarshal([]byte(r.dashboard(ctx)), &body); err != nil || len(body.Widgets) < 20 {
			t.Errorf("the dashboard has %d widgets (%v)", len(body.Widgets), err)
		}
		if err := destroy(ctx, r.Operator, "ACME", false); err != nil {
			t.Fatal(err)
		}
		if got := r.dashboard(ctx); got != "" {
			t.Errorf("left behind: %s", got)
		}
	})
}

func TestWhoHearsAlarms(t *testing.T) {
	t.Parallel()
	with := func(t *testing.T, addresses ...string) *spec.Spec {
		return client(t, "ACME", "ops@acme.example", strings.Join(addresses, ", "))
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		if err := create(ctx, r.Operator, with(t, "a@acme.example", "b@acme.example")); err != nil {
			t.Fatal(err)
		}
		told := r.facts(ctx, "sns/topic")
		if told["not confirmed yet"] != "a@acme.example b@acme.example" || told["alarms go to"] != "" {
			t.Errorf("before anybody has confirmed: %v", told)
		}
		r.wantNoChange(ctx, with(t, "a@acme.example", "b@acme.example"))
		api := r.Factory.Set(region).SNS.(*sns.Client)
		if _, err := api.ConfirmSubscription(ctx, &sns.ConfirmSubscriptionInput{TopicArn: aws.String("arn:aws:sns:" + region + ":123456789012:acme-alarms"), Token: aws.String("a@acme.example")}); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, with(t, "a@acme.example", "b@acme.example"))
		// The confirmed one goes; the other cannot be taken back, which is no drift.
		for range 2 {
			if err := create(ctx, r.Operator, with(t, "c@acme.example")); err != nil {
				t.Fatal(err)
			}
			if told := r.facts(ctx, "sns/topic"); told["not confirmed yet"] != "b@acme.example c@acme.example" || told["alarms go to"] != "" {
				t.Errorf("with another address: %v", told)
			}
		}
		r.wantNoChange(ctx, with(t, "c@acme.example"))
	})
}

// facts are what is told of the client's resources of a kind.
func (r *rig) facts(ctx context.Context, kind string) map[string]string {
	r.tb.Helper()
	run, err := r.Remove(ctx, "ACME", region, false)
	if err != nil {
		r.tb.Fatal(err)
	}
	p, err := run.Plan(ctx)
	if err != nil {
		r.tb.Fatal(err)
	}
	out := map[string]string{}
	for _, held := range p.Held() {
		for _, f := range held.Facts {
			if held.Kind == kind {
				out[f.Name] = f.Value
			}
		}
	}
	return out
}

func TestATrailOfTheOrganisationIsEnough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		tree := r.tree()
		tree["CloudTrail"] = map[string]any{"eu-west-1": map[string]any{"Trails": []any{map[string]any{"V": map[string]any{
			"Name": "organisation", "TrailARN": "arn:aws:cloudtrail:eu-west-1:999999999999:trail/organisation", "HomeRegion": "eu-west-1",
			"S3BucketName": "theirs", "IsMultiRegionTrail": true, "IsOrganizationTrail": true,
		}}}}}
		r.restore(tree)
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, acme(t))
		for key := range r.inventory(ctx) {
			if strings.HasSuffix(key, " account trail") || strings.HasSuffix(key, "account  trail") {
				t.Errorf("made although the organisation has a trail: %s", key)
			}
		}
	})
}

// A plan that changes nothing asks little about monitoring: what AWS tells of many
// at once is asked once.
func TestMonitoringIsReadWithFewCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 100, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.account.Forget()
		plan(ctx, t, r.Operator, acme(t))
		counts := map[string]int{}
		for _, c := range r.account.Calls() {
			if slices.Contains([]string{"SNS", "CloudWatch", "CloudTrail", "Resource Groups Tagging API"}, c.Service) || strings.Contains(c.Operation, "FlowLogs") {
				counts[c.Name()]++
			}
		}
		want := map[string]int{
			"SNS.ListTopics": 1, "SNS.ListSubscriptions": 1, "SNS.GetTopicAttributes": 3,
			"CloudWatch.DescribeAlarms": 2, "CloudWatch.GetDashboard": 1, "Resource Groups Tagging API.GetResources": 2, // the client's, and the account's
			"EC2.DescribeFlowLogs":      1,
			"CloudTrail.DescribeTrails": 1, "CloudTrail.GetTrailStatus": 1, "CloudTrail.ListTags": 1,
		}
		if !maps.Equal(counts, want) {
			t.Errorf("calls %v, want %v", counts, want)
		}
	})
}

// An alarm waits for what it watches, not for everything that alarms watch.
func TestAnAlarmIsHeldBackOnlyByWhatItWatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Operation == "CreateNatGateway" {
				return sandbox.Fault{Before: refusal("UnauthorizedOperation")}
			}
			return sandbox.Fault{}
		})
		if err := create(ctx, r.Operator, small(t)); err == nil {
			t.Fatal("NAT gateways were made that nobody may make")
		}
		names := map[string]bool{}
		p := cloudwatch.NewDescribeAlarmsPaginator(r.Factory.Set(region).CloudWatch, &cloudwatch.DescribeAlarmsInput{})
		for p.HasMorePages() {
			out, err := p.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range out.MetricAlarms {
				names[aws.ToString(a.AlarmName)] = true
			}
		}
		for role, want := range map[string]bool{"database-cpu": true, "dead-letters": true, "hosts-full": true, "nat-a-ports": false} {
			if name := rules.AlarmName("ACME", role); names[name] != want {
				t.Errorf("%s there: %v, want %v", name, names[name], want)
			}
		}
	})
}
