// Package elb holds the kinds of the way in: load balancers, listeners, their rules and
// targets, and certificates.
package elb

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What the kinds of Elastic Load Balancing share. Its lists leave tags out, and
// listeners and rules are told for one load balancer at a time: only those that
// carry our tags are asked about.

const (
	// elbTagBatch is how many resources DescribeTags takes (API reference).
	elbTagBatch = 20
	// elbAtOnce is how many of our load balancers are asked about at once: a
	// fifth of the burst that awsapi's table of limits allows.
	elbAtOnce = 10
)

// elbTags are tags as Elastic Load Balancing has them.
var elbTags = kit.TagCodec[elbtypes.Tag](func(t *elbtypes.Tag) (key, value **string) { return &t.Key, &t.Value })

func retagELB[A any](id func(A) string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		return kit.Do(ctx, s.API.ELB.AddTags, &elb.AddTagsInput{ResourceArns: []string{id(a)}, Tags: elbTags.To(tags)})
	}
}

// tagsByARN reads the tags of resources of one type, in the largest batches. What
// another run has deleted since it was listed is missing from the answer.
func tagsByARN(ctx context.Context, w *provision.Sweep, arns []string) (map[string]provision.Tags, error) {
	out := map[string]provision.Tags{}
	var read func([]string) error
	read = func(batch []string) error {
		answer, err := w.ELB.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: batch})
		switch {
		case awsapi.Is(err, awsapi.NotFound) && len(batch) == 1:
			return nil
		case awsapi.Is(err, awsapi.NotFound): // one is gone, and AWS does not say which
			half := len(batch) / 2
			if err := read(batch[:half]); err != nil {
				return err
			}
			return read(batch[half:])
		case err != nil:
			return err
		}
		for _, d := range answer.TagDescriptions {
			out[aws.ToString(d.ResourceArn)] = elbTags.Of(d.Tags)
		}
		return nil
	}
	return out, kit.Each(slices.Collect(slices.Chunk(arns, elbTagBatch)), read)
}

// withTags pairs resources with their tags and leaves out what has gone meanwhile.
func withTags[T, U any](ctx context.Context, w *provision.Sweep, all []T, err error, arn func(T) *string, pair func(T, provision.Tags) U) ([]U, error) {
	if err != nil {
		return nil, err
	}
	arns := kit.Texts(all, func(item T) string { return aws.ToString(arn(item)) })
	tags, err := tagsByARN(ctx, w, arns)
	if err != nil {
		return nil, err
	}
	var out []U
	for i, item := range all {
		if t, there := tags[arns[i]]; there {
			out = append(out, pair(item, t))
		}
	}
	return out, nil
}

// perOwner asks about each of several resources by itself, some at once, and
// joins the answers in order. What is not there any more has nothing to tell.
func perOwner[T, U any](ctx context.Context, owners []T, ask func(context.Context, T) ([]U, error)) ([]U, error) {
	answers := make([][]U, len(owners))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(elbAtOnce)
	for i, owner := range owners {
		group.Go(func() error {
			var err error
			answers[i], err = ask(ctx, owner)
			return awsapi.IgnoreNotFound(err)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(answers...), nil
}

// concerns reports whether tags say that a resource belongs to a client that the
// sweep is about.
func concerns(w *provision.Sweep, tags provision.Tags) bool {
	return tags[provision.TagManagedBy] == provision.ManagedBy && (len(w.Clients) == 0 || slices.Contains(w.Clients, tags[provision.TagClient]))
}

// balancerOf is the name of the load balancer in the ARN of it or of a listener:
// …:listener/app/<name>/<id>/<id>.
func balancerOf(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) > 2 {
		return parts[2]
	}
	return ""
}

// Roles of a client's load balancers.
const (
	webBalancer      = "web"
	TransferBalancer = "transfer"
)

// target is a port of a service in one environment, to which a load balancer sends.
type target struct {
	App, Service string
	Env          spec.Env
	Name         string // of the target group
	Protocol     elbtypes.ProtocolEnum
	Port, Health uint16 // of the container
}

// webTargets are the HTTP services by role: "<app>-<service>-<env>".
func webTargets(s *provision.Scope) map[provision.Role]target {
	out := map[provision.Role]target{}
	for role, w := range kit.Workloads(s) {
		if port := rules.ContainerPort(w.Svc.Runtime); w.Svc.Runtime.HTTP() {
			name := rules.TargetGroupName(s.Client, w.App.Name, w.Svc.Name, w.Env)
			out[role] = target{w.App.Name, w.Svc.Name, w.Env, name, elbtypes.ProtocolEnumHttp, port, port}
		}
	}
	return out
}

// targets are those of both load balancers; a data port of FTP is one of its own.
func targets(s *provision.Scope) map[provision.Role]target {
	out := webTargets(s)
	for _, p := range rules.TransferPorts(s.Spec) {
		out[p.Name()] = target{p.App, p.Service, p.Env, rules.TransferTargetName(s.Client, p), elbtypes.ProtocolEnumTcp, p.Target, p.Health}
	}
	return out
}

func serviceLabels(app, service string, env spec.Env) provision.Tags {
	return provision.Tags{provision.TagApp: app, provision.TagService: service, provision.TagEnv: string(env)}
}

func forwardTo(arn string) elbtypes.Action {
	return elbtypes.Action{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: aws.String(arn)}
}

// toHTTPS sends the same request to HTTPS, for good.
func toHTTPS() elbtypes.Action {
	return elbtypes.Action{Type: elbtypes.ActionTypeEnumRedirect, RedirectConfig: &elbtypes.RedirectActionConfig{
		StatusCode: elbtypes.RedirectActionStatusCodeEnumHttp301, Protocol: aws.String(string(elbtypes.ProtocolEnumHttps)), Port: aws.String(strconv.Itoa(httpsPort)),
		Host: aws.String("#{host}"), Path: aws.String("/#{path}"), Query: aws.String("#{query}"),
	}}
}

// actionText is the canonical text of what a listener or a rule does. AWS repeats
// a forward to one target group in two places.
func actionText(actions []elbtypes.Action) string {
	var out []string
	for _, a := range actions {
		switch {
		case a.Type == elbtypes.ActionTypeEnumForward:
			out = append(out, forwardText(a)...)
		case a.Type == elbtypes.ActionTypeEnumFixedResponse && a.FixedResponseConfig != nil:
			f := a.FixedResponseConfig
			out = append(out, fmt.Sprintf("answer %s %s %q", aws.ToString(f.StatusCode), aws.ToString(f.ContentType), aws.ToString(f.MessageBody)))
		case a.Type == elbtypes.ActionTypeEnumRedirect && a.RedirectConfig != nil:
			r := a.RedirectConfig
			out = append(out, fmt.Sprintf("redirect %s to %s://%s:%s%s?%s", r.StatusCode, aws.ToString(r.Protocol), aws.ToString(r.Host), aws.ToString(r.Port), aws.ToString(r.Path), aws.ToString(r.Query)))
		default:
			out = append(out, string(a.Type))
		}
	}
	return kit.Lines(out)
}

func forwardText(a elbtypes.Action) []string {
	if a.ForwardConfig == nil || len(a.ForwardConfig.TargetGroups) == 0 {
		return []string{"forward to " + aws.ToString(a.TargetGroupArn)}
	}
	var out []string
	for _, g := range a.ForwardConfig.TargetGroups {
		text := "forward to " + aws.ToString(g.TargetGroupArn)
		if len(a.ForwardConfig.TargetGroups) > 1 {
			text += fmt.Sprintf(" weight %d", aws.ToInt32(g.Weight))
		}
		out = append(out, text)
	}
	if sticky := a.ForwardConfig.TargetGroupStickinessConfig; sticky != nil && aws.ToBool(sticky.Enabled) {
		out = append(out, fmt.Sprintf("sticky for %d s", aws.ToInt32(sticky.DurationSeconds)))
	}
	return out
}

// conditionText is the canonical text of a rule's conditions, one value a line.
func conditionText(conditions []elbtypes.RuleCondition) string {
	var out []string
	for _, c := range conditions {
		field, values := aws.ToString(c.Field), c.Values
		switch {
		case c.HostHeaderConfig != nil && len(c.HostHeaderConfig.RegexValues) > 0 && len(c.HostHeaderConfig.Values) == 0:
			field, values = field+" matches", c.HostHeaderConfig.RegexValues
		case c.HostHeaderConfig != nil && len(c.HostHeaderConfig.RegexValues) == 0:
			values = c.HostHeaderConfig.Values
		case c.PathPatternConfig != nil && len(c.PathPatternConfig.RegexValues) == 0:
			values = c.PathPatternConfig.Values
		}
		if len(values) == 0 { // a condition that cicdctl never makes
			text, err := json.Marshal(c)
			if err != nil {
				text = []byte(err.Error())
			}
			values = []string{string(text)}
		}
		for _, v := range values {
			out = append(out, field+" "+v)
		}
	}
	return kit.Lines(out)
}
