package rds

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type modifySubscription = rds.ModifyEventSubscriptionInput

// subscriptionChanges are made by one call.
func subscriptionChanges() []kit.Change[rules.EventSubscription, *subscription, modifySubscription] {
	return []kit.Change[rules.EventSubscription, *subscription, modifySubscription]{
		kit.Text("topic", func(s *provision.Step, _ rules.EventSubscription) string { return operatorsTopic(s) },
			func(v *subscription) *string { return v.SnsTopicArn }, func(in *modifySubscription) **string { return &in.SnsTopicArn }),
		{
			Name: "events",
			Want: func(_ *provision.Step, d rules.EventSubscription) string { return eventsOf(d.Source, d.Categories) },
			Have: func(v *subscription) string { return eventsOf(aws.ToString(v.SourceType), v.EventCategoriesList) },
			Put: func(_ *provision.Step, d rules.EventSubscription, _ *subscription, in *modifySubscription) {
				in.SourceType, in.EventCategories = aws.String(d.Source), d.Categories
			},
		},
		kit.Flag[rules.EventSubscription]("enabled", true, func(v *subscription) *bool { return v.Enabled }, func(in *modifySubscription) **bool { return &in.Enabled }),
		{
			// "no-permission" and "topic-not-exist" stay when the topic is in order again: RDS tries
			// anew when it is told the topic.
			Name: "delivery",
			Want: kit.Const[rules.EventSubscription](telling),
			Have: func(v *subscription) string {
				if status := aws.ToString(v.Status); subscriptionStates[status] == provision.Available {
					return status
				}
				return provision.Keep
			},
			Put: func(s *provision.Step, _ rules.EventSubscription, _ *subscription, in *modifySubscription) {
				in.SnsTopicArn = aws.String(operatorsTopic(s))
			},
		},
	}
}

// eventsOf is a line for each category of events.
func eventsOf(source string, categories []string) string {
	if len(categories) == 0 {
		return "all of " + source
	}
	return kit.LinesOf(categories, func(c string) string { return c + " of " + source })
}
