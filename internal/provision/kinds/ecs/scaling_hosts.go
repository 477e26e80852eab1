package ecs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The hosts of a group: which of them have joined the cluster, and why none come.

// listScalingGroups lists all groups. Who waits for hosts is about one client, and
// asks ECS for those whose agent is there; the look at a whole region counts what the
// list of clusters tells anyway.
func listScalingGroups(ctx context.Context, w *provision.Sweep) ([]scalingGroup, error) {
	p := autoscaling.NewDescribeAutoScalingGroupsPaginator(w.ASG, &autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: aws.Int32(100)})
	all, err := kit.All(ctx, p, func(o *autoscaling.DescribeAutoScalingGroupsOutput) []asgtypes.AutoScalingGroup {
		return o.AutoScalingGroups
	})
	groups, err := kit.Map(all, err, func(g asgtypes.AutoScalingGroup) scalingGroup { return &hostGroup{AutoScalingGroup: g} })
	if waiting := len(w.Scopes) == 0 && len(w.Clients) == 1; err == nil && waiting {
		err = countAgents(ctx, w, groups)
	}
	return groups, err
}

// connectedAgents is ECS's query for hosts whose agent can be told to start tasks.
const connectedAgents = "agentConnected == true"

// countAgents counts the hosts of the sweep's one client that ECS can use, once as many run as must.
func countAgents(ctx context.Context, w *provision.Sweep, groups []scalingGroup) error {
	for _, g := range groups {
		if aws.ToString(g.AutoScalingGroupName) != rules.HostsName(w.Clients[0]) || g.Status != nil || hostsInService(g) < int(aws.ToInt32(g.MinSize)) {
			continue
		}
		p := ecs.NewListContainerInstancesPaginator(w.ECS, &ecs.ListContainerInstancesInput{
			Cluster: aws.String(rules.ClusterName(w.Clients[0])), Filter: aws.String(connectedAgents), Status: ecstypes.ContainerInstanceStatusActive,
		})
		hosts, err := kit.All(ctx, p, func(o *ecs.ListContainerInstancesOutput) []string { return o.ContainerInstanceArns })
		if awsapi.IgnoreNotFound(err) != nil { // without the cluster there are none
			return err
		}
		g.registered = len(hosts)
	}
	return nil
}

// describeScalingGroup counts the hosts in the groups' clusters.
func describeScalingGroup(ctx context.Context, w *provision.Sweep, g scalingGroup) error {
	clusters, err := ecsClusters(ctx, w)
	for _, c := range clusters {
		if aws.ToString(c.ClusterName) == rules.ClusterName(groupTags(g)[provision.TagClient]) {
			g.registered = int(c.RegisteredContainerInstancesCount)
		}
	}
	return err
}

func groupTags(g scalingGroup) provision.Tags {
	return kit.TagCodec[asgtypes.TagDescription](func(t *asgtypes.TagDescription) (key, value **string) { return &t.Key, &t.Value }).Of(g.Tags)
}

// Reasons of launches that failed, in the words of Auto Scaling's activities (EC2 Auto
// Scaling user guide, "Troubleshoot Amazon EC2 Auto Scaling"). Lack of capacity, and
// news that has not got round in IAM, pass by themselves and are not among them.
var (
	neverLaunches = lazyregexp.New(`(?i)vCPU limit|instance limit|LimitExceeded|quota|not supported|invalid value|KMS|Client error on launch|not authorized|UnauthorizedOperation|blocked|OptInRequired|(image|AMI|key ?pair|security group|launch template).*(does not exist|not exist|invalid)`)
	// oneZone is about a zone of three: the group tries the others.
	oneZone = lazyregexp.New(`(?i)requested Availability Zone`)
	vcpus   = lazyregexp.New(`(?i)vCPU limit`)
	volumes = lazyregexp.New(`(?i)KMS|Client error on launch`)
)

// clockSkew is how far this machine's clock may be ahead of AWS's.
const clockSkew = time.Minute

// hostsStalled is the group's last activity that failed since the run began: nothing
// else tells why hosts do not come. Where they run, they do not reach ECS.
func hostsStalled(ctx context.Context, s *provision.Step, g scalingGroup) (why string, final bool, err error) {
	out, err := s.API.ASG.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: g.AutoScalingGroupName, MaxRecords: aws.Int32(20)})
	if err != nil {
		return "", false, err
	}
	var failed *asgtypes.Activity
	started := false
	for i, a := range out.Activities { // the newest first
		switch {
		case aws.ToTime(a.StartTime).Before(s.Now.Add(-clockSkew)): // of an earlier run
		case a.StatusCode == asgtypes.ScalingActivityStatusCodeFailed && failed == nil:
			failed = &out.Activities[i]
		case a.StatusCode == asgtypes.ScalingActivityStatusCodeSuccessful:
			started = true
		}
	}
	if lowest := aws.ToInt32(g.MinSize); failed == nil && hostsInService(g) >= int(lowest) {
		return lang.Sprintf("%d {host runs|hosts run} and %d {has|have} joined the cluster %s: they need a way to ECS, and an agent that starts (look with Session Manager at /var/log/ecs)", hostsInService(g), g.registered, rules.ClusterName(s.Client)), false, nil
	}
	if failed == nil {
		return "", false, nil
	}
	reason := strings.TrimSpace(aws.ToString(failed.StatusMessage))
	if reason == "" {
		reason = aws.ToString(failed.Description)
	}
	final = neverLaunches.MatchString(reason) && !(started && oneZone.MatchString(reason))
	why = lang.Sprintf("Auto Scaling cannot start hosts: %s", reason)
	switch {
	case vcpus.MatchString(reason):
		why += lang.Say(" (quota L-1216C47A of EC2, Running On-Demand Standard instances: ask for more in the Service Quotas console, and run again)")
	case volumes.MatchString(reason):
		why += lang.Say(" (the key of the hosts' volumes must be enabled, and its policy must let Auto Scaling's service-linked role use it)")
	}
	return why, final, nil
}

func refusesHosts(_ context.Context, _ *provision.Step, _ *provision.Sweep, g scalingGroup) (string, error) {
	if p := g.DeletionProtection; p != "" && p != asgtypes.DeletionProtectionNone {
		return "its deletion protection is " + string(p) + ": set it to none first", nil
	}
	return "", nil
}

// vcpuQuota is the limit that a new account meets first: AWS starts it at 5.
var vcpuQuota = &provision.Quota{Service: "ec2", Code: rules.StandardInstancesQuota, Name: "vCPUs of standard on-demand instances", VCPUs: true}

// takenByHosts is how many vCPUs the fewest hosts take, and the most that there may be.
// What runs already is counted where they are.
func takenByHosts(_ *provision.Scope, _ provision.Role, d wantHosts, have *scalingGroup) []provision.Take {
	running := 0
	if have != nil {
		if rangeOf(*have) == hostRange(d.Min, d.Max) {
			return nil
		}
		running = len((*have).Instances)
	}
	more := func(hosts int) int { return max(0, hosts-running) }
	host, known := rules.InstanceOf(d.InstanceType)
	if !known {
		return []provision.Take{{Quota: vcpuQuota, Unsure: fmt.Sprintf("how many vCPUs %s has, and whether they count as standard ones", d.InstanceType)}}
	}
	return []provision.Take{{Quota: vcpuQuota, Now: more(d.Min) * host.VCPU, Most: more(d.Max) * host.VCPU}}
}

// offeredHosts is the instance type in every zone of the client, where it is new.
func offeredHosts(s *provision.Scope, _ provision.Role, d wantTemplate, have **launchTemplate) []provision.Offer {
	if have != nil && strings.Contains((*have).settings, d.instanceType) {
		return nil
	}
	var out []provision.Offer
	for _, zone := range s.Zones {
		out = append(out, provision.Offer{Type: d.instanceType, Zone: zone.Name})
	}
	return out
}
