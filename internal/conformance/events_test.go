package conformance

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// However many clients a region has, it has the same few subscriptions, which are about all of
// their databases; its operators hear of them, and who has no list of operators changes nothing.
func TestOperatorsHearOfDatabases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		with := operator(t, r.account, cloud.Config{AlarmEmails: []string{"ops@example.com"}})
		second := client(t, "GLOBEX")
		if err := create(ctx, with, small(t)); err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, with, second); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, small(t)) // without a list
		api := r.Factory.Set(region)
		hears := func() (addresses []string) {
			t.Helper()
			out, err := api.SNS.ListSubscriptions(ctx, &sns.ListSubscriptionsInput{})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range out.Subscriptions {
				if aws.ToString(s.TopicArn) == "arn:aws:sns:eu-west-3:123456789012:"+rules.SharedTopicName {
					addresses = append(addresses, aws.ToString(s.Endpoint))
				}
			}
			return addresses
		}
		if got := hears(); !slices.Equal(got, []string{"ops@example.com"}) {
			t.Errorf("operators are %v", got)
		}
		told, err := api.RDS.DescribeEventSubscriptions(ctx, &rds.DescribeEventSubscriptionsInput{})
		if err != nil {
			t.Fatal(err)
		}
		sources := map[string]int{}
		for _, s := range told.EventSubscriptionsList {
			sources[aws.ToString(s.SourceType)] = len(s.SourceIdsList)
			if aws.ToString(s.Status) != "active" {
				t.Errorf("%s is %s", *s.CustSubscriptionId, *s.Status)
			}
		}
		if len(told.EventSubscriptionsList) != 4 || len(sources) != 4 || sources["db-cluster"]+sources["db-instance"] != 0 {
			t.Errorf("two clients make %d subscriptions, want 4 without a named source: %v", len(told.EventSubscriptionsList), sources)
		}
		if _, err := cloud.Open(ctx, cloud.Config{AlarmEmails: []string{"ops"}}, cloud.Connection{}); err == nil || err.Error() != `configuration: alarm_emails: "ops" is not an e-mail address` {
			t.Errorf("no address: %v", err)
		}
	})
}
