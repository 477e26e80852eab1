package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

type internetGateway = *ec2types.InternetGateway

// InternetGatewayKind is the VPC's door to the internet, used by the edge only.
func InternetGatewayKind() *provision.Type {
	id := func(g internetGateway) string { return aws.ToString(g.InternetGatewayId) }
	attached := func(g internetGateway) string {
		if len(g.Attachments) == 0 {
			return ""
		}
		return aws.ToString(g.Attachments[0].VpcId)
	}
	return provision.Define(provision.Kind[struct{}, internetGateway]{
		Name:          "ec2/internet-gateway",
		ARN:           "ec2:internet-gateway/",
		Levels:        provision.RegionLevel,
		Billing:       provision.Billing[struct{}, internetGateway]{Free: freeVPC},
		Impact:        provision.Impact[internetGateway]{Stateless: true},
		DependsOn:     provision.Existing("ec2/vpc"),
		NotIdempotent: true,
		Want:          kit.One("edge"),
		List: kit.List(func(w *provision.Sweep) *ec2.DescribeInternetGatewaysPaginator {
			return ec2.NewDescribeInternetGatewaysPaginator(w.EC2, &ec2.DescribeInternetGatewaysInput{})
		},
			func(o *ec2.DescribeInternetGatewaysOutput) []ec2types.InternetGateway { return o.InternetGateways }),
		ID:    id,
		Tags:  func(g internetGateway) provision.Tags { return Tags.Of(g.Tags) },
		InUse: func(g internetGateway) bool { return attached(g) != "" },
		LostTags: func(s *provision.Step, _ struct{}, other internetGateway) bool {
			return attached(other) == s.ID("ec2/vpc", "vpc") // which has room for one only
		},
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (internetGateway, error) {
			in := &ec2.CreateInternetGatewayInput{TagSpecifications: Tagged(s, ec2types.ResourceTypeInternetGateway)}
			return kit.Get(ctx, s.API.EC2.CreateInternetGateway, in, func(o *ec2.CreateInternetGatewayOutput) internetGateway { return o.InternetGateway })
		},
		Delete: func(ctx context.Context, s *provision.Step, g internetGateway) error {
			if err := detach(ctx, s, g); err != nil {
				return err
			}
			return kit.Do(ctx, s.API.EC2.DeleteInternetGateway, &ec2.DeleteInternetGatewayInput{InternetGatewayId: g.InternetGatewayId})
		},
		Retag: Retag(id),
		Removal: provision.Removal[internetGateway]{
			Blockers: blockedBy(public, "vpc-id", attached),
			WaitFor:  occupiedBy(func(g internetGateway) *string { return aws.String(attached(g)) }, func(_ internetGateway, n nic) bool { return public(n) }),
		},
		Timing: provision.Timing{DeleteTimeout: networkPatience},
		Limits: provision.Limits[struct{}, internetGateway]{Quota: &provision.Quota{Service: "vpc", Code: "L-A4707A72", Name: "internet gateways per region"}},
		Fields: []provision.Field[struct{}, internetGateway]{
			kit.Settable("attached to", kit.IDOf[struct{}]("ec2/vpc", "vpc"), attached, func(ctx context.Context, s *provision.Step, _ struct{}, g internetGateway) error {
				if err := detach(ctx, s, g); err != nil {
					return err
				}
				return kit.Do(ctx, s.API.EC2.AttachInternetGateway, &ec2.AttachInternetGatewayInput{InternetGatewayId: g.InternetGatewayId, VpcId: aws.String(s.ID("ec2/vpc", "vpc"))})
			}),
		},
	})
}

func detach(ctx context.Context, s *provision.Step, g internetGateway) error {
	return kit.Drop(g.Attachments, func(a ec2types.InternetGatewayAttachment) error {
		return kit.Do(ctx, s.API.EC2.DetachInternetGateway, &ec2.DetachInternetGatewayInput{InternetGatewayId: g.InternetGatewayId, VpcId: a.VpcId})
	})
}
