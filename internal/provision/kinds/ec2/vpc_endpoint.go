package ec2

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type vpcEndpoint = *ec2types.VpcEndpoint

// VPCEndpointKind is the way to S3 that passes no NAT gateway. Which route tables
// use it is said by the tables.
func VPCEndpointKind() *provision.Type {
	id := func(e vpcEndpoint) string { return aws.ToString(e.VpcEndpointId) }
	return provision.Define(provision.Kind[struct{}, vpcEndpoint]{
		Name:          "ec2/vpc-endpoint",
		ARN:           "ec2:vpc-endpoint/",
		Levels:        provision.RegionLevel,
		Billing:       provision.Billing[struct{}, vpcEndpoint]{Items: billEndpoint},
		Impact:        provision.Impact[vpcEndpoint]{Stateless: true},
		DependsOn:     provision.Existing("ec2/vpc"),
		NotIdempotent: true, // its client token is good for one run only: see runToken
		Timing:        provision.Timing{AsyncDelete: true},
		Want:          kit.One("s3"),
		Naming: provision.Naming[struct{}, vpcEndpoint]{
			Title: func(s *provision.Scope, _ provision.Role, _ struct{}) string { return s3Service(s.Region) },
		},
		List: func(ctx context.Context, w *provision.Sweep) ([]vpcEndpoint, error) {
			return kit.Pointers(vpcEndpoints(ctx, w))
		},
		ID:    id,
		Tags:  func(e vpcEndpoint) provision.Tags { return Tags.Of(e.Tags) },
		State: func(e vpcEndpoint) provision.State { return endpointStates[strings.ToLower(string(e.State))] },
		InUse: func(e vpcEndpoint) bool { return len(e.RouteTableIds) > 0 },
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (vpcEndpoint, error) {
			vpc := s.ID("ec2/vpc", "vpc")
			in := &ec2.CreateVpcEndpointInput{
				VpcId: aws.String(vpc), ServiceName: aws.String(s3Service(s.Region)), VpcEndpointType: ec2types.VpcEndpointTypeGateway,
				PolicyDocument: aws.String(rules.EndpointPolicy(kit.PlaceOf(s.Scope))), // before the first request goes through it
				ClientToken:    runToken(s, vpc), TagSpecifications: Tagged(s, ec2types.ResourceTypeVpcEndpoint),
			}
			return kit.Get(ctx, s.API.EC2.CreateVpcEndpoint, in, func(o *ec2.CreateVpcEndpointOutput) vpcEndpoint { return o.VpcEndpoint })
		},
		LostTags: func(s *provision.Step, _ struct{}, other vpcEndpoint) bool {
			return isS3Gateway(*other, s.Region) && aws.ToString(other.VpcId) == s.ID("ec2/vpc", "vpc")
		},
		Delete: func(ctx context.Context, s *provision.Step, e vpcEndpoint) error {
			return each(ctx, []string{id(e)}, func(ctx context.Context, ids []string) ([]ec2types.UnsuccessfulItem, error) {
				in := &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: ids}
				return kit.Get(ctx, s.API.EC2.DeleteVpcEndpoints, in, func(o *ec2.DeleteVpcEndpointsOutput) []ec2types.UnsuccessfulItem { return o.Unsuccessful })
			})
		},
		Retag: Retag(id),
		Fields: []provision.Field[struct{}, vpcEndpoint]{
			inVPC[struct{}](func(e vpcEndpoint) *string { return e.VpcId }),
			kit.Immutable("service", func(s *provision.Step, _ struct{}) string { return s3Service(s.Region) }, func(e vpcEndpoint) string { return aws.ToString(e.ServiceName) },
				"an endpoint keeps its service: delete it by hand and run again"),
			kit.Settable("policy", func(s *provision.Step, _ struct{}) string { return rules.EndpointPolicy(kit.PlaceOf(s.Scope)) }, func(e vpcEndpoint) string { return kit.CanonicalOr(aws.ToString(e.PolicyDocument)) },
				kit.Set(ofEC2, awsapi.EC2.ModifyVpcEndpoint, func(s *provision.Step, _ struct{}, e vpcEndpoint, in *ec2.ModifyVpcEndpointInput) {
					in.VpcEndpointId, in.PolicyDocument = e.VpcEndpointId, aws.String(rules.EndpointPolicy(kit.PlaceOf(s.Scope)))
				})),
		},
	})
}

// endpointStates are the states other than that of an endpoint that is as it should
// be, in small letters: AWS and its API model differ in the case.
var endpointStates = map[string]provision.State{
	"pending": provision.Pending, "pendingacceptance": provision.Pending, "partial": provision.Pending,
	"deleting": provision.Deleting, "deleted": provision.Gone,
	"failed": provision.Failed, "rejected": provision.Failed, "expired": provision.Failed,
}

// vpcEndpoints lists every endpoint of the region once a sweep: the route tables
// want to know of them too.
func vpcEndpoints(ctx context.Context, w *provision.Sweep) ([]ec2types.VpcEndpoint, error) {
	return kit.Shared(ctx, w, "VPC endpoints", ec2.NewDescribeVpcEndpointsPaginator(w.EC2, &ec2.DescribeVpcEndpointsInput{}),
		func(o *ec2.DescribeVpcEndpointsOutput) []ec2types.VpcEndpoint { return o.VpcEndpoints })
}

func s3Service(region string) string { return "com.amazonaws." + region + ".s3" }

func isS3Gateway(e ec2types.VpcEndpoint, region string) bool {
	return e.VpcEndpointType == ec2types.VpcEndpointTypeGateway && aws.ToString(e.ServiceName) == s3Service(region)
}
