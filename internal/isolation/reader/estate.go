package reader

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/isolation"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// owner is whose a resource is by its tags.
func owner(tags []ec2types.Tag) string {
	switch {
	case cloud.Tag(tags, provision.TagManagedBy) != provision.ManagedBy:
		return isolation.Foreign
	case cloud.Tag(tags, provision.TagScope) == provision.ClientLevel.String():
		return cloud.Tag(tags, provision.TagClient)
	default:
		return isolation.Shared
	}
}

// Estate is the network as the proof wants it. Whatever somebody has in the account, it
// is no error: what cannot be read is as open as it might be, and told.
func (n *Network) Estate(region string) isolation.Estate {
	c := &converter{
		groupOwner: map[string]string{}, aclOf: map[string]string{}, tableOf: map[string]string{}, mainACL: map[string]string{}, mainTable: map[string]string{},
		local: map[string][]netip.Prefix{},
	}
	e := isolation.Estate{Region: region}
	for _, v := range n.vpcs {
		out := isolation.VPC{ID: aws.ToString(v.VpcId), Name: cloud.Tag(v.Tags, provision.TagName)}
		for _, b := range v.CidrBlockAssociationSet {
			if b.CidrBlockState == nil || !slices.Contains(notLocal, b.CidrBlockState.State) {
				out.CIDRs = c.append(out.CIDRs, b.CidrBlock, "VPC "+out.ID)
			}
		}
		c.local[out.ID] = out.CIDRs
		e.VPCs = append(e.VPCs, out)
	}
	for _, a := range n.acls {
		e.ACLs = append(e.ACLs, c.acl(a))
	}
	for _, t := range n.tables {
		e.RouteTables = append(e.RouteTables, c.table(t))
	}
	for _, s := range n.subnets {
		id, vpc := aws.ToString(s.SubnetId), aws.ToString(s.VpcId)
		out := isolation.Subnet{ID: id, VPC: vpc, Owner: owner(s.Tags), ACL: c.aclOf[id], RouteTable: c.tableOf[id]}
		if s.CidrBlock != nil { // a subnet may have IPv6 only
			out.CIDR, _ = c.prefix(s.CidrBlock, "subnet "+id)
		}
		for _, b := range s.Ipv6CidrBlockAssociationSet {
			if b.Ipv6CidrBlockState == nil || b.Ipv6CidrBlockState.State != ec2types.SubnetCidrBlockStateCodeDisassociated {
				out.IPv6 = c.append(out.IPv6, b.Ipv6CidrBlock, "subnet "+id)
			}
		}
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
			if nat.State != ec2types.NatGatewayStateAvailable {
				continue
			}
			private := c.addresses(nil, a.PrivateIp, "NAT gateway "+aws.ToString(nat.NatGatewayId))
			if len(private) == 0 {
				continue
			}
			out := isolation.NAT{ID: aws.ToString(nat.NatGatewayId), Subnet: aws.ToString(nat.SubnetId), Address: private[0]}
			if public := c.addresses(nil, a.PublicIp, "NAT gateway "+out.ID); len(public) > 0 {
				out.Public = public[0]
			}
			e.NATs = append(e.NATs, out)
		}
	}
	for _, p := range n.peerings {
		if p.Status != nil && p.Status.Code == ec2types.VpcPeeringConnectionStateReasonCodeActive && p.RequesterVpcInfo != nil && p.AccepterVpcInfo != nil {
			e.Links = append(e.Links, isolation.Link{ID: aws.ToString(p.VpcPeeringConnectionId), VPCs: []string{aws.ToString(p.RequesterVpcInfo.VpcId), aws.ToString(p.AccepterVpcInfo.VpcId)}})
		}
	}
	c.vpns(n, &e)
	e.Untold = c.untold
	return e
}

// notLocal are the states of a VPC's CIDRs that make no local route.
var notLocal = []ec2types.VpcCidrBlockStateCode{ec2types.VpcCidrBlockStateCodeDisassociated, ec2types.VpcCidrBlockStateCodeFailed, ec2types.VpcCidrBlockStateCodeFailing}

// converter translates EC2's words, and remembers what refers to what.
type converter struct {
	groupOwner, aclOf, tableOf, mainACL, mainTable map[string]string
	local                                          map[string][]netip.Prefix // by VPC
	untold                                         []string
}

// prefix reads a range. One that cannot be read is told.
func (c *converter) prefix(s *string, of string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(aws.ToString(s))
	if err != nil {
		c.untold = append(c.untold, lang.Sprintf("AWS tells %q of %s, which is no range that is known here", aws.ToString(s), of))
		return netip.Prefix{}, false
	}
	return p.Masked(), true
}

func (c *converter) append(to []netip.Prefix, s *string, of string) []netip.Prefix {
	if p, ok := c.prefix(s, of); ok {
		return append(to, p)
	}
	return to
}

// anyOf reads the range of a rule that lets something through. One that cannot be read
// may be any.
func (c *converter) anyOf(s *string, of string) []netip.Prefix {
	if p, ok := c.prefix(s, of); ok {
		return []netip.Prefix{p}
	}
	return []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
}

// addresses appends an address, if there is one.
func (c *converter) addresses(to []netip.Addr, s *string, of string) []netip.Addr {
	if s == nil {
		return to
	}
	a, err := netip.ParseAddr(*s)
	if err != nil {
		c.untold = append(c.untold, lang.Sprintf("AWS tells %q of %s, which is no address that is known here", *s, of))
		return to
	}
	return append(to, a)
}

// icmpv6 is what security groups call by its name (DescribeSecurityGroups).
const icmpv6 isolation.Protocol = 58

// protocol reads "tcp", "6" and "-1".
func (c *converter) protocol(s *string) isolation.Protocol {
	switch name := aws.ToString(s); name {
	case "-1", "all", "":
		return isolation.AllProtocols
	case "tcp":
		return isolation.TCP
	case "udp":
		return isolation.UDP
	case "icmp":
		return isolation.ICMP
	case "icmpv6":
		return icmpv6
	default:
		n, err := strconv.ParseInt(name, 10, 16)
		if err != nil {
			return isolation.AllProtocols // one that is not known here may be any
		}
		return isolation.Protocol(n)
	}
}

func (c *converter) acl(a ec2types.NetworkAcl) isolation.ACL {
	id := aws.ToString(a.NetworkAclId)
	for _, as := range a.Associations {
		c.aclOf[aws.ToString(as.SubnetId)] = id
	}
	if aws.ToBool(a.IsDefault) {
		c.mainACL[aws.ToString(a.VpcId)] = id
	}
	out := isolation.ACL{ID: id, Name: cloud.Tag(a.Tags, provision.TagName), Owner: owner(a.Tags)}
	for _, e := range a.Entries {
		entry := isolation.Entry{
			Number: aws.ToInt32(e.RuleNumber), Allow: e.RuleAction == ec2types.RuleActionAllow, Protocol: c.protocol(e.Protocol), Ports: isolation.AllPorts,
		}
		switch {
		case entry.Protocol == isolation.ICMP && e.IcmpTypeCode != nil:
			entry.Ports = isolation.TypeCode(aws.ToInt32(e.IcmpTypeCode.Type), aws.ToInt32(e.IcmpTypeCode.Code))
		case e.PortRange != nil:
			entry.Ports = isolation.PortRange(aws.ToInt32(e.PortRange.From), aws.ToInt32(e.PortRange.To))
		}
		peer := e.CidrBlock
		if peer == nil {
			peer = e.Ipv6CidrBlock
		}
		for _, entry.CIDR = range c.anyOf(peer, "network ACL "+id) {
			switch {
			case !entry.Allow && entry.CIDR.Bits() == 0 && !isRange(peer): // a deny of nobody knows what
			case aws.ToBool(e.Egress):
				out.Egress = append(out.Egress, entry)
			default:
				out.Ingress = append(out.Ingress, entry)
			}
		}
	}
	return out
}

func isRange(s *string) bool {
	_, err := netip.ParsePrefix(aws.ToString(s))
	return err == nil
}

func (c *converter) group(g ec2types.SecurityGroup) isolation.Group {
	out := isolation.Group{ID: aws.ToString(g.GroupId), Name: aws.ToString(g.GroupName), Owner: owner(g.Tags)}
	c.groupOwner[out.ID] = out.Owner
	out.Ingress, out.Egress = c.rules(g.IpPermissions, out.ID), c.rules(g.IpPermissionsEgress, out.ID)
	return out
}

// rules are those of a group in one direction. Groups of other accounts, and those that
// are gone, stay what they are to AWS: names that nobody here is in.
func (c *converter) rules(permissions []ec2types.IpPermission, id string) []isolation.GroupRule {
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
		peers := make([]*string, 0, len(p.IpRanges)+len(p.Ipv6Ranges))
		for _, r := range p.IpRanges {
			peers = append(peers, r.CidrIp)
		}
		for _, r := range p.Ipv6Ranges {
			peers = append(peers, r.CidrIpv6)
		}
		for _, peer := range peers {
			rule := like
			for _, rule.CIDR = range c.anyOf(peer, "security group "+id) {
				out = append(out, rule)
			}
		}
		for _, r := range p.UserIdGroupPairs {
			rule := like
			rule.Group = aws.ToString(r.GroupId)
			out = append(out, rule)
		}
		for _, r := range p.PrefixListIds {
			rule := like
			rule.PrefixList = aws.ToString(r.PrefixListId)
			out = append(out, rule)
		}
	}
	return out
}

// networkInterface tells whose an interface is by its groups: load balancers of
// clients are in the edge.
func (c *converter) networkInterface(i ec2types.NetworkInterface) isolation.Interface {
	out := isolation.Interface{
		ID: aws.ToString(i.NetworkInterfaceId), Subnet: aws.ToString(i.SubnetId), What: aws.ToString(i.Description), Owner: isolation.Shared,
		ChecksSource: i.SourceDestCheck == nil || *i.SourceDestCheck,
	}
	for _, g := range i.Groups {
		out.Groups = append(out.Groups, aws.ToString(g.GroupId))
		if o := c.groupOwner[aws.ToString(g.GroupId)]; o != isolation.Shared && o != isolation.Foreign {
			out.Owner = o
		}
	}
	of := "interface " + out.ID
	for _, a := range i.PrivateIpAddresses {
		out.Addresses = c.addresses(out.Addresses, a.PrivateIpAddress, of)
		if a.Association != nil {
			out.Public = c.addresses(out.Public, a.Association.PublicIp, of)
		}
	}
	if len(i.PrivateIpAddresses) == 0 {
		out.Addresses = c.addresses(out.Addresses, i.PrivateIpAddress, of)
	}
	for _, a := range i.Ipv6Addresses {
		out.Addresses = c.addresses(out.Addresses, a.Ipv6Address, of)
	}
	for _, p := range i.Ipv6Prefixes {
		if prefix, ok := c.prefix(p.Ipv6Prefix, of); ok { // any of them, as far as ranges are judged
			out.Addresses = append(out.Addresses, prefix.Addr())
		}
	}
	return out
}

func (c *converter) table(t ec2types.RouteTable) isolation.RouteTable {
	id := aws.ToString(t.RouteTableId)
	for _, as := range t.Associations {
		if aws.ToBool(as.Main) {
			c.mainTable[aws.ToString(t.VpcId)] = id
		} else if as.SubnetId != nil {
			c.tableOf[aws.ToString(as.SubnetId)] = id
		}
	}
	var propagated []isolation.Route
	out := isolation.RouteTable{ID: id, Name: cloud.Tag(t.Tags, provision.TagName), Owner: owner(t.Tags)}
	for _, r := range t.Routes {
		if r.DestinationCidrBlock == nil && r.DestinationPrefixListId == nil {
			continue // IPv6, for which every route counts as leading anywhere
		}
		route := isolation.Route{PrefixList: aws.ToString(r.DestinationPrefixListId), Blackhole: r.State == ec2types.RouteStateBlackhole}
		if r.DestinationCidrBlock != nil {
			route.Destination = c.anyOf(r.DestinationCidrBlock, "route table "+id)[0]
		}
		learned := r.Origin == ec2types.RouteOriginEnableVgwRoutePropagation
		if learned && c.within(aws.ToString(t.VpcId), route.Destination) {
			continue // the local route wins, however narrow the other is (VPC guide, "Route priority")
		}
		if route.Kind, route.Target = target(r); route.Kind == isolation.Local || route.Kind == isolation.Endpoint {
			continue // the VPC's own CIDRs, and a gateway endpoint's: S3 and nothing else
		}
		if learned { // the static one wins
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
	gateway := aws.ToString(r.GatewayId)
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
