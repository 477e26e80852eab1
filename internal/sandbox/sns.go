package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/mail"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// snsState is SNS in one region, in the order of creation.
type snsState struct {
	Topics        table[snsTopic]
	Subscriptions table[snsSubscription]
}

type snsTopic struct {
	Name       string
	Attributes map[string]string // those that can be set
	Tags       []types.Tag
	Lag        int `json:",omitempty"` // looks of the tagging service that still leave it out
}

// snsSubscription waits until its link is followed; then it has an id.
type snsSubscription struct {
	TopicName, Protocol, Endpoint, ID string
}

var (
	topicName = lazyregexp.New(`^[\w-]{1,256}$`)
	// topicSettable are the attributes of a topic that this account knows.
	topicSettable = []string{"Policy", "KmsMasterKeyId", "DisplayName", "DeliveryPolicy", "TracingConfig", "SignatureVersion"}
)

func (t *tx) sns() *snsState { return in(&t.SNS, t.region) }

func (t *tx) topicARN(name string) string { return t.arn("sns", name) }

func (t *tx) topic(arn *string) (*snsTopic, error) {
	r := t.sns().Topics.first(func(topic *snsTopic) bool { return t.topicARN(topic.Name) == aws.ToString(arn) })
	return found(r, notFound, "NotFound", "Topic does not exist")
}

// subscriptionARN is what lists show; nobody can end what has no ARN.
func (t *tx) subscriptionARN(s *snsSubscription) string {
	if s.ID == "" {
		return "PendingConfirmation"
	}
	return t.topicARN(s.TopicName) + ":" + s.ID
}

func invalidParameter(format string, args ...any) error {
	return apiError("InvalidParameter", "Invalid parameter: %s", fmt.Sprintf(format, args...))
}

func (t *tx) checkTopic(attributes map[string]string) error {
	for name, value := range attributes {
		switch {
		case !slices.Contains(topicSettable, name):
			return invalidParameter("AttributeName")
		case name == "Policy" && value != "" && !isPolicy(value):
			return invalidParameter("Policy Error: null")
		case name == "KmsMasterKeyId" && value != "" && !strings.HasSuffix(value, "alias/aws/sns"):
			if _, err := t.usableKey(value); err != nil {
				return apiError("KMSNotFound", "Key '%s' does not exist", value)
			}
		}
	}
	return nil
}

var topicTags = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: refuses(reservedTag|repeatedTag, func(key string) error { return invalidParameter("Tags Reason: %s is reserved or there twice", key) }).
		upTo(50, apiError("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")),
}

func registerSNS(a *Account) {
	topics := on(a, sns.ServiceID, (*tx).topic)
	// Answers with the topic that is there when nothing differs.
	op(a, sns.ServiceID, func(t *tx, in *sns.CreateTopicInput) (*sns.CreateTopicOutput, error) {
		name := aws.ToString(in.Name)
		if !topicName.MatchString(name) {
			return nil, invalidParameter("Topic Name")
		}
		if err := cmp.Or(t.checkTopic(in.Attributes), topicTags.check(in.Tags)); err != nil {
			return nil, err
		}
		arn := t.topicARN(name)
		if old, err := t.topic(&arn); err == nil {
			for key, value := range in.Attributes {
				if old.Attributes[key] != value {
					return nil, invalidParameter("Attributes Reason: Topic already exists with different attributes")
				}
			}
			if !topicTags.same(old.Tags, in.Tags) {
				return nil, invalidParameter("Tags Reason: Topic already exists with different tags")
			}
			return &sns.CreateTopicOutput{TopicArn: &arn}, nil
		}
		made := &snsTopic{Name: name, Tags: in.Tags, Lag: t.opts.Lag, Attributes: map[string]string{"DisplayName": "", "Policy": fmt.Sprintf(
			`{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:Publish","SNS:Subscribe","SNS:SetTopicAttributes","SNS:DeleteTopic"],"Resource":%q,"Condition":{"StringEquals":{"AWS:SourceOwner":%q}}}]}`, arn, t.opts.ID)}}
		maps.Copy(made.Attributes, in.Attributes)
		t.sns().Topics.add(made)
		return &sns.CreateTopicOutput{TopicArn: &arn}, nil
	})
	op(a, sns.ServiceID, func(t *tx, in *sns.ListTopicsInput) (*sns.ListTopicsOutput, error) {
		part, next, err := list(t, t.sns().Topics, in.NextToken, func(topic *snsTopic) (types.Topic, bool) {
			return types.Topic{TopicArn: aws.String(t.topicARN(topic.Name))}, true
		})
		return &sns.ListTopicsOutput{Topics: part, NextToken: next}, err
	})
	opOn(topics, func(in *sns.GetTopicAttributesInput) *string { return in.TopicArn }, func(t *tx, topic *snsTopic, in *sns.GetTopicAttributesInput) (*sns.GetTopicAttributesOutput, error) {
		all := map[string]string{"TopicArn": *in.TopicArn, "Owner": t.opts.ID}
		maps.Copy(all, topic.Attributes)
		// Like policies of IAM, this one comes back with other white space than it went in.
		var policy any
		if json.Unmarshal([]byte(all["Policy"]), &policy) == nil {
			if text, err := json.MarshalIndent(policy, "", " "); err == nil {
				all["Policy"] = string(text)
			}
		}
		return &sns.GetTopicAttributesOutput{Attributes: all}, nil
	})
	opChange[sns.SetTopicAttributesOutput](topics, func(in *sns.SetTopicAttributesInput) *string { return in.TopicArn }, func(t *tx, topic *snsTopic, in *sns.SetTopicAttributesInput) error {
		if err := t.checkTopic(map[string]string{aws.ToString(in.AttributeName): aws.ToString(in.AttributeValue)}); err != nil {
			return err
		}
		topic.Attributes[*in.AttributeName] = aws.ToString(in.AttributeValue)
		return nil
	})
	op(a, sns.ServiceID, func(t *tx, in *sns.DeleteTopicInput) (*sns.DeleteTopicOutput, error) {
		s := t.sns()
		if topic, err := t.topic(in.TopicArn); err == nil { // one that is not there is deleted as well
			s.Topics.drop(topic)
			s.Subscriptions.dropAll(func(x *snsSubscription) bool { return x.TopicName == topic.Name })
		}
		return &sns.DeleteTopicOutput{}, nil
	})
	opOn(topics, func(in *sns.SubscribeInput) *string { return in.TopicArn }, func(t *tx, topic *snsTopic, in *sns.SubscribeInput) (*sns.SubscribeOutput, error) {
		endpoint := aws.ToString(in.Endpoint)
		if at, err := mail.ParseAddress(endpoint); aws.ToString(in.Protocol) != "email" || err != nil || at.Address != endpoint {
			return nil, invalidParameter("Email address")
		}
		s := t.sns()
		for _, old := range s.Subscriptions { // another mail, but no other subscription
			if old.TopicName == topic.Name && old.Endpoint == endpoint {
				return &sns.SubscribeOutput{SubscriptionArn: aws.String(t.subscriptionARN(old))}, nil
			}
		}
		s.Subscriptions.add(&snsSubscription{TopicName: topic.Name, Protocol: "email", Endpoint: endpoint})
		return &sns.SubscribeOutput{SubscriptionArn: aws.String("pending confirmation")}, nil
	})
	// The link's token is the address here: nobody reads the mail.
	opOn(topics, func(in *sns.ConfirmSubscriptionInput) *string { return in.TopicArn }, func(t *tx, topic *snsTopic, in *sns.ConfirmSubscriptionInput) (*sns.ConfirmSubscriptionOutput, error) {
		for _, s := range t.sns().Subscriptions {
			if s.TopicName == topic.Name && s.Endpoint == aws.ToString(in.Token) {
				s.ID = cmp.Or(s.ID, t.newID("subscription"))
				return &sns.ConfirmSubscriptionOutput{SubscriptionArn: aws.String(t.subscriptionARN(s))}, nil
			}
		}
		return nil, invalidParameter("Token")
	})
	op(a, sns.ServiceID, func(t *tx, in *sns.UnsubscribeInput) (*sns.UnsubscribeOutput, error) {
		s := t.sns()
		i := slices.IndexFunc(s.Subscriptions, func(x *snsSubscription) bool {
			return x.ID != "" && t.subscriptionARN(x) == aws.ToString(in.SubscriptionArn)
		})
		if i >= 0 {
			s.Subscriptions = slices.Delete(s.Subscriptions, i, i+1)
			return &sns.UnsubscribeOutput{}, nil
		}
		if !strings.HasPrefix(aws.ToString(in.SubscriptionArn), t.arn("sns", "")) {
			return nil, invalidParameter("SubscriptionArn Reason: An ARN must have at least 6 elements, not 1")
		}
		return nil, httpError(http.StatusNotFound, "NotFound", "Subscription does not exist")
	})
	op(a, sns.ServiceID, func(t *tx, in *sns.ListSubscriptionsInput) (*sns.ListSubscriptionsOutput, error) {
		part, next, err := list(t, t.sns().Subscriptions, in.NextToken, func(s *snsSubscription) (types.Subscription, bool) {
			return types.Subscription{
				TopicArn: aws.String(t.topicARN(s.TopicName)), Protocol: aws.String(s.Protocol), Endpoint: aws.String(s.Endpoint),
				Owner: aws.String(t.opts.ID), SubscriptionArn: aws.String(t.subscriptionARN(s)),
			}, true
		})
		return &sns.ListSubscriptionsOutput{Subscriptions: part, NextToken: next}, err
	})
	tags := tagsOn(on(a, sns.ServiceID, (*tx).taggedTopic), topicTags, func(topic *snsTopic) *[]types.Tag { return &topic.Tags })
	opListTags(tags, func(in *sns.ListTagsForResourceInput) *string { return in.ResourceArn }, func(out *sns.ListTagsForResourceOutput, tags []types.Tag) { out.Tags = tags })
	opTag[sns.TagResourceOutput](tags, func(in *sns.TagResourceInput) (*string, []types.Tag) { return in.ResourceArn, in.Tags })
	opUntag[sns.UntagResourceOutput](tags, func(in *sns.UntagResourceInput) (*string, []string) { return in.ResourceArn, in.TagKeys })
	tagged(a, sns.ServiceID, topicTags, func(t *tx) []*snsTopic { return t.sns().Topics }, func(t *tx, topic *snsTopic) (string, []types.Tag) { return t.topicARN(topic.Name), topic.Tags })
}

// taggedTopic finds a topic for the tag operations, which have a refusal of their own.
func (t *tx) taggedTopic(arn *string) (*snsTopic, error) {
	topic, err := t.topic(arn)
	if err != nil {
		return nil, apiError("ResourceNotFound", "Resource does not exist")
	}
	return topic, nil
}
