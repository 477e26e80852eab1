package ec2

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// routeTable is a route table with the S3 endpoints that put a route into it.
type routeTable struct {
	ec2types.RouteTable
	s3   []string
	ours []string // those that bear cicdctl's tags
}

// RouteTableKind is the way out of the edge, and of each of a client's subnets.
func RouteTableKind() *provision.Type {
	id := func(r *routeTable) string { return aws.ToString(r.RouteTableId) }
	later := append(provision.Ready("ec2/nat-gateway", "ec2/internet-gateway", "ec2/vpn-gateway"), provision.Existing("ec2/vpc-endpoint")...)
	return provision.Define(provision.Kind[struct{}, *routeTable]{
		Name:          "ec2/route-table",
		ARN:           "ec2:route-table/",
		Levels:        provision.RegionLevel | provision.ClientLevel,
		Billing:       provision.Billing[struct{}, *routeTable]{Free: freeVPC},
		Impact:        provision.Impact[*routeTable]{Stateless: true},
		DependsOn:     append(provision.Existing("ec2/vpc"), provision.ForFields(later)...),
		NotIdempotent: true, // its client token is good for one run only: see runToken
		Want: func(s *provision.Scope) map[provision.Role]struct{} {
			if s.Level == provision.RegionLevel {
				return kit.One("edge")(s)
			}
			out := map[provision.Role]struct{}{}
			for i := range s.Zones {
				out[s.Letter(i)] = struct{}{}
			}
			return out
		},
		Naming: provision.Naming[struct{}, *routeTable]{Title: zoneOf},
		List: OfClient(ec2types.ResourceTypeRouteTable, func(ctx context.Context, w *provision.Sweep) ([]*routeTable, error) {
			all, err := routeTables(ctx, w)
			return kit.Map(all, err, func(r ec2types.RouteTable) *routeTable { return &routeTable{RouteTable: r} })
		}),
		Describe: func(ctx context.Context, w *provision.Sweep, r *routeTable) error {
			endpoints, err := vpcEndpoints(ctx, w)
			for _, e := range endpoints {
				if isS3Gateway(e, w.Region) && slices.Contains(e.RouteTableIds, id(r)) {
					r.s3 = append(r.s3, aws.ToString(e.VpcEndpointId))
					if isOurs(e.Tags) {
						r.ours = append(r.ours, aws.ToString(e.VpcEndpointId))
					}
				}
			}
			return err
		},
		ID:    id,
		Tags:  func(r *routeTable) provision.Tags { return Tags.Of(r.RouteTable.Tags) },
		InUse: func(r *routeTable) bool { return len(r.Associations) > 0 },
		LostTags: func(s *provision.Step, _ struct{}, other *routeTable) bool {
			of := s.Role
			if s.Level == provision.RegionLevel {
				of = "" // one for all of them
			}
			return slices.ContainsFunc(other.Associations, func(as ec2types.RouteTableAssociation) bool {
				return !aws.ToBool(as.Main) && ownSubnet(s, of, aws.ToString(as.SubnetId))
			})
		},
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (*routeTable, error) {
			vpc := s.ID("ec2/vpc", "vpc")
			in := &ec2.CreateRouteTableInput{
				VpcId: aws.String(vpc), ClientToken: runToken(s, vpc), TagSpecifications: Tagged(s, ec2types.ResourceTypeRouteTable),
			}
			return kit.Get(ctx, s.API.EC2.CreateRouteTable, in, func(o *ec2.CreateRouteTableOutput) *routeTable { return &routeTable{RouteTable: *o.RouteTable} })
		},
		Delete: kit.Delete(ofEC2, awsapi.EC2.DeleteRouteTable, func(r *routeTable, in *ec2.DeleteRouteTableInput) { in.RouteTableId = r.RouteTableId }),
		Retag:  Retag(id),
		Untag:  Untag(id),
		Removal: provision.Removal[*routeTable]{
			Listed: true,
			Blockers: func(ctx context.Context, s *provision.Step, r *routeTable) (string, error) {
				in := &ec2.DescribeRouteTablesInput{RouteTableIds: []string{id(r)}}
				found, err := kit.Get(ctx, s.API.EC2.DescribeRouteTables, in, func(o *ec2.DescribeRouteTablesOutput) []ec2types.RouteTable { return o.RouteTables })
				return kit.Listed(found, err, func(r ec2types.RouteTable) string {
					return kit.Join(kit.Texts(r.Associations, func(as ec2types.RouteTableAssociation) string {
						return aws.ToString(as.SubnetId) + aws.ToString(as.GatewayId)
					})...)
				})
			},
		},
		Fields: []provision.Field[struct{}, *routeTable]{
			inVPC[struct{}](func(r *routeTable) *string { return r.VpcId }),
			// Comes first: all tables ask for it at the same moment, and together.
			kit.Settable("S3 endpoint", func(s *provision.Step, _ struct{}) string {
				if s.Level == provision.RegionLevel {
					return provision.Keep
				}
				return s.ID("ec2/vpc-endpoint", "s3")
			}, func(r *routeTable) string { return kit.Lines(r.s3) }, leadToS3),
			// What a gateway propagates is every client's sites.
			kit.Settable("propagated gateways", kit.Const[struct{}](""), func(r *routeTable) string { return kit.LinesOf(r.PropagatingVgws, propagated) }, stopPropagation),
			kit.Settable("routes", func(s *provision.Step, _ struct{}) string {
				var lines []string
				for to, hop := range waysOut(s) {
					lines = append(lines, routeLine(to, hop))
				}
				return kit.Lines(lines)
			}, func(r *routeTable) string {
				return kit.Lines(kit.Texts(slices.DeleteFunc(slices.Clone(r.Routes), builtIn), routeText))
			}, setRoutes),
		},
	})
}

// routeTables lists every route table of the region once a sweep: the subnets
// want to know of them too.
func routeTables(ctx context.Context, w *provision.Sweep) ([]ec2types.RouteTable, error) {
	return kit.Shared(ctx, w, "route tables", ec2.NewDescribeRouteTablesPaginator(w.EC2, &ec2.DescribeRouteTablesInput{}),
		func(o *ec2.DescribeRouteTablesOutput) []ec2types.RouteTable { return o.RouteTables })
}

// wayOut is where 0.0.0.0/0 leads to, empty for nowhere.
func wayOut(s *provision.Step) string {
	switch {
	case s.Level == provision.RegionLevel:
		return s.ID("ec2/internet-gateway", "edge")
	case s.Spec.Network.NAT == spec.NATNone:
		return ""
	case s.Spec.Network.NAT == spec.NATSingle:
		return s.ID("ec2/nat-gateway", "nat-a")
	default:
		return s.ID("ec2/nat-gateway", "nat-"+s.Role)
	}
}

// builtIn reports whether nobody wrote the route: the VPC's own ranges, gateway
// endpoints, and what a VPN gateway propagates.
func builtIn(r ec2types.Route) bool {
	gateway := aws.ToString(r.GatewayId)
	return gateway == "local" || strings.HasPrefix(gateway, "vpce-") || r.Origin == ec2types.RouteOriginEnableVgwRoutePropagation
}

func routeLine(destination, hop string) string { return destination + " via " + hop }

// routeText is "0.0.0.0/0 via nat-0123", with "(blackhole)" where it leads to nothing.
func routeText(r ec2types.Route) string {
	text := routeLine(destinationOf(r), firstOf(r.NatGatewayId, r.GatewayId, r.TransitGatewayId, r.VpcPeeringConnectionId, r.InstanceId,
		r.NetworkInterfaceId, r.EgressOnlyInternetGatewayId, r.LocalGatewayId, r.CarrierGatewayId, r.CoreNetworkArn))
	if r.State == ec2types.RouteStateBlackhole {
		text += " (blackhole)"
	}
	return text
}

func destinationOf(r ec2types.Route) string {
	return firstOf(r.DestinationCidrBlock, r.DestinationIpv6CidrBlock, r.DestinationPrefixListId)
}

func firstOf(texts ...*string) string {
	for _, t := range texts {
		if aws.ToString(t) != "" {
			return *t
		}
	}
	return ""
}

// waysOut are where the table's routes lead to, by destination: out, and for a client to
// its own sites.
func waysOut(s *provision.Step) map[string]string {
	out := map[string]string{}
	if hop := wayOut(s); hop != "" {
		out[rules.Anywhere.String()] = hop
	}
	if s.Level == provision.ClientLevel {
		for _, site := range s.Spec.VPN.Sites() {
			for _, r := range site.Routes {
				out[r.String()] = s.ID("ec2/vpn-gateway", kit.VPNRole)
			}
		}
	}
	return out
}

// setRoutes brings about the routes that are wanted and removes every other.
func setRoutes(ctx context.Context, s *provision.Step, _ struct{}, r *routeTable) error {
	ways, there := waysOut(s), map[string]bool{}
	for _, route := range r.Routes {
		if builtIn(route) {
			continue
		}
		to := destinationOf(route)
		if hop, wanted := ways[to]; wanted {
			there[to] = true
			if routeText(route) == routeLine(to, hop) {
				delete(ways, to)
			}
			continue
		}
		err := kit.Do(ctx, s.API.EC2.DeleteRoute, &ec2.DeleteRouteInput{
			RouteTableId: r.RouteTableId, DestinationCidrBlock: route.DestinationCidrBlock,
			DestinationIpv6CidrBlock: route.DestinationIpv6CidrBlock, DestinationPrefixListId: route.DestinationPrefixListId,
		})
		if err := kit.IgnoreCode(err, "InvalidRoute.NotFound"); err != nil {
			return err
		}
	}
	return kit.Each(slices.Sorted(maps.Keys(ways)), func(to string) error {
		return lead(ctx, s, r.RouteTableId, to, ways[to], there[to])
	})
}

// lead makes or changes a route, whatever another run did to it meanwhile.
func lead(ctx context.Context, s *provision.Step, table *string, to, hop string, there bool) error {
	var gateway, nat *string
	if strings.HasPrefix(hop, "nat-") {
		nat = &hop
	} else {
		gateway = &hop
	}
	return putOver(there, "InvalidRoute.NotFound", func() error {
		return kit.Do(ctx, s.API.EC2.ReplaceRoute, &ec2.ReplaceRouteInput{RouteTableId: table, DestinationCidrBlock: &to, GatewayId: gateway, NatGatewayId: nat})
	}, func() error {
		return kit.Do(ctx, s.API.EC2.CreateRoute, &ec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: &to, GatewayId: gateway, NatGatewayId: nat})
	})
}

func propagated(g ec2types.PropagatingVgw) string { return aws.ToString(g.GatewayId) }

func stopPropagation(ctx context.Context, s *provision.Step, _ struct{}, r *routeTable) error {
	return kit.Drop(r.PropagatingVgws, func(g ec2types.PropagatingVgw) error {
		return kit.Do(ctx, s.API.EC2.DisableVgwRoutePropagation, &ec2.DisableVgwRoutePropagationInput{RouteTableId: r.RouteTableId, GatewayId: g.GatewayId})
	})
}

// leadToS3 puts the table into the region's endpoint. A table can be in one only:
// it is taken out of a second one that cicdctl made, not out of somebody else's.
func leadToS3(ctx context.Context, s *provision.Step, _ struct{}, r *routeTable) error {
	endpoint := s.ID("ec2/vpc-endpoint", "s3")
	for _, other := range r.s3 {
		switch {
		case other == endpoint:
			return nil
		case !slices.Contains(r.ours, other):
			return lang.Errorf("%s leads to S3 through %s, which cicdctl did not make: take the table out of that endpoint and run again", aws.ToString(r.RouteTableId), other)
		}
		err := kit.Do(ctx, s.API.EC2.ModifyVpcEndpoint, &ec2.ModifyVpcEndpointInput{VpcEndpointId: &other, RemoveRouteTableIds: []string{aws.ToString(r.RouteTableId)}})
		if err := awsapi.IgnoreNotFound(err); err != nil {
			return err
		}
	}
	// AWS refills this call's bucket with one in three seconds only.
	return provision.Together(ctx, s, s.Client+" to "+endpoint, aws.ToString(r.RouteTableId), func(ctx context.Context, tables []string) error {
		return kit.Do(ctx, s.API.EC2.ModifyVpcEndpoint, &ec2.ModifyVpcEndpointInput{VpcEndpointId: &endpoint, AddRouteTableIds: tables})
	})
}
