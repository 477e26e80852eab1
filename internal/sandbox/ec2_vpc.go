package sandbox

import (
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// AWS's default quotas: VPCs and internet gateways in a region, CIDRs of a VPC;
// subnets, ACLs and route tables of a VPC.
const (
	vpcQuota   = 5
	cidrQuota  = 5
	inVPCQuota = 200
)

func registerVPC(a *Account) {
	opOn(creating(a, types.ResourceTypeVpc), func(in *ec2.CreateVpcInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, in *ec2.CreateVpcInput) (*ec2.CreateVpcOutput, error) {
		s := t.ec2()
		if len(s.VPCs) >= vpcQuota {
			return nil, apiError("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
		}
		cidr, err := netip.ParsePrefix(aws.ToString(in.CidrBlock))
		if err != nil || cidr.Bits() < 16 || cidr.Bits() > 28 {
			return nil, apiError("InvalidVpc.Range", "The CIDR '%s' is invalid.", aws.ToString(in.CidrBlock))
		}
		block := cidr.Masked().String()
		id := t.newID("vpc")
		v := types.Vpc{
			VpcId: aws.String(id), CidrBlock: aws.String(block), State: types.VpcStateAvailable, OwnerId: aws.String(t.opts.ID),
			IsDefault: aws.Bool(false), Tags: tags, CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{association(t, block)},
		}
		s.VPCs.add(&row[types.Vpc]{V: v, meta: t.lagging(nil)})
		s.DNS[id] = [2]bool{true, false}
		s.ACLs.add(&row[types.NetworkAcl]{V: types.NetworkAcl{
			NetworkAclId: aws.String(t.newID("acl")), VpcId: aws.String(id), IsDefault: aws.Bool(true),
			Entries: append(lastEntries(), allEntry(100, false), allEntry(100, true)),
		}})
		s.Groups.add(&row[types.SecurityGroup]{V: types.SecurityGroup{
			GroupId: aws.String(t.newID("sg")), GroupName: aws.String("default"), Description: aws.String("default VPC security group"), VpcId: aws.String(id),
			IpPermissionsEgress: []types.IpPermission{anywhere()},
		}})
		own := s.Groups[len(s.Groups)-1]
		own.V.IpPermissions = []types.IpPermission{{IpProtocol: aws.String("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: own.V.GroupId, UserId: aws.String(t.opts.ID)}}}}
		table := newRouteTable(t, v, nil)
		table.Associations = []types.RouteTableAssociation{{Main: aws.Bool(true), RouteTableId: table.RouteTableId, RouteTableAssociationId: aws.String(t.newID("rtbassoc"))}}
		s.RouteTables.add(&row[types.RouteTable]{V: table})
		pending := v
		pending.State = types.VpcStatePending // as AWS answers, though it can be used at once
		return &ec2.CreateVpcOutput{Vpc: &pending}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
		part, next, err := describe(t, vpcs, in.VpcIds, in.Filters, in.NextToken, func(v *types.Vpc) attributes {
			return attributes{"vpc-id": {*v.VpcId}, "cidr": {*v.CidrBlock}, "cidr-block": {*v.CidrBlock}}
		})
		if err == nil && in.NextToken == nil {
			t.ageCIDRs()
		}
		return &ec2.DescribeVpcsOutput{Vpcs: part, NextToken: next}, err
	})
	opOn(vpcs.on(a), func(in *ec2.DescribeVpcAttributeInput) *string { return in.VpcId }, func(t *tx, _ *row[types.Vpc], in *ec2.DescribeVpcAttributeInput) (*ec2.DescribeVpcAttributeOutput, error) {
		dns := t.ec2().DNS[*in.VpcId]
		out := &ec2.DescribeVpcAttributeOutput{VpcId: in.VpcId}
		if in.Attribute == types.VpcAttributeNameEnableDnsSupport {
			out.EnableDnsSupport = &types.AttributeBooleanValue{Value: aws.Bool(dns[0])}
		} else {
			out.EnableDnsHostnames = &types.AttributeBooleanValue{Value: aws.Bool(dns[1])}
		}
		return out, nil
	})
	opChange[ec2.ModifyVpcAttributeOutput](vpcs.on(a), func(in *ec2.ModifyVpcAttributeInput) *string { return in.VpcId }, func(t *tx, _ *row[types.Vpc], in *ec2.ModifyVpcAttributeInput) error {
		dns := t.ec2().DNS[*in.VpcId]
		switch {
		case in.EnableDnsSupport != nil && in.EnableDnsHostnames != nil:
			return apiError("InvalidParameterCombination", "Fields for multiple attribute types specified")
		case in.EnableDnsSupport != nil:
			dns[0] = aws.ToBool(in.EnableDnsSupport.Value)
		case in.EnableDnsHostnames != nil:
			dns[1] = aws.ToBool(in.EnableDnsHostnames.Value)
		}
		t.ec2().DNS[*in.VpcId] = dns
		return nil
	})
	op(a, ec2.ServiceID, func(t *tx, _ *ec2.GetEbsEncryptionByDefaultInput) (*ec2.GetEbsEncryptionByDefaultOutput, error) {
		return &ec2.GetEbsEncryptionByDefaultOutput{EbsEncryptionByDefault: aws.Bool(t.ec2().EncryptVolumes)}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, _ *ec2.EnableEbsEncryptionByDefaultInput) (*ec2.EnableEbsEncryptionByDefaultOutput, error) {
		t.ec2().EncryptVolumes = true
		return &ec2.EnableEbsEncryptionByDefaultOutput{EbsEncryptionByDefault: aws.Bool(true)}, nil
	})
	opOn(vpcs.on(a), func(in *ec2.AssociateVpcCidrBlockInput) *string { return in.VpcId }, func(t *tx, r *row[types.Vpc], in *ec2.AssociateVpcCidrBlockInput) (*ec2.AssociateVpcCidrBlockOutput, error) {
		added, err := netip.ParsePrefix(aws.ToString(in.CidrBlock))
		if err != nil || added.Bits() < 16 || added.Bits() > 28 {
			return nil, apiError("InvalidVpc.Range", "The CIDR '%s' is invalid.", aws.ToString(in.CidrBlock))
		}
		added = added.Masked()
		if slices.ContainsFunc(r.V.CidrBlockAssociationSet, func(have types.VpcCidrBlockAssociation) bool {
			return !joins(netip.MustParsePrefix(*have.CidrBlock), added)
		}) {
			return nil, apiError("InvalidVpc.Range", "The CIDR '%s' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR.", added)
		}
		if len(r.V.CidrBlockAssociationSet) >= cidrQuota {
			return nil, apiError("CidrLimitExceeded", "This network '%s' has met its maximum number of allowed CIDRs: %d", *in.VpcId, cidrQuota)
		}
		for _, have := range r.V.CidrBlockAssociationSet {
			if netip.MustParsePrefix(*have.CidrBlock).Overlaps(added) {
				return nil, apiError("InvalidVpc.Range", "The CIDR '%s' is invalid", added)
			}
		}
		assoc := association(t, added.String())
		if t.opts.Looks > 0 {
			assoc.CidrBlockState.State = types.VpcCidrBlockStateCodeAssociating
			r.Looks = t.opts.Looks
		}
		r.V.CidrBlockAssociationSet = append(r.V.CidrBlockAssociationSet, assoc)
		for _, table := range t.ec2().RouteTables {
			if *table.V.VpcId == *in.VpcId {
				table.V.Routes = append(table.V.Routes, localRoute(added.String()))
			}
		}
		return &ec2.AssociateVpcCidrBlockOutput{VpcId: in.VpcId, CidrBlockAssociation: &assoc}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DisassociateVpcCidrBlockInput) (*ec2.DisassociateVpcCidrBlockOutput, error) {
		s := t.ec2()
		for _, v := range s.VPCs {
			i := slices.IndexFunc(v.V.CidrBlockAssociationSet, func(a types.VpcCidrBlockAssociation) bool {
				return *a.AssociationId == aws.ToString(in.AssociationId)
			})
			if i < 0 {
				continue
			}
			gone := v.V.CidrBlockAssociationSet[i]
			block := netip.MustParsePrefix(*gone.CidrBlock)
			switch {
			case *gone.CidrBlock == *v.V.CidrBlock:
				return nil, apiError("OperationNotPermitted", "The vpc CIDR block with association ID %s may not be disassociated. It is the primary IPv4 CIDR block of the VPC", *in.AssociationId)
			case slices.ContainsFunc(blocks(s.Subnets, func(n types.Subnet) bool { return *n.VpcId == *v.V.VpcId }), func(other string) bool {
				return block.Overlaps(netip.MustParsePrefix(other))
			}):
				return nil, apiError("InvalidCidrBlock.InUse", "The vpc %s currently has a subnet within CIDR block %s", *v.V.VpcId, block)
			}
			v.V.CidrBlockAssociationSet = slices.Delete(v.V.CidrBlockAssociationSet, i, i+1)
			for _, table := range s.RouteTables {
				table.V.Routes = slices.DeleteFunc(table.V.Routes, func(r types.Route) bool {
					return *table.V.VpcId == *v.V.VpcId && aws.ToString(r.GatewayId) == "local" && aws.ToString(r.DestinationCidrBlock) == block.String()
				})
			}
			return &ec2.DisassociateVpcCidrBlockOutput{VpcId: v.V.VpcId, CidrBlockAssociation: &gone}, nil
		}
		return nil, apiError("InvalidVpcCidrBlockAssociationID.NotFound", "The vpc CIDR block association ID '%s' does not exist", aws.ToString(in.AssociationId))
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteVpcInput) (*ec2.DeleteVpcOutput, error) {
		s, id := t.ec2(), aws.ToString(in.VpcId)
		r := vpcs.find(t, id)
		if r == nil {
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
		}
		t.ageENIs()
		busy := slices.ContainsFunc(s.Subnets, func(x *row[types.Subnet]) bool { return *x.V.VpcId == id }) ||
			slices.ContainsFunc(s.ACLs, func(x *row[types.NetworkAcl]) bool { return *x.V.VpcId == id && !*x.V.IsDefault }) ||
			slices.ContainsFunc(s.Groups, func(x *row[types.SecurityGroup]) bool { return *x.V.VpcId == id && *x.V.GroupName != "default" }) ||
			slices.ContainsFunc(s.RouteTables, func(x *row[types.RouteTable]) bool { return *x.V.VpcId == id && !isMain(x.V) }) ||
			slices.ContainsFunc(s.Endpoints, func(x *row[types.VpcEndpoint]) bool { return *x.V.VpcId == id }) ||
			slices.ContainsFunc(s.Interfaces, func(x *row[types.NetworkInterface]) bool { return *x.V.VpcId == id }) ||
			slices.ContainsFunc(s.InternetGateways, func(x *row[types.InternetGateway]) bool { return attachedTo(x.V, id) }) ||
			t.vpnGatewayOf(id) != nil
		if busy {
			return nil, apiError("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", id)
		}
		s.VPCs.drop(r)
		s.ACLs.dropAll(func(x *row[types.NetworkAcl]) bool { return *x.V.VpcId == id })
		s.Groups.dropAll(func(x *row[types.SecurityGroup]) bool { return *x.V.VpcId == id })
		s.RouteTables.dropAll(func(x *row[types.RouteTable]) bool { return *x.V.VpcId == id })
		delete(s.DNS, id)
		return &ec2.DeleteVpcOutput{}, nil
	})
}

// ageCIDRs is one look at all VPCs: ranges that were being added are there after some.
func (t *tx) ageCIDRs() {
	for _, r := range t.ec2().VPCs {
		if r.wait() {
			continue
		}
		for _, a := range r.V.CidrBlockAssociationSet {
			if a.CidrBlockState.State == types.VpcCidrBlockStateCodeAssociating {
				a.CidrBlockState.State = types.VpcCidrBlockStateCodeAssociated
			}
		}
	}
}

// notJoined says which ranges a VPC with addresses of one is not given, as AWS's table
// does (VPC User Guide, "IPv4 CIDR block association restrictions"). What is in no range is
// public, or of 100.64.0.0/10.
var notJoined = []struct {
	have  string
	added []string
}{
	{"10.0.0.0/8", []string{"172.16.0.0/12", "192.168.0.0/16", "198.19.0.0/16"}},
	{"10.0.0.0/15", []string{"10.0.0.0/16"}},
	{"172.16.0.0/12", []string{"10.0.0.0/8", "192.168.0.0/16", "172.31.0.0/16", "198.19.0.0/16"}},
	{"192.168.0.0/16", []string{"10.0.0.0/8", "172.16.0.0/12", "198.19.0.0/16"}},
	{"198.19.0.0/16", []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}},
	{"", []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.19.0.0/16"}},
}

// joins reports whether AWS adds a range to a VPC that has another.
func joins(have, added netip.Prefix) bool {
	known := false
	for _, row := range notJoined {
		if row.have == "" && known || row.have != "" && !netip.MustParsePrefix(row.have).Overlaps(have) {
			continue
		}
		known = true
		if slices.ContainsFunc(row.added, func(text string) bool { return netip.MustParsePrefix(text).Overlaps(added) }) {
			return false
		}
	}
	return true
}

func association(t *tx, cidr string) types.VpcCidrBlockAssociation {
	return types.VpcCidrBlockAssociation{
		AssociationId: aws.String(t.newID("vpc-cidr-assoc")), CidrBlock: aws.String(cidr),
		CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
	}
}

// flowFormat is what a flow log records when it is not told.
const flowFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"

func registerFlowLogs(a *Account) {
	opOn(creating(a, types.ResourceTypeVpcFlowLog), func(in *ec2.CreateFlowLogsInput) []types.TagSpecification { return in.TagSpecifications }, createFlowLogs)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeFlowLogsInput) (*ec2.DescribeFlowLogsOutput, error) {
		part, next, err := describe(t, flowLogs, in.FlowLogIds, in.Filter, in.NextToken, func(v *types.FlowLog) attributes {
			return attributes{"resource-id": {*v.ResourceId}, "log-group-name": {aws.ToString(v.LogGroupName)}, "traffic-type": {string(v.TrafficType)}}
		})
		return &ec2.DescribeFlowLogsOutput{FlowLogs: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteFlowLogsInput) (*ec2.DeleteFlowLogsOutput, error) {
		s, out := t.ec2(), &ec2.DeleteFlowLogsOutput{}
		for _, id := range in.FlowLogIds {
			f := flowLogs.find(t, id)
			if f == nil {
				out.Unsuccessful = append(out.Unsuccessful, notDone(id, "InvalidFlowLogId.NotFound", "The flow log "+id+" does not exist"))
				continue
			}
			s.FlowLogs.drop(f)
		}
		return out, nil
	})
}

// notDone is a refusal within an answer that is none.
func notDone(id, code, message string) types.UnsuccessfulItem {
	return types.UnsuccessfulItem{ResourceId: aws.String(id), Error: &types.UnsuccessfulItemError{Code: aws.String(code), Message: aws.String(message)}}
}

func createFlowLogs(t *tx, tags []types.Tag, in *ec2.CreateFlowLogsInput) (*ec2.CreateFlowLogsOutput, error) {
	s, out := t.ec2(), &ec2.CreateFlowLogsOutput{ClientToken: in.ClientToken}
	interval := int32(600)
	setTo(&interval, in.MaxAggregationInterval)
	role, group := aws.ToString(in.DeliverLogsPermissionArn), aws.ToString(in.LogGroupName)
	switch {
	case in.ResourceType != types.FlowLogsResourceTypeVpc || len(in.ResourceIds) != 1:
		return nil, apiError("InvalidParameter", "This account knows flow logs of one VPC")
	case interval != 60 && interval != 600:
		return nil, apiError("InvalidParameter", "MaxAggregationInterval must be 60 or 600")
	case in.LogDestinationType != types.LogDestinationTypeCloudWatchLogs || group == "" || role == "":
		return nil, apiError("InvalidParameter", "LogGroupName and DeliverLogsPermissionArn are needed to publish to CloudWatch Logs")
	case !t.assumable(role, "vpc-flow-logs.amazonaws.com", ""):
		return nil, apiError("InvalidParameter", "Unable to assume given IAM role")
	}
	vpc := in.ResourceIds[0]
	same := func(v types.FlowLog) bool {
		return *v.ResourceId == vpc && v.TrafficType == in.TrafficType && aws.ToString(v.LogGroupName) == group
	}
	if old, err := again(s.FlowLogs, in.ClientToken, same); old != nil || err != nil {
		if err != nil {
			return nil, err
		}
		out.FlowLogIds = []string{*old.FlowLogId}
		return out, nil
	}
	if vpcs.find(t, vpc) == nil {
		out.Unsuccessful = append(out.Unsuccessful, notDone(vpc, "InvalidVpcId.NotFound", "The vpc ID '"+vpc+"' does not exist"))
		return out, nil
	}
	if slices.ContainsFunc(s.FlowLogs, func(r *row[types.FlowLog]) bool { return same(r.V) }) {
		out.Unsuccessful = append(out.Unsuccessful, notDone(vpc, "FlowLogAlreadyExists", "Error. There is an existing Flow Log with the same configuration and log destination."))
		return out, nil
	}
	f := types.FlowLog{
		FlowLogId: aws.String(t.newID("fl")), ResourceId: &vpc, TrafficType: in.TrafficType, LogDestinationType: in.LogDestinationType, LogGroupName: &group,
		DeliverLogsPermissionArn: &role, MaxAggregationInterval: &interval, LogFormat: aws.String(flowFormat), Tags: tags, CreationTime: aws.Time(t.now),
		FlowLogStatus: aws.String("ACTIVE"), DeliverLogsStatus: aws.String("SUCCESS"),
	}
	r := &row[types.FlowLog]{V: f, meta: t.lagging(in.ClientToken)}
	s.FlowLogs.add(r)
	out.FlowLogIds = []string{*f.FlowLogId}
	return out, nil
}
