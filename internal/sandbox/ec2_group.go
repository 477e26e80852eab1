package sandbox

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const groupRules = 60

func anywhere() types.IpPermission {
	return types.IpPermission{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}
}

func registerGroup(a *Account) {
	opOn(creating(a, types.ResourceTypeSecurityGroup), func(in *ec2.CreateSecurityGroupInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, in *ec2.CreateSecurityGroupInput) (*ec2.CreateSecurityGroupOutput, error) {
		s := t.ec2()
		if vpcs.find(t, aws.ToString(in.VpcId)) == nil {
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
		}
		name := aws.ToString(in.GroupName)
		if len(name) > 255 || strings.HasPrefix(name, "sg-") {
			return nil, apiError("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid.", name)
		}
		for _, g := range s.Groups {
			if *g.V.VpcId == *in.VpcId && strings.EqualFold(*g.V.GroupName, name) {
				return nil, apiError("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, *in.VpcId)
			}
		}
		g := types.SecurityGroup{
			GroupId: aws.String(t.newID("sg")), GroupName: in.GroupName, Description: in.Description, VpcId: in.VpcId, OwnerId: aws.String(t.opts.ID),
			Tags: tags, IpPermissionsEgress: []types.IpPermission{anywhere()},
		}
		s.Groups.add(&row[types.SecurityGroup]{V: g})
		return &ec2.CreateSecurityGroupOutput{GroupId: g.GroupId, Tags: tags}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeSecurityGroupsInput) (*ec2.DescribeSecurityGroupsOutput, error) {
		all, err := describeAll(t, securityGroups, in.GroupIds, in.Filters, func(v *types.SecurityGroup) attributes {
			return attributes{
				"vpc-id": {*v.VpcId}, "group-name": {*v.GroupName}, "group-id": {*v.GroupId}, "description": {aws.ToString(v.Description)},
				"ip-permission.group-id": named(v.IpPermissions), "egress.ip-permission.group-id": named(v.IpPermissionsEgress),
			}
		})
		if err != nil {
			return nil, err
		}
		for i := range all {
			all[i].IpPermissions, all[i].IpPermissionsEgress = t.merged(all[i].IpPermissions), t.merged(all[i].IpPermissionsEgress)
		}
		part, next, err := page(t, all, in.NextToken)
		return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.AuthorizeSecurityGroupIngressInput) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
		return &ec2.AuthorizeSecurityGroupIngressOutput{Return: aws.Bool(true)}, t.authorize(in.GroupId, in.IpPermissions, false)
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.AuthorizeSecurityGroupEgressInput) (*ec2.AuthorizeSecurityGroupEgressOutput, error) {
		return &ec2.AuthorizeSecurityGroupEgressOutput{Return: aws.Bool(true)}, t.authorize(in.GroupId, in.IpPermissions, true)
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.RevokeSecurityGroupIngressInput) (*ec2.RevokeSecurityGroupIngressOutput, error) {
		return &ec2.RevokeSecurityGroupIngressOutput{Return: aws.Bool(true)}, t.revoke(in.GroupId, in.IpPermissions, false)
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.RevokeSecurityGroupEgressInput) (*ec2.RevokeSecurityGroupEgressOutput, error) {
		return &ec2.RevokeSecurityGroupEgressOutput{Return: aws.Bool(true)}, t.revoke(in.GroupId, in.IpPermissions, true)
	})
	opOn(securityGroups.on(a), func(in *ec2.DeleteSecurityGroupInput) *string { return in.GroupId }, func(t *tx, g *row[types.SecurityGroup], in *ec2.DeleteSecurityGroupInput) (*ec2.DeleteSecurityGroupOutput, error) {
		s, id := t.ec2(), aws.ToString(in.GroupId)
		if *g.V.GroupName == "default" {
			return nil, apiError("CannotDelete", "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", id)
		}
		t.ageENIs()
		used := slices.ContainsFunc(s.Interfaces, func(x *row[types.NetworkInterface]) bool {
			return slices.ContainsFunc(x.V.Groups, func(gi types.GroupIdentifier) bool { return *gi.GroupId == id })
		})
		for _, other := range s.Groups {
			for _, p := range split(append(slices.Clone(other.V.IpPermissions), other.V.IpPermissionsEgress...)) {
				named := len(p.UserIdGroupPairs) > 0 && aws.ToString(p.UserIdGroupPairs[0].GroupId) == id
				used = used || named && other != g
			}
		}
		if used {
			return nil, apiError("DependencyViolation", "resource %s has a dependent object", id)
		}
		s.Groups.drop(g)
		return &ec2.DeleteSecurityGroupOutput{}, nil
	})
}

// named lists the groups that rules speak of.
func named(permissions []types.IpPermission) []string {
	ids := []string{}
	for _, p := range permissions {
		ids = append(ids, each(p.UserIdGroupPairs, func(g types.UserIdGroupPair) string { return aws.ToString(g.GroupId) })...)
	}
	return ids
}

// merged is how EC2 shows rules: one permission for each protocol and port range,
// with all sources, and the owner of each group.
func (t *tx) merged(permissions []types.IpPermission) []types.IpPermission {
	var out []types.IpPermission
	for _, p := range clone(permissions) {
		for i := range p.UserIdGroupPairs {
			p.UserIdGroupPairs[i].UserId = aws.String(t.opts.ID)
		}
		at := slices.IndexFunc(out, func(q types.IpPermission) bool { return portsID(q) == portsID(p) })
		if at < 0 {
			out = append(out, p)
			continue
		}
		out[at].IpRanges = append(out[at].IpRanges, p.IpRanges...)
		out[at].Ipv6Ranges = append(out[at].Ipv6Ranges, p.Ipv6Ranges...)
		out[at].PrefixListIds = append(out[at].PrefixListIds, p.PrefixListIds...)
		out[at].UserIdGroupPairs = append(out[at].UserIdGroupPairs, p.UserIdGroupPairs...)
	}
	return out
}

// normal writes a rule as EC2 keeps it, and refuses what EC2 refuses.
func normal(p types.IpPermission) (types.IpPermission, error) {
	if name, known := map[string]string{"6": "tcp", "17": "udp", "1": "icmp", "all": "-1"}[aws.ToString(p.IpProtocol)]; known {
		p.IpProtocol = aws.String(name)
	}
	switch protocol := aws.ToString(p.IpProtocol); protocol {
	case "-1":
		p.FromPort, p.ToPort = nil, nil
	case "tcp", "udp":
		if p.FromPort == nil || p.ToPort == nil || *p.FromPort < 0 || *p.ToPort > 65535 || *p.FromPort > *p.ToPort {
			return p, apiError("InvalidParameterValue", "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")
		}
	case "icmp", "icmpv6":
	default:
		if n, err := strconv.Atoi(protocol); err != nil || n < 0 || n > 255 {
			return p, apiError("InvalidParameterValue", "Invalid value '%s' for IP protocol. Unknown protocol.", protocol)
		}
	}
	for _, r := range p.IpRanges {
		if cidr, err := netip.ParsePrefix(aws.ToString(r.CidrIp)); err != nil || !cidr.Addr().Is4() {
			return p, apiError("InvalidParameterValue", "CIDR block %s is malformed", aws.ToString(r.CidrIp))
		}
	}
	return p, nil
}

// split makes one permission for each source or destination.
func split(permissions []types.IpPermission) []types.IpPermission {
	var out []types.IpPermission
	for _, p := range permissions {
		for _, r := range p.IpRanges {
			out = append(out, types.IpPermission{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort, IpRanges: []types.IpRange{r}})
		}
		for _, r := range p.Ipv6Ranges {
			out = append(out, types.IpPermission{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort, Ipv6Ranges: []types.Ipv6Range{r}})
		}
		for _, l := range p.PrefixListIds {
			out = append(out, types.IpPermission{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort, PrefixListIds: []types.PrefixListId{l}})
		}
		for _, g := range p.UserIdGroupPairs {
			out = append(out, types.IpPermission{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort, UserIdGroupPairs: []types.UserIdGroupPair{g}})
		}
	}
	return out
}

// ruleID is what makes two rules the same: everything but the description.
func ruleID(p types.IpPermission) string {
	id := portsID(p)
	for _, r := range p.IpRanges {
		id += aws.ToString(r.CidrIp)
	}
	for _, r := range p.Ipv6Ranges {
		id += aws.ToString(r.CidrIpv6)
	}
	for _, l := range p.PrefixListIds {
		id += aws.ToString(l.PrefixListId)
	}
	for _, g := range p.UserIdGroupPairs {
		id += aws.ToString(g.GroupId)
	}
	return id
}

func portsID(p types.IpPermission) string {
	return fmt.Sprintf("%s %d-%d ", aws.ToString(p.IpProtocol), aws.ToInt32(p.FromPort), aws.ToInt32(p.ToPort))
}

func (t *tx) permissions(id *string, egress bool) (*[]types.IpPermission, error) {
	g := securityGroups.find(t, aws.ToString(id))
	if g == nil {
		return nil, apiError("InvalidGroup.NotFound", "The security group '%s' does not exist", aws.ToString(id))
	}
	if egress {
		return &g.V.IpPermissionsEgress, nil
	}
	return &g.V.IpPermissions, nil
}

func (t *tx) authorize(id *string, added []types.IpPermission, egress bool) error {
	have, err := t.permissions(id, egress)
	if err != nil {
		return err
	}
	all := split(*have)
	own := securityGroups.find(t, aws.ToString(id))
	for _, p := range split(added) {
		if p, err = normal(p); err != nil {
			return err
		}
		for _, g := range p.UserIdGroupPairs {
			if peer := securityGroups.find(t, aws.ToString(g.GroupId)); peer == nil || *peer.V.VpcId != *own.V.VpcId {
				return apiError("InvalidGroup.NotFound", "The security group '%s' does not exist", aws.ToString(g.GroupId))
			}
		}
		if slices.ContainsFunc(all, func(old types.IpPermission) bool { return ruleID(old) == ruleID(p) }) {
			return apiError("InvalidPermission.Duplicate", "the specified rule \"%s\" already exists", ruleID(p))
		}
		all = append(all, p)
	}
	if len(all) > groupRules {
		return apiError("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
	}
	*have = all
	return nil
}

func (t *tx) revoke(id *string, gone []types.IpPermission, egress bool) error {
	have, err := t.permissions(id, egress)
	if err != nil {
		return err
	}
	all := split(*have)
	for _, p := range split(gone) {
		if p, err = normal(p); err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(old types.IpPermission) bool { return ruleID(old) == ruleID(p) })
		if i < 0 {
			return apiError("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		all = slices.Delete(all, i, i+1)
	}
	*have = all
	return nil
}
