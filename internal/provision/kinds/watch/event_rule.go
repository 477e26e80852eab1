package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// eventRule is a rule with its tags and targets.
type eventRule struct {
	ebtypes.Rule
	tags    provision.Tags
	targets []ebtypes.Target
}

func (r *eventRule) name() string { return aws.ToString(r.Name) }

func (r *eventRule) arn() string { return aws.ToString(r.Arn) }

var eventTags = kit.TagCodec[ebtypes.Tag](func(t *ebtypes.Tag) (key, value **string) { return &t.Key, &t.Value })

// strangeRule reports whether no client's rule can have this name.
func strangeRule(name string) bool {
	return !slices.ContainsFunc([]string{rules.ExportFailed, rules.BackupFailed, rules.DailyBackup}, func(role string) bool { return strings.HasSuffix(name, "-"+role) })
}

// EventRuleKind is what AWS tells of by events, and the client's alarm topic tells on: an
// export or a copy that failed by itself.
func EventRuleKind() *provision.Type {
	return provision.Define(provision.Kind[rules.EventRule, *eventRule]{
		Name:      "events/rule",
		ARN:       "events:rule/",
		Unlisted:  strangeRule,
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[rules.EventRule, *eventRule]{Free: freeEvents},
		Impact:    provision.Impact[*eventRule]{Stateless: true},
		DependsOn: provision.ForFields(provision.Existing("sns/topic")),
		Want: func(s *provision.Scope) map[provision.Role]rules.EventRule {
			return kit.ByRole(rules.EventRules(kit.PlaceOf(s), s.Client), func(r rules.EventRule) provision.Role { return r.Role })
		},
		List:     listEventRules,
		Describe: func(ctx context.Context, w *provision.Sweep, r *eventRule) error { return r.read(ctx, w.EventBridge) },
		Removal:  provision.Removal[*eventRule]{Listed: true},
		ID:       (*eventRule).name,
		Tags:     func(r *eventRule) provision.Tags { return r.tags },
		Naming: provision.Naming[rules.EventRule, *eventRule]{
			Key:   (*eventRule).name,
			KeyOf: func(s *provision.Scope, d rules.EventRule) string { return rules.EventRuleName(s.Client, d.Role) },
		},
		// A rule that is put twice is one rule.
		Create: func(ctx context.Context, s *provision.Step, d rules.EventRule) (*eventRule, error) {
			in := putRule(s, d)
			in.Tags = eventTags.To(s.Tags) // heeded for a new rule only
			return kit.Get(ctx, s.API.EventBridge.PutRule, in, func(o *eventbridge.PutRuleOutput) *eventRule {
				return &eventRule{Rule: ebtypes.Rule{Name: in.Name, Arn: o.RuleArn, EventPattern: in.EventPattern, State: in.State}, tags: s.Tags}
			})
		},
		Delete: deleteEventRule,
		Retag: func(ctx context.Context, s *provision.Step, r *eventRule, tags provision.Tags) error {
			return kit.Do(ctx, s.API.EventBridge.TagResource, &eventbridge.TagResourceInput{ResourceARN: r.Arn, Tags: eventTags.To(tags)})
		},
		Untag: func(ctx context.Context, s *provision.Step, r *eventRule, keys []string) error {
			return kit.Do(ctx, s.API.EventBridge.UntagResource, &eventbridge.UntagResourceInput{ResourceARN: r.Arn, TagKeys: keys})
		},
		Fields: []provision.Field[rules.EventRule, *eventRule]{
			kit.Settable("pattern", kit.Wanted(func(d rules.EventRule) string { return d.Text }),
				func(r *eventRule) string { return kit.CanonicalOr(aws.ToString(r.EventPattern)) }, setRule),
			kit.Settable("state", kit.Const[rules.EventRule](string(ebtypes.RuleStateEnabled)), func(r *eventRule) string { return string(r.Rule.State) }, setRule),
			kit.Settable("targets", func(s *provision.Step, d rules.EventRule) string { return targetsText(wantTargets(s, d)) },
				func(r *eventRule) string { return targetsText(r.targets) }, setTargets),
		},
	})
}

// deleteEventRule takes cicdctl's own target away, and others where EventBridge, which deletes no
// rule that has any, tells of them.
func deleteEventRule(ctx context.Context, s *provision.Step, r *eventRule) error {
	gone := r.targets
	if gone == nil && r.tags[provision.TagRole] != rules.DailyBackup { // which is counted, and has none
		gone = []ebtypes.Target{{Id: aws.String(alarmsRole)}}
	}
	for {
		if err := removeTargets(ctx, s, r, gone); awsapi.IgnoreNotFound(err) != nil {
			return err
		}
		err := kit.Do(ctx, s.API.EventBridge.DeleteRule, &eventbridge.DeleteRuleInput{Name: r.Name})
		if awsapi.Code(err) != "ValidationException" || !s.First("targets of "+r.name()) {
			return err
		}
		if err := r.read(ctx, s.API.EventBridge); err != nil {
			return err
		}
		gone = r.targets
	}
}

// read lists the targets.
func (r *eventRule) read(ctx context.Context, api awsapi.EventBridge) (err error) {
	r.targets, err = kit.AllByToken(func(token *string) ([]ebtypes.Target, *string, error) {
		out, err := api.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: r.Name, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Targets, out.NextToken, nil
	})
	return err
}

func putRule(s *provision.Step, d rules.EventRule) *eventbridge.PutRuleInput {
	return &eventbridge.PutRuleInput{Name: aws.String(rules.EventRuleName(s.Client, d.Role)), EventPattern: aws.String(d.Pattern), State: ebtypes.RuleStateEnabled}
}

func setRule(ctx context.Context, s *provision.Step, d rules.EventRule, _ *eventRule) error {
	return kit.Do(ctx, s.API.EventBridge.PutRule, putRule(s, d))
}

// wantTargets is the client's topic, with a message for people; none where an alarm counts.
func wantTargets(s *provision.Step, d rules.EventRule) []ebtypes.Target {
	if d.Counted {
		return nil
	}
	message, err := json.Marshal(d.Message.String()) // the template is a JSON string, with the placeholders as they are
	if err != nil {                                  // it is a string
		panic(err)
	}
	template := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(message))
	return []ebtypes.Target{{
		Id: aws.String(alarmsRole), Arn: aws.String(s.ARN("sns", s.ID("sns/topic", alarmsRole))),
		InputTransformer: &ebtypes.InputTransformer{InputPathsMap: d.Paths, InputTemplate: &template},
	}}
}

// targetsText is one target a line, with what it is told.
func targetsText(all []ebtypes.Target) string {
	return kit.LinesOf(all, func(t ebtypes.Target) string {
		text := aws.ToString(t.Id) + " " + aws.ToString(t.Arn)
		if t.InputTransformer != nil {
			text += fmt.Sprintf(" %s %v", aws.ToString(t.InputTransformer.InputTemplate), t.InputTransformer.InputPathsMap)
		}
		if told := aws.ToString(t.Input) + aws.ToString(t.InputPath); told != "" {
			text += " " + told
		}
		return text
	})
}

func setTargets(ctx context.Context, s *provision.Step, d rules.EventRule, r *eventRule) error {
	want := wantTargets(s, d)
	err := kit.Items(ctx, want, func(ctx context.Context, want []ebtypes.Target) ([]kit.Failure[ebtypes.Target], error) {
		out, err := s.API.EventBridge.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: r.Name, Targets: want})
		if err != nil {
			return nil, err
		}
		var failed []kit.Failure[ebtypes.Target]
		for _, f := range out.FailedEntries {
			at := slices.IndexFunc(want, func(t ebtypes.Target) bool { return aws.ToString(t.Id) == aws.ToString(f.TargetId) })
			if at < 0 {
				return nil, lang.Errorf("AWS tells of a target %s of the rule %s that was not put", aws.ToString(f.TargetId), r.name())
			}
			failed = append(failed, kit.Failure[ebtypes.Target]{Item: want[at], Name: "put target " + aws.ToString(f.TargetId), Code: aws.ToString(f.ErrorCode), Message: aws.ToString(f.ErrorMessage)})
		}
		return failed, nil
	})
	if err != nil {
		return err
	}
	return removeTargets(ctx, s, r, kit.Where(r.targets, func(t ebtypes.Target) bool {
		return !slices.ContainsFunc(want, func(w ebtypes.Target) bool { return aws.ToString(w.Id) == aws.ToString(t.Id) })
	}))
}

func removeTargets(ctx context.Context, s *provision.Step, r *eventRule, gone []ebtypes.Target) error {
	if len(gone) == 0 {
		return nil
	}
	ids := kit.Texts(gone, func(t ebtypes.Target) string { return aws.ToString(t.Id) })
	return kit.Items(ctx, ids, func(ctx context.Context, ids []string) ([]kit.Failure[string], error) {
		out, err := s.API.EventBridge.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: r.Name, Ids: ids})
		if err != nil {
			return nil, err
		}
		var failed []kit.Failure[string]
		for _, f := range out.FailedEntries {
			failed = append(failed, kit.Failure[string]{Item: aws.ToString(f.TargetId), Name: "remove target " + aws.ToString(f.TargetId), Code: aws.ToString(f.ErrorCode), Message: aws.ToString(f.ErrorMessage)})
		}
		return failed, nil
	})
}

// listEventRules asks for the tags of rules that can be a client's by their names.
func listEventRules(ctx context.Context, w *provision.Sweep) ([]*eventRule, error) {
	var prefix *string
	if len(w.Clients) == 1 {
		prefix = aws.String(rules.EventRuleName(w.Clients[0], ""))
	}
	listed, err := kit.AllByToken(func(token *string) ([]ebtypes.Rule, *string, error) {
		out, err := w.EventBridge.ListRules(ctx, &eventbridge.ListRulesInput{NamePrefix: prefix, NextToken: token, Limit: aws.Int32(100)})
		if err != nil {
			return nil, nil, err
		}
		return out.Rules, out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	all := kit.Chosen(listed, func(r ebtypes.Rule) *eventRule {
		one := &eventRule{Rule: r}
		if strangeRule(one.name()) || !kit.Concerns(w, func(client string) bool { return strings.HasPrefix(one.name(), rules.EventRuleName(client, "")) }) {
			return nil
		}
		return one
	})
	return kit.WithTags(ctx, w, all, (*eventRule).arn, func(r *eventRule) *provision.Tags { return &r.tags }, func(ctx context.Context, r *eventRule) (provision.Tags, error) {
		return kit.Get(ctx, w.EventBridge.ListTagsForResource, &eventbridge.ListTagsForResourceInput{ResourceARN: r.Arn}, func(o *eventbridge.ListTagsForResourceOutput) provision.Tags { return eventTags.Of(o.Tags) })
	})
}
