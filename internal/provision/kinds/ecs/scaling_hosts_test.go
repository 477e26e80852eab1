package ecs

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

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
		"hosts that run and do not reach ECS": {[]asgtypes.Activity{went}, hosts(3, 1), "3 hosts run and 1 of them have joined the cluster acme", false},
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
