package cloud

import (
	"context"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Account makes the outermost scope, without those whom it trusts.
func (o *Operator) Account(ctx context.Context) (*provision.Scope, error) {
	id, err := o.Identity(ctx)
	if err != nil {
		return nil, err
	}
	return &provision.Scope{
		Level: provision.AccountLevel, Partition: id.Partition, Account: id.Account, Region: o.cfg.AdminRegion,
		API: o.Factory.Set(o.cfg.AdminRegion), GitLab: o.cfg.GitLab, Addr: o.Addr, NewKey: o.newKey, AccessLogDays: o.cfg.accessLogDays(),
		AlarmEmails: o.cfg.AlarmEmails, NoTrailAlarms: o.cfg.NoTrailAlarms, Version: o.Release(),
	}, nil
}

// Within makes a scope inside another.
func (o *Operator) Within(outer *provision.Scope, level provision.Level, region, client string) *provision.Scope {
	s := *outer
	s.Level, s.Region, s.Client, s.Outer, s.API = level, region, client, outer, o.Factory.Set(region)
	return &s
}

// OrganizationTrail finds a trail of the account's organisation: it records what the
// account's own would, and a second copy of the events is billed.
func OrganizationTrail(ctx context.Context, account *provision.Scope) (string, error) {
	out, err := account.API.CloudTrail.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil {
		return "", lang.Errorf("look for a trail of the organisation: %w", err)
	}
	for _, t := range out.TrailList {
		if aws.ToBool(t.IsOrganizationTrail) && aws.ToBool(t.IsMultiRegionTrail) {
			return aws.ToString(t.TrailARN), nil
		}
	}
	return "", nil
}

// subnets lists the subnets of the region's VPC, whoever owns them. It asks as the kinds do, so
// that a look remembers what it was told.
func subnets(ctx context.Context, region *provision.Scope) ([]ec2types.Subnet, error) {
	var vpcs []string
	for p := ec2.NewDescribeVpcsPaginator(region.API.EC2, &ec2.DescribeVpcsInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("list the VPC of %s: %w", region.Region, err)
		}
		for _, v := range page.Vpcs {
			if Tag(v.Tags, provision.TagManagedBy) == provision.ManagedBy && Tag(v.Tags, provision.TagRegion) == region.Region {
				vpcs = append(vpcs, aws.ToString(v.VpcId))
			}
		}
	}
	if len(vpcs) == 0 {
		return nil, nil
	}
	var out []ec2types.Subnet
	for p := ec2.NewDescribeSubnetsPaginator(region.API.EC2, &ec2.DescribeSubnetsInput{}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("list the subnets of %s: %w", region.Region, err)
		}
		for _, s := range page.Subnets {
			if slices.Contains(vpcs, aws.ToString(s.VpcId)) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// Tag is the value of a tag, empty where there is none.
func Tag(tags []ec2types.Tag, key string) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// slot finds the client's place: where its first subnet is, or the lowest free one.
func (o *Operator) slot(client string, region string, all []ec2types.Subnet) (cidr.Slot, error) {
	var used []netip.Prefix
	var own cidr.Slot
	for _, s := range all {
		if s.CidrBlock == nil {
			continue // IPv6 only: it takes no place
		}
		prefix, err := netip.ParsePrefix(aws.ToString(s.CidrBlock))
		if err != nil {
			return own, lang.Errorf("AWS says that subnet %s is %q: %w", aws.ToString(s.SubnetId), aws.ToString(s.CidrBlock), err)
		}
		used = append(used, prefix)
		if Tag(s.Tags, provision.TagManagedBy) != provision.ManagedBy || Tag(s.Tags, provision.TagClient) != client {
			continue
		}
		at, _, ok := o.Addr.SlotOf(prefix)
		if !ok {
			return own, Guardf("subnet %s (%s) carries %s's tags but lies outside the pools of the configuration: add its /16 to pools", aws.ToString(s.SubnetId), prefix, client)
		}
		if own.IsZero() || Tag(s.Tags, provision.TagRole) == leader {
			own = at
		}
	}
	if !own.IsZero() {
		return own, nil
	}
	free, ok := o.Addr.Lowest(used)
	if !ok {
		return own, &NoSlotError{Region: region, Slots: len(o.Addr.Slots()), Pools: o.Addr.Pools(), Another: o.Addr.Another()}
	}
	return free, nil
}

// leader is the role of the subnet whose creation takes the slot.
const leader = "a"

// scopes makes the three scopes of a client that is to be built.
func (o *Operator) scopes(ctx context.Context, s *spec.Spec) ([]*provision.Scope, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	region := o.Within(account, provision.RegionLevel, s.Region, "")
	client := o.Within(region, provision.ClientLevel, s.Region, s.Client)
	var all []ec2types.Subnet
	var told []ec2types.AvailabilityZone
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { account.Trusted, err = o.admitted(ctx, account); return })
	g.Go(func() (err error) { account.OrganizationTrail, err = OrganizationTrail(ctx, account); return })
	g.Go(func() (err error) { told, err = availabilityZones(ctx, region.API); return })
	g.Go(func() (err error) { all, err = subnets(ctx, region); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if region.Zones, err = chooseZones(told, all, s.Region); err != nil {
		return nil, err
	}
	if client.Slot, err = o.slot(s.Client, s.Region, all); err != nil {
		return nil, err
	}
	region.Trusted, client.Trusted = account.Trusted, account.Trusted
	client.Zones = region.Zones
	region.NAT, client.NAT, client.Spec = s.Network.NAT, s.Network.NAT, s
	region.VPN = len(s.VPN.Sites()) > 0
	return []*provision.Scope{account, region, client}, nil
}
