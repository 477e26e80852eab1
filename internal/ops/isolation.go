package ops

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// network is what a region's VPCs hold, as AWS tells it.
type network struct {
	vpcs       []ec2types.Vpc
	subnets    []ec2types.Subnet
	acls       []ec2types.NetworkAcl
	groups     []ec2types.SecurityGroup
	interfaces []ec2types.NetworkInterface
	tables     []ec2types.RouteTable
	nats       []ec2types.NatGateway
	peerings   []ec2types.VpcPeeringConnection
}

// readNetwork reads everything that decides who reaches whom, in all VPCs of the
// region: what is peered with ours counts too.
func readNetwork(ctx context.Context, api *awsapi.Set) (*network, error) {
	n := &network{}
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
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("read the network of %s: %w", api.Region, err)
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

// owner is whose a resource is by its tags.
func owner(tags []ec2types.Tag) string {
	switch {
	case tag(tags, provision.TagManagedBy) != provision.ManagedBy:
		return isolation.Foreign
	case tag(tags, provision.TagScope) == provision.ClientLevel.String():
		return tag(tags, provision.TagClient)
	default:
		return isolation.Shared
	}
}

// estate is the network as the proof wants it.
func (n *network) estate(region string) (isolation.Estate, error) {
	c := &converter{groupOwner: map[string]string{}, aclOf: map[string]string{}, tableOf: map[string]string{}, mainACL: map[string]string{}, mainTable: map[string]string{}}
	e := isolation.Estate{Region: region}
	for _, v := range n.vpcs {
		out := isolation.VPC{ID: text(v.VpcId), Name: tag(v.Tags, provision.TagName)}
		for _, b := range v.CidrBlockAssociationSet {
			if b.CidrBlockState == nil || b.CidrBlockState.State == ec2types.VpcCidrBlockStateCodeAssociated {
				out.CIDRs = append(out.CIDRs, c.prefix(b.CidrBlock))
			}
		}
		e.VPCs = append(e.VPCs, out)
	}
	for _, a := range n.acls {
		e.ACLs = append(e.ACLs, c.acl(a))
	}
	for _, t := range n.tables {
		e.RouteTables = append(e.RouteTables, c.table(t))
	}
	for _, s := range n.subnets {
		id, vpc := text(s.SubnetId), text(s.VpcId)
		out := isolation.Subnet{ID: id, VPC: vpc, CIDR: c.prefix(s.CidrBlock), Owner: owner(s.Tags), ACL: c.aclOf[id], RouteTable: c.tableOf[id]}
		if out.ACL == "" {
			out.ACL = c.mainACL[vpc]
		}
		if out.RouteTable == "" {
			out.RouteTable = c.mainTable[vpc]
		}
		e.Subnets = append(e.Subnets, out)
	}
	for _, g := range n.groups {
		e.Groups = append(e.Groups, c.group(g))
	}
	for _, i := range n.interfaces {
		e.Interfaces = append(e.Interfaces, c.networkInterface(i))
	}
	for _, nat := range n.nats {
		for _, a := range nat.NatGatewayAddresses {
			if a.PrivateIp != nil && nat.State == ec2types.NatGatewayStateAvailable {
				e.NATs = append(e.NATs, isolation.NAT{ID: text(nat.NatGatewayId), Subnet: text(nat.SubnetId), Address: c.address(a.PrivateIp)})
			}
		}
	}
	for _, p := range n.peerings {
		if p.Status != nil && p.Status.Code == ec2types.VpcPeeringConnectionStateReasonCodeActive && p.RequesterVpcInfo != nil && p.AccepterVpcInfo != nil {
			e.Links = append(e.Links, isolation.Link{ID: text(p.VpcPeeringConnectionId), VPCs: []string{text(p.RequesterVpcInfo.VpcId), text(p.AccepterVpcInfo.VpcId)}})
		}
	}
	return e, c.err
}

// converter translates EC2's words, and remembers what refers to what. The first
// text that cannot be read is its error.
type converter struct {
	groupOwner, aclOf, tableOf, mainACL, mainTable map[string]string
	err                                            error
}

func (c *converter) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *converter) prefix(s *string) netip.Prefix {
	p, err := netip.ParsePrefix(text(s))
	if err != nil {
		c.fail(fmt.Errorf("AWS tells a range that is none: %w", err))
	}
	return p.Masked()
}

func (c *converter) address(s *string) netip.Addr {
	a, err := netip.ParseAddr(text(s))
	if err != nil {
		c.fail(fmt.Errorf("AWS tells an address that is none: %w", err))
	}
	return a
}

// protocol reads "tcp", "6" and "-1".
func (c *converter) protocol(s *string) isolation.Protocol {
	switch name := text(s); name {
	case "-1", "all", "":
		return isolation.AllProtocols
	case "tcp":
		return isolation.TCP
	case "udp":
		return isolation.UDP
	case "icmp":
		return isolation.ICMP
	default:
		n, err := strconv.ParseInt(name, 10, 16)
		if err != nil {
			return isolation.AllProtocols // one that is not known here may be any
		}
		return isolation.Protocol(n)
	}
}

func (c *converter) acl(a ec2types.NetworkAcl) isolation.ACL {
	id := text(a.NetworkAclId)
	for _, as := range a.Associations {
		c.aclOf[text(as.SubnetId)] = id
	}
	if aws.ToBool(a.IsDefault) {
		c.mainACL[text(a.VpcId)] = id
	}
	out := isolation.ACL{ID: id, Name: tag(a.Tags, provision.TagName), Owner: owner(a.Tags)}
	for _, e := range a.Entries {
		if e.CidrBlock == nil {
			continue // IPv6, which our VPC has none of
		}
		entry := isolation.Entry{
			Number: aws.ToInt32(e.RuleNumber), Allow: e.RuleAction == ec2types.RuleActionAllow, Protocol: c.protocol(e.Protocol),
			CIDR: c.prefix(e.CidrBlock), Ports: isolation.AllPorts,
		}
		switch {
		case entry.Protocol == isolation.ICMP && e.IcmpTypeCode != nil:
			entry.Ports = isolation.TypeCode(aws.ToInt32(e.IcmpTypeCode.Type), aws.ToInt32(e.IcmpTypeCode.Code))
		case e.PortRange != nil:
			entry.Ports = isolation.PortRange(aws.ToInt32(e.PortRange.From), aws.ToInt32(e.PortRange.To))
		}
		if aws.ToBool(e.Egress) {
			out.Egress = append(out.Egress, entry)
		} else {
			out.Ingress = append(out.Ingress, entry)
		}
	}
	return out
}

func (c *converter) group(g ec2types.SecurityGroup) isolation.Group {
	out := isolation.Group{ID: text(g.GroupId), Name: text(g.GroupName), Owner: owner(g.Tags)}
	c.groupOwner[out.ID] = out.Owner
	out.Ingress, out.Egress = c.rules(g.IpPermissions), c.rules(g.IpPermissionsEgress)
	return out
}

func (c *converter) rules(permissions []ec2types.IpPermission) []isolation.GroupRule {
	var out []isolation.GroupRule
	for _, p := range permissions {
		like := isolation.GroupRule{Protocol: c.protocol(p.IpProtocol), Ports: isolation.AllPorts}
		switch {
		case p.FromPort == nil || p.ToPort == nil:
		case like.Protocol == isolation.ICMP:
			like.Ports = isolation.TypeCode(*p.FromPort, *p.ToPort)
		default:
			like.Ports = isolation.PortRange(*p.FromPort, *p.ToPort)
		}
		for _, r := range p.IpRanges {
			rule := like
			rule.CIDR = c.prefix(r.CidrIp)
			out = append(out, rule)
		}
		for _, r := range p.UserIdGroupPairs {
			rule := like
			rule.Group = text(r.GroupId)
			out = append(out, rule)
		}
		for _, r := range p.PrefixListIds {
			rule := like
			rule.PrefixList = text(r.PrefixListId)
			out = append(out, rule)
		}
	}
	return out
}

// networkInterface tells whose an interface is by its groups: load balancers of
// clients are in the edge.
func (c *converter) networkInterface(i ec2types.NetworkInterface) isolation.Interface {
	out := isolation.Interface{
		ID: text(i.NetworkInterfaceId), Subnet: text(i.SubnetId), What: text(i.Description), Owner: isolation.Shared,
		ChecksSource: i.SourceDestCheck == nil || *i.SourceDestCheck,
	}
	for _, g := range i.Groups {
		out.Groups = append(out.Groups, text(g.GroupId))
		if o := c.groupOwner[text(g.GroupId)]; o != isolation.Shared && o != isolation.Foreign {
			out.Owner = o
		}
	}
	for _, a := range i.PrivateIpAddresses {
		out.Addresses = append(out.Addresses, c.address(a.PrivateIpAddress))
		if a.Association != nil && a.Association.PublicIp != nil {
			out.Public = append(out.Public, c.address(a.Association.PublicIp))
		}
	}
	if len(i.PrivateIpAddresses) == 0 && i.PrivateIpAddress != nil {
		out.Addresses = append(out.Addresses, c.address(i.PrivateIpAddress))
	}
	return out
}

func (c *converter) table(t ec2types.RouteTable) isolation.RouteTable {
	id := text(t.RouteTableId)
	for _, as := range t.Associations {
		if aws.ToBool(as.Main) {
			c.mainTable[text(t.VpcId)] = id
		} else if as.SubnetId != nil {
			c.tableOf[text(as.SubnetId)] = id
		}
	}
	var propagated []isolation.Route
	out := isolation.RouteTable{ID: id, Name: tag(t.Tags, provision.TagName), Owner: owner(t.Tags)}
	for _, r := range t.Routes {
		if r.DestinationCidrBlock == nil && r.DestinationPrefixListId == nil {
			continue // IPv6
		}
		route := isolation.Route{PrefixList: text(r.DestinationPrefixListId), Blackhole: r.State == ec2types.RouteStateBlackhole}
		if r.DestinationCidrBlock != nil {
			route.Destination = c.prefix(r.DestinationCidrBlock)
		}
		if route.Kind, route.Target = target(r); route.Kind == isolation.Local || route.Kind == isolation.Endpoint {
			continue // the VPC's own CIDRs, and a gateway endpoint's: S3 and nothing else
		}
		if r.Origin == ec2types.RouteOriginEnableVgwRoutePropagation { // the static one wins
			propagated = append(propagated, route)
			continue
		}
		out.Routes = append(out.Routes, route)
	}
	out.Routes = append(out.Routes, propagated...)
	return out
}

// target is what a route leads to.
func target(r ec2types.Route) (isolation.TargetKind, string) {
	gateway := text(r.GatewayId)
	begins := func(prefix string) bool { return len(gateway) > len(prefix) && gateway[:len(prefix)] == prefix }
	switch {
	case gateway == "local":
		return isolation.Local, gateway
	case begins("igw-"):
		return isolation.InternetGateway, gateway
	case begins("vgw-"):
		return isolation.VPNGateway, gateway
	case begins("vpce-"):
		if r.DestinationPrefixListId != nil {
			return isolation.Endpoint, gateway
		}
		return isolation.Elsewhere, gateway // a gateway load balancer's
	case r.NatGatewayId != nil:
		return isolation.NATGateway, *r.NatGatewayId
	case r.VpcPeeringConnectionId != nil:
		return isolation.Peering, *r.VpcPeeringConnectionId
	case r.TransitGatewayId != nil:
		return isolation.TransitGateway, *r.TransitGatewayId
	case r.NetworkInterfaceId != nil:
		return isolation.Appliance, *r.NetworkInterfaceId
	default:
		return isolation.Elsewhere, gateway
	}
}
