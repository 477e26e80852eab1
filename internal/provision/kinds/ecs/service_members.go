package ecs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// wantedService is the service as ECS would describe it, without what deploys and
// whoever scales decide.
func wantedService(s *provision.Step, d kit.Workload) *ecstypes.Service {
	return &ecstypes.Service{
		NetworkConfiguration: serviceNetwork(s, d), LoadBalancers: serviceBalancers(s, d), DeploymentConfiguration: rollout(d),
		CapacityProviderStrategy: strategyOf(s.ID("ecs/capacity-provider", "hosts")), PlacementStrategy: overZones(),
		AvailabilityZoneRebalancing: rebalancing(d), HealthCheckGracePeriodSeconds: aws.Int32(rules.ServiceGraceSeconds),
		EnableECSManagedTags: true, PropagateTags: ecstypes.PropagateTagsService, EnableExecuteCommand: d.Svc.Exec.Of(d.Env),
	}
}

type serviceUpdate = ecs.UpdateServiceInput

var serviceMembers = []kit.Member[*ecstypes.Service, serviceUpdate]{
	kit.MemberOf("network", func(v *ecstypes.Service) string { return networkText(v.NetworkConfiguration) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.NetworkConfiguration = w.NetworkConfiguration }),
	kit.MemberOf("target group", func(v *ecstypes.Service) string { return balancersText(v.LoadBalancers) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.LoadBalancers = orEmpty(w.LoadBalancers) }),
	kit.MemberOf("capacity provider", func(v *ecstypes.Service) string { return strategyText(v.CapacityProviderStrategy) },
		func(w *ecstypes.Service, in *serviceUpdate) {
			in.CapacityProviderStrategy, in.ForceNewDeployment = w.CapacityProviderStrategy, true
		}),
	kit.MemberOf("rollout", func(v *ecstypes.Service) string { return rolloutText(v.DeploymentConfiguration) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.DeploymentConfiguration = w.DeploymentConfiguration }),
	kit.MemberOf("placement", func(v *ecstypes.Service) string { return placementText(v.PlacementStrategy) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.PlacementStrategy = w.PlacementStrategy }),
	kit.MemberOf("zone rebalancing", func(v *ecstypes.Service) string { return rebalancingText(v.AvailabilityZoneRebalancing) },
		func(w *ecstypes.Service, in *serviceUpdate) {
			in.AvailabilityZoneRebalancing = w.AvailabilityZoneRebalancing
		}),
	kit.MemberOf("health check grace", func(v *ecstypes.Service) string {
		return fmt.Sprintf("%d s", aws.ToInt32(v.HealthCheckGracePeriodSeconds))
	},
		func(w *ecstypes.Service, in *serviceUpdate) {
			in.HealthCheckGracePeriodSeconds = w.HealthCheckGracePeriodSeconds
		}),
	// A shell in a container is a way past every review of its image: off unless the spec says so.
	kit.MemberOf("exec", func(v *ecstypes.Service) string { return kit.OnOff(v.EnableExecuteCommand) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.EnableExecuteCommand = &w.EnableExecuteCommand }),
	kit.MemberOf("managed tags", func(v *ecstypes.Service) string { return kit.OnOff(v.EnableECSManagedTags) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.EnableECSManagedTags = &w.EnableECSManagedTags }),
	kit.MemberOf("tags of tasks", func(v *ecstypes.Service) string { return string(v.PropagateTags) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.PropagateTags = w.PropagateTags }),
}

// serviceNetwork puts the tasks into the client's private subnets, behind the
// security group of their service.
func serviceNetwork(s *provision.Step, d kit.Workload) *ecstypes.NetworkConfiguration {
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
		Subnets: hostSubnets(s), SecurityGroups: []string{s.ID("ec2/security-group", d.Unit())}, AssignPublicIp: ecstypes.AssignPublicIpDisabled,
	}}
}

func networkText(n *ecstypes.NetworkConfiguration) string {
	if n == nil || n.AwsvpcConfiguration == nil {
		return ""
	}
	public := n.AwsvpcConfiguration.AssignPublicIp == ecstypes.AssignPublicIpEnabled
	return kit.Lines(slices.Concat(n.AwsvpcConfiguration.Subnets, n.AwsvpcConfiguration.SecurityGroups, []string{"public address: " + kit.OnOff(public)}))
}

// serviceBalancers are the target groups in which ECS registers the tasks.
func serviceBalancers(s *provision.Step, d kit.Workload) []ecstypes.LoadBalancer {
	to := func(group provision.Role, port uint16) ecstypes.LoadBalancer {
		return ecstypes.LoadBalancer{
			TargetGroupArn: aws.String(s.ID("elb/target-group", group)), ContainerName: aws.String(d.Svc.Name), ContainerPort: aws.Int32(int32(port)),
		}
	}
	if d.Svc.Runtime.HTTP() {
		return []ecstypes.LoadBalancer{to(s.Role, rules.ContainerPort(d.Svc.Runtime))}
	}
	var out []ecstypes.LoadBalancer
	for _, p := range d.Ports(s) {
		out = append(out, to(p.Name(), p.Target))
	}
	return out
}

func balancersText(balancers []ecstypes.LoadBalancer) string {
	return kit.Lines(kit.Texts(balancers, func(b ecstypes.LoadBalancer) string {
		return fmt.Sprintf("%s to %s:%d", aws.ToString(b.TargetGroupArn), aws.ToString(b.ContainerName), aws.ToInt32(b.ContainerPort))
	}))
}

// rollout replaces tasks without ever having fewer than before, unless two could
// not work at once, and goes back by itself when the new ones do not start.
func rollout(d kit.Workload) *ecstypes.DeploymentConfiguration {
	least, most := rules.RolloutPercent(d.Svc.Runtime)
	return &ecstypes.DeploymentConfiguration{
		MinimumHealthyPercent: &least, MaximumPercent: &most,
		DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: true, Rollback: true},
	}
}

// rebalancing moves tasks to zones that have fewer. It starts the new one first, so
// AWS refuses it where there may be no more tasks than wanted.
func rebalancing(d kit.Workload) ecstypes.AvailabilityZoneRebalancing {
	if rules.RuntimeOf(d.Svc.Runtime).StopFirst {
		return ecstypes.AvailabilityZoneRebalancingDisabled
	}
	return ecstypes.AvailabilityZoneRebalancingEnabled
}

func rebalancingText(r ecstypes.AvailabilityZoneRebalancing) string {
	return kit.OnOff(r == ecstypes.AvailabilityZoneRebalancingEnabled)
}

func rolloutText(c *ecstypes.DeploymentConfiguration) string {
	if c == nil {
		return ""
	}
	breaker := c.DeploymentCircuitBreaker
	if breaker == nil {
		breaker = &ecstypes.DeploymentCircuitBreaker{}
	}
	return strings.Join([]string{
		"circuit breaker: " + kit.OnOff(breaker.Enable), "rollback: " + kit.OnOff(breaker.Rollback),
		fmt.Sprintf("tasks: %d%% to %d%%", aws.ToInt32(c.MinimumHealthyPercent), aws.ToInt32(c.MaximumPercent)),
	}, "\n")
}

// overZones spreads tasks over the AZs; rebalancing needs it first on the list.
func overZones() []ecstypes.PlacementStrategy {
	return []ecstypes.PlacementStrategy{{Type: ecstypes.PlacementStrategyTypeSpread, Field: aws.String("attribute:ecs.availability-zone")}}
}

func placementText(strategy []ecstypes.PlacementStrategy) string {
	text := func(p ecstypes.PlacementStrategy) string { return string(p.Type) + " by " + aws.ToString(p.Field) }
	return strings.Join(kit.Texts(strategy, text), "\n") // the order counts
}
