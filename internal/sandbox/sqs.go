package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// sqsState is SQS in one region, in the order of creation.
type sqsState struct{ Queues table[sqsQueue] }

// sqsQueue is a queue. One that is deleted stays in lists for some looks.
type sqsQueue struct {
	Name, CreatedAt string
	Attributes      map[string]string // those that can be set
	Tags            map[string]string
	Deleted         bool
	meta
}

var queueName = lazyregexp.New(`^[\w-]{1,80}$`)

// queueNumbers are the attributes with numbers: lowest, highest and default.
var queueNumbers = map[string][3]int{
	"DelaySeconds": {0, 900, 0}, "MaximumMessageSize": {1024, 1 << 20, 1 << 20}, "MessageRetentionPeriod": {60, 1209600, 345600},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0}, "VisibilityTimeout": {0, 43200, 30}, "KmsDataKeyReusePeriodSeconds": {60, 86400, 300},
}

func (t *tx) sqs() *sqsState { return in(&t.SQS, t.region) }

func (t *tx) queueURL(name string) string {
	return fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", t.region, t.opts.ID, name)
}

func (t *tx) queue(url *string) (*sqsQueue, error) {
	r := t.sqs().Queues.first(func(q *sqsQueue) bool { return !q.Deleted && t.queueURL(q.Name) == aws.ToString(url) })
	return found(r, apiError, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
}

// queueExists tells another service whether there is a standard queue with an ARN.
func (t *tx) queueExists(arn string) bool {
	return slices.ContainsFunc(t.sqs().Queues, func(q *sqsQueue) bool { return !q.Deleted && t.arn("sqs", q.Name) == arn })
}

func registerSQS(a *Account) {
	queues := on(a, sqs.ServiceID, (*tx).queue)
	op(a, sqs.ServiceID, func(t *tx, in *sqs.CreateQueueInput) (*sqs.CreateQueueOutput, error) {
		name := aws.ToString(in.QueueName)
		if !queueName.MatchString(name) {
			return nil, apiError("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
		}
		if err := cmp.Or(t.checkQueue(in.Attributes), queueTags.check(in.Tags)); err != nil {
			return nil, err
		}
		url := t.queueURL(name)
		if q, err := t.queue(&url); err == nil {
			for key, value := range in.Attributes {
				if q.Attributes[key] != value {
					return nil, apiError("QueueAlreadyExists", "A queue already exists with the same name and a different value for attribute %s", key)
				}
			}
			return &sqs.CreateQueueOutput{QueueUrl: &url}, nil
		}
		q := &sqsQueue{Name: name, CreatedAt: strconv.FormatInt(t.now.Unix(), 10), Tags: maps.Clone(in.Tags), Attributes: map[string]string{"SqsManagedSseEnabled": "true"}}
		for key, n := range queueNumbers {
			q.Attributes[key] = strconv.Itoa(n[2])
		}
		q.set(in.Attributes)
		s := t.sqs()
		s.Queues = append(slices.DeleteFunc(s.Queues, func(old *sqsQueue) bool { return old.Name == name }), q)
		return &sqs.CreateQueueOutput{QueueUrl: &url}, nil
	})
	op(a, sqs.ServiceID, func(t *tx, in *sqs.ListQueuesInput) (*sqs.ListQueuesOutput, error) {
		if !t.more {
			t.sqs().Queues.dropAll(func(q *sqsQueue) bool { return q.Deleted && q.gone() })
		}
		var urls []string
		for _, q := range t.sqs().Queues {
			if strings.HasPrefix(q.Name, aws.ToString(in.QueueNamePrefix)) {
				urls = append(urls, t.queueURL(q.Name))
			}
		}
		if in.MaxResults == nil { // then there are no pages, but a thousand at most
			return &sqs.ListQueuesOutput{QueueUrls: urls[:min(len(urls), 1000)]}, nil
		}
		part, next, err := page(t, urls, in.NextToken)
		return &sqs.ListQueuesOutput{QueueUrls: part, NextToken: next}, err
	})
	opOn(queues, func(in *sqs.GetQueueAttributesInput) *string { return in.QueueUrl }, func(t *tx, q *sqsQueue, in *sqs.GetQueueAttributesInput) (*sqs.GetQueueAttributesOutput, error) {
		all := map[string]string{"QueueArn": t.arn("sqs", q.Name), "CreatedTimestamp": q.CreatedAt, "ApproximateNumberOfMessages": "0"}
		for key, value := range q.Attributes {
			if key != "KmsDataKeyReusePeriodSeconds" || q.Attributes["KmsMasterKeyId"] != "" {
				all[key] = value
			}
		}
		if !slices.Contains(in.AttributeNames, types.QueueAttributeNameAll) {
			maps.DeleteFunc(all, func(key, _ string) bool { return !slices.Contains(in.AttributeNames, types.QueueAttributeName(key)) })
		}
		return &sqs.GetQueueAttributesOutput{Attributes: all}, nil
	})
	opChange[sqs.SetQueueAttributesOutput](queues, func(in *sqs.SetQueueAttributesInput) *string { return in.QueueUrl }, func(t *tx, q *sqsQueue, in *sqs.SetQueueAttributesInput) error {
		if err := t.checkQueue(in.Attributes); err != nil {
			return err
		}
		q.set(in.Attributes)
		return nil
	})
	opChange[sqs.DeleteQueueOutput](queues, func(in *sqs.DeleteQueueInput) *string { return in.QueueUrl }, func(t *tx, q *sqsQueue, _ *sqs.DeleteQueueInput) error {
		q.Deleted, q.Looks = true, t.opts.Looks
		return nil
	})
	tags := tagsOn(on(a, sqs.ServiceID, (*tx).queue), queueTags, func(q *sqsQueue) *map[string]string { return &q.Tags })
	opListTags(tags, func(in *sqs.ListQueueTagsInput) *string { return in.QueueUrl }, func(out *sqs.ListQueueTagsOutput, tags map[string]string) { out.Tags = tags })
	opTag[sqs.TagQueueOutput](tags, func(in *sqs.TagQueueInput) (*string, map[string]string) { return in.QueueUrl, in.Tags })
	opUntag[sqs.UntagQueueOutput](tags, func(in *sqs.UntagQueueInput) (*string, []string) { return in.QueueUrl, in.TagKeys })
	tagged(a, sqs.ServiceID, queueTags, func(t *tx) []*sqsQueue { return t.sqs().Queues }, func(t *tx, q *sqsQueue) (string, map[string]string) {
		if q.Deleted {
			return "", nil
		}
		return t.arn("sqs", q.Name), q.Tags
	})
}

var queueTags = tagMap{refuses(reservedTag|longTag|longTagValue, func(key string) error {
	return apiError("InvalidParameterValue", "Tag keys and values must follow the tag restrictions: %s", key)
}).firstUpTo(50, apiError("InvalidParameterValue", "A queue can have no more than 50 tags."))}

// set changes attributes that were checked. A queue is encrypted in one way only.
func (q *sqsQueue) set(attributes map[string]string) {
	maps.Copy(q.Attributes, attributes)
	if attributes["KmsMasterKeyId"] != "" {
		q.Attributes["SqsManagedSseEnabled"] = "false"
	}
	if attributes["SqsManagedSseEnabled"] == "true" {
		q.Attributes["KmsMasterKeyId"] = ""
	}
	maps.DeleteFunc(q.Attributes, func(_, value string) bool { return value == "" })
}

// checkQueue says what SQS would not take as attributes.
func (t *tx) checkQueue(attributes map[string]string) error {
	for key, value := range attributes {
		limits, number := queueNumbers[key]
		n, err := strconv.Atoi(value)
		var parsed map[string]any
		switch {
		case number && (err != nil || n < limits[0] || n > limits[1]):
			return apiError("InvalidAttributeValue", "Invalid value for the parameter %s.", key)
		case number:
		case key == "SqsManagedSseEnabled" && value != "true" && value != "false":
			return apiError("InvalidAttributeValue", "Invalid value for the parameter %s.", key)
		case key == "SqsManagedSseEnabled" && value == "true" && attributes["KmsMasterKeyId"] != "":
			return apiError("InvalidAttributeValue", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
		case key == "SqsManagedSseEnabled":
		case key == "KmsMasterKeyId":
			if _, err := t.usableKey(value); value != "" && err != nil {
				return apiError("InvalidParameterValue", "Value %s for parameter KmsMasterKeyId is invalid.", value)
			}
		case key == "Policy", key == "RedrivePolicy", key == "RedriveAllowPolicy":
			if value != "" && json.Unmarshal([]byte(value), &parsed) != nil {
				return apiError("InvalidAttributeValue", "Invalid value for the parameter %s.", key)
			}
		default:
			return apiError("InvalidAttributeName", "Unknown Attribute %s.", key)
		}
	}
	return nil
}
