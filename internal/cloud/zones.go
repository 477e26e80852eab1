package cloud

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// zonesInUse is how many availability zones a region's subnets are spread over: the
// document's three /21 of a client have one each.
const zonesInUse = 3

// Zones are the three AZs in use of a region, in slot order: those that the subnets there
// are in, and in a region that has none the lowest available ones. The error is about
// fewer than three.
func (o *Operator) Zones(ctx context.Context, api *awsapi.Set) ([]provision.Zone, error) {
	told, placed, err := zonesAndSubnets(ctx, api)
	if err != nil {
		return nil, err
	}
	return chooseZones(told, placed, api.Region)
}

// ClientsAndZones are the clients of a region, and the AZs in use there.
func (o *Operator) ClientsAndZones(ctx context.Context, region string) (clients []Client, zones []provision.Zone, err error) {
	told, placed, err := zonesAndSubnets(ctx, o.Factory.Set(region))
	if err != nil {
		return nil, nil, err
	}
	if clients, err = o.clientsIn(region, placed); err != nil {
		return nil, nil, err
	}
	zones, err = chooseZones(told, placed, region)
	return clients, zones, err
}

// zonesAndSubnets are what the choice of zones rests on.
func zonesAndSubnets(ctx context.Context, api *awsapi.Set) (told []ec2types.AvailabilityZone, placed []ec2types.Subnet, err error) {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { told, err = availabilityZones(ctx, api); return })
	g.Go(func() (err error) { placed, err = ownSubnets(ctx, api); return })
	err = g.Wait() // before the two are read
	return told, placed, err
}

// ownSubnets lists what carries cicdctl's tags in a region: of its clients, and what they share.
func ownSubnets(ctx context.Context, api *awsapi.Set) ([]ec2types.Subnet, error) {
	var out []ec2types.Subnet
	in := &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{
		{Name: aws.String("tag:" + provision.TagManagedBy), Values: []string{provision.ManagedBy}},
		{Name: aws.String("tag:" + provision.TagRegion), Values: []string{api.Region}},
	}}
	for p := ec2.NewDescribeSubnetsPaginator(api.EC2, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("list the clients of %s: %w", api.Region, err)
		}
		out = append(out, page.Subnets...)
	}
	return out, nil
}

// availabilityZones are those of a region that the account has, in whatever state, without
// local zones and the like.
func availabilityZones(ctx context.Context, api *awsapi.Set) ([]ec2types.AvailabilityZone, error) {
	out, err := api.EC2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return nil, lang.Errorf("list the availability zones of %s: %w", api.Region, err)
	}
	return slices.DeleteFunc(out.AvailabilityZones, func(z ec2types.AvailabilityZone) bool {
		local := z.ZoneType != nil && aws.ToString(z.ZoneType) != "availability-zone"
		return local || z.OptInStatus == ec2types.AvailabilityZoneOptInStatusNotOptedIn
	}), nil
}

// chooseZones settles which AZs are in use. A subnet stays where it is for good: where there
// are some, neither a zone in trouble nor one that AWS has added changes the answer. The
// subnets that clients share come first, then those of clients; letters that no subnet has
// yet get the lowest zones that are left, available ones before others.
func chooseZones(told []ec2types.AvailabilityZone, placed []ec2types.Subnet, region string) ([]provision.Zone, error) {
	var known, free []provision.Zone
	for _, z := range told {
		zone := provision.Zone{Name: aws.ToString(z.ZoneName), ID: aws.ToString(z.ZoneId)}
		if z.State == ec2types.AvailabilityZoneStateImpaired || z.State == ec2types.AvailabilityZoneStateUnavailable || z.State == ec2types.AvailabilityZoneStateConstrained {
			zone.State = string(z.State)
		}
		known = append(known, zone)
		if z.State == ec2types.AvailabilityZoneStateAvailable {
			free = append(free, zone)
		}
	}
	byID := func(a, b provision.Zone) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(free, byID)
	inUse, some := zonesOfSubnets(known, placed)
	if some {
		slices.SortFunc(known, byID)
		free = append(free, known...)
	}
	for i := range inUse {
		for _, z := range free {
			if inUse[i].ID == "" && !slices.ContainsFunc(inUse, func(taken provision.Zone) bool { return taken.ID == z.ID }) {
				inUse[i] = z
			}
		}
	}
	if slices.ContainsFunc(inUse, func(z provision.Zone) bool { return z.ID == "" }) {
		return nil, lang.Errorf("%w in %s: %v", errNoZones, region, zoneNames(free))
	}
	return inUse, nil
}

// zonesOfSubnets are the zones that subnets are in, by the letter of their role; the zone of a
// letter without one is empty. Some is false when there is none at all.
func zonesOfSubnets(known []provision.Zone, placed []ec2types.Subnet) (zones []provision.Zone, some bool) {
	zones = make([]provision.Zone, zonesInUse)
	placed = slices.Clone(placed)
	slices.SortStableFunc(placed, func(a, b ec2types.Subnet) int {
		return cmp.Or(
			// "region" is after "client".
			strings.Compare(Tag(b.Tags, provision.TagScope), Tag(a.Tags, provision.TagScope)),
			strings.Compare(Tag(a.Tags, provision.TagClient), Tag(b.Tags, provision.TagClient)),
			strings.Compare(aws.ToString(a.SubnetId), aws.ToString(b.SubnetId)),
		)
	})
	for _, s := range placed {
		if Tag(s.Tags, provision.TagManagedBy) != provision.ManagedBy || s.CidrBlock == nil {
			continue
		}
		letter := strings.TrimPrefix(Tag(s.Tags, provision.TagRole), "edge-")
		zone := provision.Zone{Name: aws.ToString(s.AvailabilityZone), ID: aws.ToString(s.AvailabilityZoneId)}
		if i := slices.IndexFunc(known, func(z provision.Zone) bool { return z.ID == zone.ID }); i >= 0 {
			zone = known[i]
		} else if zone.ID == "" {
			continue
		} else {
			zone.State = string(ec2types.AvailabilityZoneStateUnavailable) // the account has it no more
		}
		for i := range zones {
			if letter == string(rune('a'+i)) && zones[i].ID == "" && !slices.ContainsFunc(zones, func(taken provision.Zone) bool { return taken.ID == zone.ID }) {
				zones[i], some = zone, true
			}
		}
	}
	return zones, some
}
