package ecs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// scalableTarget is an ECS service whose number of tasks follows their load, with the policies
// that say how.
type scalableTarget struct {
	aastypes.ScalableTarget
	tags     provision.Tags
	policies []aastypes.ScalingPolicy
}

func (t *scalableTarget) id() string { return aws.ToString(t.ResourceId) }

// targetID is what Application Auto Scaling calls a service.
func targetID(s *provision.Scope, d kit.Workload) string {
	return "service/" + rules.ClusterName(s.Client) + "/" + d.Service()
}

func ofAppScaling(s *provision.Step) awsapi.AppScaling { return s.API.AppScaling }

// ScalableTargetKind keeps the number of a service's tasks between two numbers, by the load of
// their CPUs. AWS raises a number that is below the range as soon as it hears of the range, and
// tasks of a service to which nothing was deployed cannot start: until then the range begins
// at 0 and nothing is scaled.
func ScalableTargetKind() *provision.Type {
	return provision.Define(provision.Kind[kit.Workload, *scalableTarget]{
		Name:      "application-autoscaling/scalable-target",
		ARN:       "application-autoscaling:scalable-target/",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[kit.Workload, *scalableTarget]{Items: billScaling},
		Impact:    provision.Impact[*scalableTarget]{Stateless: true},
		DependsOn: provision.Ready("ecs/service"),
		Want: func(s *provision.Scope) map[provision.Role]kit.Workload {
			out := kit.Workloads(s)
			for role, d := range out {
				if _, _, scales := rules.TaskRange(s.Spec, d.Svc, d.Env); !scales {
					delete(out, role)
				}
			}
			return out
		},
		List:   listScalableTargets,
		ID:     (*scalableTarget).id,
		Tags:   func(t *scalableTarget) provision.Tags { return t.tags },
		Naming: provision.Naming[kit.Workload, *scalableTarget]{Key: (*scalableTarget).id, KeyOf: targetID, ExtraTags: kit.WorkloadTags},
		Create: func(ctx context.Context, s *provision.Step, d kit.Workload) (*scalableTarget, error) {
			in := registration(s, d)
			in.Tags = s.Tags
			return kit.Get(ctx, s.API.AppScaling.RegisterScalableTarget, in, func(o *aas.RegisterScalableTargetOutput) *scalableTarget {
				return &scalableTarget{tags: s.Tags, ScalableTarget: aastypes.ScalableTarget{
					ResourceId: in.ResourceId, MinCapacity: in.MinCapacity, MaxCapacity: in.MaxCapacity, SuspendedState: in.SuspendedState, ScalableTargetARN: o.ScalableTargetARN,
				}}
			})
		},
		// Its policies, and the alarms that AWS has made for them, go along.
		Delete: kit.Delete(ofAppScaling, awsapi.AppScaling.DeregisterScalableTarget, func(t *scalableTarget, in *aas.DeregisterScalableTargetInput) {
			in.ResourceId, in.ServiceNamespace, in.ScalableDimension = t.ResourceId, aastypes.ServiceNamespaceEcs, aastypes.ScalableDimensionECSServiceDesiredCount
		}),
		Retag: kit.Retag(ofAppScaling, awsapi.AppScaling.TagResource, func(t *scalableTarget, tags provision.Tags, in *aas.TagResourceInput) {
			in.ResourceARN, in.Tags = t.ScalableTargetARN, tags
		}),
		Untag: kit.Untag(ofAppScaling, awsapi.AppScaling.UntagResource, func(t *scalableTarget, keys []string, in *aas.UntagResourceInput) {
			in.ResourceARN, in.TagKeys = t.ScalableTargetARN, keys
		}),
		Facts: func(t *scalableTarget) []provision.Fact {
			return []provision.Fact{{Name: "tasks", Value: rangeOfTasks(aws.ToInt32(t.MinCapacity), aws.ToInt32(t.MaxCapacity))}}
		},
		Update: func(ctx context.Context, s *provision.Step, d kit.Workload, _ *scalableTarget, _ []string) error {
			return kit.Do(ctx, s.API.AppScaling.RegisterScalableTarget, registration(s, d))
		},
		Fields: []provision.Field[kit.Workload, *scalableTarget]{
			{
				Name: "range", Batch: true,
				Want: func(s *provision.Step, d kit.Workload) string {
					in := registration(s, d)
					return rangeOfTasks(*in.MinCapacity, *in.MaxCapacity)
				},
				Have: func(t *scalableTarget) string {
					return rangeOfTasks(aws.ToInt32(t.MinCapacity), aws.ToInt32(t.MaxCapacity))
				},
			},
			{
				Name: "scaling", Batch: true,
				Want: func(s *provision.Step, d kit.Workload) string { return suspension(registration(s, d).SuspendedState) },
				Have: func(t *scalableTarget) string { return suspension(t.SuspendedState) },
			},
			{
				Name: "policy",
				Want: func(*provision.Step, kit.Workload) string { return policyLine(cpuPolicy()) },
				Have: func(t *scalableTarget) string {
					for _, p := range t.policies {
						if aws.ToString(p.PolicyName) == cpuPolicyName {
							return policyLine(p.TargetTrackingScalingPolicyConfiguration)
						}
					}
					return ""
				},
				Set: func(ctx context.Context, s *provision.Step, d kit.Workload, _ *scalableTarget) error {
					return kit.Do(ctx, s.API.AppScaling.PutScalingPolicy, &aas.PutScalingPolicyInput{
						PolicyName: aws.String(cpuPolicyName), ResourceId: aws.String(targetID(s.Scope, d)), ServiceNamespace: aastypes.ServiceNamespaceEcs,
						ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount, PolicyType: aastypes.PolicyTypeTargetTrackingScaling,
						TargetTrackingScalingPolicyConfiguration: cpuPolicy(),
					})
				},
			},
			{
				Name: "other policies",
				Want: kit.Const[kit.Workload](""),
				Have: func(t *scalableTarget) string { return kit.Lines(t.others()) },
				Set: func(ctx context.Context, s *provision.Step, _ kit.Workload, t *scalableTarget) error {
					return kit.Drop(t.others(), func(name string) error {
						return kit.Do(ctx, s.API.AppScaling.DeleteScalingPolicy, &aas.DeleteScalingPolicyInput{
							PolicyName: &name, ResourceId: t.ResourceId, ServiceNamespace: aastypes.ServiceNamespaceEcs, ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount,
						})
					})
				},
			},
		},
	})
}

// registration is the range of a service, and whether anything is scaled. It takes no tags but
// the first time.
func registration(s *provision.Step, d kit.Workload) *aas.RegisterScalableTargetInput {
	least, most, _ := rules.TaskRange(s.Spec, d.Svc, d.Env)
	v, ok := provision.Lookup[ecsService](s, "ecs/service", s.Role)
	idle := !ok || !v.runs()
	if idle {
		least = 0
	}
	return &aas.RegisterScalableTargetInput{
		ResourceId: aws.String(targetID(s.Scope, d)), ServiceNamespace: aastypes.ServiceNamespaceEcs, ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount,
		MinCapacity: &least, MaxCapacity: &most,
		SuspendedState: &aastypes.SuspendedState{DynamicScalingInSuspended: &idle, DynamicScalingOutSuspended: &idle, ScheduledScalingSuspended: &idle},
	}
}

// suspension tells which of the three kinds of scaling are on.
func suspension(s *aastypes.SuspendedState) string {
	if s == nil {
		s = &aastypes.SuspendedState{}
	}
	on := func(off *bool) string { return kit.OnOff(!aws.ToBool(off)) }
	return strings.Join([]string{"out: " + on(s.DynamicScalingOutSuspended), "in: " + on(s.DynamicScalingInSuspended), "scheduled: " + on(s.ScheduledScalingSuspended)}, ", ")
}

const cpuPolicyName = "cpu"

func cpuPolicy() *aastypes.TargetTrackingScalingPolicyConfiguration {
	return &aastypes.TargetTrackingScalingPolicyConfiguration{
		TargetValue: aws.Float64(rules.ScalingCPU), ScaleOutCooldown: aws.Int32(rules.ScalingOutSeconds), ScaleInCooldown: aws.Int32(rules.ScalingInSeconds), DisableScaleIn: aws.Bool(false),
		PredefinedMetricSpecification: &aastypes.PredefinedMetricSpecification{PredefinedMetricType: aastypes.MetricTypeECSServiceAverageCPUUtilization},
	}
}

func policyLine(c *aastypes.TargetTrackingScalingPolicyConfiguration) string {
	if c == nil {
		return "not target tracking"
	}
	metric := "another metric"
	if c.PredefinedMetricSpecification != nil {
		metric = string(c.PredefinedMetricSpecification.PredefinedMetricType)
	}
	return fmt.Sprintf("%s at %g, next step out after %d s, in after %d s, in: %s", metric, aws.ToFloat64(c.TargetValue), aws.ToInt32(c.ScaleOutCooldown), aws.ToInt32(c.ScaleInCooldown), kit.OnOff(!aws.ToBool(c.DisableScaleIn)))
}

// others are the policies that are not cicdctl's.
func (t *scalableTarget) others() []string {
	names := kit.Texts(t.policies, func(p aastypes.ScalingPolicy) string { return aws.ToString(p.PolicyName) })
	return slices.DeleteFunc(names, func(name string) bool { return name == cpuPolicyName })
}

// listScalableTargets lists those of ECS services; their policies are asked for where there are any.
func listScalableTargets(ctx context.Context, w *provision.Sweep) ([]*scalableTarget, error) {
	p := aas.NewDescribeScalableTargetsPaginator(w.AppScaling, &aas.DescribeScalableTargetsInput{ServiceNamespace: aastypes.ServiceNamespaceEcs})
	all, err := kit.ListAs(ctx, p, func(o *aas.DescribeScalableTargetsOutput) []aastypes.ScalableTarget { return o.ScalableTargets },
		func(t aastypes.ScalableTarget) *scalableTarget {
			parts := strings.Split(aws.ToString(t.ResourceId), "/")
			if len(parts) != 3 || !kit.Concerns(w, func(client string) bool { return rules.ClusterName(client) == parts[1] }) {
				return nil
			}
			return &scalableTarget{ScalableTarget: t}
		})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	policies, err := kit.All(ctx, aas.NewDescribeScalingPoliciesPaginator(w.AppScaling, &aas.DescribeScalingPoliciesInput{ServiceNamespace: aastypes.ServiceNamespaceEcs}),
		func(o *aas.DescribeScalingPoliciesOutput) []aastypes.ScalingPolicy { return o.ScalingPolicies })
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		t.policies = kit.Where(policies, func(p aastypes.ScalingPolicy) bool { return aws.ToString(p.ResourceId) == t.id() })
	}
	return kit.WithTags(ctx, w, all, func(t *scalableTarget) string { return aws.ToString(t.ScalableTargetARN) }, func(t *scalableTarget) *provision.Tags { return &t.tags },
		func(ctx context.Context, t *scalableTarget) (provision.Tags, error) {
			return kit.Get(ctx, w.AppScaling.ListTagsForResource, &aas.ListTagsForResourceInput{ResourceARN: t.ScalableTargetARN},
				func(o *aas.ListTagsForResourceOutput) provision.Tags { return o.Tags })
		})
}
