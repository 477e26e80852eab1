package cloud

import (
	"context"
	"maps"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Client is one client as AWS's tags tell of it.
type Client struct {
	Name    string   `json:"name"`
	Region  string   `json:"region"`
	Slot    int      `json:"slot"` // place over all pools, from 0; -1 outside them
	Subnets []Subnet `json:"subnets"`
	// Version is the text of the tag that says which cicdctl last applied the client.
	Version string `json:"version,omitempty"`
}

// Subnet is one of a client's subnets.
type Subnet struct {
	ID     string       `json:"id"`
	CIDR   netip.Prefix `json:"cidr"`
	Zone   string       `json:"zone"`    // the account's own name of the AZ: "eu-west-3a"
	ZoneID string       `json:"zone_id"` // the same AZ in every account: "euw3-az1"
}

// Clients lists who has subnets in the regions, by region and name.
func (o *Operator) Clients(ctx context.Context, regions ...string) ([]Client, error) {
	perRegion := make([][]Client, len(regions))
	g, ctx := errgroup.WithContext(ctx)
	for i, region := range regions {
		g.Go(func() (err error) { perRegion[i], err = o.clientsOf(ctx, region); return })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(perRegion...), nil
}

func (o *Operator) clientsOf(ctx context.Context, region string) ([]Client, error) {
	placed, err := ownSubnets(ctx, o.Factory.Set(region))
	if err != nil {
		return nil, err
	}
	return o.clientsIn(region, placed)
}

// clientsIn are the clients that subnets belong to, by name.
func (o *Operator) clientsIn(region string, placed []ec2types.Subnet) ([]Client, error) {
	byName := map[string]*Client{}
	for _, s := range placed {
		if s.CidrBlock == nil || Tag(s.Tags, provision.TagScope) != provision.ClientLevel.String() {
			continue // IPv6 only: none that was made here, whatever its tags say; or at the edge
		}
		prefix, err := netip.ParsePrefix(aws.ToString(s.CidrBlock))
		if err != nil {
			return nil, lang.Errorf("AWS says that subnet %s is %q: %w", aws.ToString(s.SubnetId), aws.ToString(s.CidrBlock), err)
		}
		name := Tag(s.Tags, provision.TagClient)
		c := byName[name]
		if c == nil {
			c = &Client{Name: name, Region: region, Slot: -1}
			byName[name] = c
		}
		c.Subnets = append(c.Subnets, Subnet{aws.ToString(s.SubnetId), prefix, aws.ToString(s.AvailabilityZone), aws.ToString(s.AvailabilityZoneId)})
		if Tag(s.Tags, provision.TagRole) == leader {
			c.Version = Tag(s.Tags, provision.TagVersion)
		}
		if slot, _, ok := o.Addr.SlotOf(prefix); ok {
			c.Slot = o.Addr.Number(slot)
		}
	}
	var out []Client
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		c := byName[name]
		slices.SortFunc(c.Subnets, func(a, b Subnet) int { return a.CIDR.Addr().Compare(b.CIDR.Addr()) })
		out = append(out, *c)
	}
	return out, nil
}
