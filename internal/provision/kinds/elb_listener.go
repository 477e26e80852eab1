package kinds

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type listener struct {
	elbtypes.Listener
	tags provision.Tags
}

// httpPort is where the load balancer listens.
const httpPort = 80

// listenerKey is what AWS keeps unique of a listener: "acme-web:80".
func listenerKey(balancer string, port int32) string { return fmt.Sprintf("%s:%d", balancer, port) }

// unserved is the answer to requests that no rule sends to a service.
func unserved() []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{
		StatusCode: aws.String("404"), ContentType: aws.String("text/plain"), MessageBody: aws.String("no service answers here"),
	}}}
}

// listenerKind is the port on which the load balancer takes requests. What no
// rule sends to a service is answered with 404.
func listenerKind() *provision.Type {
	id := func(l *listener) string { return aws.ToString(l.ListenerArn) }
	return provision.Define(provision.Kind[struct{}, *listener]{
		Name:   "elb/listener",
		Levels: provision.ClientLevel,
		After:  provision.Existing("elb/load-balancer"),
		Want: func(s *provision.Scope) map[provision.Role]struct{} {
			if len(webServices(s.Spec)) == 0 {
				return nil
			}
			return map[provision.Role]struct{}{"http": {}}
		},
		List: func(ctx context.Context, w *provision.Sweep) iter.Seq2[*listener, error] {
			all, err := listeners(ctx, w)
			return replay(all, err, func(l listener) *listener { return &l })
		},
		ID:    id,
		Tags:  func(l *listener) provision.Tags { return l.tags },
		State: provision.AlwaysAvailable[*listener],
		Key:   func(l *listener) string { return listenerKey(balancerOf(id(l)), aws.ToInt32(l.Port)) },
		KeyOf: func(s *provision.Scope, _ struct{}) string {
			return listenerKey(rules.LoadBalancerName(s.Client), httpPort)
		},
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (*listener, error) {
			out, err := s.API.ELB.CreateListener(ctx, &elb.CreateListenerInput{
				LoadBalancerArn: aws.String(s.ID("elb/load-balancer", "web")), Port: aws.Int32(httpPort), Protocol: elbtypes.ProtocolEnumHttp,
				DefaultActions: unserved(), Tags: toELBTags(s.Tags),
			})
			if err != nil {
				return nil, err
			}
			return &listener{out.Listeners[0], s.Tags}, nil
		},
		Delete: func(ctx context.Context, s *provision.Step, l *listener) error {
			_, err := s.API.ELB.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: l.ListenerArn})
			return err
		},
		Retag: retagELB(id),
		Update: func(ctx context.Context, s *provision.Step, _ struct{}, l *listener, _ []string) error {
			_, err := s.API.ELB.ModifyListener(ctx, &elb.ModifyListenerInput{
				ListenerArn: l.ListenerArn, Port: aws.Int32(httpPort), Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: unserved(),
			})
			return err
		},
		Fields: []provision.Field[struct{}, *listener]{
			{
				Name:  "protocol and port",
				Batch: true,
				Want:  func(*provision.Step, struct{}) string { return fmt.Sprintf("HTTP %d", httpPort) },
				Have:  func(l *listener) string { return fmt.Sprintf("%s %d", l.Protocol, aws.ToInt32(l.Port)) },
			},
			{
				Name:  "default action",
				Batch: true,
				Want:  func(*provision.Step, struct{}) string { return actionText(unserved()) },
				Have:  func(l *listener) string { return actionText(l.DefaultActions) },
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
		var ours []loadBalancer
		for _, b := range balancers {
			if concerns(w, b.tags) {
				ours = append(ours, b)
			}
		}
		all, err := perOwner(ctx, ours, func(ctx context.Context, b loadBalancer) ([]elbtypes.Listener, error) {
			p := elb.NewDescribeListenersPaginator(w.ELB, &elb.DescribeListenersInput{LoadBalancerArn: b.LoadBalancerArn})
			return collect(pages(ctx, p, func(o *elb.DescribeListenersOutput) []elbtypes.Listener { return o.Listeners }))
		})
		if err != nil {
			return nil, err
		}
		arn := func(l elbtypes.Listener) *string { return l.ListenerArn }
		return withTags(ctx, w, all, arn, func(l elbtypes.Listener, tags provision.Tags) listener { return listener{l, tags} })
	})
}
