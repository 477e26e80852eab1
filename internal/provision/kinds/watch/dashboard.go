package watch

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The client's dashboard, which is a part of its topic.

// dashboardName is the name of the topic's dashboard, or "" when there is none.
func (t *topic) dashboardName() string {
	if t.dashboard == "" {
		return ""
	}
	return rules.DashboardName(t.tags[provision.TagClient], t.tags[provision.TagRegion])
}

func (t *topic) readOwnDashboard(ctx context.Context, w *provision.Sweep) error {
	if t.shared() {
		return nil
	}
	name := rules.DashboardName(t.tags[provision.TagClient], w.Region)
	body, err := dashboardBody(ctx, w.CloudWatch, name)
	t.dashboard = body
	return err
}

// dashboardBody is the canonical text, and empty when there is none of that name.
func dashboardBody(ctx context.Context, api awsapi.CloudWatch, name string) (string, error) {
	out, err := api.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: &name})
	if err != nil {
		return "", awsapi.IgnoreNotFound(err)
	}
	return rules.DashboardText(aws.ToString(out.DashboardBody)), nil
}

// setDashboard looks once more before it writes: before the topic was made, nobody
// had looked for a dashboard of that name.
func setDashboard(ctx context.Context, s *provision.Step, d wantTopic, _ *topic) error {
	name := rules.DashboardName(s.Client, s.Region)
	there, err := dashboardBody(ctx, s.API.CloudWatch, name)
	if err != nil {
		return err
	}
	if there != "" && !rules.OwnDashboard(there) {
		return &provision.RefusedError{Changes: []provision.Change{{
			Op: provision.OpForeign, Kind: "sns/topic", Scope: s.Ref(), Role: s.Role, ID: name,
			Why: lang.Sprintf("a dashboard named %s exists already and cicdctl did not make it: save it under another name in the CloudWatch console, delete it, then run again", name),
		}}}
	}
	return kit.Do(ctx, s.API.CloudWatch.PutDashboard, &cloudwatch.PutDashboardInput{DashboardName: &name, DashboardBody: aws.String(rules.Dashboard(kit.PlaceOf(s.Scope), s.Client, d.alarms))})
}

// deleteDashboard leaves one that somebody else made.
func deleteDashboard(ctx context.Context, s *provision.Step, t *topic) error {
	if !rules.OwnDashboard(t.dashboard) {
		return nil
	}
	err := kit.Do(ctx, s.API.CloudWatch.DeleteDashboards, &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{rules.DashboardName(s.Client, s.Region)}})
	return awsapi.IgnoreNotFound(err)
}
