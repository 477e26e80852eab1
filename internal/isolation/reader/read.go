// Package reader reads the network of a region from AWS as the proof of isolation wants it.
package reader

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Network is what a region's VPCs hold, as AWS tells it.
type Network struct {
	vpcs       []ec2types.Vpc
	subnets    []ec2types.Subnet
	acls       []ec2types.NetworkAcl
	groups     []ec2types.SecurityGroup
	interfaces []ec2types.NetworkInterface
	tables     []ec2types.RouteTable
	nats       []ec2types.NatGateway
	peerings   []ec2types.VpcPeeringConnection
	gateways   []ec2types.VpnGateway
	vpns       []ec2types.VpnConnection
}

// ReadNetwork reads everything that decides who reaches whom, in all VPCs of the
// region: what is peered with ours counts too.
func ReadNetwork(ctx context.Context, api *awsapi.Set) (*Network, error) {
	n := &Network{}
	g, ctx := errgroup.WithContext(ctx)
	each := func(read func(context.Context, awsapi.EC2) error) { g.Go(func() error { return read(ctx, api.EC2) }) }
	each(func(ctx context.Context, api awsapi.EC2) error {
		return gather(ctx, ec2.NewDescribeVpcsPaginator(api, &ec2.DescribeVpcsInput{}), func(o *ec2.DescribeVpcsOutput) { n.vpcs = append(n.vpcs, o.Vpcs...) })
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		return gather(ctx, ec2.NewDescribeSubnetsPaginator(api, &ec2.DescribeSubnetsInput{}), func(o *ec2.DescribeSubnetsOutput) { n.subnets = append(n.subnets, o.Subnets...) })
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		return gather(ctx, ec2.NewDescribeNetworkAclsPaginator(api, &ec2.DescribeNetworkAclsInput{}), func(o *ec2.DescribeNetworkAclsOutput) { n.acls = append(n.acls, o.NetworkAcls...) })
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		return gather(ctx, ec2.NewDescribeSecurityGroupsPaginator(api, &ec2.DescribeSecurityGroupsInput{}), func(o *ec2.DescribeSecurityGroupsOutput) { n.groups = append(n.groups, o.SecurityGroups...) })
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		return gather(ctx, ec2.NewDescribeNetworkInterfacesPaginator(api, &ec2.DescribeNetworkInterfacesInput{}), func(o *ec2.DescribeNetworkInterfacesOutput) {
			n.interfaces = append(n.interfaces, o.NetworkInterfaces...)
		})
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		return gather(ctx, ec2.NewDescribeRouteTablesPaginator(api, &ec2.DescribeRouteTablesInput{}), func(o *ec2.DescribeRouteTablesOutput) { n.tables = append(n.tables, o.RouteTables...) })
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		return gather(ctx, ec2.NewDescribeNatGatewaysPaginator(api, &ec2.DescribeNatGatewaysInput{}), func(o *ec2.DescribeNatGatewaysOutput) { n.nats = append(n.nats, o.NatGateways...) })
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		return gather(ctx, ec2.NewDescribeVpcPeeringConnectionsPaginator(api, &ec2.DescribeVpcPeeringConnectionsInput{}), func(o *ec2.DescribeVpcPeeringConnectionsOutput) {
			n.peerings = append(n.peerings, o.VpcPeeringConnections...)
		})
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		out, err := api.DescribeVpnGateways(ctx, &ec2.DescribeVpnGatewaysInput{})
		if err == nil {
			n.gateways = out.VpnGateways
		}
		return err
	})
	each(func(ctx context.Context, api awsapi.EC2) error {
		out, err := api.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{})
		if err != nil {
			return err
		}
		for _, v := range out.VpnConnections { // AWS tells the keys of the tunnels too; nobody here needs them
			v.CustomerGatewayConfiguration = nil
			if v.Options != nil {
				v.Options.TunnelOptions = nil
			}
			n.vpns = append(n.vpns, v)
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, lang.Errorf("read the network of %s: %w", api.Region, err)
	}
	return n, nil
}

// pager is any paginator of EC2.
type pager[O any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*ec2.Options)) (*O, error)
}

func gather[O any](ctx context.Context, p pager[O], each func(*O)) error {
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		each(page)
	}
	return nil
}
