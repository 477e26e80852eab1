package conformance

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Changes by hand of what RDS tells, and to whom.

// operators is the region's topic.
func operators(ctx context.Context, api *awsapi.Set) (arn string, attributes map[string]string, err error) {
	arn = "arn:aws:sns:" + api.Region + ":123456789012:" + rules.SharedTopicName
	out, err := api.SNS.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	if err != nil {
		return "", nil, err
	}
	return arn, out.Attributes, nil
}

// tellsElsewhere has a subscription tell another topic.
func tellsElsewhere(ctx context.Context, api *awsapi.Set) error {
	_, attributes, err := operators(ctx, api)
	if err != nil {
		return err
	}
	made, err := api.SNS.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("elsewhere"), Attributes: map[string]string{"Policy": attributes["Policy"]}})
	if err != nil {
		return err
	}
	_, err = api.RDS.ModifyEventSubscription(ctx, &rds.ModifyEventSubscriptionInput{SubscriptionName: aws.String(rules.EventSubscriptionName("clusters")), SnsTopicArn: made.TopicArn})
	return err
}

// mute takes RDS the topic for a while, in which it notices.
func mute(ctx context.Context, api *awsapi.Set) error {
	arn, attributes, err := operators(ctx, api)
	if err != nil {
		return err
	}
	tags, err := api.SNS.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		return err
	}
	if _, err := api.SNS.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: &arn}); err != nil {
		return err
	}
	if _, err := api.RDS.DescribeEventSubscriptions(ctx, &rds.DescribeEventSubscriptionsInput{SubscriptionName: aws.String(rules.EventSubscriptionName("clusters"))}); err != nil {
		return err
	}
	_, err = api.SNS.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String(rules.SharedTopicName), Tags: tags.Tags, Attributes: map[string]string{
		"Policy": attributes["Policy"], "KmsMasterKeyId": attributes["KmsMasterKeyId"],
	}})
	return err
}

// ofOneDatabase makes a subscription again that is about one cluster only.
func ofOneDatabase(ctx context.Context, api *awsapi.Set) error {
	name := aws.String(rules.EventSubscriptionName("clusters"))
	look := func() (*rds.DescribeEventSubscriptionsOutput, error) {
		return api.RDS.DescribeEventSubscriptions(ctx, &rds.DescribeEventSubscriptionsInput{SubscriptionName: name})
	}
	was, err := look()
	if err != nil {
		return err
	}
	old := was.EventSubscriptionsList[0]
	tags, err := api.RDS.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: old.EventSubscriptionArn})
	if err != nil {
		return err
	}
	if _, err := api.RDS.DeleteEventSubscription(ctx, &rds.DeleteEventSubscriptionInput{SubscriptionName: name}); err != nil {
		return err
	}
	for range 10 {
		if _, err = look(); err != nil {
			break
		}
	}
	if !awsapi.Is(err, awsapi.NotFound) {
		return fmt.Errorf("%s is not gone: %w", *name, err)
	}
	_, err = api.RDS.CreateEventSubscription(ctx, &rds.CreateEventSubscriptionInput{
		SubscriptionName: name, SnsTopicArn: old.SnsTopicArn, SourceType: old.SourceType, EventCategories: old.EventCategoriesList, Enabled: old.Enabled,
		SourceIds: []string{"acme"}, Tags: tags.TagList,
	})
	if err == nil {
		for range 10 {
			if _, err = look(); err != nil {
				break
			}
		}
	}
	return err
}
