package ecs

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// activities answers with what a group has tried.
type activities struct {
	awsapi.AutoScaling
	all []asgtypes.Activity
}

func (a activities) DescribeScalingActivities(context.Context, *autoscaling.DescribeScalingActivitiesInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeScalingActivitiesOutput, error) {
	return &autoscaling.DescribeScalingActivitiesOutput{Activities: a.all}, nil
}

// The texts are those that AWS's users have reported.
func TestWhyHostsDoNotCome(t *testing.T) {
	began := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	failed := func(after time.Duration, reason string) asgtypes.Activity {
		return asgtypes.Activity{StatusCode: asgtypes.ScalingActivityStatusCodeFailed, StartTime: aws.Time(began.Add(after)), StatusMessage: &reason}
	}
	went := asgtypes.Activity{StatusCode: asgtypes.ScalingActivityStatusCodeSuccessful, StartTime: aws.Time(began.Add(time.Second))}
	const zone = "Your requested instance type (m7i.large) is not supported in your requested Availability Zone (eu-west-3c). Please retry your request by not specifying an Availability Zone or choosing eu-west-3a. Launching EC2 instance failed."
	hosts := func(running, joined int) scalingGroup {
		g := &hostGroup{registered: joined, AutoScalingGroup: asgtypes.AutoScalingGroup{MinSize: aws.Int32(3)}}
		for range running {
			g.Instances = append(g.Instances, asgtypes.Instance{LifecycleState: asgtypes.LifecycleStateInService})
		}
		return g
	}
	for name, c := range map[string]struct {
		all   []asgtypes.Activity
		group scalingGroup
		why   string
		final bool
	}{
		"nothing has failed":                  {[]asgtypes.Activity{went}, hosts(1, 0), "", false},
		"too few vCPUs":                       {[]asgtypes.Activity{failed(time.Second, "You have requested more vCPU capacity than your current vCPU limit of 5 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit. Launching EC2 instance failed."), went}, hosts(2, 2), "quota L-1216C47A", true},
		"a key that Auto Scaling may not use": {[]asgtypes.Activity{failed(time.Second, "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InternalError: Client error on launch")}, hosts(0, 0), "its policy must let Auto Scaling's service-linked role use it", true},
		"a key that is off":                   {[]asgtypes.Activity{failed(time.Second, "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state")}, hosts(0, 0), "must be enabled", true},
		"a type that no zone has":             {[]asgtypes.Activity{failed(time.Second, zone)}, hosts(0, 0), "m7i.large", true},
		"a type that one zone lacks":          {[]asgtypes.Activity{failed(time.Second, zone), went}, hosts(2, 2), "m7i.large", false},
		"no capacity for now":                 {[]asgtypes.Activity{failed(time.Second, "We currently do not have sufficient m6i.large capacity in the Availability Zone you requested (eu-west-3a). Our system will be working on provisioning additional capacity. Launching EC2 instance failed.")}, hosts(0, 0), "sufficient m6i.large capacity", false},
		"a profile that IAM has not heard of": {[]asgtypes.Activity{failed(time.Second, "Invalid IAM Instance Profile name. Launching EC2 instance failed.")}, hosts(0, 0), "Invalid IAM Instance Profile", false},
		"a failure from before this run":      {[]asgtypes.Activity{failed(-time.Hour, "You have requested more vCPU capacity than your current vCPU limit of 5 allows")}, hosts(0, 0), "", false},
		"hosts that run and do not reach ECS": {[]asgtypes.Activity{went}, hosts(3, 1), "3 hosts run and 1 has joined the cluster acme", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &provision.Step{Scope: &provision.Scope{Client: "ACME", API: &awsapi.Set{ASG: activities{all: c.all}}}, Now: began}
			why, final, err := hostsStalled(t.Context(), s, c.group)
			if err != nil || final != c.final || !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("%q, %t, %v, want %q, %t", why, final, err, c.why, c.final)
			}
		})
	}
}

// registry answers with the hosts of a cluster whose agents are connected, and with what
// the cluster itself counts.
type registry struct {
	awsapi.ECS
	connected, counted int
}

func (r registry) ListContainerInstances(_ context.Context, in *ecs.ListContainerInstancesInput, _ ...func(*ecs.Options)) (*ecs.ListContainerInstancesOutput, error) {
	hosts := r.counted
	if aws.ToString(in.Filter) == "agentConnected == true" {
		hosts = r.connected
	}
	return &ecs.ListContainerInstancesOutput{ContainerInstanceArns: make([]string, hosts)}, nil
}

func (r registry) ListClusters(context.Context, *ecs.ListClustersInput, ...func(*ecs.Options)) (*ecs.ListClustersOutput, error) {
	return &ecs.ListClustersOutput{ClusterArns: []string{"acme"}}, nil
}

func (r registry) DescribeClusters(context.Context, *ecs.DescribeClustersInput, ...func(*ecs.Options)) (*ecs.DescribeClustersOutput, error) {
	return &ecs.DescribeClustersOutput{Clusters: []ecstypes.Cluster{{ClusterName: aws.String("acme"), RegisteredContainerInstancesCount: int32(r.counted)}}}, nil
}

// groups answers with one group of three hosts that run.
type groups struct{ awsapi.AutoScaling }

func (groups) DescribeAutoScalingGroups(context.Context, *autoscaling.DescribeAutoScalingGroupsInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	g := asgtypes.AutoScalingGroup{
		AutoScalingGroupName: aws.String("acme-hosts"), AutoScalingGroupARN: aws.String("arn"), MinSize: aws.Int32(3),
		Tags: []asgtypes.TagDescription{{Key: aws.String(provision.TagClient), Value: aws.String("ACME")}},
	}
	for range 3 {
		g.Instances = append(g.Instances, asgtypes.Instance{LifecycleState: asgtypes.LifecycleStateInService})
	}
	return &autoscaling.DescribeAutoScalingGroupsOutput{AutoScalingGroups: []asgtypes.AutoScalingGroup{g}}, nil
}

// Hosts are ready when they have joined the cluster and ECS can use them, not when they run.
func TestHostsAreReadyOnceTheyHaveJoined(t *testing.T) {
	for name, c := range map[string]struct {
		connected, counted int
		waiting, surveyed  provision.State
	}{
		"none has joined":            {0, 0, provision.Pending, provision.Pending},
		"one is missing":             {2, 2, provision.Pending, provision.Pending},
		"one has joined and is gone": {2, 3, provision.Pending, provision.Available},
		"all have joined":            {3, 3, provision.Available, provision.Available},
	} {
		t.Run(name, func(t *testing.T) {
			api := &awsapi.Set{ASG: groups{}, ECS: registry{connected: c.connected, counted: c.counted}}
			look := func(describe bool) provision.State {
				w := provision.NewSweep(&provision.Scope{API: api})
				if w.Scopes, w.Clients = nil, []string{"ACME"}; describe {
					w.Clients = nil
				}
				groups, err := listScalingGroups(t.Context(), w)
				if err == nil && describe {
					err = describeScalingGroup(t.Context(), w, groups[0])
				}
				if err != nil {
					t.Fatal(err)
				}
				return scalingGroupState(groups[0])
			}
			if got := look(false); got != c.waiting {
				t.Errorf("who waits for them is told %s, want %s", got, c.waiting)
			}
			if got := look(true); got != c.surveyed {
				t.Errorf("who looks at the region is told %s, want %s", got, c.surveyed)
			}
		})
	}
}
