package elb

import (
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"

	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Where AWS says that it bills nothing.
const (
	freePart        = "Elastic Load Balancing pricing: billed are load balancers and their capacity units"
	freeCertificate = "AWS Certificate Manager pricing: public certificates for use with load balancers are free"
)

// balancerProducts are the families of load balancers in the price list.
var balancerProducts = map[elbtypes.LoadBalancerTypeEnum]struct{ family, what, units string }{
	elbtypes.LoadBalancerTypeEnumApplication: {"Load Balancer-Application", "application load balancers", lang.Text("capacity units of application load balancers") + " (LCU)"},
	elbtypes.LoadBalancerTypeEnumNetwork:     {"Load Balancer-Network", "network load balancers", lang.Text("capacity units of network load balancers") + " (NLCU)"},
}

// billBalancer: one that is reached from the internet has a public address in each zone.
func billBalancer(b *provision.Bill, want *front, have **LoadBalancer) []price.Item {
	kind, zones, public := elbtypes.LoadBalancerTypeEnum(""), len(b.Zones), true
	if want != nil {
		kind = want.Type
	}
	if have != nil {
		kind, public = (*have).Type, (*have).Scheme != elbtypes.LoadBalancerSchemeEnumInternal
		if want == nil {
			zones = len((*have).AvailabilityZones)
		}
	}
	p, known := balancerProducts[kind]
	if !known {
		b.Unknown("cicdctl does not know how load balancers of this type are billed")
		return nil
	}
	of := func(usage string) price.Product {
		return price.Product{Service: "AWSELB", Filters: map[string]string{"productFamily": p.family}, Usage: usage}
	}
	items := []price.Item{
		{What: p.what, Product: of("LoadBalancerUsage"), Quantity: price.Count(1)},
		{What: p.units, Product: of("LCUUsage"), Per: price.ByUse},
	}
	if public {
		basis := ""
		if kind == elbtypes.LoadBalancerTypeEnumApplication {
			basis = "of application load balancers, one in each zone; AWS adds more under load"
		}
		items = append(items, price.PublicIPv4(int64(zones), basis), price.TransferOut())
	}
	return items
}
