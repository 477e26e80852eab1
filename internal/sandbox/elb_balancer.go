package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// loadBalancers is ELB's quota of load balancers of a type in a region.
const loadBalancers = 50

// elbZones are the hosted zones of load balancers' DNS names (general reference,
// Elastic Load Balancing endpoints).
var elbZones = map[types.LoadBalancerTypeEnum]map[string]string{
	types.LoadBalancerTypeEnumApplication: {"eu-west-1": "Z32O12XQLNTSW2", "eu-west-2": "ZHURV8PSTC4K8", "eu-west-3": "Z3Q77PNBQS71R4", "eu-central-1": "Z215JYRZR1TBD5"},
	types.LoadBalancerTypeEnumNetwork:     {"eu-west-1": "Z2IFOLAFXWLO4F", "eu-west-2": "ZD4D7Y8KGAS4G", "eu-west-3": "Z1CMS0P5QUZ6D5", "eu-central-1": "Z3F0SRJ5LGBH90"},
}

// attributesOf is what a load balancer is born with, by its type.
func attributesOf(lb types.LoadBalancer) map[string]attributeRule {
	if lb.Type == types.LoadBalancerTypeEnumNetwork {
		return networkAttributes
	}
	return balancerAttributes
}

var networkAttributes = map[string]attributeRule{
	"access_logs.s3.bucket":             {"", anyText},
	"access_logs.s3.enabled":            {"false", anySwitch},
	"access_logs.s3.prefix":             {"", anyText},
	"deletion_protection.enabled":       {"false", anySwitch},
	"dns_record.client_routing_policy":  {"any_availability_zone", lazyregexp.New(`^(any_availability_zone|availability_zone_affinity|partial_availability_zone_affinity)$`)},
	"load_balancing.cross_zone.enabled": {"false", anySwitch},
	"zonal_shift.config.enabled":        {"false", anySwitch},
}

var balancerAttributes = map[string]attributeRule{
	"access_logs.s3.bucket":                                    {"", anyText},
	"access_logs.s3.enabled":                                   {"false", anySwitch},
	"access_logs.s3.prefix":                                    {"", anyText},
	"client_keep_alive.seconds":                                {"3600", anyNumber},
	"connection_logs.s3.bucket":                                {"", anyText},
	"connection_logs.s3.enabled":                               {"false", anySwitch},
	"connection_logs.s3.prefix":                                {"", anyText},
	"deletion_protection.enabled":                              {"false", anySwitch},
	"idle_timeout.timeout_seconds":                             {"60", lazyregexp.New(`^([1-9][0-9]{0,2}|[123][0-9]{3}|4000)$`)},
	"load_balancing.cross_zone.enabled":                        {"true", lazyregexp.New(`^true$`)},
	"routing.http.desync_mitigation_mode":                      {"defensive", lazyregexp.New(`^(monitor|defensive|strictest)$`)},
	"routing.http.drop_invalid_header_fields.enabled":          {"false", anySwitch},
	"routing.http.preserve_host_header.enabled":                {"false", anySwitch},
	"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": {"false", anySwitch},
	"routing.http.xff_client_port.enabled":                     {"false", anySwitch},
	"routing.http.xff_header_processing.mode":                  {"append", lazyregexp.New(`^(append|preserve|remove)$`)},
	"routing.http2.enabled":                                    {"true", anySwitch},
	"waf.fail_open.enabled":                                    {"false", anySwitch},
	"zonal_shift.config.enabled":                               {"false", anySwitch},
}

func registerBalancer(a *Account) {
	owners := on(a, elb.ServiceID, (*tx).attributeOwner)
	op(a, elb.ServiceID, createBalancer)
	op(a, elb.ServiceID, func(t *tx, in *elb.DescribeLoadBalancersInput) (*elb.DescribeLoadBalancersOutput, error) {
		if in.Marker == nil {
			for _, r := range t.elb().Balancers {
				if !t.waits(&r.meta) && r.V.State.Code == types.LoadBalancerStateEnumProvisioning {
					r.V.State = &types.LoadBalancerState{Code: types.LoadBalancerStateEnumActive}
				}
			}
		}
		if len(in.LoadBalancerArns) > 0 && len(in.Names) > 0 {
			return nil, apiError("ValidationError", "Load balancer ARNs and names cannot be specified at the same time")
		}
		all, err := chosen(t, balancers, in.LoadBalancerArns)
		if err == nil {
			all, err = chosenOf(all, in.Names, func(lb *types.LoadBalancer) *string { return lb.LoadBalancerName }, "LoadBalancerNotFound")
		}
		if err != nil {
			return nil, err
		}
		part, next, err := page(t, all, in.Marker)
		return &elb.DescribeLoadBalancersOutput{LoadBalancers: part, NextMarker: next}, err
	})
	opOn(owners, func(in *elb.DescribeLoadBalancerAttributesInput) *string { return in.LoadBalancerArn }, func(t *tx, arn string, _ *elb.DescribeLoadBalancerAttributesInput) (*elb.DescribeLoadBalancerAttributesOutput, error) {
		return &elb.DescribeLoadBalancerAttributesOutput{Attributes: t.balancerAttributes(arn)}, nil
	})
	opOn(owners, func(in *elb.ModifyLoadBalancerAttributesInput) *string { return in.LoadBalancerArn }, func(t *tx, arn string, in *elb.ModifyLoadBalancerAttributesInput) (*elb.ModifyLoadBalancerAttributesOutput, error) {
		changes := map[string]string{}
		for _, each := range in.Attributes {
			changes[aws.ToString(each.Key)] = aws.ToString(each.Value)
		}
		wanted := maps.Clone(changes)
		for key, value := range t.elb().Attributes[arn] {
			if _, changed := changes[key]; !changed {
				wanted[key] = value
			}
		}
		if wanted["access_logs.s3.enabled"] == "true" {
			if err := t.checkBalancerLogs(wanted); err != nil {
				return nil, err
			}
		}
		if err := t.changeAttributes(arn, attributesOf(balancers.find(t, arn).V), changes); err != nil {
			return nil, err
		}
		return &elb.ModifyLoadBalancerAttributesOutput{Attributes: t.balancerAttributes(arn)}, nil
	})
	opOn(balancers.on(a), func(in *elb.SetSecurityGroupsInput) *string { return in.LoadBalancerArn }, func(t *tx, lb *row[types.LoadBalancer], in *elb.SetSecurityGroupsInput) (*elb.SetSecurityGroupsOutput, error) {
		if len(in.SecurityGroups) == 0 {
			return nil, apiError("ValidationError", "At least one security group must be specified")
		}
		if lb.V.Type == types.LoadBalancerTypeEnumNetwork && len(lb.V.SecurityGroups) == 0 {
			return nil, apiError("InvalidConfigurationRequest", "Security groups cannot be set on a Network Load Balancer that was created without one")
		}
		if err := t.balancerGroups(in.SecurityGroups, *lb.V.VpcId); err != nil {
			return nil, err
		}
		lb.V.SecurityGroups = in.SecurityGroups
		for _, eni := range t.elb().Interfaces[*lb.V.LoadBalancerArn] {
			t.regroup(eni, in.SecurityGroups)
		}
		return &elb.SetSecurityGroupsOutput{SecurityGroupIds: in.SecurityGroups}, nil
	})
	opOn(balancers.on(a), func(in *elb.SetSubnetsInput) *string { return in.LoadBalancerArn }, func(t *tx, lb *row[types.LoadBalancer], in *elb.SetSubnetsInput) (*elb.SetSubnetsOutput, error) {
		zones, vpc, err := t.balancerZones(lb.V.Type, in.Subnets, in.SubnetMappings)
		if err != nil {
			return nil, err
		}
		if vpc != *lb.V.VpcId {
			return nil, apiError("InvalidConfigurationRequest", "The subnets must be in the VPC of the load balancer")
		}
		lb.V.AvailabilityZones = zones
		return &elb.SetSubnetsOutput{AvailabilityZones: zones, IpAddressType: lb.V.IpAddressType}, t.moveInto(lb.V)
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.DeleteLoadBalancerInput) (*elb.DeleteLoadBalancerOutput, error) {
		s, arn := t.elb(), aws.ToString(in.LoadBalancerArn)
		lb := balancers.find(t, arn)
		switch {
		case !strings.HasPrefix(arn, t.arn("elasticloadbalancing", "loadbalancer/")):
			return nil, apiError("ValidationError", "'%s' is not a valid load balancer ARN", arn)
		case lb == nil:
			return &elb.DeleteLoadBalancerOutput{}, nil // AWS says the same for one that is not there
		case s.Attributes[arn]["deletion_protection.enabled"] == "true":
			return nil, apiError("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", arn)
		}
		for _, l := range slices.Clone(s.Listeners) {
			if *l.V.LoadBalancerArn == arn {
				t.dropListener(l)
			}
		}
		for _, eni := range s.Interfaces[arn] {
			t.releaseENI(eni)
		}
		delete(s.Interfaces, arn)
		delete(s.Attributes, arn)
		delete(s.Tags, arn)
		s.Balancers.drop(lb)
		return &elb.DeleteLoadBalancerOutput{}, nil
	})
}

func (t *tx) balancerAttributes(arn string) []types.LoadBalancerAttribute {
	return sorted(t.elb().Attributes[arn], func(key, value *string) types.LoadBalancerAttribute {
		return types.LoadBalancerAttribute{Key: key, Value: value}
	})
}

func createBalancer(t *tx, in *elb.CreateLoadBalancerInput) (*elb.CreateLoadBalancerOutput, error) {
	s, name := t.elb(), aws.ToString(in.Name)
	in.Type = cmp.Or(in.Type, types.LoadBalancerTypeEnumApplication)
	in.Scheme = cmp.Or(in.Scheme, types.LoadBalancerSchemeEnumInternetFacing)
	if err := cmp.Or(checkELBName("load balancer", name), elbTags.check(in.Tags)); err != nil {
		return nil, err
	}
	switch {
	case in.Type != types.LoadBalancerTypeEnumApplication && in.Type != types.LoadBalancerTypeEnumNetwork:
		return nil, apiError("InvalidConfigurationRequest", "the sandbox knows application and network load balancers only, not '%s'", in.Type)
	case in.Scheme != types.LoadBalancerSchemeEnumInternetFacing && in.Scheme != types.LoadBalancerSchemeEnumInternal:
		return nil, apiError("InvalidScheme", "The scheme '%s' is not valid", in.Scheme)
	case in.IpAddressType != "" && in.IpAddressType != types.IpAddressTypeIpv4:
		return nil, apiError("InvalidConfigurationRequest", "The subnets have no IPv6 CIDR for the address type '%s'", in.IpAddressType)
	}
	zones, vpc, err := t.balancerZones(in.Type, in.Subnets, in.SubnetMappings)
	if err != nil {
		return nil, err
	}
	if in.Scheme == types.LoadBalancerSchemeEnumInternetFacing && !slices.ContainsFunc(t.ec2().InternetGateways, func(g *row[ec2types.InternetGateway]) bool { return attachedTo(g.V, vpc) }) {
		return nil, apiError("InvalidSubnet", "VPC %s has no internet gateway", vpc)
	}
	groups := in.SecurityGroups
	if len(groups) == 0 && in.Type == types.LoadBalancerTypeEnumApplication {
		groups = t.defaultGroup(vpc)
	}
	if err := t.balancerGroups(groups, vpc); err != nil {
		return nil, err
	}
	lb := types.LoadBalancer{
		LoadBalancerName: in.Name, Type: in.Type, Scheme: in.Scheme, IpAddressType: types.IpAddressTypeIpv4, VpcId: aws.String(vpc),
		AvailabilityZones: zones, SecurityGroups: groups, CreatedTime: aws.Time(t.now), CanonicalHostedZoneId: aws.String(elbZones[in.Type][t.region]),
		State: &types.LoadBalancerState{Code: types.LoadBalancerStateEnumProvisioning},
	}
	for _, r := range s.Balancers {
		if *r.V.LoadBalancerName != name {
			continue
		}
		if r.V.Type != lb.Type || r.V.Scheme != lb.Scheme || zoneText(r.V) != zoneText(lb) || !sameSet(r.V.SecurityGroups, groups) || !elbTags.same(s.Tags[*r.V.LoadBalancerArn], in.Tags) {
			return nil, apiError("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", name)
		}
		return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{r.V}}, nil
	}
	if count(s.Balancers, func(v types.LoadBalancer) bool { return v.Type == lb.Type }) >= loadBalancers {
		return nil, apiError("TooManyLoadBalancers", "The maximum number of load balancers has been reached")
	}
	t.linked("elasticloadbalancing.amazonaws.com") // made within the call
	id, kind := t.hex16(), "app"
	lb.DNSName = aws.String(fmt.Sprintf("%s-%d.%s.elb.amazonaws.com", name, 1_000_000_000+t.Seq, t.region))
	if in.Type == types.LoadBalancerTypeEnumNetwork {
		kind, lb.DNSName = "net", aws.String(fmt.Sprintf("%s-%s.elb.%s.amazonaws.com", name, id, t.region))
	}
	arn := t.arn("elasticloadbalancing", "loadbalancer/"+kind+"/"+name+"/"+id)
	lb.LoadBalancerArn = aws.String(arn)
	if lb.Scheme == types.LoadBalancerSchemeEnumInternal {
		lb.DNSName = aws.String("internal-" + *lb.DNSName)
	}
	if err := t.moveInto(lb); err != nil {
		return nil, err
	}
	s.Balancers.add(&row[types.LoadBalancer]{V: lb, meta: t.slow("CreateLoadBalancer")})
	s.Attributes[arn], s.Tags[arn] = bornWith(attributesOf(lb)), in.Tags
	return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{lb}}, nil
}

func zoneText(lb types.LoadBalancer) string {
	ids := each(lb.AvailabilityZones, func(z types.AvailabilityZone) string { return *z.SubnetId })
	slices.Sort(ids)
	return strings.Join(ids, ",")
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// balancerZones checks the subnets of a load balancer: one in each AZ, in two AZs at
// least unless it is a network load balancer.
func (t *tx) balancerZones(kind types.LoadBalancerTypeEnum, subnets []string, mappings []types.SubnetMapping) (zones []types.AvailabilityZone, vpc string, err error) {
	if len(subnets) > 0 && len(mappings) > 0 {
		return nil, "", apiError("ValidationError", "You must specify either subnets or subnet mappings, but not both")
	}
	subnets = append(subnets, each(mappings, func(m types.SubnetMapping) string { return aws.ToString(m.SubnetId) })...)
	seen := map[string]bool{}
	for _, id := range subnets {
		sub, ok := t.subnet(id)
		switch {
		case !ok:
			return nil, "", apiError("SubnetNotFound", "The subnet ID '%s' does not exist", id)
		case vpc != "" && vpc != *sub.VpcId:
			return nil, "", apiError("InvalidConfigurationRequest", "All subnets must belong to the same VPC: '%s'", vpc)
		case seen[*sub.AvailabilityZone]:
			return nil, "", apiError("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		vpc, seen[*sub.AvailabilityZone] = *sub.VpcId, true
		zones = append(zones, types.AvailabilityZone{ZoneName: sub.AvailabilityZone, SubnetId: sub.SubnetId})
	}
	if len(zones) == 0 {
		return nil, "", apiError("ValidationError", "At least one subnet must be specified")
	}
	if len(zones) < 2 && kind == types.LoadBalancerTypeEnumApplication {
		return nil, "", apiError("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	return zones, vpc, nil
}

func (t *tx) balancerGroups(groups []string, vpc string) error {
	for _, id := range groups {
		g := securityGroups.find(t, id)
		switch {
		case g == nil:
			return apiError("InvalidSecurityGroup", "The security group '%s' does not exist", id)
		case *g.V.VpcId != vpc:
			return apiError("InvalidConfigurationRequest", "The security group '%s' is not in the VPC '%s'", id, vpc)
		}
	}
	return nil
}

func (t *tx) defaultGroup(vpc string) []string {
	for _, g := range t.ec2().Groups {
		if *g.V.VpcId == vpc && *g.V.GroupName == "default" {
			return []string{*g.V.GroupId}
		}
	}
	return nil
}

// moveInto puts network interfaces into the load balancer's subnets and takes
// them out of others.
func (t *tx) moveInto(lb types.LoadBalancer) error {
	s, arn := t.elb(), *lb.LoadBalancerArn
	have := s.Interfaces[arn]
	if have == nil {
		have = map[string]string{}
		s.Interfaces[arn] = have
	}
	_, name, _ := strings.Cut(arn, ":loadbalancer/")
	kind := "interface"
	if lb.Type == types.LoadBalancerTypeEnumNetwork {
		kind = "network_load_balancer"
	}
	wanted := map[string]bool{}
	for _, z := range lb.AvailabilityZones {
		wanted[*z.SubnetId] = true
		if have[*z.SubnetId] != "" {
			continue
		}
		eni, err := t.addENI(*z.SubnetId, kind, "ELB "+name, "amazon-elb", lb.SecurityGroups)
		if err != nil {
			return err
		}
		have[*z.SubnetId] = eni
		if lb.Scheme == types.LoadBalancerSchemeEnumInternetFacing {
			t.publish(eni)
		}
	}
	for subnet, eni := range have {
		if !wanted[subnet] {
			t.releaseENI(eni)
			delete(have, subnet)
		}
	}
	return nil
}
