package sandbox

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// The life of a group's instances: they start, join their cluster and end.

// activitiesKept is how many activities a group remembers; AWS does for six weeks.
const activitiesKept = 50

// launchAgain is how long a group waits at least before it repeats a launch that failed.
const launchAgain = time.Minute

func registerActivities(a *Account) {
	op(a, autoscaling.ServiceID, func(t *tx, in *autoscaling.DescribeScalingActivitiesInput) (*autoscaling.DescribeScalingActivitiesOutput, error) {
		var all []types.Activity
		for _, g := range t.asg().Groups {
			if in.AutoScalingGroupName == nil || *in.AutoScalingGroupName == *g.V.AutoScalingGroupName {
				all = append(all, g.Activities...)
			}
		}
		if in.AutoScalingGroupName != nil {
			if _, err := t.asgGroup(in.AutoScalingGroupName); err != nil {
				return nil, err
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &autoscaling.DescribeScalingActivitiesOutput{Activities: part, NextToken: next}, err
	})
}

// did adds an activity of a group, the newest first. The reason is that of a failure.
func (t *tx) did(g *asgGroup, what, reason string) {
	v := types.Activity{
		ActivityId: aws.String(t.newID("activity")), AutoScalingGroupName: g.V.AutoScalingGroupName, AutoScalingGroupARN: g.V.AutoScalingGroupARN,
		Cause:     aws.String("At " + t.now.Format(time.RFC3339) + " an instance was started in response to a difference between desired and actual capacity."),
		StartTime: aws.Time(t.now), EndTime: aws.Time(t.now), Progress: aws.Int32(100), StatusCode: types.ScalingActivityStatusCodeSuccessful, Description: &what,
	}
	if reason != "" {
		v.StatusCode, v.StatusMessage = types.ScalingActivityStatusCodeFailed, &reason
		v.Description = aws.String(what + ".  Status Reason: " + reason)
	}
	g.Activities = slices.Insert(g.Activities, 0, v)
	g.Activities = g.Activities[:min(len(g.Activities), activitiesKept)]
}

// scaleASG launches and terminates until the group has its desired capacity.
func (t *tx) scaleASG(g *asgGroup) {
	desired := int(*g.V.DesiredCapacity) + g.surge()
	for excess := len(g.Instances) - desired; excess > 0; excess-- {
		i := slices.IndexFunc(g.Instances, func(i *asgInstance) bool { return !aws.ToBool(i.V.ProtectedFromScaleIn) })
		if i < 0 {
			return // all are protected: AWS leaves them
		}
		t.terminate(g.Instances[i])
		g.Instances = slices.Delete(g.Instances, i, i+1)
	}
	subnets := strings.Split(*g.V.VPCZoneIdentifier, ",")
	data, ok := t.launchTemplate(*g.V.LaunchTemplate.LaunchTemplateId, aws.ToString(g.V.LaunchTemplate.Version))
	if !ok {
		return // the template is gone: launches fail, the group stays
	}
	for n := len(g.Instances); n < desired; n++ {
		if reason := t.cannotLaunch(data); reason != "" {
			if last := g.Activities; len(last) == 0 || last[0].StatusCode != types.ScalingActivityStatusCodeFailed || t.now.Sub(*last[0].StartTime) >= launchAgain {
				t.did(g, "Launching a new EC2 instance", reason)
			}
			return
		}
		subnet, ok := t.subnet(subnets[n%len(subnets)])
		if !ok {
			return
		}
		eni, err := t.addENI(*subnet.SubnetId, "interface", "", "", asgSecurityGroups(data))
		if err != nil {
			return // launches fail, the group stays
		}
		i := &asgInstance{ENI: eni, Subnet: *subnet.SubnetId, Key: aws.ToString(data.KeyName), Looks: t.opts.Looks, V: types.Instance{
			InstanceId: aws.String(t.newID("i")), AvailabilityZone: subnet.AvailabilityZone, AvailabilityZoneId: subnet.AvailabilityZoneId,
			HealthStatus: aws.String("Healthy"), LifecycleState: types.LifecycleStatePending, InstanceType: aws.String(string(data.InstanceType)),
			ProtectedFromScaleIn: g.V.NewInstancesProtectedFromScaleIn, LaunchTemplate: g.V.LaunchTemplate,
		}}
		t.did(g, "Launching a new EC2 instance: "+*i.V.InstanceId, "")
		g.Instances.add(i)
		if i.Looks == 0 {
			i.V.LifecycleState = types.LifecycleStateInService
			t.boot(i, data)
		}
	}
}

// ageASG is one look at a group: it replaces lost instances, those that start come
// into service, and those in service join their cluster. It is false when a deleted
// group is gone now.
func (t *tx) ageASG(g *asgGroup) bool {
	if g.V.Status != nil {
		if g.wait() {
			return true
		}
		for _, i := range g.Instances {
			t.terminate(i)
		}
		t.asg().Groups.drop(g)
		return false
	}
	if g.V.LaunchTemplate == nil {
		return true // somebody else's, of mixed instances: nothing here starts any
	}
	data, ok := t.launchTemplate(*g.V.LaunchTemplate.LaunchTemplateId, aws.ToString(g.V.LaunchTemplate.Version))
	for _, i := range g.Instances {
		switch i.Looks--; {
		case !ok || i.Looks > 0:
		case i.V.LifecycleState == types.LifecycleStatePending:
			i.V.LifecycleState = types.LifecycleStateInService
		case i.V.LifecycleState == types.LifecycleStateInService:
			t.boot(i, data) // an instance is in service before its agent has started
		}
	}
	t.refreshASG(g)
	t.scaleASG(g)
	return true
}

var ecsClusterInUserData = lazyregexp.New(`ECS_CLUSTER=["']?([\w-]+)`)

// boot starts the instance's ECS agent if the user data names a cluster. It goes on
// trying until it reaches ECS.
func (t *tx) boot(i *asgInstance, data *ec2types.ResponseLaunchTemplateData) {
	joined := slices.ContainsFunc(t.ecs().Instances, func(host *ecsInstance) bool { return host.EC2 == *i.V.InstanceId })
	if joined || !t.wayOut(i.Subnet) {
		return
	}
	script, err := base64.StdEncoding.DecodeString(aws.ToString(data.UserData))
	if err != nil {
		return // user data that is not base64 runs nothing
	}
	if m := ecsClusterInUserData.FindSubmatch(script); m != nil {
		t.joinCluster(string(m[1]), i)
	}
}

func (t *tx) terminate(i *asgInstance) {
	t.removeENI(i.ENI)
	t.loseAgent(*i.V.InstanceId)
}
