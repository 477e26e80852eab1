package sandbox

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// Limits of listener rules.
const (
	rulesOfOne      = 100 // ELB's quota of a load balancer, default rules left out
	lastPriority    = 50000
	conditionValues = 5
)

func registerListenerRule(a *Account) {
	mutableRules := on(a, elb.ServiceID, (*tx).mutableRule)
	opOn(listeners.on(a), func(in *elb.CreateRuleInput) *string { return in.ListenerArn }, func(t *tx, l *row[types.Listener], in *elb.CreateRuleInput) (*elb.CreateRuleOutput, error) {
		s, listener := t.elb(), *in.ListenerArn
		if l.V.Protocol == types.ProtocolEnumTcp {
			return nil, apiError("InvalidConfigurationRequest", "Rules are not supported for listeners of Network Load Balancers")
		}
		if err := cmp.Or(elbTags.check(in.Tags), checkPriority(in.Priority), checkConditions(in.Conditions)); err != nil {
			return nil, err
		}
		if err := t.checkActions(&l.V, in.Actions); err != nil {
			return nil, err
		}
		count := 0
		for _, r := range s.Rules {
			of := s.RuleOf[*r.V.RuleArn]
			if of == listener && *r.V.Priority == strconv.Itoa(int(*in.Priority)) {
				return nil, apiError("PriorityInUse", "Priority '%d' is currently in use", *in.Priority)
			}
			if *listeners.find(t, of).V.LoadBalancerArn == *l.V.LoadBalancerArn {
				count++
			}
		}
		if count >= rulesOfOne {
			return nil, apiError("TooManyRules", "The maximum number of rules has been reached on load balancer '%s'", *l.V.LoadBalancerArn)
		}
		rule := types.Rule{
			RuleArn:  aws.String(strings.Replace(listener, ":listener/", ":listener-rule/", 1) + "/" + t.hex16()),
			Priority: aws.String(strconv.Itoa(int(*in.Priority))), IsDefault: aws.Bool(false), Actions: in.Actions, Conditions: in.Conditions,
		}
		s.Rules.add(&row[types.Rule]{V: rule})
		s.RuleOf[*rule.RuleArn], s.Tags[*rule.RuleArn] = listener, in.Tags
		return &elb.CreateRuleOutput{Rules: []types.Rule{rule}}, nil
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.DescribeRulesInput) (*elb.DescribeRulesOutput, error) {
		s, listener := t.elb(), aws.ToString(in.ListenerArn)
		if (listener == "") == (len(in.RuleArns) == 0) {
			return nil, apiError("ValidationError", "You must specify either listener rule ARNs or a listener ARN")
		}
		var all []types.Rule
		if listener != "" {
			l := listeners.find(t, listener)
			if l == nil {
				return nil, apiError("ListenerNotFound", "One or more listeners not found")
			}
			for _, r := range s.Rules {
				if s.RuleOf[*r.V.RuleArn] == listener {
					all = append(all, r.V)
				}
			}
			all = append(all, defaultRule(l.V))
		} else {
			var err error
			if all, err = chosen(t, rules, in.RuleArns); err != nil {
				return nil, err
			}
		}
		part, next, err := page(t, all, in.Marker)
		return &elb.DescribeRulesOutput{Rules: part, NextMarker: next}, err
	})
	opOn(mutableRules, func(in *elb.ModifyRuleInput) string { return aws.ToString(in.RuleArn) }, func(t *tx, r *row[types.Rule], in *elb.ModifyRuleInput) (*elb.ModifyRuleOutput, error) {
		changed := r.V
		if in.Actions != nil {
			l := listeners.find(t, t.elb().RuleOf[*r.V.RuleArn])
			if err := t.checkActions(&l.V, in.Actions); err != nil {
				return nil, err
			}
			changed.Actions = in.Actions
		}
		if in.Conditions != nil {
			if err := checkConditions(in.Conditions); err != nil {
				return nil, err
			}
			changed.Conditions = in.Conditions
		}
		r.V = changed
		return &elb.ModifyRuleOutput{Rules: []types.Rule{changed}}, nil
	})
	op(a, elb.ServiceID, setRulePriorities)
	opChange[elb.DeleteRuleOutput](mutableRules, func(in *elb.DeleteRuleInput) string { return aws.ToString(in.RuleArn) }, func(t *tx, r *row[types.Rule], _ *elb.DeleteRuleInput) error {
		t.dropRule(r)
		return nil
	})
}

func (t *tx) dropRule(r *row[types.Rule]) {
	s := t.elb()
	delete(s.RuleOf, *r.V.RuleArn)
	delete(s.Tags, *r.V.RuleArn)
	s.Rules.drop(r)
}

// mutableRule finds a rule that is not a listener's default.
func (t *tx) mutableRule(arn string) (*row[types.Rule], error) {
	if r := rules.find(t, arn); r != nil {
		return r, nil
	}
	if t.defaultRuleOf(arn) != nil {
		return nil, apiError("OperationNotPermitted", "Default rule '%s' cannot be modified or deleted", arn)
	}
	return nil, apiError("RuleNotFound", "One or more rules not found")
}

func defaultRule(l types.Listener) types.Rule {
	arn := strings.Replace(*l.ListenerArn, ":listener/", ":listener-rule/", 1) + "/0000000000000000"
	return types.Rule{RuleArn: aws.String(arn), Priority: aws.String("default"), IsDefault: aws.Bool(true), Actions: l.DefaultActions}
}

func (t *tx) defaultRuleOf(arn string) *row[types.Listener] {
	return t.elb().Listeners.first(func(l *row[types.Listener]) bool { return *defaultRule(l.V).RuleArn == arn })
}

func checkPriority(p *int32) error {
	if n := aws.ToInt32(p); n < 1 || n > lastPriority {
		return apiError("ValidationError", "Rule priority '%d' must be between 1 and %d", n, lastPriority)
	}
	return nil
}

var (
	hostCharacters = lazyregexp.New(`^[a-zA-Z0-9.*?-]{1,128}$`)
	hostEnd        = lazyregexp.New(`\.[a-zA-Z]+$`)
	pathPattern    = lazyregexp.New(`^[a-zA-Z0-9_\-.$/~"'@:+&*?]{1,128}$`)
)

// checkConditions checks the conditions of a rule, and fills in what AWS does:
// hosts and paths read both ways.
func checkConditions(conditions []types.RuleCondition) error {
	if len(conditions) == 0 {
		return apiError("ValidationError", "A condition must be specified")
	}
	seen, values := map[string]bool{}, 0
	for i := range conditions {
		c := &conditions[i]
		field := aws.ToString(c.Field)
		var pattern *lazyregexp.Regexp
		switch field {
		case "host-header":
			pattern = hostCharacters
			if c.HostHeaderConfig != nil {
				c.Values, c.RegexValues = c.HostHeaderConfig.Values, c.HostHeaderConfig.RegexValues
			}
			c.HostHeaderConfig = &types.HostHeaderConditionConfig{Values: c.Values, RegexValues: c.RegexValues}
			for _, v := range c.Values {
				if !hostEnd.MatchString(v) {
					return apiError("ValidationError", "The host-header value '%s' must include at least one '.' character, and only alphabetical characters after the final '.' character", v)
				}
			}
		case "path-pattern":
			pattern = pathPattern
			if c.PathPatternConfig != nil {
				c.Values, c.RegexValues = c.PathPatternConfig.Values, c.PathPatternConfig.RegexValues
			}
			c.PathPatternConfig = &types.PathPatternConditionConfig{Values: c.Values, RegexValues: c.RegexValues}
		case "source-ip":
			if c.SourceIpConfig == nil || len(c.SourceIpConfig.Values) == 0 {
				return apiError("ValidationError", "A source-ip condition must specify values")
			}
			values += len(c.SourceIpConfig.Values)
			continue
		default:
			return apiError("ValidationError", "Condition field '%s' must be one of '[path-pattern, host-header, source-ip]'", field)
		}
		if seen[field] {
			return apiError("ValidationError", "A rule can only have one '%s' condition", field)
		}
		if (len(c.Values) == 0) == (len(c.RegexValues) == 0) {
			return apiError("ValidationError", "A condition must specify either values or regular expressions")
		}
		for _, expression := range c.RegexValues {
			if err := checkRegex(field, expression); err != nil {
				return err
			}
		}
		for _, v := range c.Values {
			if !pattern.MatchString(v) {
				return apiError("ValidationError", "The %s value '%s' contains a character that is not valid, or is too long", field, v)
			}
		}
		seen[field] = true
		values += len(c.Values) + len(c.RegexValues)
	}
	if values > conditionValues {
		return apiError("ValidationError", "A rule can only have %d condition values", conditionValues)
	}
	return nil
}

// checkRegex refuses what ELB's regular expressions do not know: look-around, references,
// atomic groups and more, which Go's lack too, and classes of Unicode (ELB user guide,
// "Condition types for listener rules").
func checkRegex(field, expression string) error {
	_, err := regexp.Compile(expression)
	if err != nil || expression == "" || len(expression) > 128 || strings.Contains(expression, `\p`) || strings.Contains(expression, `\P`) {
		return apiError("ValidationError", "The %s regular expression '%s' is not valid, or is too long", field, expression)
	}
	return nil
}

// setRulePriorities changes several priorities at once, so that rules can swap.
func setRulePriorities(t *tx, in *elb.SetRulePrioritiesInput) (*elb.SetRulePrioritiesOutput, error) {
	s, wanted, listener := t.elb(), map[string]string{}, ""
	for _, pair := range in.RulePriorities {
		r, err := t.mutableRule(aws.ToString(pair.RuleArn))
		if err != nil {
			return nil, err
		}
		if err := checkPriority(pair.Priority); err != nil {
			return nil, err
		}
		arn := *r.V.RuleArn
		if listener != "" && listener != s.RuleOf[arn] {
			return nil, apiError("ValidationError", "All rules must be of the same listener")
		}
		if wanted[arn] != "" {
			return nil, apiError("ValidationError", "The rule '%s' was specified more than once", arn)
		}
		listener, wanted[arn] = s.RuleOf[arn], strconv.Itoa(int(*pair.Priority))
	}
	var taken []string
	for _, r := range s.Rules {
		if s.RuleOf[*r.V.RuleArn] != listener {
			continue
		}
		priority := *r.V.Priority
		if wanted[*r.V.RuleArn] != "" {
			priority = wanted[*r.V.RuleArn]
		}
		if slices.Contains(taken, priority) {
			return nil, apiError("PriorityInUse", "Priority '%s' is currently in use", priority)
		}
		taken = append(taken, priority)
	}
	out := &elb.SetRulePrioritiesOutput{}
	for _, r := range s.Rules {
		if p := wanted[*r.V.RuleArn]; p != "" {
			r.V.Priority = aws.String(p)
			out.Rules = append(out.Rules, r.V)
		}
	}
	return out, nil
}
