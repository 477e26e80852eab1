package sandbox

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
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

func balancerARN(v *types.LoadBalancer) *string   { return v.LoadBalancerArn }
func targetGroupARN(v *types.TargetGroup) *string { return v.TargetGroupArn }
func listenerARN(v *types.Listener) *string       { return v.ListenerArn }
func ruleARN(v *types.Rule) *string               { return v.RuleArn }

func (t *tx) balancer(arn *string) (*row[types.LoadBalancer], error) {
	return found(find(t.elb().Balancers, aws.ToString(arn), balancerARN), apiError, "LoadBalancerNotFound", "One or more load balancers not found")
}

func (t *tx) targetGroup(arn *string) (*row[types.TargetGroup], error) {
	return found(find(t.elb().Groups, aws.ToString(arn), targetGroupARN), apiError, "TargetGroupNotFound", "One or more target groups not found")
}

func (t *tx) listener(arn *string) (*row[types.Listener], error) {
	return found(find(t.elb().Listeners, aws.ToString(arn), listenerARN), apiError, "ListenerNotFound", "One or more listeners not found")
}

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
	a.tagged[elb.ServiceID] = append(a.tagged[elb.ServiceID], func(t *tx, found byARN) {
		for arn, tags := range t.elb().Tags {
			found[arn] = maps.Collect(elbTags.each(tags))
		}
	})
}

// elbMissing is the code for what is not there, by the first part of an ARN's
// resource.
var elbMissing = map[string]string{
	"loadbalancer": "LoadBalancerNotFound", "targetgroup": "TargetGroupNotFound",
	"listener": "ListenerNotFound", "listener-rule": "RuleNotFound",
}

// elbExists says NotFound in the words of the kind that the ARN is of.
func (t *tx) elbExists(arn string) error {
	s := t.elb()
	_, resource, _ := strings.Cut(arn, t.arn("elasticloadbalancing", ""))
	kind, _, _ := strings.Cut(resource, "/")
	var found bool
	switch kind {
	case "loadbalancer":
		found = find(s.Balancers, arn, balancerARN) != nil
	case "targetgroup":
		found = find(s.Groups, arn, targetGroupARN) != nil
	case "listener":
		found = find(s.Listeners, arn, listenerARN) != nil
	case "listener-rule":
		found = find(s.Rules, arn, ruleARN) != nil || t.defaultRuleOf(arn) != nil
	default:
		return apiError("ValidationError", "'%s' is not a valid load balancer, target group, listener or rule ARN", arn)
	}
	if !found {
		return apiError(elbMissing[kind], "One or more of the resources '%s' do not exist", arn)
	}
	return nil
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
	elbTagKey  = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$`)
	elbNameFit = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)
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
	allowed *regexp.Regexp
}

var (
	anySwitch = regexp.MustCompile(`^(true|false)$`)
	anyNumber = regexp.MustCompile(`^[0-9]{1,6}$`)
	anyText   = regexp.MustCompile(`^.*$`)
)

func bornWith(known map[string]attributeRule) map[string]string {
	out := map[string]string{}
	for key, rule := range known {
		out[key] = rule.born
	}
	return out
}

// chosen selects rows by ID, all without IDs; every ID must be there.
func chosen[T any](rows []*row[T], ids []string, id func(*T) *string, missing string) ([]T, error) {
	all := make([]T, 0, len(rows))
	for _, r := range rows {
		all = append(all, r.V)
	}
	return chosenOf(all, ids, id, missing)
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
