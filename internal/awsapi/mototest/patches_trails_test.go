package mototest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func TestTrailSaysWhetherItsEventsWereChosen(t *testing.T) {
	t.Parallel()
	config, id := account(t)
	client, ctx := cloudtrail.NewFromConfig(config), t.Context()
	bucket := aws.String("trail-" + id)
	buckets := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	must[*s3.CreateBucketOutput](t)(buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: location()}))
	must[*cloudtrail.CreateTrailOutput](t)(client.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("trail"), S3BucketName: bucket}))
	chosen := func() bool {
		out := must[*cloudtrail.DescribeTrailsOutput](t)(client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{}))
		return aws.ToBool(out.TrailList[0].HasCustomEventSelectors)
	}
	if chosen() {
		t.Error("a new trail has events that somebody chose")
	}
	must[*cloudtrail.PutEventSelectorsOutput](t)(client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{
		TrailName: aws.String("trail"), EventSelectors: []types.EventSelector{{ReadWriteType: types.ReadWriteTypeReadOnly, IncludeManagementEvents: aws.Bool(true)}},
	}))
	if !chosen() {
		t.Error("a trail does not say that its events were chosen")
	}
}
