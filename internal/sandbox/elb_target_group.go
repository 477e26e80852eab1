package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// targetGroupAttributes is what a target group of an application load balancer
// is born with.
var targetGroupAttributes = map[string]attributeRule{
	"deregistration_delay.timeout_seconds":                                           {"300", lazyregexp.New(`^([0-9]{1,3}|[12][0-9]{3}|3[0-5][0-9]{2}|3600)$`)},
	"load_balancing.algorithm.anomaly_mitigation":                                    {"off", lazyregexp.New(`^(on|off)$`)},
	"load_balancing.algorithm.type":                                                  {"round_robin", lazyregexp.New(`^(round_robin|least_outstanding_requests|weighted_random)$`)},
	"load_balancing.cross_zone.enabled":                                              {"use_load_balancer_configuration", lazyregexp.New(`^(true|false|use_load_balancer_configuration)$`)},
	"slow_start.duration_seconds":                                                    {"0", anyNumber},
	"stickiness.app_cookie.cookie_name":                                              {"", anyText},
	"stickiness.app_cookie.duration_seconds":                                         {"86400", anyNumber},
	"stickiness.enabled":                                                             {"false", anySwitch},
	"stickiness.lb_cookie.duration_seconds":                                          {"86400", anyNumber},
	"stickiness.type":                                                                {"lb_cookie", lazyregexp.New(`^(lb_cookie|app_cookie)$`)},
	"target_group_health.dns_failover.minimum_healthy_targets.count":                 {"1", anyText},
	"target_group_health.dns_failover.minimum_healthy_targets.percentage":            {"off", anyText},
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":      {"1", anyNumber},
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": {"off", anyText},
}

// tcpAttributes is what a target group of a network load balancer is born with, when
// it is for TCP and its targets are addresses.
var tcpAttributes = map[string]attributeRule{
	"deregistration_delay.connection_termination.enabled":                            {"false", anySwitch},
	"deregistration_delay.timeout_seconds":                                           targetGroupAttributes["deregistration_delay.timeout_seconds"],
	"load_balancing.cross_zone.enabled":                                              targetGroupAttributes["load_balancing.cross_zone.enabled"],
	"preserve_client_ip.enabled":                                                     {"false", anySwitch},
	"proxy_protocol_v2.enabled":                                                      {"false", anySwitch},
	"stickiness.enabled":                                                             {"false", anySwitch},
	"stickiness.type":                                                                {"source_ip", lazyregexp.New(`^source_ip$`)},
	"target_group_health.dns_failover.minimum_healthy_targets.count":                 {"1", anyText},
	"target_group_health.dns_failover.minimum_healthy_targets.percentage":            {"off", anyText},
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":      {"1", anyNumber},
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": {"off", anyText},
	"target_health_state.unhealthy.connection_termination.enabled":                   {"true", anySwitch},
	"target_health_state.unhealthy.draining_interval_seconds":                        {"0", anyNumber},
}

func attributesOfGroup(g types.TargetGroup) map[string]attributeRule {
	if g.Protocol == types.ProtocolEnumTcp {
		return tcpAttributes
	}
	return targetGroupAttributes
}

func registerTargetGroup(a *Account) {
	owners := on(a, elb.ServiceID, (*tx).attributeOwner)
	op(a, elb.ServiceID, createTargetGroup)
	op(a, elb.ServiceID, func(t *tx, in *elb.DescribeTargetGroupsInput) (*elb.DescribeTargetGroupsOutput, error) {
		all, err := chosen(t, targetGroups, in.TargetGroupArns)
		if err == nil {
			all, err = chosenOf(all, in.Names, func(g *types.TargetGroup) *string { return g.TargetGroupName }, "TargetGroupNotFound")
		}
		if err != nil {
			return nil, err
		}
		for i := range all {
			all[i].LoadBalancerArns = t.balancersOf(*all[i].TargetGroupArn)
		}
		if arn := aws.ToString(in.LoadBalancerArn); arn != "" {
			if err := t.elbExists(arn); err != nil {
				return nil, err
			}
			all = slices.DeleteFunc(all, func(g types.TargetGroup) bool { return !slices.Contains(g.LoadBalancerArns, arn) })
		}
		part, next, err := page(t, all, in.Marker)
		return &elb.DescribeTargetGroupsOutput{TargetGroups: part, NextMarker: next}, err
	})
	opOn(targetGroups.on(a), func(in *elb.ModifyTargetGroupInput) *string { return in.TargetGroupArn }, func(t *tx, r *row[types.TargetGroup], in *elb.ModifyTargetGroupInput) (*elb.ModifyTargetGroupOutput, error) {
		changed := r.V
		err := checkHealth(&changed, healthCheck{
			in.HealthCheckEnabled, in.HealthCheckIntervalSeconds, in.HealthCheckTimeoutSeconds, in.HealthyThresholdCount, in.UnhealthyThresholdCount,
			in.HealthCheckPath, in.HealthCheckPort, in.HealthCheckProtocol, in.Matcher,
		})
		if err != nil {
			return nil, err
		}
		r.V = changed
		changed.LoadBalancerArns = t.balancersOf(*changed.TargetGroupArn)
		return &elb.ModifyTargetGroupOutput{TargetGroups: []types.TargetGroup{changed}}, nil
	})
	opOn(owners, func(in *elb.DescribeTargetGroupAttributesInput) *string { return in.TargetGroupArn }, func(t *tx, arn string, _ *elb.DescribeTargetGroupAttributesInput) (*elb.DescribeTargetGroupAttributesOutput, error) {
		return &elb.DescribeTargetGroupAttributesOutput{Attributes: t.targetGroupAttributes(arn)}, nil
	})
	opOn(owners, func(in *elb.ModifyTargetGroupAttributesInput) *string { return in.TargetGroupArn }, func(t *tx, arn string, in *elb.ModifyTargetGroupAttributesInput) (*elb.ModifyTargetGroupAttributesOutput, error) {
		changes := map[string]string{}
		for _, each := range in.Attributes {
			changes[aws.ToString(each.Key)] = aws.ToString(each.Value)
		}
		if err := t.changeAttributes(arn, attributesOfGroup(targetGroups.find(t, arn).V), changes); err != nil {
			return nil, err
		}
		return &elb.ModifyTargetGroupAttributesOutput{Attributes: t.targetGroupAttributes(arn)}, nil
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.DeleteTargetGroupInput) (*elb.DeleteTargetGroupOutput, error) {
		s, arn := t.elb(), aws.ToString(in.TargetGroupArn)
		g := targetGroups.find(t, arn)
		switch {
		case !strings.HasPrefix(arn, t.arn("elasticloadbalancing", "targetgroup/")):
			return nil, apiError("ValidationError", "'%s' is not a valid target group ARN", arn)
		case g == nil:
			return &elb.DeleteTargetGroupOutput{}, nil // AWS says the same for one that is not there
		case len(t.balancersOf(arn)) > 0:
			return nil, apiError("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", arn)
		}
		s.Groups.drop(g)
		delete(s.Attributes, arn)
		delete(s.Tags, arn)
		return &elb.DeleteTargetGroupOutput{}, nil
	})
}

func (t *tx) targetGroupAttributes(arn string) []types.TargetGroupAttribute {
	return sorted(t.elb().Attributes[arn], func(key, value *string) types.TargetGroupAttribute {
		return types.TargetGroupAttribute{Key: key, Value: value}
	})
}

// targetGroupAttached tells whether a target group exists and whether a load
// balancer sends requests to it.
func (t *tx) targetGroupAttached(arn string) (exists, attached bool) {
	return targetGroups.find(t, arn) != nil, len(t.balancersOf(arn)) > 0
}

// balancersOf lists the load balancers with a listener or a rule that forwards
// to the target group; AWS allows one.
func (t *tx) balancersOf(group string) []string {
	s := t.elb()
	var out []string
	uses := func(listener *row[types.Listener], actions []types.Action) {
		if listener != nil && slices.Contains(forwardsTo(actions), group) && !slices.Contains(out, *listener.V.LoadBalancerArn) {
			out = append(out, *listener.V.LoadBalancerArn)
		}
	}
	for _, l := range s.Listeners {
		uses(l, l.V.DefaultActions)
	}
	for _, r := range s.Rules {
		uses(listeners.find(t, s.RuleOf[*r.V.RuleArn]), r.V.Actions)
	}
	return out
}

func createTargetGroup(t *tx, in *elb.CreateTargetGroupInput) (*elb.CreateTargetGroupOutput, error) {
	s, name := t.elb(), aws.ToString(in.Name)
	if err := cmp.Or(checkELBName("target group", name), elbTags.check(in.Tags)); err != nil {
		return nil, err
	}
	in.TargetType = cmp.Or(in.TargetType, types.TargetTypeEnumInstance)
	switch {
	case in.TargetType != types.TargetTypeEnumInstance && in.TargetType != types.TargetTypeEnumIp:
		return nil, apiError("InvalidConfigurationRequest", "the sandbox knows targets by instance and by ip only, not '%s'", in.TargetType)
	case in.Protocol != types.ProtocolEnumHttp && in.Protocol != types.ProtocolEnumHttps && in.Protocol != types.ProtocolEnumTcp:
		return nil, apiError("ValidationError", "the sandbox knows the protocols HTTP, HTTPS and TCP only, not '%s'", in.Protocol)
	case in.Protocol == types.ProtocolEnumTcp && in.ProtocolVersion != nil:
		return nil, apiError("ValidationError", "Protocol version cannot be specified for target groups with the protocol 'TCP'")
	case aws.ToInt32(in.Port) < 1 || aws.ToInt32(in.Port) > 65535:
		return nil, apiError("ValidationError", "Port '%d' must be between 1 and 65535", aws.ToInt32(in.Port))
	case vpcs.find(t, aws.ToString(in.VpcId)) == nil:
		return nil, apiError("ValidationError", "The VPC ID '%s' is not found", aws.ToString(in.VpcId))
	}
	g := types.TargetGroup{
		TargetGroupName: in.Name, TargetType: in.TargetType, Protocol: in.Protocol, Port: in.Port, VpcId: in.VpcId, IpAddressType: types.TargetGroupIpAddressTypeEnumIpv4,
		ProtocolVersion: aws.String(cmp.Or(aws.ToString(in.ProtocolVersion), "HTTP1")), HealthCheckEnabled: aws.Bool(true),
		HealthCheckProtocol: types.ProtocolEnumHttp, HealthCheckPort: aws.String("traffic-port"), HealthCheckPath: aws.String("/"), Matcher: &types.Matcher{HttpCode: aws.String("200")},
		HealthCheckIntervalSeconds: aws.Int32(30), HealthCheckTimeoutSeconds: aws.Int32(5), HealthyThresholdCount: aws.Int32(5), UnhealthyThresholdCount: aws.Int32(2),
	}
	if in.Protocol == types.ProtocolEnumTcp {
		g.ProtocolVersion, g.HealthCheckProtocol, g.HealthCheckPath, g.Matcher = nil, types.ProtocolEnumTcp, nil, nil
		g.HealthCheckTimeoutSeconds = aws.Int32(10)
	}
	err := checkHealth(&g, healthCheck{
		in.HealthCheckEnabled, in.HealthCheckIntervalSeconds, in.HealthCheckTimeoutSeconds, in.HealthyThresholdCount, in.UnhealthyThresholdCount,
		in.HealthCheckPath, in.HealthCheckPort, in.HealthCheckProtocol, in.Matcher,
	})
	if err != nil {
		return nil, err
	}
	for _, r := range s.Groups {
		if *r.V.TargetGroupName != name {
			continue
		}
		if groupText(r.V) != groupText(g) || !elbTags.same(s.Tags[*r.V.TargetGroupArn], in.Tags) {
			return nil, apiError("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", name)
		}
		return &elb.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{r.V}}, nil
	}
	arn := t.arn("elasticloadbalancing", "targetgroup/"+name+"/"+t.hex16())
	g.TargetGroupArn = aws.String(arn)
	s.Groups.add(&row[types.TargetGroup]{V: g})
	s.Attributes[arn], s.Tags[arn] = bornWith(attributesOfGroup(g)), in.Tags
	return &elb.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{g}}, nil
}

// groupText is what makes two target groups of one name the same.
func groupText(g types.TargetGroup) string {
	return jsonText([]any{
		g.TargetType, g.Protocol, g.Port, g.VpcId, g.ProtocolVersion, g.HealthCheckEnabled, g.HealthCheckProtocol, g.HealthCheckPort, g.HealthCheckPath,
		g.Matcher, g.HealthCheckIntervalSeconds, g.HealthCheckTimeoutSeconds, g.HealthyThresholdCount, g.UnhealthyThresholdCount,
	})
}

// healthCheck is what CreateTargetGroup and ModifyTargetGroup may say of it.
type healthCheck struct {
	enabled                               *bool
	interval, timeout, healthy, unhealthy *int32
	path, port                            *string
	protocol                              types.ProtocolEnum
	matcher                               *types.Matcher
}

// checkHealth changes the health check of g, or refuses.
func checkHealth(g *types.TargetGroup, h healthCheck) error {
	set(&g.HealthCheckEnabled, h.enabled)
	set(&g.HealthCheckIntervalSeconds, h.interval)
	set(&g.HealthCheckTimeoutSeconds, h.timeout)
	set(&g.HealthyThresholdCount, h.healthy)
	set(&g.UnhealthyThresholdCount, h.unhealthy)
	if h.protocol == types.ProtocolEnumTcp {
		g.HealthCheckPath, g.Matcher = nil, nil
	}
	set(&g.HealthCheckPath, h.path)
	set(&g.HealthCheckPort, h.port)
	set(&g.Matcher, h.matcher)
	g.HealthCheckProtocol = cmp.Or(h.protocol, g.HealthCheckProtocol)
	for what, bound := range map[string][3]int32{
		"Health check interval":     {*g.HealthCheckIntervalSeconds, 5, 300},
		"Health check timeout":      {*g.HealthCheckTimeoutSeconds, 2, 120},
		"Healthy threshold count":   {*g.HealthyThresholdCount, 2, 10},
		"Unhealthy threshold count": {*g.UnhealthyThresholdCount, 2, 10},
	} {
		if bound[0] < bound[1] || bound[0] > bound[2] {
			return apiError("ValidationError", "%s '%d' must be between %d and %d", what, bound[0], bound[1], bound[2])
		}
	}
	switch {
	case *g.HealthCheckTimeoutSeconds >= *g.HealthCheckIntervalSeconds:
		return apiError("ValidationError", "Health check timeout '%d' must be smaller than the interval '%d'", *g.HealthCheckTimeoutSeconds, *g.HealthCheckIntervalSeconds)
	case g.HealthCheckProtocol == types.ProtocolEnumTcp && g.Protocol != types.ProtocolEnumTcp:
		return apiError("ValidationError", "Health check protocol 'TCP' is not supported for target groups with the protocol '%s'", g.Protocol)
	case g.HealthCheckProtocol == types.ProtocolEnumTcp && (g.HealthCheckPath != nil || g.Matcher != nil):
		return apiError("ValidationError", "Health check path and matcher cannot be specified for health checks with the protocol 'TCP'")
	case *g.HealthCheckPort != "traffic-port" && !healthPort.MatchString(*g.HealthCheckPort):
		return apiError("ValidationError", "Health check port '%s' must be 'traffic-port' or between 1 and 65535", *g.HealthCheckPort)
	case g.TargetType == types.TargetTypeEnumIp && !*g.HealthCheckEnabled:
		return apiError("ValidationError", "Health check enabled must be true for target groups with target type 'ip'")
	case g.HealthCheckProtocol == types.ProtocolEnumTcp:
	case !healthPath.MatchString(aws.ToString(g.HealthCheckPath)), len(*g.HealthCheckPath) > 1024:
		return apiError("ValidationError", "Health check path '%s' must begin with a '/' and have 1024 characters at most", *g.HealthCheckPath)
	case g.Matcher == nil || !healthCodes.MatchString(aws.ToString(g.Matcher.HttpCode)):
		return apiError("ValidationError", "Health check matcher HTTP codes must be within 200 and 499")
	case g.HealthCheckProtocol != types.ProtocolEnumHttp && g.HealthCheckProtocol != types.ProtocolEnumHttps:
		return apiError("ValidationError", "Health check protocol '%s' is not supported", g.HealthCheckProtocol)
	}
	return nil
}

var (
	healthPort  = lazyregexp.New(`^[1-9][0-9]{0,4}$`)
	healthPath  = lazyregexp.New(`^/[\x21-\x7e]*$`)
	healthCodes = lazyregexp.New(`^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$`)
)
