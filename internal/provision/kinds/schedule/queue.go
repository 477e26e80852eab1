// Package schedule holds the kinds of what happens by the clock: EventBridge schedules
// and the queue of those that failed.
package schedule

import (
	"context"
	"iter"
	"path"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// queue is a queue with what SQS tells one by one.
type queue struct {
	url        string
	tags       provision.Tags
	attributes map[string]string // the policy in its canonical text
	gone       bool              // lists still have it
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
		Name:   "sqs/queue",
		ARN:    "sqs:",
		Misses: func(name string) bool { return !rules.IsDeadLetterQueue(name) },
		Levels: provision.ClientLevel,
		// SQS may take a minute to forget a queue, and does not take the name before.
		Lingers: true,
		Want: func(s *provision.Scope) map[provision.Role]string {
			return map[provision.Role]string{"dead-letters": rules.DeadLetterQueueName(s.Client)}
		},
		List:    listQueues,
		Hydrate: hydrateQueues,
		ID:      (*queue).name,
		Tags:    func(q *queue) provision.Tags { return q.tags },
		State: func(q *queue) provision.State {
			if q.gone {
				return provision.Gone
			}
			return provision.Available
		},
		Key:   (*queue).name,
		KeyOf: func(_ *provision.Scope, name string) string { return name },
		Create: func(ctx context.Context, s *provision.Step, name string) (*queue, error) {
			attributes := queueAttributes(s, name)
			out, err := s.API.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes, Tags: s.Tags})
			if err != nil {
				return nil, err
			}
			return &queue{url: aws.ToString(out.QueueUrl), tags: s.Tags, attributes: attributes}, nil
		},
		Delete: func(ctx context.Context, s *provision.Step, q *queue) error {
			_, err := s.API.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &q.url})
			return err
		},
		Retag: func(ctx context.Context, s *provision.Step, q *queue, tags provision.Tags) error {
			_, err := s.API.SQS.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: &q.url, Tags: tags})
			return err
		},
		Update: func(ctx context.Context, s *provision.Step, name string, q *queue, changed []string) error {
			wanted, attributes := queueAttributes(s, name), map[string]string{}
			for _, field := range changed {
				switch field {
				case "retention":
					attributes[queueRetention] = wanted[queueRetention]
				case "encryption":
					attributes[queueManaged] = wanted[queueManaged]
					if q.attributes[queueKey] != "" {
						attributes[queueKey] = "" // SQS takes one or the other
					}
				case "policy":
					attributes[queuePolicy] = wanted[queuePolicy]
				}
			}
			_, err := s.API.SQS.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &q.url, Attributes: attributes})
			return err
		},
		Facts: func(q *queue) []provision.Fact {
			return []provision.Fact{{Name: "failed invocations", Value: q.attributes[string(sqstypes.QueueAttributeNameApproximateNumberOfMessages)]}}
		},
		Fields: []provision.Field[string, *queue]{
			queueField("retention", func(attributes map[string]string) string { return attributes[queueRetention] + " s" }),
			queueField("encryption", func(attributes map[string]string) string {
				if key := attributes[queueKey]; key != "" {
					return "KMS " + key
				}
				return "SQS " + attributes[queueManaged]
			}),
			queueField("policy", func(attributes map[string]string) string { return attributes[queuePolicy] }),
		},
	})
}

// queueField is an attribute as text; all that differ are set with one call.
func queueField(name string, text func(map[string]string) string) provision.Field[string, *queue] {
	return provision.Field[string, *queue]{
		Name: name, Batch: true,
		Want: func(s *provision.Step, queue string) string {
			return text(provision.Whole(s, func() map[string]string { return queueAttributes(s, queue) }))
		},
		Have: func(q *queue) string { return text(q.attributes) },
	}
}

func queueAttributes(s *provision.Step, name string) map[string]string {
	return map[string]string{
		queueRetention: strconv.Itoa(rules.DeadLetterDays * 24 * 60 * 60),
		queueManaged:   "true",
		queuePolicy:    rules.DeadLetterPolicy(kit.PlaceOf(s.Scope), s.ARN("sqs", name)),
	}
}

// listQueues asks for the tags of what can be a client's by its name: SQS tells
// them for one queue at a time.
func listQueues(ctx context.Context, w *provision.Sweep) iter.Seq2[*queue, error] {
	prefixes := []string{""}
	if len(w.Clients) > 0 {
		prefixes = nil
		for _, client := range w.Clients {
			prefixes = append(prefixes, rules.DeadLetterQueueName(client))
		}
	}
	var all []*queue
	for _, prefix := range prefixes {
		// Without a number of results there are no pages.
		p := sqs.NewListQueuesPaginator(w.SQS, &sqs.ListQueuesInput{QueueNamePrefix: &prefix, MaxResults: aws.Int32(1000)})
		for url, err := range kit.Pages(ctx, p, func(o *sqs.ListQueuesOutput) []string { return o.QueueUrls }) {
			if err != nil {
				return kit.Replay(all, err, kit.Same)
			}
			if q := (&queue{url: url}); rules.IsDeadLetterQueue(q.name()) && (prefix == "" || q.name() == prefix) {
				all = append(all, q)
			}
		}
	}
	err := kit.Parallel(ctx, all, func(ctx context.Context, q *queue) error {
		if tags, there := w.Index["arn:aws:sqs:"+w.Region+":"+w.Account+":"+q.name()]; there {
			q.tags = tags
			return nil
		}
		out, err := w.SQS.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: &q.url})
		if err == nil {
			q.tags = out.Tags
		}
		q.gone = awsapi.Is(err, awsapi.NotFound)
		return awsapi.IgnoreNotFound(err)
	})
	return kit.Replay(all, err, kit.Same)
}

func hydrateQueues(ctx context.Context, w *provision.Sweep, all []*queue) error {
	return kit.Parallel(ctx, all, func(ctx context.Context, q *queue) error {
		out, err := w.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll}})
		if err == nil {
			q.attributes = out.Attributes
			kit.CanonicalIn(q.attributes, queuePolicy)
		}
		q.gone = awsapi.Is(err, awsapi.NotFound)
		return awsapi.IgnoreNotFound(err)
	})
}
