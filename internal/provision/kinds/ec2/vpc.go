package ec2

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// vpc is the one VPC of a region. Its default network ACL and default security
// group are part of it: AWS makes them, and nothing must ever be open by accident.
type vpc struct {
	ec2types.Vpc
	hostnames, support bool
	acl, group         string // rules of the defaults; asMade before they were read
	encrypted          bool   // new volumes of the account in the region
}

// asMade stands for rules that AWS put into a fresh default ACL or group.
const asMade = "as AWS makes it"

type wantVPC struct{ pools []netip.Prefix }

// VPCKind is the VPC of a region, with its address pools and default settings.
func VPCKind() *provision.Type {
	id := func(v *vpc) string { return aws.ToString(v.VpcId) }
	return provision.Define(provision.Kind[wantVPC, *vpc]{
		Name:          "ec2/vpc",
		ARN:           "ec2:vpc/",
		Levels:        provision.RegionLevel,
		Billing:       provision.Billing[wantVPC, *vpc]{Free: freeVPC},
		Impact:        provision.Impact[*vpc]{Stateless: true},
		NotIdempotent: true,
		Bears:         map[provision.Level]provision.Role{provision.RegionLevel: "vpc"},
		Want:          kit.OneOf("vpc", func(s *provision.Scope) wantVPC { return wantVPC{s.Addr.Pools()} }),
		Naming:        provision.Naming[wantVPC, *vpc]{Title: kit.Title(func(d wantVPC) string { return strings.Join(texts(d.pools), " ") })},
		List:          listVPCs,
		Describe:      describeVPC,
		ID:            id,
		Tags:          func(v *vpc) provision.Tags { return Tags.Of(v.Vpc.Tags) },
		State: func(v *vpc) provision.State {
			if v.Vpc.State == ec2types.VpcStatePending || v.joining() {
				return provision.Pending
			}
			return provision.Available
		},
		InUse: func(v *vpc) bool { return v.acl == "" && v.group == "" && v.hostnames },
		LostTags: func(s *provision.Step, _ wantVPC, other *vpc) bool {
			return slices.ContainsFunc(s.FoundOwn("ec2/subnet"), func(r *provision.Resource) bool {
				n, ok := r.Object.(*subnet)
				return ok && aws.ToString(n.VpcId) == id(other)
			})
		},
		Create: func(ctx context.Context, s *provision.Step, d wantVPC) (*vpc, error) {
			in := &ec2.CreateVpcInput{
				CidrBlock: aws.String(d.pools[0].String()), TagSpecifications: Tagged(s, ec2types.ResourceTypeVpc),
			}
			return kit.Get(ctx, s.API.EC2.CreateVpc, in, func(o *ec2.CreateVpcOutput) *vpc { return &vpc{Vpc: *o.Vpc, support: true, acl: asMade, group: asMade} })
		},
		Delete: kit.Delete(ofEC2, awsapi.EC2.DeleteVpc, func(v *vpc, in *ec2.DeleteVpcInput) { in.VpcId = v.VpcId }),
		Retag:  Retag(id),
		Removal: provision.Removal[*vpc]{
			Blockers: func(ctx context.Context, s *provision.Step, v *vpc) (string, error) { return leftInVPC(ctx, s, id(v)) },
			WaitFor:  occupiedBy(func(v *vpc) *string { return v.VpcId }, func(*vpc, nic) bool { return true }),
		},
		Timing: provision.Timing{Usual: 500 * time.Millisecond, DeleteTimeout: networkPatience}, // Terraform's logs say 1 to 2 s, the settings of a VPC included
		Facts: func(v *vpc) []provision.Fact {
			cidrs := append([]string{aws.ToString(v.CidrBlock)}, slices.Sorted(maps.Keys(v.secondary()))...)
			return []provision.Fact{{Name: "CIDR", Value: strings.Join(cidrs, " ")}}
		},
		Limits: provision.Limits[wantVPC, *vpc]{
			Needed: takenByVPC,
			Used: func(_ *provision.Inventory, _ string, v *vpc) []provision.Take {
				return []provision.Take{{Quota: vpcQuota, Now: 1}, {Quota: rangesQuota, Place: id(v), Now: 1 + len(v.secondary())}}
			},
		},
		Fields: []provision.Field[wantVPC, *vpc]{
			kit.Immutable("CIDR", kit.Wanted(func(d wantVPC) string { return d.pools[0].String() }), func(v *vpc) string { return aws.ToString(v.CidrBlock) },
				"a VPC's primary CIDR cannot be changed; set pools in the configuration back to it"),
			kit.Settable("default network ACL", kit.Const[wantVPC](""), func(v *vpc) string { return v.acl }, emptyDefaultACL),
			kit.Settable("default security group", kit.Const[wantVPC](""), func(v *vpc) string { return v.group }, emptyDefaultGroup),
			kit.Settable("secondary CIDRs", kit.Wanted(func(d wantVPC) string { return kit.Lines(texts(d.pools[1:])) }),
				func(v *vpc) string { return kit.Lines(slices.Sorted(maps.Keys(v.secondary()))) }, setPools),
			vpcSwitch("DNS support", func(v *vpc) bool { return v.support }, ec2.ModifyVpcAttributeInput{EnableDnsSupport: &on}),
			vpcSwitch("DNS hostnames", func(v *vpc) bool { return v.hostnames }, ec2.ModifyVpcAttributeInput{EnableDnsHostnames: &on}),
			// A setting of the account in the region, which has no tags: the VPC is what a region
			// has one of. Others' volumes count on it, so that it is never switched off. The
			// default key stays what it is: our own volumes name theirs.
			kit.Settable("EBS encryption by default", kit.Const[wantVPC]("on"), func(v *vpc) string { return kit.OnOff(v.encrypted) },
				kit.Set(ofEC2, awsapi.EC2.EnableEbsEncryptionByDefault, func(*provision.Step, wantVPC, *vpc, *ec2.EnableEbsEncryptionByDefaultInput) {})),
		},
	})
}

var (
	vpcQuota    = &provision.Quota{Service: "vpc", Code: "L-F678F1CE", Name: "VPCs per region"}
	rangesQuota = &provision.Quota{Service: "vpc", Code: "L-83CA0A9D", Name: "IPv4 CIDRs per VPC"}
)

// takenByVPC is what a VPC with the pools takes; one that is there, for those that it lacks.
func takenByVPC(_ *provision.Scope, _ provision.Role, d wantVPC, have **vpc) []provision.Take {
	if have == nil {
		takes := []provision.Take{{Quota: vpcQuota, Now: 1}}
		if len(d.pools) > 1 { // one always fits
			takes = append(takes, provision.Take{Quota: rangesQuota, Now: len(d.pools)})
		}
		return takes
	}
	added := 0
	for _, pool := range texts(d.pools[1:]) {
		if _, there := (*have).secondary()[pool]; !there {
			added++
		}
	}
	return []provision.Take{{Quota: rangesQuota, Place: aws.ToString((*have).VpcId), Now: added}}
}

var on = ec2types.AttributeBooleanValue{Value: aws.Bool(true)}

// vpcSwitch is an attribute of the VPC that is on.
func vpcSwitch(name string, have func(*vpc) bool, change ec2.ModifyVpcAttributeInput) provision.Field[wantVPC, *vpc] {
	return kit.Settable(name, kit.Const[wantVPC]("on"), func(v *vpc) string { return kit.OnOff(have(v)) },
		kit.Set(ofEC2, awsapi.EC2.ModifyVpcAttribute, func(_ *provision.Step, _ wantVPC, v *vpc, in *ec2.ModifyVpcAttributeInput) {
			*in = change
			in.VpcId = v.VpcId
		}))
}

func texts(pools []netip.Prefix) []string { return kit.Texts(pools, netip.Prefix.String) }

// joining reports whether a CIDR is being added: there are no subnets in it before that
// is over (VPC User Guide, "VPC CIDR blocks": "ready for you to use when it's in the
// associated state").
func (v *vpc) joining() bool {
	return slices.ContainsFunc(v.CidrBlockAssociationSet, func(a ec2types.VpcCidrBlockAssociation) bool {
		return a.CidrBlockState != nil && a.CidrBlockState.State == ec2types.VpcCidrBlockStateCodeAssociating
	})
}

// unjoined are the states of a CIDR that the VPC does not have, or soon no longer has.
var unjoined = []ec2types.VpcCidrBlockStateCode{
	ec2types.VpcCidrBlockStateCodeDisassociating, ec2types.VpcCidrBlockStateCodeDisassociated, ec2types.VpcCidrBlockStateCodeFailing, ec2types.VpcCidrBlockStateCodeFailed,
}

// secondary maps the CIDRs beside the primary one to their associations.
func (v *vpc) secondary() map[string]string {
	out := map[string]string{}
	for _, a := range v.CidrBlockAssociationSet {
		gone := a.CidrBlockState != nil && slices.Contains(unjoined, a.CidrBlockState.State)
		if cidr := aws.ToString(a.CidrBlock); cidr != aws.ToString(v.CidrBlock) && !gone {
			out[cidr] = aws.ToString(a.AssociationId)
		}
	}
	return out
}

// setPools adds the pools that are missing and takes away CIDRs that are none: no
// network ACL would keep the clients apart there.
func setPools(ctx context.Context, s *provision.Step, d wantVPC, v *vpc) error {
	have := v.secondary()
	for _, pool := range texts(d.pools[1:]) {
		_, there := have[pool]
		delete(have, pool)
		if there {
			continue
		}
		out, err := s.API.EC2.AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: v.VpcId, CidrBlock: aws.String(pool)})
		if err != nil {
			return err
		}
		if out.CidrBlockAssociation != nil { // what is being added now is waited for
			v.CidrBlockAssociationSet = append(v.CidrBlockAssociationSet, *out.CidrBlockAssociation)
		}
	}
	for _, cidr := range slices.Sorted(maps.Keys(have)) {
		err := kit.Do(ctx, s.API.EC2.DisassociateVpcCidrBlock, &ec2.DisassociateVpcCidrBlockInput{AssociationId: aws.String(have[cidr])})
		if awsapi.Is(err, awsapi.InUse) {
			// Not %w: waiting would not help.
			return lang.Errorf("%s has subnets but is not among the pools of the configuration; add it, or empty it first (%v)", cidr, err)
		}
		if awsapi.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

func listVPCs(ctx context.Context, w *provision.Sweep) ([]*vpc, error) {
	all, err := allVPCs(ctx, w)
	return kit.Map(all, err, func(v ec2types.Vpc) *vpc { return &vpc{Vpc: v} })
}

// allVPCs lists every VPC of the region once a sweep: names of security groups are
// taken in ours only.
func allVPCs(ctx context.Context, w *provision.Sweep) ([]ec2types.Vpc, error) {
	return kit.Shared(ctx, w, "VPCs", ec2.NewDescribeVpcsPaginator(w.EC2, &ec2.DescribeVpcsInput{}),
		func(o *ec2.DescribeVpcsOutput) []ec2types.Vpc { return o.Vpcs })
}

func describeVPC(ctx context.Context, w *provision.Sweep, v *vpc) error {
	acls, err := networkACLs(ctx, w)
	if err != nil {
		return err
	}
	groups, err := securityGroups(ctx, w)
	if err != nil {
		return err
	}
	for _, acl := range acls {
		if aws.ToBool(acl.IsDefault) && aws.ToString(acl.VpcId) == aws.ToString(v.VpcId) {
			v.acl = kit.Lines(append(kit.Prefixed("in ", aclLines(acl.Entries, false)), kit.Prefixed("out ", aclLines(acl.Entries, true))...))
		}
	}
	for _, g := range groups {
		if aws.ToString(g.GroupName) == "default" && aws.ToString(g.VpcId) == aws.ToString(v.VpcId) {
			v.group = kit.Lines(append(permissionLines(word(false), g.IpPermissions), permissionLines(word(true), g.IpPermissionsEgress)...))
		}
	}
	for _, read := range []struct {
		name ec2types.VpcAttributeName
		into *bool
	}{{ec2types.VpcAttributeNameEnableDnsHostnames, &v.hostnames}, {ec2types.VpcAttributeNameEnableDnsSupport, &v.support}} {
		out, err := w.EC2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: v.VpcId, Attribute: read.name})
		if err != nil {
			return err
		}
		if value := cmp.Or(out.EnableDnsHostnames, out.EnableDnsSupport); value != nil {
			*read.into = aws.ToBool(value.Value)
		}
	}
	out, err := w.EC2.GetEbsEncryptionByDefault(ctx, &ec2.GetEbsEncryptionByDefaultInput{})
	if err == nil {
		v.encrypted = aws.ToBool(out.EbsEncryptionByDefault)
	}
	return err
}

// emptyDefaultACL removes every rule: what is then associated with no ACL of ours
// can neither send nor receive.
func emptyDefaultACL(ctx context.Context, s *provision.Step, _ wantVPC, v *vpc) error {
	acl, err := defaultACL(ctx, s, aws.ToString(v.VpcId))
	if err != nil {
		return err
	}
	for _, e := range acl.Entries {
		if aws.ToInt32(e.RuleNumber) > lastRule {
			continue
		}
		if err := (aclChange{entry: e, remove: true}).apply(ctx, s, acl.NetworkAclId); err != nil {
			return err
		}
	}
	return nil
}

// defaultACL reads the ACL that a VPC was made with.
func defaultACL(ctx context.Context, s *provision.Step, vpcID string) (ec2types.NetworkAcl, error) {
	found, err := aclsBy(ctx, s.API.EC2, filter("vpc-id", vpcID), filter("default", "true"))
	if err == nil && len(found) == 0 {
		err = kit.Unseen("the default network ACL of " + vpcID)
	}
	if err != nil {
		return ec2types.NetworkAcl{}, err
	}
	return found[0], nil
}

func emptyDefaultGroup(ctx context.Context, s *provision.Step, _ wantVPC, v *vpc) error {
	listed, err := groupsBy(ctx, s.API.EC2, filter("vpc-id", aws.ToString(v.VpcId)), filter("group-name", "default"))
	if err != nil {
		return err
	}
	for _, g := range listed {
		if err := revokeAll(ctx, s, g); err != nil {
			return err
		}
	}
	return nil
}
