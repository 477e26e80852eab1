package watch

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// topic is a topic with who hears it, and the dashboard that goes with it.
type topic struct {
	id         string // its ARN
	tags       provision.Tags
	attributes map[string]string // the policy in its canonical text
	mails      map[string]string // by address: ARN of the subscription, pending while not confirmed
	dashboard  string            // body in its canonical text; empty when there is none
}

func (t *topic) ARN() string                 { return t.id }
func (t *topic) SetTags(tags provision.Tags) { t.tags = tags }
func (t *topic) Likely() bool                { return true } // few have such names
func (t *topic) name() string                { return t.id[strings.LastIndexByte(t.id, ':')+1:] }

// shared reports whether the topic is a region's, or the account's.
func (t *topic) shared() bool {
	return t.name() == rules.SharedTopicName || t.name() == rules.AlarmTopicName(rules.TrailAlarmsOwner)
}

const (
	alarmsRole = kit.AlarmsRole

	topicKey    = "KmsMasterKeyId"
	topicPolicy = "Policy"

	byMail = "email"
	// pending stands where SNS gives no ARN yet: the mail with the link was not
	// answered. Such a subscription cannot be taken back, and lapses by itself.
	pending = "PendingConfirmation"
)

type wantTopic struct {
	name   string
	mails  []string // nil where nobody says whose
	alarms []rules.Alarm
}

// TopicKind is the client's monitoring: where alarms are told, to whom, and what
// shows them; and where a region tells its operators what concerns all clients, and the account
// what is done in it. Addresses and the dashboard take no tags, so they are Fields of it;
// no other resource is about all alarms and nothing else.
func TopicKind() *provision.Type {
	return provision.Define(provision.Kind[wantTopic, *topic]{
		Name:     "sns/topic",
		ARN:      "sns:",
		Unlisted: func(name string) bool { return !strings.HasSuffix(name, rules.AlarmTopicName("")) },
		Levels:   provision.AccountLevel | provision.RegionLevel | provision.ClientLevel,
		Billing:  provision.Billing[wantTopic, *topic]{Items: billTopic},
		Impact:   provision.Impact[*topic]{Losses: topicLosses},
		// It asks for itself: see mailsWanted.
		DependsOn: append(provision.Existing("kms/key"), provision.ForFields(provision.Existing("sns/topic"))...),
		Want: func(s *provision.Scope) map[provision.Role]wantTopic {
			switch {
			case s.Level == provision.AccountLevel && !kit.WatchesTrail(s):
				return nil
			case s.Level == provision.AccountLevel:
				return map[provision.Role]wantTopic{alarmsRole: {name: rules.AlarmTopicName(rules.TrailAlarmsOwner), mails: s.AlarmEmails}}
			case s.Level == provision.RegionLevel:
				return map[provision.Role]wantTopic{alarmsRole: {name: rules.SharedTopicName, mails: s.AlarmEmails}}
			}
			return map[provision.Role]wantTopic{alarmsRole: {rules.AlarmTopicName(s.Client), append([]string{}, s.Spec.Alarms.Email...), wantedAlarms(s)}}
		},
		List:     listTopics,
		Describe: describeTopic,
		ID:       (*topic).name,
		Tags:     func(t *topic) provision.Tags { return t.tags },
		Naming:   provision.Naming[wantTopic, *topic]{Key: (*topic).name, KeyOf: func(_ *provision.Scope, d wantTopic) string { return d.name }},
		Create: func(ctx context.Context, s *provision.Step, d wantTopic) (*topic, error) {
			// SNS answers with the topic of that name if it has the same tags, and refuses otherwise.
			attributes := map[string]string{topicKey: logKey(s), topicPolicy: wantTopicPolicy(s)}
			return kit.Get(ctx, s.API.SNS.CreateTopic, &sns.CreateTopicInput{Name: &d.name, Attributes: attributes, Tags: snsTags.To(s.Tags)}, func(o *sns.CreateTopicOutput) *topic {
				return &topic{id: aws.ToString(o.TopicArn), tags: s.Tags, attributes: attributes}
			})
		},
		Delete: func(ctx context.Context, s *provision.Step, t *topic) error {
			if err := deleteDashboard(ctx, s, t); err != nil {
				return err
			}
			return kit.Do(ctx, s.API.SNS.DeleteTopic, &sns.DeleteTopicInput{TopicArn: &t.id}) // with its subscriptions
		},
		Retag: func(ctx context.Context, s *provision.Step, t *topic, tags provision.Tags) error {
			return kit.Do(ctx, s.API.SNS.TagResource, &sns.TagResourceInput{ResourceArn: &t.id, Tags: snsTags.To(tags)})
		},
		Untag: func(ctx context.Context, s *provision.Step, t *topic, keys []string) error {
			return kit.Do(ctx, s.API.SNS.UntagResource, &sns.UntagResourceInput{ResourceArn: &t.id, TagKeys: keys})
		},
		Facts: func(t *topic) []provision.Fact {
			return []provision.Fact{
				{Name: "alarms go to", Value: strings.Join(t.subscribed(true), " ")},
				{Name: rules.FactUnconfirmed, Value: strings.Join(t.subscribed(false), " ")},
				{Name: "dashboard", Value: t.dashboardName()},
			}
		},
		Fields: []provision.Field[wantTopic, *topic]{
			topicField("encryption key", topicKey, logKey),
			topicField("policy", topicPolicy, wantTopicPolicy),
			{
				Name: "e-mail addresses",
				Want: mailsWanted,
				Have: func(t *topic) string { return kit.Lines(slices.Collect(maps.Keys(t.mails))) },
				Set:  setMails,
			},
			{
				Name: "maker of the dashboard",
				Want: func(s *provision.Step, _ wantTopic) string { return ofClient(s, provision.ManagedBy) },
				Have: func(t *topic) string {
					switch {
					case t.dashboard == "":
						return provision.Keep
					case rules.OwnDashboard(t.dashboard):
						return provision.ManagedBy
					}
					return "somebody else"
				},
				Fix: lang.Text("a dashboard of the client's name is there that cicdctl did not make: save it under another name in the CloudWatch console, delete it, then run again"),
			},
			{
				Name: "dashboard",
				Want: func(s *provision.Step, d wantTopic) string {
					return ofClient(s, rules.Dashboard(kit.PlaceOf(s.Scope), s.Client, d.alarms))
				},
				Have: func(t *topic) string { return t.dashboard },
				Set:  setDashboard,
			},
		},
	})
}

// ofClient keeps the dashboard to clients' topics: a region has none.
func ofClient(s *provision.Step, want string) string {
	if s.Level != provision.ClientLevel {
		return provision.Keep
	}
	return want
}

func wantTopicPolicy(s *provision.Step) string {
	if s.Level == provision.RegionLevel {
		return rules.SharedTopicPolicy(kit.PlaceOf(s.Scope))
	}
	return rules.TopicPolicy(kit.PlaceOf(s.Scope), alarmsOwner(s.Scope))
}

// topicField is an attribute of the topic; SNS takes one at a time.
func topicField(name, attribute string, want func(*provision.Step) string) provision.Field[wantTopic, *topic] {
	return provision.Field[wantTopic, *topic]{
		Name: name, Have: func(t *topic) string { return t.attributes[attribute] },
		Want: func(s *provision.Step, _ wantTopic) string { return want(s) },
		Set: func(ctx context.Context, s *provision.Step, _ wantTopic, t *topic) error {
			return kit.Do(ctx, s.API.SNS.SetTopicAttributes, &sns.SetTopicAttributesInput{TopicArn: &t.id, AttributeName: &attribute, AttributeValue: aws.String(want(s))})
		},
	}
}

// mailsWanted are the spec's addresses, and those that are no longer in it but
// cannot be taken back before they lapse.
func mailsWanted(s *provision.Step, d wantTopic) string {
	if d.mails == nil {
		return provision.Keep
	}
	want := slices.Clone(d.mails)
	if t, ok := provision.Lookup[*topic](s, "sns/topic", s.Role); ok {
		want = append(want, t.subscribed(false)...)
	}
	return kit.Lines(want)
}

// setMails subscribes who is missing, who is sent a link to confirm, and no one
// twice; and takes away whom the spec no longer names.
func setMails(ctx context.Context, s *provision.Step, d wantTopic, t *topic) error {
	protocol := byMail
	for _, address := range d.mails {
		if t.mails[address] != "" {
			continue
		}
		if err := kit.Do(ctx, s.API.SNS.Subscribe, &sns.SubscribeInput{TopicArn: &t.id, Protocol: &protocol, Endpoint: &address}); err != nil {
			return err
		}
	}
	for address, arn := range t.mails {
		if arn == pending || slices.Contains(d.mails, address) {
			continue
		}
		if err := kit.Do(ctx, s.API.SNS.Unsubscribe, &sns.UnsubscribeInput{SubscriptionArn: &arn}); awsapi.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// subscribed are the addresses that have confirmed, or those that have not, sorted.
func (t *topic) subscribed(confirmed bool) []string {
	var out []string
	for address, arn := range t.mails {
		if (arn != pending) == confirmed {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return out
}

func listTopics(ctx context.Context, w *provision.Sweep) ([]*topic, error) {
	p := sns.NewListTopicsPaginator(w.SNS, &sns.ListTopicsInput{})
	all, err := kit.ListAs(ctx, p, func(o *sns.ListTopicsOutput) []snstypes.Topic { return o.Topics }, func(t snstypes.Topic) *topic {
		one := &topic{id: aws.ToString(t.TopicArn)}
		wanted := func(client string) bool { return one.name() == rules.AlarmTopicName(client) }
		if strings.HasSuffix(one.name(), rules.AlarmTopicName("")) && (len(w.Clients) == 0 || one.shared() && w.Shares() || slices.ContainsFunc(w.Clients, wanted)) {
			return one
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, kit.ReadTags(ctx, w, all, func(ctx context.Context, t *topic) (provision.Tags, error) {
		in := &sns.ListTagsForResourceInput{ResourceArn: &t.id}
		return kit.Get(ctx, w.SNS.ListTagsForResource, in, func(o *sns.ListTagsForResourceOutput) provision.Tags { return snsTags.Of(o.Tags) })
	})
}

// describeTopic reads what differs: attributes and dashboards one by one, the
// subscriptions of the whole region at once.
func describeTopic(ctx context.Context, w *provision.Sweep, t *topic) error {
	subscriptions, err := kit.Shared(ctx, w, "subscriptions", sns.NewListSubscriptionsPaginator(w.SNS, &sns.ListSubscriptionsInput{}),
		func(o *sns.ListSubscriptionsOutput) []snstypes.Subscription { return o.Subscriptions })
	if err != nil {
		return err
	}
	t.mails = map[string]string{}
	for _, sub := range subscriptions {
		address, arn := aws.ToString(sub.Endpoint), aws.ToString(sub.SubscriptionArn)
		// "Deleted" is one that SNS has not forgotten yet.
		if ours := aws.ToString(sub.TopicArn) == t.id && aws.ToString(sub.Protocol) == byMail && arn != "Deleted"; ours && (t.mails[address] == "" || arn != pending) {
			t.mails[address] = arn
		}
	}
	if w.Removing || w.Looking { // the attributes are nothing to either
		return t.readOwnDashboard(ctx, w)
	}
	out, err := w.SNS.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &t.id})
	if err != nil {
		return err
	}
	t.attributes = out.Attributes
	kit.CanonicalIn(t.attributes, topicPolicy)
	return t.readOwnDashboard(ctx, w)
}

// snsTags are tags as SNS has them.
var snsTags = kit.TagCodec[snstypes.Tag](func(t *snstypes.Tag) (key, value **string) { return &t.Key, &t.Value })

// topicLosses: who has confirmed an address would have to do it again.
func topicLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, t *topic) ([]provision.Loss, error) {
	confirmed := t.subscribed(true)
	if len(confirmed) == 0 {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("confirmed {address|addresses} for alarms: %d", len(confirmed))}, nil
}
