package elb

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// routed is a rule of one of the load balancer's two listeners for HTTP.
type routed struct {
	rules.ListenerRule
	TLS bool
}

func (d routed) role() provision.Role {
	if d.TLS {
		return d.service() + "-" + httpsRole
	}
	return d.service()
}

// service is what requests are sent to, and the role of its target group.
func (d routed) service() string { return rules.ServiceName(d.App, d.Service, d.Env) }

func (d routed) listener() provision.Role {
	if d.TLS {
		return httpsRole
	}
	return httpRole
}

// key names the listener as AWS keeps it unique.
func (d routed) key(s *provision.Scope) string {
	port := int32(httpPort)
	if d.TLS {
		port = httpsPort
	}
	return listenerKey(rules.LoadBalancerName(s.Client), port)
}

// actions send requests to the service, or to HTTPS once all the names that they may be
// for have a certificate and there is, or will be, a rule that takes them there.
func (d routed) actions(s *provision.Step) []elbtypes.Action {
	secure := routed{d.ListenerRule, true}
	if !d.TLS && d.Named() && len(issuedFor(s, d.Hosts)) == len(d.Hosts) && s.Coming("elb/listener-rule", secure.role()) {
		return []elbtypes.Action{toHTTPS()}
	}
	return []elbtypes.Action{forwardTo(s.ID("elb/target-group", d.service()))}
}

// routes are the rules of a client's listeners for HTTP and, where they are about
// names that have certificates, HTTPS.
func routes(s *provision.Scope) []routed {
	var out []routed
	for _, r := range rules.ListenerRules(s.Spec) {
		out = append(out, routed{r, false})
		if r.Named() {
			out = append(out, routed{r, true})
		}
	}
	return out
}

type listenerRule struct {
	elbtypes.Rule
	listener string // "acme-web:80"
	arn      string // of the listener
	tags     provision.Tags
}

func (r *listenerRule) priority() string { return aws.ToString(r.Rule.Priority) }

// ListenerRuleKind sends requests for a host and a path to one service in one
// environment. The document's rules give each its priority, which may change
// when services come and go.
func ListenerRuleKind() *provision.Type {
	id := func(r *listenerRule) string { return aws.ToString(r.RuleArn) }
	return provision.Define(provision.Kind[routed, *listenerRule]{
		Name:    "elb/listener-rule",
		ARN:     "elasticloadbalancing:listener-rule/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[routed, *listenerRule]{Free: freePart},
		Impact:  provision.Impact[*listenerRule]{Stateless: true},
		// Rules change places: all have to be there before one is moved.
		DependsOn: append(provision.Existing("elb/listener", "elb/target-group"),
			provision.ForFields(provision.Existing("elb/listener-rule", "acm/certificate"))...),
		Timing: provision.Timing{Timeout: 2 * time.Minute},
		Want: func(s *provision.Scope) map[provision.Role]routed {
			out := map[provision.Role]routed{}
			for _, r := range routes(s) {
				out[r.role()] = r
			}
			return out
		},
		Deferred: func(s *provision.Step, d routed) string {
			if !s.Coming("elb/listener", d.listener()) {
				return lang.Say("until there is a listener for HTTPS")
			}
			return ""
		},
		List: listListenerRules,
		ID:   id,
		Tags: func(r *listenerRule) provision.Tags { return r.tags },
		Naming: provision.Naming[routed, *listenerRule]{
			Key:   func(r *listenerRule) string { return ruleKey(r.listener, r.priority()) },
			KeyOf: func(s *provision.Scope, d routed) string { return ruleKey(d.key(s), priorityText(d)) },
			Title: func(_ *provision.Scope, _ provision.Role, d routed) string {
				return cmp.Or(strings.Join(d.Hosts, " "), "any host") + " " + d.Path
			},
			ExtraTags: func(_ *provision.Scope, d routed) provision.Tags { return serviceLabels(d.App, d.Service, d.Env) },
		},
		Create: createListenerRule,
		Delete: func(ctx context.Context, s *provision.Step, r *listenerRule) error {
			if s.Removes("elb/listener", r.arn) {
				return nil // it goes with it, which is next
			}
			return kit.Do(ctx, s.API.ELB.DeleteRule, &elb.DeleteRuleInput{RuleArn: r.RuleArn})
		},
		Retag: retagELB(id),
		Untag: untagELB(id),
		Update: func(ctx context.Context, s *provision.Step, d routed, r *listenerRule, _ []string) error {
			return kit.Do(ctx, s.API.ELB.ModifyRule, &elb.ModifyRuleInput{
				RuleArn: r.RuleArn, Conditions: ruleConditions(d), Actions: d.actions(s),
			})
		},
		Fields: []provision.Field[routed, *listenerRule]{
			kit.Put("conditions", func(_ *provision.Step, d routed) string { return conditionText(ruleConditions(d)) },
				func(r *listenerRule) string { return conditionText(r.Conditions) }),
			kit.Put("action", func(s *provision.Step, d routed) string { return actionText(d.actions(s)) },
				func(r *listenerRule) string { return actionText(r.Actions) }),
			{
				Name: "priority",
				Want: func(_ *provision.Step, d routed) string { return priorityText(d) },
				Have: (*listenerRule).priority,
				Set: func(ctx context.Context, s *provision.Step, d routed, _ *listenerRule) error {
					return orderRules(ctx, s, d.listener())
				},
			},
		},
	})
}

func ruleKey(listener, priority string) string { return listener + " priority " + priority }

func priorityText(r routed) string { return strconv.Itoa(int(r.Priority)) }

func ruleConditions(d routed) []elbtypes.RuleCondition {
	out := []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: []string{d.Path}}}}
	if len(d.Hosts) > 0 {
		hosts := &elbtypes.HostHeaderConditionConfig{RegexValues: d.HostRegexes()}
		if hosts.RegexValues == nil {
			hosts.Values = d.Hosts
		}
		out = append(out, elbtypes.RuleCondition{Field: aws.String("host-header"), HostHeaderConfig: hosts})
	}
	return out
}

func createListenerRule(ctx context.Context, s *provision.Step, d routed) (*listenerRule, error) {
	return kit.Get(ctx, s.API.ELB.CreateRule, &elb.CreateRuleInput{
		ListenerArn: aws.String(s.ID("elb/listener", d.listener())), Priority: aws.Int32(freePriority(s, d)), Conditions: ruleConditions(d),
		Actions: d.actions(s), Tags: elbTags.To(s.Tags),
	}, func(o *elb.CreateRuleOutput) *listenerRule {
		return &listenerRule{Rule: o.Rules[0], listener: d.key(s.Scope), tags: s.Tags}
	})
}

// rulesOf are all rules of a listener.
func rulesOf(ctx context.Context, api awsapi.ELB, listener *string) ([]elbtypes.Rule, error) {
	p := elb.NewDescribeRulesPaginator(api, &elb.DescribeRulesInput{ListenerArn: listener})
	return kit.All(ctx, p, func(o *elb.DescribeRulesOutput) []elbtypes.Rule { return o.Rules })
}

// listListenerRules lists those of our load balancers' listeners, made by us or
// not, without the default rules, which are part of the listeners.
func listListenerRules(ctx context.Context, w *provision.Sweep) ([]*listenerRule, error) {
	return kit.Pointers(listenerRules(ctx, w))
}

func listenerRules(ctx context.Context, w *provision.Sweep) ([]listenerRule, error) {
	all, err := listeners(ctx, w)
	if err != nil {
		return nil, err
	}
	// Ports of file transfer have none.
	all = slices.DeleteFunc(slices.Clone(all), func(l listener) bool { return l.Protocol == elbtypes.ProtocolEnumTcp })
	found, err := perOwner(ctx, all, func(ctx context.Context, l listener) ([]listenerRule, error) {
		listed, err := rulesOf(ctx, w.ELB, l.ListenerArn)
		listed = slices.DeleteFunc(listed, func(r elbtypes.Rule) bool { return aws.ToBool(r.IsDefault) })
		return kit.Map(listed, err, func(r elbtypes.Rule) listenerRule {
			return listenerRule{Rule: r, listener: listenerKey(balancerOf(aws.ToString(l.ListenerArn)), aws.ToInt32(l.Port)), arn: aws.ToString(l.ListenerArn)}
		})
	})
	return withTags(ctx, w, found, err, func(r listenerRule) *string { return r.RuleArn }, func(r listenerRule, tags provision.Tags) listenerRule {
		r.tags = tags
		return r
	})
}
