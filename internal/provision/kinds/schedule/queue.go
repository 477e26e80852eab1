// Package schedule holds the kinds of what happens by the clock: EventBridge schedules
// and the queue of those that failed.
package schedule

import (
	"context"
	"path"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// queue is a queue with what SQS tells one by one.
type queue struct {
	url        string
	tags       provision.Tags
	attributes map[string]string // the policy in its canonical text
}

func (q *queue) name() string { return path.Base(q.url) }

// Names of attributes.
const (
	queueRetention = string(sqstypes.QueueAttributeNameMessageRetentionPeriod)
	queueManaged   = string(sqstypes.QueueAttributeNameSqsManagedSseEnabled)
	queueKey       = string(sqstypes.QueueAttributeNameKmsMasterKeyId)
	queuePolicy    = string(sqstypes.QueueAttributeNamePolicy)
)

// QueueKind is where what the client's schedules could not start is kept, to be
// looked at. It is under a key of SQS's own: another one would have to let
// Scheduler in.
func QueueKind() *provision.Type {
	return provision.Define(provision.Kind[string, *queue]{
		Name:     "sqs/queue",
		ARN:      "sqs:",
		Unlisted: func(name string) bool { return !rules.IsDeadLetterQueue(name) },
		Levels:   provision.ClientLevel,
		Billing:  provision.Billing[string, *queue]{Items: billQueue},
		Impact:   provision.Impact[*queue]{Losses: queueLosses},
		// SQS may take a minute to forget a queue, and does not take the name before.
		Timing:   provision.Timing{AsyncDelete: true},
		Want:     kit.OneOf("dead-letters", func(s *provision.Scope) string { return rules.DeadLetterQueueName(s.Client) }),
		List:     listQueues,
		Describe: describeQueue,
		ID:       (*queue).name,
		Tags:     func(q *queue) provision.Tags { return q.tags },
		Naming:   kit.Named((*queue).name),
		Create: func(ctx context.Context, s *provision.Step, name string) (*queue, error) {
			attributes := queueAttributes(s, name)
			return kit.Get(ctx, s.API.SQS.CreateQueue, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes, Tags: s.Tags}, func(o *sqs.CreateQueueOutput) *queue {
				return &queue{url: aws.ToString(o.QueueUrl), tags: s.Tags, attributes: attributes}
			})
		},
		Delete: func(ctx context.Context, s *provision.Step, q *queue) error {
			return kit.Do(ctx, s.API.SQS.DeleteQueue, &sqs.DeleteQueueInput{QueueUrl: &q.url})
		},
		Retag: func(ctx context.Context, s *provision.Step, q *queue, tags provision.Tags) error {
			return kit.Do(ctx, s.API.SQS.TagQueue, &sqs.TagQueueInput{QueueUrl: &q.url, Tags: tags})
		},
		Untag: func(ctx context.Context, s *provision.Step, q *queue, keys []string) error {
			return kit.Do(ctx, s.API.SQS.UntagQueue, &sqs.UntagQueueInput{QueueUrl: &q.url, TagKeys: keys})
		},
		Update: func(ctx context.Context, s *provision.Step, name string, q *queue, changed []string) error {
			wanted, attributes := queueAttributes(s, name), map[string]string{}
			for _, field := range changed {
				attributes[queueFields[field]] = wanted[queueFields[field]]
			}
			if attributes[queueManaged] != "" && q.attributes[queueKey] != "" {
				attributes[queueKey] = "" // SQS takes one or the other
			}
			return kit.Do(ctx, s.API.SQS.SetQueueAttributes, &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: attributes})
		},
		Facts: func(q *queue) []provision.Fact {
			return []provision.Fact{{Name: "failed invocations", Value: q.attributes[string(sqstypes.QueueAttributeNameApproximateNumberOfMessages)]}}
		},
		Fields: kit.Parts(queueAttributes, func(q *queue) map[string]string { return q.attributes }, []kit.Part[map[string]string]{
			{Name: "retention", Text: func(attributes map[string]string) string { return attributes[queueRetention] + " s" }},
			{Name: "encryption", Text: func(attributes map[string]string) string {
				if key := attributes[queueKey]; key != "" {
					return "KMS " + key
				}
				return "SQS " + attributes[queueManaged]
			}},
			{Name: "policy", Text: func(attributes map[string]string) string { return attributes[queuePolicy] }},
		}),
	})
}

// queueFields are the attributes that the fields set; all that differ are set with one call.
var queueFields = map[string]string{"retention": queueRetention, "encryption": queueManaged, "policy": queuePolicy}

func queueAttributes(s *provision.Step, name string) map[string]string {
	return map[string]string{
		queueRetention: strconv.Itoa(rules.DeadLetterDays * 24 * 60 * 60),
		queueManaged:   "true",
		queuePolicy:    rules.DeadLetterPolicy(kit.PlaceOf(s.Scope), s.ARN("sqs", name)),
	}
}

// listQueues asks for the tags of what can be a client's by its name: SQS tells
// them for one queue at a time.
func listQueues(ctx context.Context, w *provision.Sweep) ([]*queue, error) {
	prefixes := []string{""}
	if len(w.Clients) > 0 {
		prefixes = kit.Texts(w.Clients, rules.DeadLetterQueueName)
	}
	var all []*queue
	for _, prefix := range prefixes {
		// Without a number of results there are no pages.
		p := sqs.NewListQueuesPaginator(w.SQS, &sqs.ListQueuesInput{QueueNamePrefix: &prefix, MaxResults: aws.Int32(1000)})
		listed, err := kit.ListAs(ctx, p, func(o *sqs.ListQueuesOutput) []string { return o.QueueUrls }, func(url string) *queue {
			if q := (&queue{url: url}); rules.IsDeadLetterQueue(q.name()) && (prefix == "" || q.name() == prefix) {
				return q
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		all = append(all, listed...)
	}
	arn := func(q *queue) string { return "arn:aws:sqs:" + w.Region + ":" + w.Account + ":" + q.name() }
	return kit.WithTags(ctx, w, all, arn, func(q *queue) *provision.Tags { return &q.tags }, func(ctx context.Context, q *queue) (provision.Tags, error) {
		return kit.Get(ctx, w.SQS.ListQueueTags, &sqs.ListQueueTagsInput{QueueUrl: &q.url}, func(o *sqs.ListQueueTagsOutput) provision.Tags { return o.Tags })
	})
}

func describeQueue(ctx context.Context, w *provision.Sweep, q *queue) error {
	out, err := w.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll}})
	if err == nil {
		q.attributes = out.Attributes
		kit.CanonicalIn(q.attributes, queuePolicy)
	}
	return err
}
