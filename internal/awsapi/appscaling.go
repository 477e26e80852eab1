package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
)

// AppScaling is the part of Application Auto Scaling that cicdctl uses.
type AppScaling interface {
	RegisterScalableTarget(context.Context, *applicationautoscaling.RegisterScalableTargetInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.RegisterScalableTargetOutput, error)
	DescribeScalableTargets(context.Context, *applicationautoscaling.DescribeScalableTargetsInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DescribeScalableTargetsOutput, error)
	DeregisterScalableTarget(context.Context, *applicationautoscaling.DeregisterScalableTargetInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DeregisterScalableTargetOutput, error)
	PutScalingPolicy(context.Context, *applicationautoscaling.PutScalingPolicyInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.PutScalingPolicyOutput, error)
	DescribeScalingPolicies(context.Context, *applicationautoscaling.DescribeScalingPoliciesInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DescribeScalingPoliciesOutput, error)
	DeleteScalingPolicy(context.Context, *applicationautoscaling.DeleteScalingPolicyInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DeleteScalingPolicyOutput, error)
	ListTagsForResource(context.Context, *applicationautoscaling.ListTagsForResourceInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.ListTagsForResourceOutput, error)
	TagResource(context.Context, *applicationautoscaling.TagResourceInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.TagResourceOutput, error)
	UntagResource(context.Context, *applicationautoscaling.UntagResourceInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.UntagResourceOutput, error)
}
