package rds

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// subscription is a subscription to events, with its tags.
type subscription struct {
	rdstypes.EventSubscription
	tags provision.Tags
}

func (v *subscription) ARN() string                 { return aws.ToString(v.EventSubscriptionArn) }
func (v *subscription) SetTags(tags provision.Tags) { v.tags = tags }
func (v *subscription) Likely() bool                { return true } // nobody else names them so
func (v *subscription) name() string                { return aws.ToString(v.CustSubscriptionId) }

// States of a subscription that are not those of one that tells its events.
var subscriptionStates = map[string]provision.State{
	"creating": provision.Pending, "modifying": provision.Pending, "deleting": provision.Deleting,
}

const (
	telling    = "active" // what RDS calls a subscription that tells its events
	allSources = "all"    // of the type: none is named
)

// EventSubscriptionKind is what operators hear of the databases of a region, all clients'
// together: an account has few subscriptions.
func EventSubscriptionKind() *provision.Type {
	arn := func(v *subscription) *string { return v.EventSubscriptionArn }
	changes := subscriptionChanges()
	return provision.Define(provision.Kind[rules.EventSubscription, *subscription]{
		Name:     "rds/event-subscription",
		ARN:      "rds:es:",
		Unlisted: notOurs,
		Levels:   provision.RegionLevel,
		Billing:  provision.Billing[rules.EventSubscription, *subscription]{Free: freeEvents},
		Impact:   provision.Impact[*subscription]{Stateless: true},
		// RDS tries whether it may publish on the topic, with the topic's key.
		DependsOn: provision.Ready("sns/topic", "kms/key"),
		Timing:    provision.Timing{AsyncDelete: true},
		Want: func(*provision.Scope) map[provision.Role]rules.EventSubscription {
			return kit.ByRole(rules.EventSubscriptions(), func(d rules.EventSubscription) provision.Role { return d.Role })
		},
		List:  listSubscriptions,
		ID:    (*subscription).name,
		Tags:  func(v *subscription) provision.Tags { return v.tags },
		State: func(v *subscription) provision.State { return subscriptionStates[aws.ToString(v.Status)] },
		Naming: provision.Naming[rules.EventSubscription, *subscription]{
			Key:   (*subscription).name,
			KeyOf: kit.Name(func(d rules.EventSubscription) string { return rules.EventSubscriptionName(d.Role) }),
		},
		Create: func(ctx context.Context, s *provision.Step, d rules.EventSubscription) (*subscription, error) {
			return kit.Get(ctx, s.API.RDS.CreateEventSubscription, &rds.CreateEventSubscriptionInput{
				SubscriptionName: aws.String(rules.EventSubscriptionName(d.Role)), SnsTopicArn: aws.String(operatorsTopic(s)), SourceType: aws.String(d.Source),
				EventCategories: d.Categories, Enabled: aws.Bool(true), Tags: Tags.To(s.Tags),
			}, func(o *rds.CreateEventSubscriptionOutput) *subscription {
				return &subscription{*o.EventSubscription, s.Tags}
			})
		},
		Update: func(ctx context.Context, s *provision.Step, d rules.EventSubscription, v *subscription, changed []string) error {
			in := &modifySubscription{SubscriptionName: v.CustSubscriptionId}
			kit.Fill(changes, changed, s, d, v, in)
			return kit.Do(ctx, s.API.RDS.ModifyEventSubscription, in)
		},
		Delete: func(ctx context.Context, s *provision.Step, v *subscription) error {
			return kit.Do(ctx, s.API.RDS.DeleteEventSubscription, &rds.DeleteEventSubscriptionInput{SubscriptionName: v.CustSubscriptionId})
		},
		Retag: retagRDS(arn),
		Untag: untagRDS(arn),
		Limits: provision.Limits[rules.EventSubscription, *subscription]{
			Quota: &provision.Quota{Service: "rds", Code: rules.EventSubscriptionQuota, Name: "event subscriptions"},
		},
		Fields: append(kit.BatchFields(changes), provision.Field[rules.EventSubscription, *subscription]{
			Name: "sources",
			Want: kit.Const[rules.EventSubscription](allSources),
			Have: func(v *subscription) string {
				if len(v.SourceIdsList) == 0 {
					return allSources
				}
				return kit.Lines(v.SourceIdsList)
			},
			Set: func(ctx context.Context, s *provision.Step, _ rules.EventSubscription, v *subscription) error {
				return kit.Drop(v.SourceIdsList, func(id string) error {
					return kit.Do(ctx, s.API.RDS.RemoveSourceIdentifierFromSubscription, &rds.RemoveSourceIdentifierFromSubscriptionInput{SubscriptionName: v.CustSubscriptionId, SourceIdentifier: &id})
				})
			},
		}),
	})
}

// notOurs says that cicdctl gives no subscription such a name.
func notOurs(name string) bool { return !strings.HasPrefix(name, rules.EventSubscriptionName("")) }

// operatorsTopic is the ARN of the region's topic.
func operatorsTopic(s *provision.Step) string { return s.ARN("sns", s.ID("sns/topic", kit.AlarmsRole)) }

// listSubscriptions asks for the tags of those with a name of ours: RDS tells them one by one.
func listSubscriptions(ctx context.Context, w *provision.Sweep) ([]*subscription, error) {
	p := rds.NewDescribeEventSubscriptionsPaginator(w.RDS, &rds.DescribeEventSubscriptionsInput{MaxRecords: RdsPage})
	listed, err := kit.All(ctx, p, func(o *rds.DescribeEventSubscriptionsOutput) []rdstypes.EventSubscription {
		return o.EventSubscriptionsList
	})
	all := kit.Chosen(listed, func(v rdstypes.EventSubscription) *subscription {
		if notOurs(aws.ToString(v.CustSubscriptionId)) {
			return nil
		}
		return &subscription{EventSubscription: v}
	})
	if err != nil {
		return nil, err
	}
	return all, kit.ReadTags(ctx, w, all, func(ctx context.Context, v *subscription) (provision.Tags, error) {
		return askTags(ctx, w, v.EventSubscriptionArn)
	})
}
