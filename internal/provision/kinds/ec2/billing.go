package ec2

import (
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Where AWS says that it bills nothing for what a network is made of.
const (
	freeVPC     = "Amazon VPC FAQs, \"Billing\": there are no additional charges for creating and using the VPC itself"
	freeGateway = "AWS VPN pricing: billed are the connections of the gateway"
	freePeer    = "AWS VPN pricing: billed are connections"
	freeKeyPair = "Amazon EC2 pricing has no charge for key pairs"
)

func vpcProduct(family, operation, usage string) price.Product {
	filters := map[string]string{"operation": operation}
	if family != "" {
		filters["productFamily"] = family
	}
	return price.Product{Service: "AmazonVPC", Filters: filters, Usage: usage}
}

func natProduct(usage string) price.Product {
	return price.Product{Service: "AmazonEC2", Filters: map[string]string{"productFamily": "NAT Gateway"}, Usage: usage}
}

// billNAT: one that has failed is not billed, and comes to nothing.
func billNAT(_ *provision.Bill, _ *struct{}, have *natGateway) []price.Item {
	if have != nil && (*have).State == ec2types.NatGatewayStateFailed {
		return nil
	}
	return []price.Item{
		{What: "NAT gateways", Product: natProduct("NatGateway-Hours"), Quantity: price.Count(1)},
		{What: "data through NAT gateways", Product: natProduct("NatGateway-Bytes"), Per: price.ByUse},
		price.TransferOut(),
	}
}

func billAddress(_ *provision.Bill, want *struct{}, have *elasticIP) []price.Item {
	if want == nil && have != nil && (*have).AssociationId == nil {
		return []price.Item{price.IdleIPv4()}
	}
	return []price.Item{price.PublicIPv4(1, "")}
}

// billEndpoint: gateways, such as that to S3, are free (AWS PrivateLink guide, "Gateway
// endpoints": no additional charge); interfaces are billed in each zone.
func billEndpoint(_ *provision.Bill, _ *struct{}, have *vpcEndpoint) []price.Item {
	if have == nil || (*have).VpcEndpointType != ec2types.VpcEndpointTypeInterface {
		return nil
	}
	return []price.Item{
		{What: "interface endpoints, by zone", Product: vpcProduct("VpcEndpoint", "VpcEndpoint", "VpcEndpoint-Hours"), Quantity: price.Count(int64(len((*have).SubnetIds)))},
		{What: "data through interface endpoints", Product: vpcProduct("VpcEndpoint", "VpcEndpoint", "VpcEndpoint-Bytes"), Per: price.ByUse},
	}
}

func billVPN(b *provision.Bill, _ *spec.Site, _ **vpnConnection) []price.Item {
	b.Unknown("cicdctl does not know whether AWS bills the public IPv4 addresses of its tunnels")
	return []price.Item{
		{What: "VPN connections", Product: vpcProduct("Cloud Connectivity", "CreateVpnConnection", "VPN-Usage-Hours:ipsec.1"), Quantity: price.Count(1)},
		price.TransferOut(),
	}
}

// billClientVPN: billed are the associations with subnets, used or not, and connections.
func billClientVPN(_ *provision.Bill, want *wantClientVPN, have **clientVPN) []price.Item {
	n := 0
	if want != nil {
		n = len(want.subnets)
	} else {
		for _, network := range (*have).networks {
			if code := networkCode(network); code == ec2types.AssociationStatusCodeAssociated || code == ec2types.AssociationStatusCodeAssociating {
				n++
			}
		}
	}
	return []price.Item{
		{What: "associations of the OpenVPN endpoint with subnets", Product: vpcProduct("", "ClientVPNEndpoints", "ClientVPN-EndpointHours"), Quantity: price.Count(int64(n))},
		{What: "connections to the OpenVPN endpoint, by the hour", Product: vpcProduct("", "ClientVPNConnections", "ClientVPN-ConnectionHours"), Per: price.ByUse},
		price.TransferOut(),
	}
}

// billFlowLog: what AWS's own services write to CloudWatch Logs has prices of its own.
func billFlowLog(*provision.Bill, *struct{}, *flowLog) []price.Item {
	return []price.Item{{What: "flow logs written to CloudWatch Logs", Per: price.ByUse, Product: price.Product{
		Service: "AmazonCloudWatch", Filters: map[string]string{"productFamily": "Data Payload"}, Usage: "VendedLog-Bytes",
	}}}
}
