package sandbox

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// eventsState is EventBridge's default bus in one region, in the order of creation.
type eventsState struct{ Rules table[eventRule] }

type eventRule struct {
	V       types.Rule
	Targets []types.Target
	Tags    []types.Tag
}

var eventRuleName = lazyregexp.New(`^[.\-_A-Za-z0-9]{1,64}$`)

// eventTargets is how many targets a rule may have.
const eventTargets = 5

func (t *tx) events() *eventsState { return in(&t.Events, t.region) }

func eventsInvalid(format string, args ...any) error {
	return apiError("ValidationException", format, args...)
}

func (t *tx) eventRule(name *string) (*eventRule, error) {
	r := t.events().Rules.first(func(r *eventRule) bool { return *r.V.Name == aws.ToString(name) })
	return found(r, apiError, "ResourceNotFoundException", "Rule %s does not exist on EventBus default.", aws.ToString(name))
}

func (t *tx) eventRuleByARN(arn *string) (*eventRule, error) {
	r := t.events().Rules.first(func(r *eventRule) bool { return *r.V.Arn == aws.ToString(arn) })
	return found(r, apiError, "ResourceNotFoundException", "Rule %s does not exist.", aws.ToString(arn))
}

var eventTagRules = tagList[types.Tag]{
	parts:    func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: reserves(eventsInvalid("Tag keys cannot start with aws:")).upTo(50, eventsInvalid("A rule can have no more than 50 tags.")),
}

// checkPattern refuses what is no pattern: a JSON object whose leaves are lists.
func checkPattern(text string) error {
	var leaves func(v any) bool
	leaves = func(v any) bool {
		switch v := v.(type) {
		case map[string]any:
			for _, each := range v {
				if !leaves(each) {
					return false
				}
			}
			return len(v) > 0
		case []any:
			return len(v) > 0
		}
		return false
	}
	var pattern map[string]any
	if json.Unmarshal([]byte(text), &pattern) != nil || !leaves(pattern) {
		return apiError("InvalidEventPatternException", "Event pattern is not valid.")
	}
	return nil
}

func registerEvents(a *Account) {
	rules := on(a, eventbridge.ServiceID, (*tx).eventRule)
	op(a, eventbridge.ServiceID, func(t *tx, in *eventbridge.PutRuleInput) (*eventbridge.PutRuleOutput, error) {
		name := aws.ToString(in.Name)
		switch {
		case !eventRuleName.MatchString(name):
			return nil, eventsInvalid("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint", name)
		case in.EventPattern == nil && in.ScheduleExpression == nil:
			return nil, eventsInvalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
		case in.ScheduleExpression != nil:
			return nil, eventsInvalid("The sandbox has rules with patterns only")
		}
		if err := checkPattern(*in.EventPattern); err != nil {
			return nil, err
		}
		if err := eventTagRules.check(in.Tags); err != nil {
			return nil, err
		}
		r := t.events().Rules.first(func(r *eventRule) bool { return *r.V.Name == name })
		if r == nil { // the tags of one that is there stay as they are
			r = &eventRule{Tags: slices.Clone(in.Tags)}
			t.events().Rules.add(r)
		}
		state := in.State
		if state == "" {
			state = types.RuleStateEnabled
		}
		r.V = types.Rule{Name: &name, Arn: aws.String(t.arn("events", "rule/"+name)), EventBusName: aws.String("default"), EventPattern: in.EventPattern, Description: in.Description, State: state}
		return &eventbridge.PutRuleOutput{RuleArn: r.V.Arn}, nil
	})
	op(a, eventbridge.ServiceID, func(t *tx, in *eventbridge.ListRulesInput) (*eventbridge.ListRulesOutput, error) {
		var all []types.Rule
		for _, r := range t.events().Rules {
			if strings.HasPrefix(*r.V.Name, aws.ToString(in.NamePrefix)) {
				all = append(all, r.V)
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &eventbridge.ListRulesOutput{Rules: part, NextToken: next}, err
	})
	opOn(rules, func(in *eventbridge.ListTargetsByRuleInput) *string { return in.Rule }, func(t *tx, r *eventRule, in *eventbridge.ListTargetsByRuleInput) (*eventbridge.ListTargetsByRuleOutput, error) {
		part, next, err := page(t, r.Targets, in.NextToken)
		return &eventbridge.ListTargetsByRuleOutput{Targets: part, NextToken: next}, err
	})
	opOn(rules, func(in *eventbridge.PutTargetsInput) *string { return in.Rule }, func(_ *tx, r *eventRule, in *eventbridge.PutTargetsInput) (*eventbridge.PutTargetsOutput, error) {
		next := slices.Clone(r.Targets)
		for _, target := range in.Targets {
			if aws.ToString(target.Id) == "" || !strings.HasPrefix(aws.ToString(target.Arn), "arn:") {
				return nil, eventsInvalid("Parameter %s is not valid.", aws.ToString(target.Arn))
			}
			next = append(slices.DeleteFunc(next, func(old types.Target) bool { return *old.Id == *target.Id }), target)
		}
		if len(next) > eventTargets {
			return nil, apiError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
		}
		r.Targets = next
		return &eventbridge.PutTargetsOutput{}, nil
	})
	opOn(rules, func(in *eventbridge.RemoveTargetsInput) *string { return in.Rule }, func(_ *tx, r *eventRule, in *eventbridge.RemoveTargetsInput) (*eventbridge.RemoveTargetsOutput, error) {
		r.Targets = slices.DeleteFunc(r.Targets, func(target types.Target) bool { return slices.Contains(in.Ids, *target.Id) })
		return &eventbridge.RemoveTargetsOutput{}, nil
	})
	// To delete a rule that is not there is no error.
	op(a, eventbridge.ServiceID, func(t *tx, in *eventbridge.DeleteRuleInput) (*eventbridge.DeleteRuleOutput, error) {
		if r, err := t.eventRule(in.Name); err == nil && len(r.Targets) > 0 {
			return nil, eventsInvalid("Rule can't be deleted since it has targets.")
		}
		t.events().Rules.dropAll(func(r *eventRule) bool { return *r.V.Name == aws.ToString(in.Name) })
		return &eventbridge.DeleteRuleOutput{}, nil
	})
	tags := tagsOn(on(a, eventbridge.ServiceID, (*tx).eventRuleByARN), eventTagRules, func(r *eventRule) *[]types.Tag { return &r.Tags })
	opListTags(tags, func(in *eventbridge.ListTagsForResourceInput) *string { return in.ResourceARN }, func(out *eventbridge.ListTagsForResourceOutput, tags []types.Tag) { out.Tags = tags })
	opTag[eventbridge.TagResourceOutput](tags, func(in *eventbridge.TagResourceInput) (*string, []types.Tag) { return in.ResourceARN, in.Tags })
	opUntag[eventbridge.UntagResourceOutput](tags, func(in *eventbridge.UntagResourceInput) (*string, []string) { return in.ResourceARN, in.TagKeys })
	tagged(a, eventbridge.ServiceID, eventTagRules, func(t *tx) []*eventRule { return t.events().Rules }, func(_ *tx, r *eventRule) (string, []types.Tag) { return *r.V.Arn, r.Tags })
}
