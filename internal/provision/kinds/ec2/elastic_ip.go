package ec2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

type elasticIP = *ec2types.Address

// ElasticIPKind is the public address of a NAT gateway: what clients' services
// are known by outside.
func ElasticIPKind() *provision.Type {
	id := func(a elasticIP) string { return aws.ToString(a.AllocationId) }
	return provision.Define(provision.Kind[struct{}, elasticIP]{
		Name:          "ec2/elastic-ip",
		ARN:           "ec2:elastic-ip/",
		Levels:        provision.RegionLevel,
		Billing:       provision.Billing[struct{}, elasticIP]{Items: billAddress},
		Impact:        provision.Impact[elasticIP]{Losses: addressLosses},
		NotIdempotent: true,
		Want:          kit.NatRoles,
		Naming:        provision.Naming[struct{}, elasticIP]{Title: zoneOf},
		List: func(ctx context.Context, w *provision.Sweep) ([]elasticIP, error) {
			// AWS answers with all addresses at once: there are no pages.
			return kit.Pointers(kit.Get(ctx, w.EC2.DescribeAddresses, &ec2.DescribeAddressesInput{}, func(o *ec2.DescribeAddressesOutput) []ec2types.Address { return o.Addresses }))
		},
		ID:    id,
		Tags:  func(a elasticIP) provision.Tags { return Tags.Of(a.Tags) },
		InUse: func(a elasticIP) bool { return a.AssociationId != nil },
		LostTags: func(s *provision.Step, _ struct{}, other elasticIP) bool {
			return slices.ContainsFunc(s.FoundOwn("ec2/nat-gateway"), func(r *provision.Resource) bool {
				g, ok := r.Object.(natGateway)
				return ok && r.Role() == s.Role && slices.ContainsFunc(g.NatGatewayAddresses, func(a ec2types.NatGatewayAddress) bool {
					return aws.ToString(a.AllocationId) == id(other)
				})
			})
		},
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (elasticIP, error) {
			in := &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc, TagSpecifications: Tagged(s, ec2types.ResourceTypeElasticIp)}
			return kit.Get(ctx, s.API.EC2.AllocateAddress, in, func(o *ec2.AllocateAddressOutput) elasticIP {
				return &ec2types.Address{AllocationId: o.AllocationId, PublicIp: o.PublicIp, Domain: o.Domain, Tags: Tags.To(s.Tags)}
			})
		},
		Delete: kit.Delete(ofEC2, awsapi.EC2.ReleaseAddress, func(a elasticIP, in *ec2.ReleaseAddressInput) { in.AllocationId = a.AllocationId }),
		Retag:  Retag(id),
		Facts:  kit.Fact("public IP", func(a elasticIP) *string { return a.PublicIp }),
		Limits: provision.Limits[struct{}, elasticIP]{Quota: &provision.Quota{Service: "ec2", Code: "L-0263D0A3", Name: "elastic IPs"}},
	})
}

// zoneOf is what tells a NAT gateway, its address or a route table before it exists.
func zoneOf(s *provision.Scope, role provision.Role, _ struct{}) string { return s.ZoneOf(role).Name }
