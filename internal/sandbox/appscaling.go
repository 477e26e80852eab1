package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// appScalingState is Application Auto Scaling in one region, for services of ECS.
type appScalingState struct{ Targets table[scalableTarget] }

type scalableTarget struct {
	V        types.ScalableTarget
	Tags     map[string]string
	Policies []types.ScalingPolicy
}

func (t *tx) appScaling() *appScalingState { return in(&t.AppScaling, t.region) }

// targetKey names a target: one dimension of one resource.
type targetKey struct {
	namespace types.ServiceNamespace
	resource  *string
	dimension types.ScalableDimension
}

func (t *tx) scalableTarget(k targetKey) (*scalableTarget, error) {
	r := t.appScaling().Targets.first(func(s *scalableTarget) bool {
		return *s.V.ResourceId == aws.ToString(k.resource) && s.V.ScalableDimension == k.dimension
	})
	return found(r, apiError, "ObjectNotFoundException", "No scalable target found for service namespace: %s, resource ID: %s, scalable dimension: %s", k.namespace, aws.ToString(k.resource), k.dimension)
}

func (t *tx) scalableTargetOf(arn *string) (*scalableTarget, error) {
	r := t.appScaling().Targets.first(func(s *scalableTarget) bool { return *s.V.ScalableTargetARN == aws.ToString(arn) })
	return found(r, apiError, "ResourceNotFoundException", "Resource with identifier %s was not found.", aws.ToString(arn))
}

var scalingTags = tagMap{refuses(anyTagFault, func(key string) error { return apiError("ValidationException", "Invalid tag: %s", key) }).
	upTo(50, apiError("TooManyTagsException", "The number of tags exceeds 50."))}

// scaledService is the service that a target is about.
func (t *tx) scaledService(k targetKey) (*row[ecstypes.Service], error) {
	parts := strings.Split(aws.ToString(k.resource), "/")
	if k.namespace != types.ServiceNamespaceEcs || k.dimension != types.ScalableDimensionECSServiceDesiredCount || len(parts) != 3 || parts[0] != "service" {
		return nil, apiError("ValidationException", "Unsupported service namespace, resource type or scalable dimension")
	}
	r := t.ecs().Services.first(func(r *row[ecstypes.Service]) bool {
		return *r.V.ServiceName == parts[2] && lastPart(*r.V.ClusterArn) == parts[1] && *r.V.Status == ecsActive
	})
	return found(r, apiError, "ValidationException", "ECS service doesn't exist: %s", *k.resource)
}

func registerAppScaling(a *Account) {
	op(a, aas.ServiceID, registerTarget)
	op(a, aas.ServiceID, func(t *tx, in *aas.DescribeScalableTargetsInput) (*aas.DescribeScalableTargetsOutput, error) {
		if in.ServiceNamespace == "" {
			return nil, apiError("ValidationException", "Service namespace is required")
		}
		part, next, err := list(t, t.appScaling().Targets, in.NextToken, func(s *scalableTarget) (types.ScalableTarget, bool) {
			return s.V, len(in.ResourceIds) == 0 || slices.Contains(in.ResourceIds, *s.V.ResourceId)
		})
		return &aas.DescribeScalableTargetsOutput{ScalableTargets: part, NextToken: next}, err
	})
	op(a, aas.ServiceID, func(t *tx, in *aas.DescribeScalingPoliciesInput) (*aas.DescribeScalingPoliciesOutput, error) {
		var all []types.ScalingPolicy
		for _, s := range t.appScaling().Targets {
			if in.ResourceId == nil || *in.ResourceId == *s.V.ResourceId {
				all = append(all, s.Policies...)
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &aas.DescribeScalingPoliciesOutput{ScalingPolicies: part, NextToken: next}, err
	})
	targets := on(a, aas.ServiceID, (*tx).scalableTarget)
	opOn(targets, func(in *aas.DeregisterScalableTargetInput) targetKey {
		return targetKey{in.ServiceNamespace, in.ResourceId, in.ScalableDimension}
	}, func(t *tx, s *scalableTarget, _ *aas.DeregisterScalableTargetInput) (*aas.DeregisterScalableTargetOutput, error) {
		t.appScaling().Targets.drop(s)
		return &aas.DeregisterScalableTargetOutput{}, nil
	})
	opOn(targets, func(in *aas.PutScalingPolicyInput) targetKey {
		return targetKey{in.ServiceNamespace, in.ResourceId, in.ScalableDimension}
	}, putScalingPolicy)
	opOn(targets, func(in *aas.DeleteScalingPolicyInput) targetKey {
		return targetKey{in.ServiceNamespace, in.ResourceId, in.ScalableDimension}
	}, func(_ *tx, s *scalableTarget, in *aas.DeleteScalingPolicyInput) (*aas.DeleteScalingPolicyOutput, error) {
		i := slices.IndexFunc(s.Policies, func(p types.ScalingPolicy) bool { return *p.PolicyName == aws.ToString(in.PolicyName) })
		if i < 0 {
			return nil, apiError("ObjectNotFoundException", "No scaling policy found for service namespace: ecs, resource ID: %s, policy name: %s", *s.V.ResourceId, aws.ToString(in.PolicyName))
		}
		s.Policies = slices.Delete(s.Policies, i, i+1)
		return &aas.DeleteScalingPolicyOutput{}, nil
	})
	tags := tagsOn(on(a, aas.ServiceID, (*tx).scalableTargetOf), scalingTags, func(s *scalableTarget) *map[string]string { return &s.Tags })
	opListTags(tags, func(in *aas.ListTagsForResourceInput) *string { return in.ResourceARN }, func(out *aas.ListTagsForResourceOutput, tags map[string]string) { out.Tags = tags })
	opTag[aas.TagResourceOutput](tags, func(in *aas.TagResourceInput) (*string, map[string]string) { return in.ResourceARN, in.Tags })
	opUntag[aas.UntagResourceOutput](tags, func(in *aas.UntagResourceInput) (*string, []string) { return in.ResourceARN, in.TagKeys })
	tagged(a, aas.ServiceID, scalingTags, func(t *tx) []*scalableTarget { return t.appScaling().Targets }, func(_ *tx, s *scalableTarget) (string, map[string]string) {
		return *s.V.ScalableTargetARN, s.Tags
	})
}

// registerTarget makes a target or changes one. A service below or above the range gets as many
// tasks as that begins or ends with, at once.
func registerTarget(t *tx, in *aas.RegisterScalableTargetInput) (*aas.RegisterScalableTargetOutput, error) {
	key := targetKey{in.ServiceNamespace, in.ResourceId, in.ScalableDimension}
	service, err := t.scaledService(key)
	if err != nil {
		return nil, err
	}
	s, absent := t.scalableTarget(key)
	v := types.ScalableTarget{
		ServiceNamespace: in.ServiceNamespace, ResourceId: in.ResourceId, ScalableDimension: in.ScalableDimension, CreationTime: aws.Time(t.now),
		RoleARN:        aws.String(t.iamARN("role", linkedPath+"ecs.application-autoscaling.amazonaws.com/", linkedRoles["ecs.application-autoscaling.amazonaws.com"].name)),
		SuspendedState: &types.SuspendedState{DynamicScalingInSuspended: aws.Bool(false), DynamicScalingOutSuspended: aws.Bool(false), ScheduledScalingSuspended: aws.Bool(false)},
	}
	if absent == nil {
		v = s.V
	}
	set(&v.MinCapacity, in.MinCapacity)
	set(&v.MaxCapacity, in.MaxCapacity)
	if in.SuspendedState != nil {
		state := *v.SuspendedState
		set(&state.DynamicScalingInSuspended, in.SuspendedState.DynamicScalingInSuspended)
		set(&state.DynamicScalingOutSuspended, in.SuspendedState.DynamicScalingOutSuspended)
		set(&state.ScheduledScalingSuspended, in.SuspendedState.ScheduledScalingSuspended)
		v.SuspendedState = &state
	}
	switch {
	case v.MinCapacity == nil || v.MaxCapacity == nil:
		return nil, apiError("ValidationException", "MinCapacity and MaxCapacity are required when a new scalable target is registered")
	case *v.MinCapacity < 0 || *v.MinCapacity > *v.MaxCapacity:
		return nil, apiError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
	case absent == nil && len(in.Tags) > 0:
		return nil, apiError("ValidationException", "Tags cannot be specified for a scalable target that is already registered. Use TagResource.")
	}
	if absent != nil {
		if err := scalingTags.check(in.Tags); err != nil {
			return nil, err
		}
		t.linked("ecs.application-autoscaling.amazonaws.com") // made within the call
		v.ScalableTargetARN = aws.String(t.arn("application-autoscaling", "scalable-target/"+strings.ReplaceAll(t.newID("target"), "target-", "")))
		s = &scalableTarget{Tags: in.Tags}
		t.appScaling().Targets.add(s)
	}
	s.V = v
	if n := max(*v.MinCapacity, min(*v.MaxCapacity, service.V.DesiredCount)); n != service.V.DesiredCount {
		service.V.DesiredCount = n
		t.say(service, "has set its desired count to %d: minimum or maximum capacity was changed.", n)
	}
	return &aas.RegisterScalableTargetOutput{ScalableTargetARN: v.ScalableTargetARN}, nil
}

func putScalingPolicy(t *tx, s *scalableTarget, in *aas.PutScalingPolicyInput) (*aas.PutScalingPolicyOutput, error) {
	c := in.TargetTrackingScalingPolicyConfiguration
	switch {
	case aws.ToString(in.PolicyName) == "" || strings.ContainsAny(*in.PolicyName, ":/|"):
		return nil, apiError("ValidationException", "The policy name is invalid")
	case in.PolicyType != types.PolicyTypeTargetTrackingScaling || c == nil:
		return nil, apiError("ValidationException", "The sandbox knows target tracking only")
	case c.TargetValue == nil || (c.PredefinedMetricSpecification == nil) == (c.CustomizedMetricSpecification == nil):
		return nil, apiError("ValidationException", "A target value and exactly one metric are required")
	}
	p := types.ScalingPolicy{
		PolicyName: in.PolicyName, PolicyType: in.PolicyType, ResourceId: in.ResourceId, ServiceNamespace: in.ServiceNamespace, ScalableDimension: in.ScalableDimension,
		TargetTrackingScalingPolicyConfiguration: c, CreationTime: aws.Time(t.now), PolicyARN: aws.String(t.arn("autoscaling", "scalingPolicy:"+*s.V.ResourceId+":policyName/"+*in.PolicyName)),
	}
	// AWS makes an alarm above the target and, unless it only scales out, one below it, with
	// names that nobody else gives (user guide, "How target tracking scaling works").
	for _, side := range []string{"High", "Low"} {
		if side == "Low" && aws.ToBool(c.DisableScaleIn) {
			continue
		}
		name := fmt.Sprintf("TargetTracking-%s-Alarm%s-%s", *s.V.ResourceId, side, t.uuid())
		p.Alarms = append(p.Alarms, types.Alarm{AlarmName: &name, AlarmARN: aws.String(t.arn("cloudwatch", "alarm:"+name))})
	}
	i := slices.IndexFunc(s.Policies, func(old types.ScalingPolicy) bool { return *old.PolicyName == *in.PolicyName })
	if i < 0 {
		s.Policies = append(s.Policies, p)
	} else {
		s.Policies[i] = p
	}
	return &aas.PutScalingPolicyOutput{PolicyARN: p.PolicyARN, Alarms: p.Alarms}, nil
}
