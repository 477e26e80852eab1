package sandbox

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	aclRules    = 20 // a direction, with the last deny
	lastACLRule = 32767
)

func allEntry(number int32, egress bool) types.NetworkAclEntry {
	return types.NetworkAclEntry{RuleNumber: aws.Int32(number), Egress: aws.Bool(egress), Protocol: aws.String("-1"), CidrBlock: aws.String("0.0.0.0/0"), RuleAction: types.RuleActionAllow}
}

// lastEntries are the denies at the end of every ACL.
func lastEntries() []types.NetworkAclEntry {
	in, out := allEntry(lastACLRule, false), allEntry(lastACLRule, true)
	in.RuleAction, out.RuleAction = types.RuleActionDeny, types.RuleActionDeny
	return []types.NetworkAclEntry{in, out}
}

func registerACL(a *Account) {
	opOn(creating(a, types.ResourceTypeNetworkAcl), func(in *ec2.CreateNetworkAclInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, in *ec2.CreateNetworkAclInput) (*ec2.CreateNetworkAclOutput, error) {
		s := t.ec2()
		if vpcs.find(t, aws.ToString(in.VpcId)) == nil {
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", aws.ToString(in.VpcId))
		}
		made, err := again(s.ACLs, in.ClientToken, func(v types.NetworkAcl) bool { return *v.VpcId == *in.VpcId })
		if made != nil || err != nil {
			return &ec2.CreateNetworkAclOutput{NetworkAcl: made}, err
		}
		if count(s.ACLs, func(v types.NetworkAcl) bool { return *v.VpcId == *in.VpcId }) >= inVPCQuota {
			return nil, apiError("NetworkAclLimitExceeded", "The maximum number of network ACLs has been reached.")
		}
		acl := types.NetworkAcl{NetworkAclId: aws.String(t.newID("acl")), VpcId: in.VpcId, IsDefault: aws.Bool(false), Tags: tags, Entries: lastEntries()}
		s.ACLs.add(&row[types.NetworkAcl]{V: acl, meta: t.lagging(in.ClientToken)})
		return &ec2.CreateNetworkAclOutput{NetworkAcl: &acl}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeNetworkAclsInput) (*ec2.DescribeNetworkAclsOutput, error) {
		part, next, err := describe(t, acls, in.NetworkAclIds, in.Filters, in.NextToken, func(v *types.NetworkAcl) attributes {
			subnets := each(v.Associations, func(as types.NetworkAclAssociation) string { return *as.SubnetId })
			return attributes{"vpc-id": {*v.VpcId}, "default": {boolText(*v.IsDefault)}, "association.subnet-id": subnets}
		})
		return &ec2.DescribeNetworkAclsOutput{NetworkAcls: part, NextToken: next}, err
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.CreateNetworkAclEntryInput) (*ec2.CreateNetworkAclEntryOutput, error) {
		entry := types.NetworkAclEntry{RuleNumber: in.RuleNumber, Egress: in.Egress, Protocol: in.Protocol, CidrBlock: in.CidrBlock, Ipv6CidrBlock: in.Ipv6CidrBlock, RuleAction: in.RuleAction, PortRange: in.PortRange, IcmpTypeCode: in.IcmpTypeCode}
		if err := checkEntry(&entry); err != nil {
			return nil, err
		}
		r, at, err := t.aclEntry(in.NetworkAclId, entry)
		if err != nil {
			return nil, err
		}
		others := slices.DeleteFunc(slices.Clone(r.V.Entries), func(e types.NetworkAclEntry) bool { return *e.Egress != *in.Egress })
		switch {
		case at >= 0:
			return nil, apiError("NetworkAclEntryAlreadyExists", "The network acl entry identified by %d already exists.", *in.RuleNumber)
		case len(others) >= aclRules:
			return nil, apiError("NetworkAclEntryLimitExceeded", "The maximum number of network acl entries has been reached.")
		}
		r.V.Entries = append(r.V.Entries, entry)
		return &ec2.CreateNetworkAclEntryOutput{}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.ReplaceNetworkAclEntryInput) (*ec2.ReplaceNetworkAclEntryOutput, error) {
		entry := types.NetworkAclEntry{RuleNumber: in.RuleNumber, Egress: in.Egress, Protocol: in.Protocol, CidrBlock: in.CidrBlock, Ipv6CidrBlock: in.Ipv6CidrBlock, RuleAction: in.RuleAction, PortRange: in.PortRange, IcmpTypeCode: in.IcmpTypeCode}
		if err := checkEntry(&entry); err != nil {
			return nil, err
		}
		r, at, err := t.aclEntry(in.NetworkAclId, entry)
		if err != nil {
			return nil, err
		}
		if at < 0 {
			return nil, apiError("InvalidNetworkAclEntry.NotFound", "The specified network ACL entry %d does not exist.", *in.RuleNumber)
		}
		r.V.Entries[at] = entry
		return &ec2.ReplaceNetworkAclEntryOutput{}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DeleteNetworkAclEntryInput) (*ec2.DeleteNetworkAclEntryOutput, error) {
		r, at, err := t.aclEntry(in.NetworkAclId, types.NetworkAclEntry{RuleNumber: in.RuleNumber, Egress: in.Egress})
		if err != nil {
			return nil, err
		}
		if at < 0 {
			return nil, apiError("InvalidNetworkAclEntry.NotFound", "The specified network ACL entry %d does not exist.", *in.RuleNumber)
		}
		r.V.Entries = slices.Delete(r.V.Entries, at, at+1)
		return &ec2.DeleteNetworkAclEntryOutput{}, nil
	})
	opOn(acls.on(a), func(in *ec2.ReplaceNetworkAclAssociationInput) *string { return in.NetworkAclId }, func(t *tx, to *row[types.NetworkAcl], in *ec2.ReplaceNetworkAclAssociationInput) (*ec2.ReplaceNetworkAclAssociationOutput, error) {
		for _, from := range t.ec2().ACLs {
			for i, as := range from.V.Associations {
				if *as.NetworkAclAssociationId == aws.ToString(in.AssociationId) {
					if *from.V.VpcId != *to.V.VpcId {
						return nil, apiError("InvalidParameterValue", "subnet %s and network acl %s belong to different networks", *as.SubnetId, *to.V.NetworkAclId)
					}
					from.V.Associations = slices.Delete(from.V.Associations, i, i+1)
					as.NetworkAclId, as.NetworkAclAssociationId = to.V.NetworkAclId, aws.String(t.newID("aclassoc"))
					to.V.Associations = append(to.V.Associations, as)
					return &ec2.ReplaceNetworkAclAssociationOutput{NewAssociationId: as.NetworkAclAssociationId}, nil
				}
			}
		}
		return nil, apiError("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", aws.ToString(in.AssociationId))
	})
	opChange[ec2.DeleteNetworkAclOutput](acls.on(a), func(in *ec2.DeleteNetworkAclInput) *string { return in.NetworkAclId }, func(t *tx, r *row[types.NetworkAcl], in *ec2.DeleteNetworkAclInput) error {
		switch {
		case *r.V.IsDefault:
			return apiError("InvalidParameterValue", "cannot delete default network ACL %s", *in.NetworkAclId)
		case len(r.V.Associations) > 0:
			return apiError("DependencyViolation", "The networkAcl '%s' has dependencies and cannot be deleted.", *in.NetworkAclId)
		}
		t.ec2().ACLs.drop(r)
		return nil
	})
}

// checkEntry refuses what EC2 refuses, and writes the ranges as EC2 does.
func checkEntry(e *types.NetworkAclEntry) error {
	invalid := func(name, value string) error {
		return apiError("InvalidParameterValue", "Value (%s) for parameter %s is invalid.", value, name)
	}
	protocol := aws.ToString(e.Protocol)
	if n, err := strconv.Atoi(protocol); err != nil || n < -1 || n > 255 {
		return invalid("protocol", protocol)
	}
	if (e.CidrBlock == nil) == (e.Ipv6CidrBlock == nil) {
		return apiError("InvalidParameterCombination", "exactly one of CidrBlock and Ipv6CidrBlock must be given")
	}
	for _, block := range []**string{&e.CidrBlock, &e.Ipv6CidrBlock} {
		if *block == nil {
			continue
		}
		cidr, err := netip.ParsePrefix(**block)
		if err != nil {
			return invalid("cidrBlock", **block)
		}
		*block = aws.String(cidr.Masked().String())
	}
	switch p := e.PortRange; {
	case (protocol == "6" || protocol == "17") && p == nil:
		return apiError("MissingParameter", "The request must contain the parameter PortRange")
	case (protocol == "1" || protocol == "58") && e.IcmpTypeCode == nil:
		return apiError("MissingParameter", "The request must contain the parameter Icmp.Type")
	case p != nil && (aws.ToInt32(p.From) < 0 || aws.ToInt32(p.To) > 65535 || aws.ToInt32(p.From) > aws.ToInt32(p.To)):
		return invalid("portRange", fmt.Sprintf("%d-%d", aws.ToInt32(p.From), aws.ToInt32(p.To)))
	}
	return nil
}

// aclEntry finds an ACL and, in it, the entry with the number and direction of e.
func (t *tx) aclEntry(id *string, e types.NetworkAclEntry) (*row[types.NetworkAcl], int, error) {
	r := acls.find(t, aws.ToString(id))
	if r == nil {
		return nil, 0, apiError("InvalidNetworkAclID.NotFound", "The networkAcl ID '%s' does not exist", aws.ToString(id))
	}
	if n := aws.ToInt32(e.RuleNumber); n < 1 || n >= lastACLRule {
		return nil, 0, apiError("InvalidParameterValue", "Value (%d) for parameter ruleNumber is invalid.", n)
	}
	return r, slices.IndexFunc(r.V.Entries, func(have types.NetworkAclEntry) bool {
		return *have.RuleNumber == *e.RuleNumber && *have.Egress == aws.ToBool(e.Egress)
	}), nil
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
