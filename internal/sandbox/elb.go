package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// elbState is Elastic Load Balancing v2 in one region. Slices are in the order
// of creation; maps are keyed by ARN.
type elbState struct {
	Balancers  table[row[types.LoadBalancer]]
	Groups     table[row[types.TargetGroup]]
	Listeners  table[row[types.Listener]]
	Rules      table[row[types.Rule]]       // without the default rules, which are part of their listeners
	RuleOf     map[string]string            // listener of a rule
	Attributes map[string]map[string]string // of load balancers and target groups
	Interfaces map[string]map[string]string // of load balancers: network interface by subnet
	Tags       map[string][]types.Tag
	// Certificates of HTTPS listeners beside the default one, which is part of its listener.
	Certificates map[string][]string
}

func (t *tx) elb() *elbState {
	s := in(&t.ELB, t.region)
	if s.Tags == nil {
		s.RuleOf, s.Tags = map[string]string{}, map[string][]types.Tag{}
		s.Attributes, s.Interfaces = map[string]map[string]string{}, map[string]map[string]string{}
	}
	if s.Certificates == nil { // of a file that an older version wrote
		s.Certificates = map[string][]string{}
	}
	return s
}

// The types of Elastic Load Balancing. Tags are kept beside them.
var (
	balancers    = kind[types.LoadBalancer, types.Tag]{elb.ServiceID, "loadbalancer/", func(t *tx) table[row[types.LoadBalancer]] { return t.elb().Balancers }, func(v *types.LoadBalancer) *string { return v.LoadBalancerArn }, nil, "LoadBalancerNotFound", "One or more load balancers not found"}
	targetGroups = kind[types.TargetGroup, types.Tag]{elb.ServiceID, "targetgroup/", func(t *tx) table[row[types.TargetGroup]] { return t.elb().Groups }, func(v *types.TargetGroup) *string { return v.TargetGroupArn }, nil, "TargetGroupNotFound", "One or more target groups not found"}
	listeners    = kind[types.Listener, types.Tag]{elb.ServiceID, "listener/", func(t *tx) table[row[types.Listener]] { return t.elb().Listeners }, func(v *types.Listener) *string { return v.ListenerArn }, nil, "ListenerNotFound", "One or more listeners not found"}
	rules        = kind[types.Rule, types.Tag]{elb.ServiceID, "listener-rule/", func(t *tx) table[row[types.Rule]] { return t.elb().Rules }, func(v *types.Rule) *string { return v.RuleArn }, nil, "RuleNotFound", "One or more rules not found"}

	elbKinds = []interface {
		arnPrefix() string
		refusal() string
		exists(t *tx, arn string) bool
	}{balancers, targetGroups, listeners, rules}
)

func registerELB(a *Account) {
	registerBalancer(a)
	registerTargetGroup(a)
	registerListener(a)
	registerListenerRule(a)
	registerListenerCertificate(a)
	op(a, elb.ServiceID, func(t *tx, in *elb.DescribeTagsInput) (*elb.DescribeTagsOutput, error) {
		if n := len(in.ResourceArns); n > 20 {
			return nil, apiError("ValidationError", "1 validation error detected: Value at 'resourceArns' has %d members; it must have 20 or fewer", n)
		}
		out := &elb.DescribeTagsOutput{}
		for _, arn := range in.ResourceArns {
			if err := t.elbExists(arn); err != nil {
				return nil, err
			}
			out.TagDescriptions = append(out.TagDescriptions, types.TagDescription{ResourceArn: aws.String(arn), Tags: t.elb().Tags[arn]})
		}
		return out, nil
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.AddTagsInput) (*elb.AddTagsOutput, error) {
		if err := elbTags.check(in.Tags); err != nil {
			return nil, err
		}
		for _, arn := range in.ResourceArns {
			if err := t.elbExists(arn); err != nil {
				return nil, err
			}
		}
		s := t.elb()
		for _, arn := range in.ResourceArns {
			s.Tags[arn] = elbTags.merge(s.Tags[arn], in.Tags)
		}
		return &elb.AddTagsOutput{}, nil
	})
	op(a, elb.ServiceID, func(t *tx, in *elb.RemoveTagsInput) (*elb.RemoveTagsOutput, error) {
		for _, arn := range in.ResourceArns {
			if err := t.elbExists(arn); err != nil {
				return nil, err
			}
		}
		for _, arn := range in.ResourceArns {
			tags := t.elb().Tags[arn]
			elbTags.remove(&tags, in.TagKeys)
			t.elb().Tags[arn] = tags
		}
		return &elb.RemoveTagsOutput{}, nil
	})
	a.tagged[elb.ServiceID] = append(a.tagged[elb.ServiceID], func(t *tx, wanted []string, found byARN) {
		for arn, tags := range t.elb().Tags {
			if ofType(arn, wanted) {
				found[arn] = maps.Collect(elbTags.each(tags))
			}
		}
	})
}

// attributeOwner finds, by its ARN, what has attributes.
func (t *tx) attributeOwner(arn *string) (string, error) {
	return aws.ToString(arn), t.elbExists(aws.ToString(arn))
}

// elbExists says NotFound in the words of the kind that the ARN is of.
func (t *tx) elbExists(arn string) error {
	for _, k := range elbKinds {
		if !strings.HasPrefix(arn, t.arn("elasticloadbalancing", k.arnPrefix())) {
			continue
		}
		if !k.exists(t, arn) && t.defaultRuleOf(arn) == nil {
			return apiError(k.refusal(), "One or more of the resources '%s' do not exist", arn)
		}
		return nil
	}
	return apiError("ValidationError", "'%s' is not a valid load balancer, target group, listener or rule ARN", arn)
}

var elbTags = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: tagRules{faults: reservedTag | repeatedTag | longTagValue, pattern: elbTagKey, refuse: func(fault tagFault, key string) error {
		switch fault {
		case reservedTag:
			return apiError("ValidationError", "Tag keys starting with 'aws:' are reserved for internal use")
		case repeatedTag:
			return apiError("DuplicateTagKeys", "A tag key was specified more than once: '%s'", key)
		}
		return apiError("ValidationError", "Tag '%s' is not valid", key)
	}}.upTo(50, apiError("TooManyTags", "You've reached the limit on the number of tags per load balancer")),
}

var (
	elbTagKey  = lazyregexp.New(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$`)
	elbNameFit = lazyregexp.New(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
)

// checkELBName refuses names as ELB does, for load balancers and target groups.
func checkELBName(what, name string) error {
	switch {
	case len(name) > 32:
		return apiError("ValidationError", "The %s name '%s' cannot be longer than '32' characters", what, name)
	case !elbNameFit.MatchString(name):
		return apiError("ValidationError", "The %s name '%s' can only contain alphanumeric characters and hyphens, and cannot begin or end with a hyphen", what, name)
	case what == "load balancer" && strings.HasPrefix(name, "internal-"):
		return apiError("ValidationError", "The load balancer name '%s' cannot begin with 'internal-'", name)
	}
	return nil
}

// hex16 is the last part of an ELB ARN: 16 digits, unique in the account.
func (t *tx) hex16() string {
	t.Seq++
	return fmt.Sprintf("%016x", t.Seq)
}

// changeAttributes sets attributes that are known, after all of them were checked.
func (t *tx) changeAttributes(arn string, known map[string]attributeRule, changes map[string]string) error {
	for key, value := range changes {
		rule, ok := known[key]
		switch {
		case !ok:
			return apiError("InvalidConfigurationRequest", "The attribute key '%s' is not recognized", key)
		case !rule.allowed.MatchString(value):
			return apiError("InvalidConfigurationRequest", "The value '%s' is not valid for the attribute '%s'", value, key)
		}
	}
	maps.Copy(t.elb().Attributes[arn], changes)
	return nil
}

// attributeRule is an attribute's value at birth and the values it may take.
type attributeRule struct {
	born    string
	allowed *lazyregexp.Regexp
}

var (
	anySwitch = lazyregexp.New(`^(true|false)$`)
	anyNumber = lazyregexp.New(`^[0-9]{1,6}$`)
	anyText   = lazyregexp.New(`^.*$`)
)

func bornWith(known map[string]attributeRule) map[string]string {
	out := map[string]string{}
	for key, rule := range known {
		out[key] = rule.born
	}
	return out
}

// chosen selects resources by ARN, all without ARNs; each must be there.
func chosen[T any](t *tx, k kind[T, types.Tag], arns []string) ([]T, error) {
	all := each(k.rows(t), func(r *row[T]) T { return r.V })
	return chosenOf(all, arns, k.id, k.missing)
}

func chosenOf[T any](all []T, ids []string, id func(*T) *string, missing string) ([]T, error) {
	if len(ids) == 0 {
		return all, nil
	}
	var out []T
	for _, want := range ids {
		i := slices.IndexFunc(all, func(v T) bool { return aws.ToString(id(&v)) == want })
		if i < 0 {
			return nil, apiError(missing, "'%s' not found", want)
		}
		out = append(out, all[i])
	}
	return out, nil
}

var (
	fixedStatus = lazyregexp.New(`^[245][0-9]{2}$`)
	fixedTypes  = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}
)

// checkActions checks the actions of a listener or a rule, and fills in what
// AWS does: a forward to one target group reads both ways.
func (t *tx) checkActions(l *types.Listener, actions []types.Action) error {
	if len(actions) != 1 {
		return apiError("InvalidLoadBalancerAction", "Exactly one forward, redirect or fixed-response action is needed, not %d", len(actions))
	}
	act := &actions[0]
	switch act.Type {
	case types.ActionTypeEnumForward:
		return t.checkForward(*l.LoadBalancerArn, act)
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
		return checkRedirect(l, act.RedirectConfig)
	default:
		return apiError("InvalidLoadBalancerAction", "the sandbox does not know the action type '%s'", act.Type)
	}
	return nil
}

// checkRedirect checks a redirect, and fills in what AWS does: parts that stay.
func checkRedirect(l *types.Listener, r *types.RedirectActionConfig) error {
	if r == nil {
		return apiError("InvalidLoadBalancerAction", "For actions of type 'redirect', you must specify the following fields: 'RedirectConfig'")
	}
	stays := func(part **string, keyword string) bool {
		if aws.ToString(*part) == "" {
			*part = aws.String(keyword)
		}
		return **part == keyword
	}
	stays(&r.Query, "#{query}") // alone it leads back to the same rule
	sameHost, samePath := stays(&r.Host, "#{host}"), stays(&r.Path, "/#{path}")
	sameProtocol := stays(&r.Protocol, "#{protocol}") || *r.Protocol == string(l.Protocol)
	samePort := stays(&r.Port, "#{port}") || *r.Port == strconv.Itoa(int(aws.ToInt32(l.Port)))
	port, err := strconv.Atoi(*r.Port)
	switch {
	case r.StatusCode != types.RedirectActionStatusCodeEnumHttp301 && r.StatusCode != types.RedirectActionStatusCodeEnumHttp302:
		return apiError("ValidationError", "The redirect status code '%s' must be one of 'HTTP_301, HTTP_302'", r.StatusCode)
	case !slices.Contains([]string{"HTTP", "HTTPS", "#{protocol}"}, *r.Protocol):
		return apiError("ValidationError", "The redirect protocol '%s' must be one of 'HTTP, HTTPS, #{protocol}'", *r.Protocol)
	case *r.Port != "#{port}" && (err != nil || port < 1 || port > 65535):
		return apiError("ValidationError", "The redirect port '%s' must be between 1 and 65535, or '#{port}'", *r.Port)
	case !strings.HasPrefix(*r.Path, "/"), len(*r.Path) > 128, len(*r.Host) > 128, len(*r.Query) > 128, strings.HasPrefix(*r.Query, "?"):
		return apiError("ValidationError", "The host, path or query of the redirect is not valid")
	case l.Protocol == types.ProtocolEnumHttps && *r.Protocol == "HTTP":
		return apiError("InvalidLoadBalancerAction", "You cannot redirect HTTPS to HTTP")
	case sameProtocol && samePort && sameHost && samePath:
		return apiError("InvalidLoadBalancerAction", "The redirect configuration is not valid because it creates a loop.")
	}
	return nil
}

func (t *tx) checkForward(balancer string, act *types.Action) error {
	groups := forwardsTo([]types.Action{*act})
	if len(groups) == 0 || len(groups) > 5 {
		return apiError("ValidationError", "A forward action must specify one to five target groups")
	}
	lb := balancers.find(t, balancer)
	for _, arn := range groups {
		g := targetGroups.find(t, arn)
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
	act.ForwardConfig = cmp.Or(act.ForwardConfig, &types.ForwardActionConfig{})
	if len(act.ForwardConfig.TargetGroups) == 0 {
		act.ForwardConfig.TargetGroups = []types.TargetGroupTuple{{TargetGroupArn: act.TargetGroupArn}}
	}
	for i := range act.ForwardConfig.TargetGroups {
		if tuple := &act.ForwardConfig.TargetGroups[i]; tuple.Weight == nil {
			tuple.Weight = aws.Int32(1)
		}
	}
	act.ForwardConfig.TargetGroupStickinessConfig = cmp.Or(act.ForwardConfig.TargetGroupStickinessConfig, &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)})
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
