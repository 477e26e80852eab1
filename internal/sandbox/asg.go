package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// asgState is EC2 Auto Scaling in one region.
type asgState struct{ Groups table[asgGroup] }

// asgGroup is a group with its instances, which live and die by describes.
type asgGroup struct {
	V         types.AutoScalingGroup // without instances
	Instances table[asgInstance]
	meta
	Activities []types.Activity `json:",omitempty"` // the newest first
	Refreshes  []asgRefresh     `json:",omitempty"` // the newest first
}

type asgInstance struct {
	V      types.Instance
	ENI    string
	Subnet string
	Key    string `json:",omitempty"` // the name of the key pair that it was started with
	Looks  int    `json:",omitempty"` // describes until it is in service
}

func (t *tx) asg() *asgState { return in(&t.ASG, t.region) }

func (t *tx) asgGroup(name *string) (*asgGroup, error) {
	r := t.asg().Groups.first(func(g *asgGroup) bool { return *g.V.AutoScalingGroupName == aws.ToString(name) })
	return found(r, apiError, "ValidationError", "AutoScalingGroup name not found - AutoScalingGroup '%s' not found", aws.ToString(name))
}

func registerASG(a *Account) {
	registerActivities(a)
	registerRefreshes(a)
	op(a, autoscaling.ServiceID, createASG)
	op(a, autoscaling.ServiceID, func(t *tx, in *autoscaling.DescribeAutoScalingGroupsInput) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
		var all []types.AutoScalingGroup
		for _, g := range slices.Clone(t.asg().Groups) {
			if len(in.AutoScalingGroupNames) > 0 && !slices.Contains(in.AutoScalingGroupNames, *g.V.AutoScalingGroupName) {
				continue
			}
			// A list of several pages is one look, not one a page.
			if in.NextToken == nil && !t.ageASG(g) {
				continue
			}
			v := g.V
			v.Instances = append(v.Instances, each(g.Instances, func(i *asgInstance) types.Instance { return i.V })...)
			all = append(all, v)
		}
		part, next, err := page(t, all, in.NextToken)
		return &autoscaling.DescribeAutoScalingGroupsOutput{AutoScalingGroups: part, NextToken: next}, err
	})
	opOn(on(a, autoscaling.ServiceID, (*tx).asgGroup), func(in *autoscaling.UpdateAutoScalingGroupInput) *string { return in.AutoScalingGroupName }, func(t *tx, g *asgGroup, in *autoscaling.UpdateAutoScalingGroupInput) (*autoscaling.UpdateAutoScalingGroupOutput, error) {
		if g.V.Status != nil {
			return nil, apiError("ScalingActivityInProgress", "Auto Scaling group %s is being deleted.", *g.V.AutoScalingGroupName)
		}
		v := g.V
		set(&v.MinSize, in.MinSize)
		set(&v.MaxSize, in.MaxSize)
		set(&v.HealthCheckType, in.HealthCheckType)
		set(&v.HealthCheckGracePeriod, in.HealthCheckGracePeriod)
		set(&v.VPCZoneIdentifier, in.VPCZoneIdentifier)
		set(&v.LaunchTemplate, in.LaunchTemplate)
		set(&v.CapacityRebalance, in.CapacityRebalance)
		set(&v.NewInstancesProtectedFromScaleIn, in.NewInstancesProtectedFromScaleIn)
		if len(in.TerminationPolicies) > 0 {
			v.TerminationPolicies = in.TerminationPolicies
		}
		v.DeletionProtection = cmp.Or(in.DeletionProtection, v.DeletionProtection)
		v.DesiredCapacity = in.DesiredCapacity
		if v.DesiredCapacity == nil { // a range that leaves the old capacity out moves it
			v.DesiredCapacity = aws.Int32(max(aws.ToInt32(v.MinSize), min(aws.ToInt32(v.MaxSize), aws.ToInt32(g.V.DesiredCapacity))))
		}
		if err := t.checkASG(&v); err != nil {
			return nil, err
		}
		g.V = v
		t.scaleASG(g)
		return &autoscaling.UpdateAutoScalingGroupOutput{}, nil
	})
	op(a, autoscaling.ServiceID, func(t *tx, in *autoscaling.DeleteAutoScalingGroupInput) (*autoscaling.DeleteAutoScalingGroupOutput, error) {
		g, err := t.asgGroup(in.AutoScalingGroupName)
		force := aws.ToBool(in.ForceDelete)
		switch {
		case err != nil:
			return nil, err
		case g.V.Status != nil:
			return &autoscaling.DeleteAutoScalingGroupOutput{}, nil
		case g.V.DeletionProtection == types.DeletionProtectionPreventAllDeletion, g.V.DeletionProtection == types.DeletionProtectionPreventForceDeletion && force:
			return nil, apiError("ResourceInUse", "The Auto Scaling group is protected from deletion.")
		case len(g.Instances) > 0 && !force:
			return nil, apiError("ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.")
		}
		g.V.Status, g.Looks = aws.String("Delete in progress"), t.opts.Looks
		for _, i := range g.Instances {
			i.V.LifecycleState = types.LifecycleStateTerminating
		}
		return &autoscaling.DeleteAutoScalingGroupOutput{}, nil
	})
	opChange[autoscaling.SetInstanceProtectionOutput](on(a, autoscaling.ServiceID, (*tx).asgGroup), func(in *autoscaling.SetInstanceProtectionInput) *string { return in.AutoScalingGroupName }, func(_ *tx, g *asgGroup, in *autoscaling.SetInstanceProtectionInput) error {
		for _, id := range in.InstanceIds {
			if !slices.ContainsFunc(g.Instances, func(i *asgInstance) bool { return *i.V.InstanceId == id }) {
				return apiError("ValidationError", "The instance %s is not part of Auto Scaling group %s.", id, *g.V.AutoScalingGroupName)
			}
		}
		for _, i := range g.Instances {
			if slices.Contains(in.InstanceIds, *i.V.InstanceId) {
				i.V.ProtectedFromScaleIn = aws.Bool(aws.ToBool(in.ProtectedFromScaleIn))
			}
		}
		return nil
	})
	op(a, autoscaling.ServiceID, func(t *tx, in *autoscaling.CreateOrUpdateTagsInput) (*autoscaling.CreateOrUpdateTagsOutput, error) {
		if err := t.checkASGTags(in.Tags); err != nil {
			return nil, err
		}
		for _, tag := range in.Tags {
			g, err := t.asgGroup(tag.ResourceId)
			if err != nil {
				return nil, err
			}
			g.tag(tag)
		}
		return &autoscaling.CreateOrUpdateTagsOutput{}, nil
	})
	op(a, autoscaling.ServiceID, func(t *tx, in *autoscaling.DeleteTagsInput) (*autoscaling.DeleteTagsOutput, error) {
		for _, tag := range in.Tags {
			g, err := t.asgGroup(tag.ResourceId)
			if err != nil {
				return nil, err
			}
			g.V.Tags = slices.DeleteFunc(g.V.Tags, func(old types.TagDescription) bool { return *old.Key == aws.ToString(tag.Key) })
		}
		return &autoscaling.DeleteTagsOutput{}, nil
	})
}

func (g *asgGroup) tag(tag types.Tag) {
	g.V.Tags = slices.DeleteFunc(g.V.Tags, func(old types.TagDescription) bool { return *old.Key == *tag.Key })
	g.V.Tags = append(g.V.Tags, types.TagDescription{
		Key: tag.Key, Value: aws.String(aws.ToString(tag.Value)), PropagateAtLaunch: aws.Bool(aws.ToBool(tag.PropagateAtLaunch)),
		ResourceId: g.V.AutoScalingGroupName, ResourceType: aws.String("auto-scaling-group"),
	})
}

// checkASGTags checks tags of groups that exist.
func (t *tx) checkASGTags(tags []types.Tag) error {
	for _, tag := range tags {
		if aws.ToString(tag.ResourceType) != "auto-scaling-group" {
			return apiError("ValidationError", "Tag resource type must be auto-scaling-group")
		}
		if _, err := t.asgGroup(tag.ResourceId); err != nil {
			return err
		}
	}
	return asgTags.check(tags)
}

var asgTags = tagList[types.Tag]{
	parts:    func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: reserves(apiError("ValidationError", "Tag keys starting with 'aws:' are reserved for system use")),
}

func createASG(t *tx, in *autoscaling.CreateAutoScalingGroupInput) (*autoscaling.CreateAutoScalingGroupOutput, error) {
	name := aws.ToString(in.AutoScalingGroupName)
	if _, err := t.asgGroup(in.AutoScalingGroupName); err == nil {
		return nil, apiError("AlreadyExists", "AutoScalingGroup by this name already exists - A group with the name %s already exists", name)
	}
	if name == "" || len(name) > 255 || strings.Contains(name, ":") {
		return nil, apiError("ValidationError", "The Auto Scaling group name is invalid")
	}
	if err := asgTags.check(in.Tags); err != nil {
		return nil, err
	}
	arn := t.arn("autoscaling", fmt.Sprintf("autoScalingGroup:%s:autoScalingGroupName/%s", t.newID("group"), name))
	g := &asgGroup{V: types.AutoScalingGroup{
		AutoScalingGroupName: in.AutoScalingGroupName, AutoScalingGroupARN: aws.String(arn), CreatedTime: aws.Time(t.now),
		MinSize: in.MinSize, MaxSize: in.MaxSize, DesiredCapacity: in.DesiredCapacity, DefaultCooldown: aws.Int32(300),
		HealthCheckType: aws.String("EC2"), HealthCheckGracePeriod: aws.Int32(0), TerminationPolicies: []string{"Default"},
		NewInstancesProtectedFromScaleIn: aws.Bool(aws.ToBool(in.NewInstancesProtectedFromScaleIn)), CapacityRebalance: in.CapacityRebalance,
		VPCZoneIdentifier: in.VPCZoneIdentifier, LaunchTemplate: in.LaunchTemplate, DeletionProtection: in.DeletionProtection,
		ServiceLinkedRoleARN: aws.String("arn:aws:iam::" + t.opts.ID + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"),
	}}
	set(&g.V.HealthCheckType, in.HealthCheckType)
	set(&g.V.HealthCheckGracePeriod, in.HealthCheckGracePeriod)
	if len(in.TerminationPolicies) > 0 {
		g.V.TerminationPolicies = in.TerminationPolicies
	}
	for _, tag := range in.Tags {
		g.tag(tag)
	}
	if err := t.checkASG(&g.V); err != nil {
		return nil, err
	}
	t.linked("autoscaling.amazonaws.com") // made within the call
	t.asg().Groups.add(g)
	t.scaleASG(g)
	return &autoscaling.CreateAutoScalingGroupOutput{}, nil
}

// checkASG checks all that a group refers to and completes it as AWS does.
func (t *tx) checkASG(v *types.AutoScalingGroup) error {
	lowest, highest := aws.ToInt32(v.MinSize), aws.ToInt32(v.MaxSize)
	v.DesiredCapacity = cmp.Or(v.DesiredCapacity, aws.Int32(lowest))
	switch desired := *v.DesiredCapacity; {
	case lowest < 0 || lowest > highest:
		return apiError("ValidationError", "Max bound, %d, must be greater than or equal to min bound, %d", highest, lowest)
	case desired < lowest || desired > highest:
		return apiError("ValidationError", "Desired capacity:%d must be between the specified min size:%d and max size:%d", desired, lowest, highest)
	case aws.ToString(v.VPCZoneIdentifier) == "":
		return apiError("ValidationError", "At least one Availability Zone or VPC Subnet is required.")
	case !slices.Contains([]string{"EC2", "ELB", "EBS"}, *v.HealthCheckType):
		return apiError("ValidationError", "Health check type is not valid")
	}
	v.AvailabilityZones = nil
	vpc := ""
	for id := range strings.SplitSeq(*v.VPCZoneIdentifier, ",") {
		subnet, ok := t.subnet(id)
		if !ok {
			return apiError("ValidationError", "The subnet ID '%s' does not exist", id)
		}
		if vpc != "" && vpc != *subnet.VpcId {
			return apiError("ValidationError", "All subnets must be in the same VPC")
		}
		vpc = *subnet.VpcId
		if slices.Contains(v.AvailabilityZones, *subnet.AvailabilityZone) {
			continue
		}
		v.AvailabilityZones = append(v.AvailabilityZones, *subnet.AvailabilityZone)
	}
	return t.checkASGTemplate(v)
}

func (t *tx) checkASGTemplate(v *types.AutoScalingGroup) error {
	spec := v.LaunchTemplate
	if spec == nil || spec.LaunchTemplateId == nil && spec.LaunchTemplateName == nil {
		return apiError("ValidationError", "Valid requests must contain either LaunchTemplateId or LaunchTemplateName")
	}
	r := t.template(spec.LaunchTemplateId, spec.LaunchTemplateName)
	if r == nil {
		return apiError("ValidationError", "You must use a valid fully-formed launch template. The specified launch template, with template ID %s, does not exist.", aws.ToString(spec.LaunchTemplateId))
	}
	v.LaunchTemplate = &types.LaunchTemplateSpecification{LaunchTemplateId: r.V.LaunchTemplateId, LaunchTemplateName: r.V.LaunchTemplateName, Version: spec.Version}
	data, ok := t.launchTemplate(*r.V.LaunchTemplateId, aws.ToString(spec.Version))
	if !ok {
		return apiError("ValidationError", "You must use a valid fully-formed launch template. Could not find the specified version %s for the launch template with ID %s.", aws.ToString(spec.Version), *r.V.LaunchTemplateId)
	}
	if _, known := shapes[string(data.InstanceType)]; !known && data.InstanceType != "" {
		return apiError("ValidationError", "You must use a valid fully-formed launch template. Invalid value '%s' for InstanceType.", data.InstanceType)
	}
	for _, id := range asgSecurityGroups(data) {
		if securityGroups.find(t, id) == nil {
			return apiError("ValidationError", "You must use a valid fully-formed launch template. The security group '%s' does not exist", id)
		}
	}
	if p := data.IamInstanceProfile; p != nil && p.Name != nil && !t.instanceProfile(*p.Name) {
		return apiError("ValidationError", "You must use a valid fully-formed launch template. Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", *p.Name)
	}
	return nil
}

func asgSecurityGroups(data *ec2types.ResponseLaunchTemplateData) []string {
	if len(data.NetworkInterfaces) > 0 {
		return data.NetworkInterfaces[0].Groups
	}
	return data.SecurityGroupIds
}
