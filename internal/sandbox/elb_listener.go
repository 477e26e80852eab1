package sandbox

import (
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
		case balancer != "" && balancers.find(t, balancer) == nil:
			return nil, apiError("LoadBalancerNotFound", "One or more load balancers not found")
		}
		all, err := chosen(t, listeners, in.ListenerArns)
		if err != nil {
			return nil, err
		}
		if balancer != "" {
			all = slices.DeleteFunc(all, func(l types.Listener) bool { return *l.LoadBalancerArn != balancer })
		}
		part, next, err := page(t, all, in.Marker)
		return &elb.DescribeListenersOutput{Listeners: part, NextMarker: next}, err
	})
	opOn(listeners.on(a), func(in *elb.ModifyListenerInput) *string { return in.ListenerArn }, func(t *tx, r *row[types.Listener], in *elb.ModifyListenerInput) (*elb.ModifyListenerOutput, error) {
		changed := r.V
		set(&changed.Port, in.Port)
		if in.Protocol != "" && in.Protocol != changed.Protocol {
			changed.Protocol, changed.Certificates, changed.SslPolicy = in.Protocol, nil, nil
		}
		setList(&changed.Certificates, in.Certificates)
		set(&changed.SslPolicy, in.SslPolicy)
		setList(&changed.DefaultActions, in.DefaultActions)
		if err := t.checkListener(&changed, r.V.Certificates); err != nil {
			return nil, err
		}
		if other := t.listenerAt(*changed.LoadBalancerArn, *changed.Port); other != nil && other != r {
			return nil, apiError("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", *changed.LoadBalancerArn)
		}
		if r.V = changed; changed.Protocol == types.ProtocolEnumHttp {
			delete(t.elb().Certificates, *changed.ListenerArn)
		}
		t.attachedTo(changed)
		return &elb.ModifyListenerOutput{Listeners: []types.Listener{changed}}, nil
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.DeleteListenerInput) (*elb.DeleteListenerOutput, error) {
		r := listeners.find(t, aws.ToString(in.ListenerArn))
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
	s.Listeners.drop(r)
	delete(s.Certificates, arn)
	delete(s.Tags, arn)
}

func (t *tx) listenerAt(balancer string, port int32) *row[types.Listener] {
	return t.elb().Listeners.first(func(r *row[types.Listener]) bool { return *r.V.LoadBalancerArn == balancer && *r.V.Port == port })
}

func createListener(t *tx, in *elb.CreateListenerInput) (*elb.CreateListenerOutput, error) {
	s, balancer := t.elb(), aws.ToString(in.LoadBalancerArn)
	if balancers.find(t, balancer) == nil {
		return nil, apiError("LoadBalancerNotFound", "Load balancer '%s' not found", balancer)
	}
	if err := elbTags.check(in.Tags); err != nil {
		return nil, err
	}
	l := types.Listener{LoadBalancerArn: in.LoadBalancerArn, Port: in.Port, Protocol: in.Protocol, Certificates: in.Certificates, SslPolicy: in.SslPolicy, DefaultActions: in.DefaultActions}
	there := t.listenerAt(balancer, aws.ToInt32(in.Port))
	var have []types.Certificate
	if there != nil {
		have = there.V.Certificates
	}
	if err := t.checkListener(&l, have); err != nil {
		return nil, err
	}
	if r := there; r != nil {
		same := jsonText([]any{r.V.Protocol, r.V.Certificates, r.V.SslPolicy, r.V.DefaultActions}) == jsonText([]any{l.Protocol, l.Certificates, l.SslPolicy, l.DefaultActions})
		if !same || !elbTags.same(s.Tags[*r.V.ListenerArn], in.Tags) {
			return nil, apiError("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", balancer)
		}
		return &elb.CreateListenerOutput{Listeners: []types.Listener{r.V}}, nil
	}
	if count(s.Listeners, func(v types.Listener) bool { return *v.LoadBalancerArn == balancer }) >= listenersOfOne {
		return nil, apiError("TooManyListeners", "The maximum number of listeners has been reached on load balancer '%s'", balancer)
	}
	l.ListenerArn = aws.String(strings.Replace(balancer, ":loadbalancer/", ":listener/", 1) + "/" + t.hex16())
	s.Listeners.add(&row[types.Listener]{V: l})
	s.Tags[*l.ListenerArn] = in.Tags
	t.attachedTo(l)
	return &elb.CreateListenerOutput{Listeners: []types.Listener{l}}, nil
}

// checkListener checks a listener that is made, or changed from one that had the
// certificates before.
func (t *tx) checkListener(l *types.Listener, before []types.Certificate) error {
	lb := balancers.find(t, *l.LoadBalancerArn)
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
	case network && l.SslPolicy != nil:
		return apiError("ValidationError", "An SSL policy cannot be specified for TCP listeners")
	case network:
	case l.Protocol != types.ProtocolEnumHttp && l.Protocol != types.ProtocolEnumHttps:
		return apiError("ValidationError", "Listener protocol '%s' must be one of 'HTTP, HTTPS'", l.Protocol)
	default:
		if err := t.checkSecurity(l, before); err != nil {
			return err
		}
	}
	return t.checkActions(l, l.DefaultActions)
}

// attachedTo tells ACM of the certificates of a listener that was made or changed.
func (t *tx) attachedTo(l types.Listener) {
	for _, c := range l.Certificates {
		t.attached(*c.CertificateArn)
	}
}
