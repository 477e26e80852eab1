// Package elb holds the kinds of the way in: load balancers, listeners, their rules and
// targets, and certificates.
package elb

import (
	"context"
	"slices"
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

func untagELB[A any](id func(A) string) func(context.Context, *provision.Step, A, []string) error {
	return func(ctx context.Context, s *provision.Step, a A, keys []string) error {
		return kit.Do(ctx, s.API.ELB.RemoveTags, &elb.RemoveTagsInput{ResourceArns: []string{id(a)}, TagKeys: keys})
	}
}

// tagsByARN reads the tags of resources of one type, from the look's index or else in the
// largest batches. What another run has deleted since it was listed is missing from the answer.
func tagsByARN(ctx context.Context, w *provision.Sweep, arns []string) (map[string]provision.Tags, error) {
	out := map[string]provision.Tags{}
	arns = slices.DeleteFunc(slices.Clone(arns), func(arn string) bool {
		told, there := w.Index[arn]
		if there {
			out[arn] = told
		}
		return there
	})
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
