package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/route53"
)

// route53Region is the one region that Route 53 answers from for all of them, in
// the partition "aws" (AWS General Reference, "Amazon Route 53 endpoints and quotas").
const route53Region = "us-east-1"

// Route53 is the part of Route 53 that cicdctl uses: the same zones whatever the
// region of the Set. Zones are looked at, never made.
type Route53 interface {
	ListHostedZones(context.Context, *route53.ListHostedZonesInput, ...func(*route53.Options)) (*route53.ListHostedZonesOutput, error)
	ListTagsForResources(context.Context, *route53.ListTagsForResourcesInput, ...func(*route53.Options)) (*route53.ListTagsForResourcesOutput, error)
	ListResourceRecordSets(context.Context, *route53.ListResourceRecordSetsInput, ...func(*route53.Options)) (*route53.ListResourceRecordSetsOutput, error)
	ChangeResourceRecordSets(context.Context, *route53.ChangeResourceRecordSetsInput, ...func(*route53.Options)) (*route53.ChangeResourceRecordSetsOutput, error)
}
