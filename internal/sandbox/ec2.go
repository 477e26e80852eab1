package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ec2State is EC2 in one region. Slices are in the order of creation.
type ec2State struct {
	VPCs             table[row[types.Vpc]]
	DNS              map[string][2]bool // by VPC: support, hostnames
	Subnets          table[row[types.Subnet]]
	ACLs             table[row[types.NetworkAcl]]
	RouteTables      table[row[types.RouteTable]]
	InternetGateways table[row[types.InternetGateway]]
	Addresses        table[row[types.Address]]
	NATs             table[row[types.NatGateway]]
	Endpoints        table[row[types.VpcEndpoint]]
	Groups           table[row[types.SecurityGroup]]
	KeyPairs         table[row[types.KeyPairInfo]]
	Templates        table[row[types.LaunchTemplate]]
	Versions         table[row[types.LaunchTemplateVersion]]
	Interfaces       table[row[types.NetworkInterface]]
	FlowLogs         table[row[types.FlowLog]]
	ClientVPNs       table[row[clientVPN]]             `json:",omitempty"`
	VPNGateways      table[row[types.VpnGateway]]      `json:",omitempty"`
	CustomerGateways table[row[types.CustomerGateway]] `json:",omitempty"`
	VPNs             table[row[vpn]]                   `json:",omitempty"`
	Zones            []zone                            `json:",omitempty"` // that are not as zonesOf has them
	// EncryptVolumes is whether new volumes of the account are encrypted in the region, which they are not in a new account.
	EncryptVolumes bool
	Peerings       []types.VpcPeeringConnection `json:",omitempty"` // made by hand: nothing here makes them
}

func (t *tx) ec2() *ec2State {
	s := in(&t.EC2, t.region)
	if s.DNS == nil {
		s.DNS = map[string][2]bool{}
	}
	return s
}

// attributes are what filters can ask of one resource.
type attributes map[string][]string

// The types of EC2.
var (
	vpcs             = kind[types.Vpc, types.Tag]{ec2.ServiceID, "vpc/", func(t *tx) table[row[types.Vpc]] { return t.ec2().VPCs }, func(v *types.Vpc) *string { return v.VpcId }, func(v *types.Vpc) *[]types.Tag { return &v.Tags }, "InvalidVpcID.NotFound", "The vpc ID '%s' does not exist"}
	subnets          = kind[types.Subnet, types.Tag]{ec2.ServiceID, "subnet/", func(t *tx) table[row[types.Subnet]] { return t.ec2().Subnets }, func(v *types.Subnet) *string { return v.SubnetId }, func(v *types.Subnet) *[]types.Tag { return &v.Tags }, "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist"}
	acls             = kind[types.NetworkAcl, types.Tag]{ec2.ServiceID, "network-acl/", func(t *tx) table[row[types.NetworkAcl]] { return t.ec2().ACLs }, func(v *types.NetworkAcl) *string { return v.NetworkAclId }, func(v *types.NetworkAcl) *[]types.Tag { return &v.Tags }, "InvalidNetworkAclID.NotFound", "The networkAcl ID '%s' does not exist"}
	routeTables      = kind[types.RouteTable, types.Tag]{ec2.ServiceID, "route-table/", func(t *tx) table[row[types.RouteTable]] { return t.ec2().RouteTables }, func(v *types.RouteTable) *string { return v.RouteTableId }, func(v *types.RouteTable) *[]types.Tag { return &v.Tags }, "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist"}
	internetGateways = kind[types.InternetGateway, types.Tag]{ec2.ServiceID, "internet-gateway/", func(t *tx) table[row[types.InternetGateway]] { return t.ec2().InternetGateways }, func(v *types.InternetGateway) *string { return v.InternetGatewayId }, func(v *types.InternetGateway) *[]types.Tag { return &v.Tags }, "InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist"}
	addresses        = kind[types.Address, types.Tag]{ec2.ServiceID, "elastic-ip/", func(t *tx) table[row[types.Address]] { return t.ec2().Addresses }, func(v *types.Address) *string { return v.AllocationId }, func(v *types.Address) *[]types.Tag { return &v.Tags }, "InvalidAllocationID.NotFound", "The allocation ID '%s' does not exist"}
	natGateways      = kind[types.NatGateway, types.Tag]{ec2.ServiceID, "natgateway/", func(t *tx) table[row[types.NatGateway]] { return t.ec2().NATs }, func(v *types.NatGateway) *string { return v.NatGatewayId }, func(v *types.NatGateway) *[]types.Tag { return &v.Tags }, "NatGatewayNotFound", "The ID '%s' does not exist"}
	endpoints        = kind[types.VpcEndpoint, types.Tag]{ec2.ServiceID, "vpc-endpoint/", func(t *tx) table[row[types.VpcEndpoint]] { return t.ec2().Endpoints }, func(v *types.VpcEndpoint) *string { return v.VpcEndpointId }, func(v *types.VpcEndpoint) *[]types.Tag { return &v.Tags }, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '%s' does not exist"}
	securityGroups   = kind[types.SecurityGroup, types.Tag]{ec2.ServiceID, "security-group/", func(t *tx) table[row[types.SecurityGroup]] { return t.ec2().Groups }, func(v *types.SecurityGroup) *string { return v.GroupId }, func(v *types.SecurityGroup) *[]types.Tag { return &v.Tags }, "InvalidGroup.NotFound", "The security group '%s' does not exist"}
	keyPairs         = kind[types.KeyPairInfo, types.Tag]{ec2.ServiceID, "key-pair/", func(t *tx) table[row[types.KeyPairInfo]] { return t.ec2().KeyPairs }, func(v *types.KeyPairInfo) *string { return v.KeyPairId }, func(v *types.KeyPairInfo) *[]types.Tag { return &v.Tags }, "InvalidKeyPair.NotFound", "The ID '%s' does not exist"}
	launchTemplates  = kind[types.LaunchTemplate, types.Tag]{ec2.ServiceID, "launch-template/", func(t *tx) table[row[types.LaunchTemplate]] { return t.ec2().Templates }, func(v *types.LaunchTemplate) *string { return v.LaunchTemplateId }, func(v *types.LaunchTemplate) *[]types.Tag { return &v.Tags }, "InvalidLaunchTemplateId.NotFound", "The ID '%s' does not exist"}
	flowLogs         = kind[types.FlowLog, types.Tag]{ec2.ServiceID, "vpc-flow-log/", func(t *tx) table[row[types.FlowLog]] { return t.ec2().FlowLogs }, func(v *types.FlowLog) *string { return v.FlowLogId }, func(v *types.FlowLog) *[]types.Tag { return &v.Tags }, "InvalidFlowLogId.NotFound", "The ID '%s' does not exist"}
	interfaces       = kind[types.NetworkInterface, types.Tag]{ec2.ServiceID, "network-interface/", func(t *tx) table[row[types.NetworkInterface]] { return t.ec2().Interfaces }, func(v *types.NetworkInterface) *string { return v.NetworkInterfaceId }, func(v *types.NetworkInterface) *[]types.Tag { return &v.TagSet }, "InvalidNetworkInterfaceID.NotFound", "The ID '%s' does not exist"}
	vpnGateways      = kind[types.VpnGateway, types.Tag]{ec2.ServiceID, "vpn-gateway/", func(t *tx) table[row[types.VpnGateway]] { return t.ec2().VPNGateways }, func(v *types.VpnGateway) *string { return v.VpnGatewayId }, func(v *types.VpnGateway) *[]types.Tag { return &v.Tags }, "InvalidVpnGatewayID.NotFound", "The vpnGateway ID '%s' does not exist"}
	customerGateways = kind[types.CustomerGateway, types.Tag]{ec2.ServiceID, "customer-gateway/", func(t *tx) table[row[types.CustomerGateway]] { return t.ec2().CustomerGateways }, func(v *types.CustomerGateway) *string { return v.CustomerGatewayId }, func(v *types.CustomerGateway) *[]types.Tag { return &v.Tags }, "InvalidCustomerGatewayID.NotFound", "The customerGateway ID '%s' does not exist"}
	vpnConnections   = kind[vpn, types.Tag]{ec2.ServiceID, "vpn-connection/", func(t *tx) table[row[vpn]] { return t.ec2().VPNs }, func(v *vpn) *string { return v.VpnConnectionId }, func(v *vpn) *[]types.Tag { return &v.Tags }, "InvalidVpnConnectionID.NotFound", "The vpnConnection ID '%s' does not exist"}

	// taggedKinds are those that carry tags of the user's.
	taggedKinds = []interface {
		tagsOf(t *tx, id string) *[]types.Tag
		eachTagged(t *tx, see func(id string, tags []types.Tag))
		arnPrefix() string
	}{
		vpcs, subnets, acls, routeTables, internetGateways, addresses, natGateways, endpoints, securityGroups, keyPairs, launchTemplates, flowLogs,
		vpnGateways, customerGateways, vpnConnections, clientVPNs,
	}
)

// describe selects resources by id and filter, and cuts a page. Without ids, those that
// lists have not heard of yet are left out.
func describe[T any](t *tx, k kind[T, types.Tag], ids []string, filters []types.Filter, token *string, of func(*T) attributes) ([]T, *string, error) {
	all, err := describeAll(t, k, ids, filters, of)
	if err != nil {
		return nil, nil, err
	}
	return page(t, all, token)
}

// describeAll is for lists that AWS does not page.
func describeAll[T any](t *tx, k kind[T, types.Tag], ids []string, filters []types.Filter, of func(*T) attributes) ([]T, error) {
	rows := k.rows(t)
	for _, want := range ids {
		if find(rows, want, k.id) == nil {
			return nil, apiError(k.missing, "The ID '%s' does not exist", want)
		}
	}
	var out []T
	for _, r := range rows {
		if len(ids) > 0 && !slices.Contains(ids, aws.ToString(k.id(&r.V))) {
			continue
		}
		if len(ids) == 0 && t.late(&r.meta) {
			continue
		}
		ok, err := matches(filters, *k.tags(&r.V), of(&r.V))
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, r.V)
		}
	}
	return out, nil
}

func matches(filters []types.Filter, tags []types.Tag, have attributes) (bool, error) {
	for _, f := range filters {
		name := aws.ToString(f.Name)
		values, known := have[name]
		if key, isTag := strings.CutPrefix(name, "tag:"); isTag {
			known = true
			for _, tag := range tags {
				if aws.ToString(tag.Key) == key {
					values = []string{aws.ToString(tag.Value)}
				}
			}
		}
		if !known {
			return false, apiError("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		if !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(f.Values, v) }) {
			return false, nil
		}
	}
	return true, nil
}

// born checks the tags of a create call.
func born(specs []types.TagSpecification, what types.ResourceType) ([]types.Tag, error) {
	var out []types.Tag
	for _, s := range specs {
		if s.ResourceType != what {
			return nil, apiError("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", s.ResourceType)
		}
		out = append(out, s.Tags...)
	}
	return out, ec2Tags.check(out)
}

// creating is for operations that create a resource: its tags are looked at first.
func creating(a *Account, what types.ResourceType) resources[[]types.TagSpecification, []types.Tag] {
	return on(a, ec2.ServiceID, func(_ *tx, specs []types.TagSpecification) ([]types.Tag, error) { return born(specs, what) })
}

var ec2Tags = tagList[types.Tag]{
	parts:    func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: reserves(apiError("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")),
}

// ec2TagsOf finds the tags of anything in EC2 by its id, nil without one.
func (t *tx) ec2TagsOf(id string) *[]types.Tag {
	for _, k := range taggedKinds {
		if tags := k.tagsOf(t, id); tags != nil {
			return tags
		}
	}
	return nil
}

func registerEC2(a *Account) {
	registerVPC(a)
	registerSubnet(a)
	registerOffers(a)
	registerACL(a)
	registerRoute(a)
	registerGateway(a)
	registerNAT(a)
	registerEndpoint(a)
	registerGroup(a)
	registerKeyPair(a)
	registerTemplate(a)
	registerFlowLogs(a)
	registerVPNGateways(a)
	registerCustomerGateways(a)
	registerVPNs(a)
	registerTunnels(a)
	registerClientVPN(a)
	vpcs.tagged(a, ec2Tags, "ec2")
	subnets.tagged(a, ec2Tags, "ec2")
	routeTables.tagged(a, ec2Tags, "ec2")
	internetGateways.tagged(a, ec2Tags, "ec2")
	natGateways.tagged(a, ec2Tags, "ec2")
	securityGroups.tagged(a, ec2Tags, "ec2")
	vpnGateways.tagged(a, ec2Tags, "ec2")
	customerGateways.tagged(a, ec2Tags, "ec2")
	vpnConnections.tagged(a, ec2Tags, "ec2")
	op(a, ec2.ServiceID, func(t *tx, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
		if err := ec2Tags.check(in.Tags); err != nil {
			return nil, err
		}
		for _, id := range in.Resources {
			tags := t.ec2TagsOf(id)
			if tags == nil {
				return nil, apiError("InvalidID", "The ID '%s' is not valid", id)
			}
			*tags = ec2Tags.merge(*tags, in.Tags)
		}
		return &ec2.CreateTagsOutput{}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
		for _, id := range in.Resources {
			if tags := t.ec2TagsOf(id); tags != nil {
				*tags = slices.DeleteFunc(*tags, func(old types.Tag) bool {
					return len(in.Tags) == 0 || slices.ContainsFunc(in.Tags, func(tag types.Tag) bool {
						return aws.ToString(old.Key) == aws.ToString(tag.Key) && (tag.Value == nil || *tag.Value == aws.ToString(old.Value))
					})
				})
			}
		}
		return &ec2.DeleteTagsOutput{}, nil
	})
	op(a, ec2.ServiceID, describeTags)
	op(a, ec2.ServiceID, func(t *tx, _ *ec2.DescribeAvailabilityZonesInput) (*ec2.DescribeAvailabilityZonesOutput, error) {
		out := &ec2.DescribeAvailabilityZonesOutput{}
		for _, z := range t.zones() {
			out.AvailabilityZones = append(out.AvailabilityZones, types.AvailabilityZone{
				ZoneName: aws.String(z.Name), ZoneId: aws.String(z.ID), RegionName: aws.String(t.region), ZoneType: aws.String("availability-zone"),
				State: z.State, OptInStatus: types.AvailabilityZoneOptInStatusOptInNotRequired,
			})
		}
		return out, nil
	})
}

// describeTags tells the tags of all types, one item for each tag, by filters on values of tags.
func describeTags(t *tx, in *ec2.DescribeTagsInput) (*ec2.DescribeTagsOutput, error) {
	var all []types.TagDescription
	for _, k := range taggedKinds {
		var err error
		k.eachTagged(t, func(id string, tags []types.Tag) {
			for _, tag := range tags {
				ok, wrong := matches(in.Filters, []types.Tag{tag}, attributes{"key": {aws.ToString(tag.Key)}, "value": {aws.ToString(tag.Value)}, "resource-id": {id}})
				if err = cmp.Or(err, wrong); ok {
					what := types.ResourceType(strings.TrimSuffix(k.arnPrefix(), "/"))
					all = append(all, types.TagDescription{ResourceId: aws.String(id), ResourceType: what, Key: tag.Key, Value: tag.Value})
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	part, next, err := page(t, all, in.NextToken)
	return &ec2.DescribeTagsOutput{Tags: part, NextToken: next}, err
}

type zone struct {
	Name, ID string
	State    types.AvailabilityZoneState
}

// zones are those of the call's region, with what was changed by hand.
func (t *tx) zones() []zone {
	out := zonesOf(t.region)
	for _, z := range t.ec2().Zones {
		if i := slices.IndexFunc(out, func(o zone) bool { return o.ID == z.ID }); i >= 0 {
			out[i] = z
		} else {
			out = append(out, z)
		}
	}
	return out
}

// zonesOf gives each region three AZs. Names and ids agree in no order in
// Ireland, as they may in any real account.
func zonesOf(region string) []zone {
	short := map[string]string{"eu-west-1": "euw1", "eu-west-2": "euw2", "eu-west-3": "euw3", "eu-central-1": "euc1"}[region]
	short = cmp.Or(short, strings.ReplaceAll(region, "-", ""))
	order := []string{"1", "2", "3"}
	if region == "eu-west-1" {
		order = []string{"3", "1", "2"}
	}
	var out []zone
	for i, n := range order {
		out = append(out, zone{region + string(rune('a'+i)), short + "-az" + n, types.AvailabilityZoneStateAvailable})
	}
	return out
}
