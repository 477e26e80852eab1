package ec2

import (
	"context"
	"fmt"
	"time"

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

type customerGateway = *ec2types.CustomerGateway

// customerRole is the role of the gateway of a site. One with another address is another
// gateway: the old one goes once the connection has moved.
func customerRole(site spec.Site) provision.Role { return site.Name + "-" + site.Peer.String() }

// gatewayKey is what AWS makes no second customer gateway for.
func gatewayKey(device, peer string) string { return device + " " + peer }

// CustomerGatewayKind is what AWS knows of the gateways of clients' sites.
func CustomerGatewayKind() *provision.Type {
	id := func(g customerGateway) string { return aws.ToString(g.CustomerGatewayId) }
	const fix = "AWS changes nothing of a customer gateway: delete it and the site's VPN connection by hand and run again"
	return provision.Define(provision.Kind[spec.Site, customerGateway]{
		Name:    "ec2/customer-gateway",
		ARN:     "ec2:customer-gateway/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[spec.Site, customerGateway]{Free: freePeer},
		Impact:  provision.Impact[customerGateway]{Stateless: true},
		Timing:  provision.Timing{Timeout: 10 * time.Minute, DeleteTimeout: vpnPatience}, // the connection leaves it first
		Want: func(s *provision.Scope) map[provision.Role]spec.Site {
			out := map[provision.Role]spec.Site{}
			for _, site := range s.Spec.VPN.Sites() {
				out[customerRole(site)] = site
			}
			return out
		},
		List: OfClient(ec2types.ResourceTypeCustomerGateway, func(ctx context.Context, w *provision.Sweep) ([]customerGateway, error) {
			// AWS answers with all gateways at once: there are no pages.
			return kit.Pointers(kit.Get(ctx, w.EC2.DescribeCustomerGateways, &ec2.DescribeCustomerGatewaysInput{}, func(o *ec2.DescribeCustomerGatewaysOutput) []ec2types.CustomerGateway {
				return o.CustomerGateways
			}))
		}),
		ID:    id,
		Tags:  func(g customerGateway) provision.Tags { return Tags.Of(g.Tags) },
		State: func(g customerGateway) provision.State { return vpnStates[ec2types.VpnState(aws.ToString(g.State))] },
		Naming: provision.Naming[spec.Site, customerGateway]{
			Key: func(g customerGateway) string {
				return gatewayKey(aws.ToString(g.DeviceName), aws.ToString(g.IpAddress))
			},
			KeyOf: func(s *provision.Scope, d spec.Site) string {
				return gatewayKey(rules.SiteDevice(s.Client, d.Name), d.Peer.String())
			},
			Title: func(_ *provision.Scope, _ provision.Role, d spec.Site) string { return d.Peer.String() },
		},
		Conflict: func(s *provision.Step, d spec.Site, other customerGateway) string {
			tags := Tags.Of(other.Tags)
			if aws.ToString(other.IpAddress) != d.Peer.String() || tags[provision.TagClient] == "" {
				return ""
			}
			return lang.Sprintf("%s is the gateway of a site of client %s already (%s, %s), and cannot be that of site %s of client %s too: give the site an address of its own",
				d.Peer, tags[provision.TagClient], aws.ToString(other.DeviceName), id(other), d.Name, s.Client)
		},
		Create: func(ctx context.Context, s *provision.Step, d spec.Site) (customerGateway, error) {
			in := &ec2.CreateCustomerGatewayInput{
				Type: ec2types.GatewayTypeIpsec1, IpAddress: aws.String(d.Peer.String()), BgpAsn: aws.Int32(rules.SiteASN),
				DeviceName: aws.String(rules.SiteDevice(s.Client, d.Name)), TagSpecifications: Tagged(s, ec2types.ResourceTypeCustomerGateway),
			}
			g, err := kit.Get(ctx, s.API.EC2.CreateCustomerGateway, in, func(o *ec2.CreateCustomerGatewayOutput) customerGateway { return o.CustomerGateway })
			if err != nil {
				return nil, err
			}
			// AWS answers with one that is alike, whoever made it.
			if tags := Tags.Of(g.Tags); !kit.SameResource(s, tags) {
				return nil, lang.Errorf("AWS has the customer gateway %s for %s already, %s: delete it, or give the site another name", id(g), d.Peer, kit.Owner(tags))
			}
			return g, nil
		},
		Delete: kit.Delete(ofEC2, awsapi.EC2.DeleteCustomerGateway, func(g customerGateway, in *ec2.DeleteCustomerGatewayInput) {
			in.CustomerGatewayId = g.CustomerGatewayId
		}),
		Retag:  Retag(id),
		Untag:  Untag(id),
		Facts:  kit.Fact("peer", func(g customerGateway) *string { return g.IpAddress }),
		Limits: provision.Limits[spec.Site, customerGateway]{Quota: &provision.Quota{Service: "ec2", Code: "L-4FB7FF5D", Name: "customer gateways per region"}},
		Fields: []provision.Field[spec.Site, customerGateway]{
			kit.Immutable("address", kit.Wanted(func(d spec.Site) string { return d.Peer.String() }), func(g customerGateway) string { return aws.ToString(g.IpAddress) }, fix),
			kit.Immutable("ASN", kit.Const[spec.Site](fmt.Sprint(rules.SiteASN)), func(g customerGateway) string { return aws.ToString(g.BgpAsn) }, fix),
		},
	})
}
