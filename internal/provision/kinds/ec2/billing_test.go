package ec2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// fixed is the first item's usage type and quantity; empty without items.
func fixed(items []price.Item) string {
	if len(items) == 0 {
		return ""
	}
	return items[0].Quantity.String() + " " + items[0].Product.Usage
}

func TestTheNetworkIsBilledByWhatIsThere(t *testing.T) {
	t.Parallel()
	b := &provision.Bill{Scope: &provision.Scope{}}
	gateway := func(state ec2types.NatGatewayState) *natGateway {
		g := &ec2types.NatGateway{State: state}
		return &g
	}
	address := func(association *string) *elasticIP {
		a := &ec2types.Address{AssociationId: association}
		return &a
	}
	endpoint := func(of ec2types.VpcEndpointType, subnets ...string) *vpcEndpoint {
		e := &ec2types.VpcEndpoint{VpcEndpointType: of, SubnetIds: subnets}
		return &e
	}
	network := func(code ec2types.AssociationStatusCode) ec2types.TargetNetwork {
		return ec2types.TargetNetwork{Status: &ec2types.AssociationStatus{Code: code}}
	}
	vpn := &clientVPN{networks: []ec2types.TargetNetwork{
		network(ec2types.AssociationStatusCodeAssociated), network(ec2types.AssociationStatusCodeAssociating), network(ec2types.AssociationStatusCodeAssociationFailed),
	}}
	for what, c := range map[string]struct{ got, want string }{
		"a gateway that is there":                   {fixed(billNAT(b, nil, gateway(ec2types.NatGatewayStateAvailable))), "1 NatGateway-Hours"},
		"a gateway that failed":                     {fixed(billNAT(b, nil, gateway(ec2types.NatGatewayStateFailed))), ""},
		"an address of a gateway":                   {fixed(billAddress(b, nil, address(aws.String("eipassoc-1")))), "1 PublicIPv4:InUseAddress"},
		"an address that nothing uses":              {fixed(billAddress(b, nil, address(nil))), "1 PublicIPv4:IdleAddress"},
		"an address that is to be made":             {fixed(billAddress(b, &struct{}{}, nil)), "1 PublicIPv4:InUseAddress"},
		"the way to S3":                             {fixed(billEndpoint(b, nil, endpoint(ec2types.VpcEndpointTypeGateway))), ""},
		"an interface in two zones":                 {fixed(billEndpoint(b, nil, endpoint(ec2types.VpcEndpointTypeInterface, "a", "b"))), "2 VpcEndpoint-Hours"},
		"an OpenVPN endpoint with two associations": {fixed(billClientVPN(b, nil, &vpn)), "2 ClientVPN-EndpointHours"},
		"an OpenVPN endpoint that is to have three": {fixed(billClientVPN(b, &wantClientVPN{subnets: []provision.Role{"a", "b", "c"}}, &vpn)), "3 ClientVPN-EndpointHours"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, not %q", what, c.got, c.want)
		}
	}
}
