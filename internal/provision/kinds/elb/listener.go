package elb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type listener struct {
	elbtypes.Listener
	tags provision.Tags
	// further are the ARNs of the certificates beside the default one.
	further []string
}

// Ports on which the load balancer for HTTP listens, and the roles of its listeners.
const (
	httpPort, httpsPort = 80, 443
	httpRole, httpsRole = "http", "https"
)

// listenerKey is what AWS keeps unique of a listener: "acme-web:80".
func listenerKey(balancer string, port int32) string { return fmt.Sprintf("%s:%d", balancer, port) }

// unserved is the answer to requests that no rule sends to a service.
func unserved() []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{
		StatusCode: aws.String("404"), ContentType: aws.String("text/plain"), MessageBody: aws.String("no service answers here"),
	}}}
}

// entrance is a port on which one of a client's load balancers takes connections.
type entrance struct {
	Balancer, Name string // role and name of the load balancer
	Protocol       elbtypes.ProtocolEnum
	Port           uint16
	To             provision.Role // the target group; empty where rules decide
	labels         provision.Tags
}

// entrances are the ports that a client's services need, by role. That of a
// transfer port is the port, not the service: services can change places so.
func entrances(s *provision.Scope) map[provision.Role]entrance {
	out := map[provision.Role]entrance{}
	if len(webTargets(s)) > 0 {
		out[httpRole] = entrance{webBalancer, rules.LoadBalancerName(s.Client), elbtypes.ProtocolEnumHttp, httpPort, "", nil}
	}
	if len(rules.Domains(s.Spec)) > 0 {
		out[httpsRole] = entrance{webBalancer, rules.LoadBalancerName(s.Client), elbtypes.ProtocolEnumHttps, httpsPort, "", nil}
	}
	for _, p := range rules.TransferPorts(s.Spec) {
		out[fmt.Sprintf("tcp-%d", p.Port)] = entrance{
			TransferBalancer, rules.TransferBalancerName(s.Client), elbtypes.ProtocolEnumTcp, p.Port, p.Name(), serviceLabels(p.App, p.Service, p.Env),
		}
	}
	return out
}

// actions send all to one target group, or answer 404 to what no rule sends to a service.
func (e entrance) actions(s *provision.Step) []elbtypes.Action {
	if e.To == "" {
		return unserved()
	}
	return []elbtypes.Action{forwardTo(s.ID("elb/target-group", e.To))}
}

// ListenerKind is a port on which a load balancer takes requests or connections.
func ListenerKind() *provision.Type {
	id := func(l *listener) string { return aws.ToString(l.ListenerArn) }
	return provision.Define(provision.Kind[entrance, *listener]{
		Name:      "elb/listener",
		ARN:       "elasticloadbalancing:listener/",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[entrance, *listener]{Free: freePart},
		Impact:    provision.Impact[*listener]{Losses: listenerLosses},
		DependsOn: append(provision.Existing("elb/load-balancer", "elb/target-group", "acm/certificate"), provision.ForFields(provision.Existing("elb/listener"))...),
		Want:      entrances,
		Deferred: func(s *provision.Step, e entrance) string {
			if e.tls() && len(issuedFor(s, rules.Domains(s.Spec))) == 0 {
				return lang.Say("until AWS has issued a certificate")
			}
			return ""
		},
		Describe: describeListener,
		List: func(ctx context.Context, w *provision.Sweep) ([]*listener, error) {
			return kit.Pointers(listeners(ctx, w))
		},
		ID:   id,
		Tags: func(l *listener) provision.Tags { return l.tags },
		Naming: provision.Naming[entrance, *listener]{
			Key:       func(l *listener) string { return listenerKey(balancerOf(id(l)), aws.ToInt32(l.Port)) },
			KeyOf:     func(_ *provision.Scope, e entrance) string { return listenerKey(e.Name, int32(e.Port)) },
			ExtraTags: func(_ *provision.Scope, e entrance) provision.Tags { return e.labels },
		},
		Create: func(ctx context.Context, s *provision.Step, e entrance) (*listener, error) {
			return kit.Get(ctx, s.API.ELB.CreateListener, &elb.CreateListenerInput{
				LoadBalancerArn: aws.String(s.ID("elb/load-balancer", e.Balancer)), Port: aws.Int32(int32(e.Port)), Protocol: e.Protocol,
				DefaultActions: e.actions(s), Tags: elbTags.To(s.Tags), Certificates: e.certificates(s), SslPolicy: e.policy(),
			}, func(o *elb.CreateListenerOutput) *listener { return &listener{Listener: o.Listeners[0], tags: s.Tags} })
		},
		Delete: func(ctx context.Context, s *provision.Step, l *listener) error {
			return kit.Do(ctx, s.API.ELB.DeleteListener, &elb.DeleteListenerInput{ListenerArn: l.ListenerArn})
		},
		Retag: retagELB(id),
		Untag: untagELB(id),
		Update: func(ctx context.Context, s *provision.Step, e entrance, l *listener, _ []string) error {
			return kit.Do(ctx, s.API.ELB.ModifyListener, &elb.ModifyListenerInput{
				ListenerArn: l.ListenerArn, Port: aws.Int32(int32(e.Port)), Protocol: e.Protocol, DefaultActions: e.actions(s),
				Certificates: e.certificates(s), SslPolicy: e.policy(),
			})
		},
		FactsListed: true,
		Facts: func(l *listener) []provision.Fact {
			if l.Protocol == elbtypes.ProtocolEnumHttp {
				return nil
			}
			return []provision.Fact{{Name: "port", Value: fmt.Sprint(aws.ToInt32(l.Port))}}
		},
		Fields: []provision.Field[entrance, *listener]{
			kit.Put("protocol and port", func(_ *provision.Step, e entrance) string { return fmt.Sprintf("%s %d", e.Protocol, e.Port) },
				func(l *listener) string { return fmt.Sprintf("%s %d", l.Protocol, aws.ToInt32(l.Port)) }),
			kit.Put("default action", func(s *provision.Step, e entrance) string { return actionText(e.actions(s)) },
				func(l *listener) string { return actionText(l.DefaultActions) }),
			kit.Put("TLS policy", func(*provision.Step, entrance) string { return rules.TLSPolicy }, (*listener).policy),
			kit.Put("certificate", func(s *provision.Step, e entrance) string { return e.certificate(s) }, (*listener).certificate),
			{
				Name: "further certificates",
				Want: func(s *provision.Step, e entrance) string { return e.others(s) },
				Have: (*listener).others,
				Set:  setFurtherCertificates,
			},
		},
	})
}

// listeners lists those of our load balancers, tagged or not, with their tags.
func listeners(ctx context.Context, w *provision.Sweep) ([]listener, error) {
	return provision.Shared(w, "elb listeners", func() ([]listener, error) {
		balancers, err := loadBalancers(ctx, w)
		if err != nil {
			return nil, err
		}
		shown, err := shownListeners(ctx, w, balancers)
		if err != nil {
			return nil, err
		}
		var all []elbtypes.Listener
		var unsure []LoadBalancer
		for _, b := range balancers {
			switch known := shown[aws.ToString(b.LoadBalancerArn)]; {
			case !concerns(w, b.tags):
			case asExpected(w, b, known):
				all = append(all, known...)
			default:
				unsure = append(unsure, b)
			}
		}
		asked, err := perOwner(ctx, unsure, func(ctx context.Context, b LoadBalancer) ([]elbtypes.Listener, error) {
			return describeListeners(ctx, w, &elb.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn})
		})
		return withTags(ctx, w, append(all, asked...), err, func(l elbtypes.Listener) *string { return l.ListenerArn }, func(l elbtypes.Listener, tags provision.Tags) listener {
			return listener{Listener: l, tags: tags}
		})
	})
}

func describeListeners(ctx context.Context, w *provision.Sweep, in *elb.DescribeListenersInput) ([]elbtypes.Listener, error) {
	p := elb.NewDescribeListenersPaginator(w.ELB, in)
	return kit.All(ctx, p, func(o *elb.DescribeListenersOutput) []elbtypes.Listener { return o.Listeners })
}

// shownListeners describes the listeners that an audit's index shows, many with a
// call, by the ARN of their load balancer.
func shownListeners(ctx context.Context, w *provision.Sweep, balancers []LoadBalancer) (map[string][]elbtypes.Listener, error) {
	names := map[string]bool{} // the index shows listeners of load balancers that are gone as well
	for _, b := range balancers {
		names[aws.ToString(b.LoadBalancerName)] = true
	}
	var arns []string
	for _, arn := range slices.Sorted(maps.Keys(w.Index)) {
		if strings.HasPrefix(arn, "arn:aws:elasticloadbalancing:") && strings.Contains(arn, ":listener/") && names[balancerOf(arn)] {
			arns = append(arns, arn)
		}
	}
	out := map[string][]elbtypes.Listener{}
	for batch := range slices.Chunk(arns, elbTagBatch) {
		found, err := describeListeners(ctx, w, &elb.DescribeListenersInput{ListenerArns: batch})
		// One that is gone hides the others, whose load balancers are then asked about.
		if awsapi.IgnoreNotFound(err) != nil {
			return nil, err
		}
		for _, l := range found {
			out[aws.ToString(l.LoadBalancerArn)] = append(out[aws.ToString(l.LoadBalancerArn)], l)
		}
	}
	return out, nil
}

// asExpected reports whether the known listeners of a load balancer are on all the
// ports that the client's spec has for it. There can be no other on those ports, and
// what others have on other ports is nothing to us.
func asExpected(w *provision.Sweep, b LoadBalancer, known []elbtypes.Listener) bool {
	i := slices.IndexFunc(w.Scopes, func(s *provision.Scope) bool {
		return s.Level == provision.ClientLevel && s.Client == b.tags[provision.TagClient] && s.Spec != nil
	})
	if i < 0 {
		return false
	}
	expected := 0
	for _, e := range entrances(w.Scopes[i]) {
		if e.Name != aws.ToString(b.LoadBalancerName) {
			continue
		}
		expected++
		if !slices.ContainsFunc(known, func(l elbtypes.Listener) bool { return aws.ToInt32(l.Port) == int32(e.Port) }) {
			return false
		}
	}
	return expected > 0
}
