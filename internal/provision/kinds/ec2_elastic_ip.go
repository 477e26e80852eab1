package kinds

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

type elasticIP = *ec2types.Address

// elasticIPKind is the public address of a NAT gateway: what clients' services
// are known by outside.
func elasticIPKind() *provision.Type {
	id := func(a elasticIP) string { return aws.ToString(a.AllocationId) }
	return provision.Define(provision.Kind[struct{}, elasticIP]{
		Name:    "ec2/elastic-ip",
		ARN:     "ec2:elastic-ip/",
		Levels:  provision.RegionLevel,
		Keyless: true,
		Want:    natRoles,
		Title:   natZone,
		List: func(ctx context.Context, w *provision.Sweep) iter.Seq2[elasticIP, error] {
			// AWS answers with all addresses at once: there are no pages.
			var all []ec2types.Address
			out, err := w.EC2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
			if err == nil {
				all = out.Addresses
			}
			return replay(all, err, func(a ec2types.Address) elasticIP { return &a })
		},
		ID:    id,
		Tags:  func(a elasticIP) provision.Tags { return ec2Tags(a.Tags) },
		State: provision.AlwaysAvailable[elasticIP],
		InUse: func(a elasticIP) bool { return a.AssociationId != nil },
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (elasticIP, error) {
			out, err := s.API.EC2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc, TagSpecifications: tagged(s, ec2types.ResourceTypeElasticIp)})
			if err != nil {
				return nil, err
			}
			return &ec2types.Address{AllocationId: out.AllocationId, PublicIp: out.PublicIp, Domain: out.Domain, Tags: toEC2Tags(s.Tags)}, nil
		},
		Delete: func(ctx context.Context, s *provision.Step, a elasticIP) error {
			_, err := s.API.EC2.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: a.AllocationId})
			return err
		},
		Retag: retagEC2(id),
		Facts: func(a elasticIP) []provision.Fact {
			return []provision.Fact{{Name: "public IP", Value: aws.ToString(a.PublicIp)}}
		},
		Quota: &provision.Quota{Service: "ec2", Code: "L-0263D0A3", Name: "elastic IPs"},
	})
}

// natZone is what tells a NAT gateway and its address before they exist.
func natZone(s *provision.Scope, role provision.Role, _ struct{}) string { return s.ZoneOf(role).Name }

// natRoles are the NAT gateways that the region needs, and their addresses.
func natRoles(s *provision.Scope) map[provision.Role]struct{} {
	out := map[provision.Role]struct{}{}
	for i := range s.Zones {
		if s.NAT == spec.NATPerAZ || s.NAT == spec.NATSingle && i == 0 {
			out["nat-"+s.Letter(i)] = struct{}{}
		}
	}
	return out
}
