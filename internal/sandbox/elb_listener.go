package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// listenersOfOne is ELB's quota of listeners of a load balancer.
const listenersOfOne = 50

func registerListener(a *Account) {
	op(a, elb.ServiceID, func(t *tx, in *elb.CreateListenerInput) (*elb.CreateListenerOutput, error) {
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
	})
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

// certificatesOfOne is ELB's quota of certificates of a load balancer, default ones
// left out.
const certificatesOfOne = 25

// newsTime is how long it takes at most until load balancers have heard that a
// certificate was issued.
const newsTime = 30 * time.Second

// defaultPolicy is what a listener has that was made without a policy by the API.
const defaultPolicy = "ELBSecurityPolicy-2016-08"

// sslPolicies are AWS's own, as far as anybody may meet them (Application Load
// Balancers user guide, "Security policies").
var sslPolicies = strings.Fields(`ELBSecurityPolicy-2016-08 ELBSecurityPolicy-TLS-1-0-2015-04 ELBSecurityPolicy-TLS-1-1-2017-01
	ELBSecurityPolicy-TLS-1-2-2017-01 ELBSecurityPolicy-TLS-1-2-Ext-2018-06 ELBSecurityPolicy-FS-2018-06 ELBSecurityPolicy-FS-1-1-2019-08
	ELBSecurityPolicy-FS-1-2-2019-08 ELBSecurityPolicy-FS-1-2-Res-2019-08 ELBSecurityPolicy-FS-1-2-Res-2020-10
	ELBSecurityPolicy-TLS13-1-0-2021-06 ELBSecurityPolicy-TLS13-1-1-2021-06 ELBSecurityPolicy-TLS13-1-2-2021-06
	ELBSecurityPolicy-TLS13-1-2-Res-2021-06 ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06 ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06
	ELBSecurityPolicy-TLS13-1-3-2021-06`)

func registerListenerCertificate(a *Account) {
	opOn(listeners.on(a), func(in *elb.DescribeListenerCertificatesInput) *string { return in.ListenerArn }, func(t *tx, l *row[types.Listener], in *elb.DescribeListenerCertificatesInput) (*elb.DescribeListenerCertificatesOutput, error) {
		all := each(l.V.Certificates, func(c types.Certificate) types.Certificate {
			return types.Certificate{CertificateArn: c.CertificateArn, IsDefault: aws.Bool(true)}
		})
		for _, arn := range t.elb().Certificates[*l.V.ListenerArn] {
			all = append(all, types.Certificate{CertificateArn: aws.String(arn), IsDefault: aws.Bool(false)})
		}
		part, next, err := page(t, all, in.Marker)
		return &elb.DescribeListenerCertificatesOutput{Certificates: part, NextMarker: next}, err
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.AddListenerCertificatesInput) (*elb.AddListenerCertificatesOutput, error) {
		l, arn, err := t.listenerCertificate(in.ListenerArn, in.Certificates)
		if err == nil {
			err = t.usable(arn)
		}
		if err != nil {
			return nil, err
		}
		s, listener, count := t.elb(), *l.V.ListenerArn, 0
		for _, other := range s.Listeners {
			if *other.V.LoadBalancerArn == *l.V.LoadBalancerArn {
				count += len(s.Certificates[*other.V.ListenerArn])
			}
		}
		have := s.Certificates[listener]
		switch {
		case slices.Contains(have, arn): // AWS says the same as for a new one
		case count >= certificatesOfOne:
			return nil, apiError("TooManyCertificates", "The maximum number of certificates has been reached on load balancer '%s'", *l.V.LoadBalancerArn)
		default:
			have = append(have, arn)
		}
		s.Certificates[listener] = have
		t.attached(arn)
		return &elb.AddListenerCertificatesOutput{Certificates: in.Certificates}, nil
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.RemoveListenerCertificatesInput) (*elb.RemoveListenerCertificatesOutput, error) {
		l, arn, err := t.listenerCertificate(in.ListenerArn, in.Certificates)
		if err != nil {
			return nil, err
		}
		s := t.elb()
		at := slices.Index(s.Certificates[*l.V.ListenerArn], arn)
		switch {
		case at >= 0:
		case *l.V.Certificates[0].CertificateArn == arn:
			return nil, apiError("OperationNotPermitted", "Default certificate cannot be removed")
		default:
			return nil, apiError("CertificateNotFound", "Certificate '%s' not found", arn)
		}
		s.Certificates[*l.V.ListenerArn] = slices.Delete(s.Certificates[*l.V.ListenerArn], at, at+1)
		return &elb.RemoveListenerCertificatesOutput{}, nil
	})
}

// listenerCertificate finds the listener and the one certificate of a call about both.
func (t *tx) listenerCertificate(listener *string, certificates []types.Certificate) (*row[types.Listener], string, error) {
	l := listeners.find(t, aws.ToString(listener))
	switch {
	case l == nil:
		return nil, "", apiError("ListenerNotFound", "One or more listeners not found")
	case l.V.Protocol != types.ProtocolEnumHttps:
		return nil, "", apiError("ValidationError", "Certificates cannot be specified for %s listeners", l.V.Protocol)
	}
	arn, err := onlyCertificate(certificates)
	return l, arn, err
}

// onlyCertificate is the certificate that calls take one of.
func onlyCertificate(certificates []types.Certificate) (string, error) {
	switch {
	case len(certificates) != 1:
		return "", apiError("ValidationError", "You must specify exactly one certificate, not %d", len(certificates))
	case certificates[0].IsDefault != nil:
		return "", apiError("ValidationError", "You cannot set the isDefault parameter for a certificate.")
	}
	return aws.ToString(certificates[0].CertificateArn), nil
}

// usable refuses a certificate that a listener can't have: one of another region or
// account, or one that ACM has not issued. ELB hears of an issue some time after ACM
// tells of it.
func (t *tx) usable(arn string) error {
	r, err := t.certificate(&arn)
	switch {
	case err != nil:
		return apiError("CertificateNotFound", "Certificate '%s' not found", arn)
	case r.V.Detail.Status == acmtypes.CertificateStatusIssued && (r.V.Unheard == 0 || t.now.Sub(*r.V.Detail.IssuedAt) > newsTime):
	default:
		r.V.Unheard = max(r.V.Unheard-1, 0)
		return apiError("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size.", arn)
	}
	return nil
}

// attached tells ACM of a certificate's new user.
func (t *tx) attached(arn string) {
	if r, err := t.certificate(&arn); err == nil {
		t.hearOf(&r.V)
	}
}

// balancersWith are the load balancers whose listeners have a certificate.
func (t *tx) balancersWith(arn string) []string {
	s := t.elb()
	var out []string
	for _, l := range s.Listeners {
		isDefault := slices.ContainsFunc(l.V.Certificates, func(c types.Certificate) bool { return *c.CertificateArn == arn })
		if (isDefault || slices.Contains(s.Certificates[*l.V.ListenerArn], arn)) && !slices.Contains(out, *l.V.LoadBalancerArn) {
			out = append(out, *l.V.LoadBalancerArn)
		}
	}
	return out
}

// checkSecurity checks what a listener of an application load balancer says about
// TLS, and fills in the policy that AWS does. A certificate that the listener has
// already is not asked about again.
func (t *tx) checkSecurity(l *types.Listener, before []types.Certificate) error {
	if l.Protocol == types.ProtocolEnumHttp {
		switch {
		case len(l.Certificates) > 0:
			return apiError("InvalidConfigurationRequest", "Certificates cannot be specified for HTTP listeners")
		case l.SslPolicy != nil:
			return apiError("ValidationError", "An SSL policy cannot be specified for HTTP listeners")
		}
		return nil
	}
	if len(l.Certificates) == 0 {
		return apiError("ValidationError", "A certificate must be specified for HTTPS listeners")
	}
	arn, err := onlyCertificate(l.Certificates)
	if err != nil {
		return err
	}
	l.SslPolicy = cmp.Or(l.SslPolicy, aws.String(defaultPolicy))
	if !slices.Contains(sslPolicies, *l.SslPolicy) {
		return apiError("SSLPolicyNotFound", "SSL policy '%s' not found", *l.SslPolicy)
	}
	if len(before) == 1 && *before[0].CertificateArn == arn {
		return nil
	}
	return t.usable(arn)
}
