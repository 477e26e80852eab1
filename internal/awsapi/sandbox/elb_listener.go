package sandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// listenersOfOne is ELB's quota of listeners of a load balancer.
const listenersOfOne = 50

func registerListener(a *Account) {
	op(a, elb.ServiceID, createListener)
	op(a, elb.ServiceID, func(t *tx, in *elb.DescribeListenersInput) (*elb.DescribeListenersOutput, error) {
		balancer := aws.ToString(in.LoadBalancerArn)
		switch {
		case balancer == "" && len(in.ListenerArns) == 0:
			return nil, apiError("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
		case balancer != "" && find(t.elb().Balancers, balancer, balancerARN) == nil:
			return nil, apiError("LoadBalancerNotFound", "One or more load balancers not found")
		}
		all, err := chosen(t.elb().Listeners, in.ListenerArns, listenerARN, "ListenerNotFound")
		if err != nil {
			return nil, err
		}
		if balancer != "" {
			all = slices.DeleteFunc(all, func(l types.Listener) bool { return *l.LoadBalancerArn != balancer })
		}
		part, next, err := page(t, all, in.Marker)
		return &elb.DescribeListenersOutput{Listeners: part, NextMarker: next}, err
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.ModifyListenerInput) (*elb.ModifyListenerOutput, error) {
		r := find(t.elb().Listeners, aws.ToString(in.ListenerArn), listenerARN)
		if r == nil {
			return nil, apiError("ListenerNotFound", "One or more listeners not found")
		}
		changed := r.V
		set(&changed.Port, in.Port)
		if in.Protocol != "" {
			changed.Protocol = in.Protocol
		}
		if in.Certificates != nil {
			changed.Certificates = in.Certificates
		}
		if in.DefaultActions != nil {
			changed.DefaultActions = in.DefaultActions
		}
		if err := t.checkListener(&changed); err != nil {
			return nil, err
		}
		if other := t.listenerAt(*changed.LoadBalancerArn, *changed.Port); other != nil && other != r {
			return nil, apiError("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", *changed.LoadBalancerArn)
		}
		r.V = changed
		return &elb.ModifyListenerOutput{Listeners: []types.Listener{changed}}, nil
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.DeleteListenerInput) (*elb.DeleteListenerOutput, error) {
		r := find(t.elb().Listeners, aws.ToString(in.ListenerArn), listenerARN)
		if r == nil {
			return nil, apiError("ListenerNotFound", "Listener '%s' not found", aws.ToString(in.ListenerArn))
		}
		t.dropListener(r)
		return &elb.DeleteListenerOutput{}, nil
	})
}

// dropListener removes a listener with its rules.
func (t *tx) dropListener(r *row[types.Listener]) {
	s, arn := t.elb(), *r.V.ListenerArn
	for _, rule := range slices.Clone(s.Rules) {
		if s.RuleOf[*rule.V.RuleArn] == arn {
			t.dropRule(rule)
		}
	}
	s.Listeners = drop(s.Listeners, r)
	delete(s.Tags, arn)
}

func (t *tx) listenerAt(balancer string, port int32) *row[types.Listener] {
	for _, r := range t.elb().Listeners {
		if *r.V.LoadBalancerArn == balancer && *r.V.Port == port {
			return r
		}
	}
	return nil
}

func createListener(t *tx, in *elb.CreateListenerInput) (*elb.CreateListenerOutput, error) {
	s, balancer := t.elb(), aws.ToString(in.LoadBalancerArn)
	if find(s.Balancers, balancer, balancerARN) == nil {
		return nil, apiError("LoadBalancerNotFound", "Load balancer '%s' not found", balancer)
	}
	if err := checkELBTags(in.Tags); err != nil {
		return nil, err
	}
	l := types.Listener{LoadBalancerArn: in.LoadBalancerArn, Port: in.Port, Protocol: in.Protocol, Certificates: in.Certificates, DefaultActions: in.DefaultActions}
	if err := t.checkListener(&l); err != nil {
		return nil, err
	}
	if r := t.listenerAt(balancer, *l.Port); r != nil {
		same := jsonText([]any{r.V.Protocol, r.V.Certificates, r.V.DefaultActions}) == jsonText([]any{l.Protocol, l.Certificates, l.DefaultActions})
		if !same || !sameTags(s.Tags[*r.V.ListenerArn], in.Tags) {
			return nil, apiError("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", balancer)
		}
		return &elb.CreateListenerOutput{Listeners: []types.Listener{r.V}}, nil
	}
	count := 0
	for _, r := range s.Listeners {
		if *r.V.LoadBalancerArn == balancer {
			count++
		}
	}
	if count >= listenersOfOne {
		return nil, apiError("TooManyListeners", "The maximum number of listeners has been reached on load balancer '%s'", balancer)
	}
	l.ListenerArn = aws.String(strings.Replace(balancer, ":loadbalancer/", ":listener/", 1) + "/" + t.hex16())
	s.Listeners = append(s.Listeners, &row[types.Listener]{V: l})
	s.Tags[*l.ListenerArn] = in.Tags
	return &elb.CreateListenerOutput{Listeners: []types.Listener{l}}, nil
}

func (t *tx) checkListener(l *types.Listener) error {
	lb := find(t.elb().Balancers, *l.LoadBalancerArn, balancerARN)
	network := lb != nil && lb.V.Type == types.LoadBalancerTypeEnumNetwork
	switch {
	case aws.ToInt32(l.Port) < 1 || aws.ToInt32(l.Port) > 65535:
		return apiError("ValidationError", "Port '%d' must be between 1 and 65535", aws.ToInt32(l.Port))
	case l.Protocol == "":
		return apiError("ValidationError", "A listener protocol must be specified")
	case network && l.Protocol != types.ProtocolEnumTcp:
		return apiError("ValidationError", "the sandbox knows listeners for TCP only on network load balancers, not '%s'", l.Protocol)
	case network && (len(l.DefaultActions) != 1 || l.DefaultActions[0].Type != types.ActionTypeEnumForward || len(forwardsTo(l.DefaultActions)) != 1):
		return apiError("ValidationError", "Listeners with the protocol 'TCP' forward to one target group")
	case network && len(l.Certificates) > 0:
		return apiError("InvalidConfigurationRequest", "Certificates cannot be specified for TCP listeners")
	case network:
	case l.Protocol != types.ProtocolEnumHttp && l.Protocol != types.ProtocolEnumHttps:
		return apiError("ValidationError", "Listener protocol '%s' must be one of 'HTTP, HTTPS'", l.Protocol)
	case l.Protocol == types.ProtocolEnumHttps && len(l.Certificates) == 0:
		return apiError("ValidationError", "A certificate must be specified for HTTPS listeners")
	case l.Protocol == types.ProtocolEnumHttp && len(l.Certificates) > 0:
		return apiError("InvalidConfigurationRequest", "Certificates cannot be specified for HTTP listeners")
	}
	for _, c := range l.Certificates {
		if !strings.HasPrefix(aws.ToString(c.CertificateArn), t.arn("acm", "certificate/")) {
			return apiError("CertificateNotFound", "Certificate ARN '%s' is not valid", aws.ToString(c.CertificateArn))
		}
	}
	return t.checkActions(*l.LoadBalancerArn, l.DefaultActions)
}

var (
	fixedStatus = regexp.MustCompile(`^[245][0-9]{2}$`)
	fixedTypes  = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}
)

// checkActions checks the actions of a listener or a rule, and fills in what
// AWS does: a forward to one target group reads both ways.
func (t *tx) checkActions(balancer string, actions []types.Action) error {
	if len(actions) != 1 {
		return apiError("InvalidLoadBalancerAction", "Exactly one forward, redirect or fixed-response action is needed, not %d", len(actions))
	}
	act := &actions[0]
	switch act.Type {
	case types.ActionTypeEnumForward:
		return t.checkForward(balancer, act)
	case types.ActionTypeEnumFixedResponse:
		f := act.FixedResponseConfig
		switch {
		case f == nil || !fixedStatus.MatchString(aws.ToString(f.StatusCode)):
			return apiError("ValidationError", "A fixed-response action must specify a status code of 2XX, 4XX or 5XX")
		case len(aws.ToString(f.MessageBody)) > 1024:
			return apiError("ValidationError", "The message body is longer than 1024 characters")
		case f.ContentType != nil && !slices.Contains(fixedTypes, *f.ContentType):
			return apiError("ValidationError", "The content type '%s' is not one of %s", *f.ContentType, strings.Join(fixedTypes, ", "))
		}
	case types.ActionTypeEnumRedirect:
		if r := act.RedirectConfig; r == nil || r.StatusCode == "" {
			return apiError("ValidationError", "A redirect action must specify a status code")
		}
	default:
		return apiError("InvalidLoadBalancerAction", "the sandbox does not know the action type '%s'", act.Type)
	}
	return nil
}

func (t *tx) checkForward(balancer string, act *types.Action) error {
	groups := forwardsTo([]types.Action{*act})
	if len(groups) == 0 || len(groups) > 5 {
		return apiError("ValidationError", "A forward action must specify one to five target groups")
	}
	lb := find(t.elb().Balancers, balancer, balancerARN)
	for _, arn := range groups {
		g := find(t.elb().Groups, arn, targetGroupARN)
		if g == nil {
			return apiError("TargetGroupNotFound", "One or more target groups not found: '%s' does not exist", arn)
		}
		if lb != nil && *g.V.VpcId != *lb.V.VpcId {
			return apiError("InvalidConfigurationRequest", "The target group '%s' is not in the VPC of the load balancer", arn)
		}
		if lb != nil && (g.V.Protocol == types.ProtocolEnumTcp) != (lb.V.Type == types.LoadBalancerTypeEnumNetwork) {
			return apiError("InvalidConfigurationRequest", "The target group '%s' with the protocol '%s' cannot be used by a load balancer of type '%s'", arn, g.V.Protocol, lb.V.Type)
		}
		if used := t.balancersOf(arn); len(used) > 0 && used[0] != balancer {
			return apiError("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", arn)
		}
	}
	if act.ForwardConfig == nil {
		act.ForwardConfig = &types.ForwardActionConfig{}
	}
	if len(act.ForwardConfig.TargetGroups) == 0 {
		act.ForwardConfig.TargetGroups = []types.TargetGroupTuple{{TargetGroupArn: act.TargetGroupArn}}
	}
	for i := range act.ForwardConfig.TargetGroups {
		if tuple := &act.ForwardConfig.TargetGroups[i]; tuple.Weight == nil {
			tuple.Weight = aws.Int32(1)
		}
	}
	if act.ForwardConfig.TargetGroupStickinessConfig == nil {
		act.ForwardConfig.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)}
	}
	if len(groups) == 1 {
		act.TargetGroupArn = aws.String(groups[0])
	}
	return nil
}

// forwardsTo lists the target groups of actions.
func forwardsTo(actions []types.Action) []string {
	var out []string
	for _, act := range actions {
		if act.TargetGroupArn != nil {
			out = append(out, *act.TargetGroupArn)
		}
		if act.ForwardConfig != nil {
			for _, tuple := range act.ForwardConfig.TargetGroups {
				if arn := aws.ToString(tuple.TargetGroupArn); !slices.Contains(out, arn) {
					out = append(out, arn)
				}
			}
		}
	}
	return out
}

// jsonText is a text by which two values of the SDK can be compared.
func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error() // plain structs of strings and numbers: it cannot fail
	}
	return string(text)
}
