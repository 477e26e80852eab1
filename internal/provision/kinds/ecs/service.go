package ecs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type ecsService = *service

// service is an ECS service with the image that it was told to run.
type service struct {
	ecstypes.Service
	image string
}

// ServiceKind runs one service of the spec in one environment. It begins with
// no tasks; from then on the task definition and the number of tasks are those
// of deploys and of whoever scales, and never compared.
func ServiceKind() *provision.Type {
	id := func(v ecsService) string {
		return nameOfARN(aws.ToString(v.ClusterArn)) + "/" + aws.ToString(v.ServiceName)
	}
	return provision.Define(provision.Kind[kit.Workload, ecsService]{
		Name:   "ecs/service",
		ARN:    "ecs:service/",
		Levels: provision.ClientLevel,
		// A rule or a listener makes the target group known to a load balancer, which ECS asks for.
		DependsOn: append(provision.Ready("ecs/capacity-provider", "ecs/task-definition"),
			provision.Existing("iam/service-linked-role", "ecs/cluster", "elb/target-group", "elb/listener", "elb/listener-rule", "ec2/subnet", "ec2/security-group")...),
		Timing:   provision.Timing{AsyncDelete: true, Timeout: 15 * time.Minute}, // tasks finish their requests before they stop
		Want:     kit.Workloads,
		List:     listServices,
		Describe: describeService,
		ID:       id,
		Tags:     func(v ecsService) provision.Tags { return ecsTags.Of(v.Tags) },
		State:    func(v ecsService) provision.State { return serviceStates[aws.ToString(v.Status)] },
		Naming: provision.Naming[kit.Workload, ecsService]{
			Key: id,
			KeyOf: func(s *provision.Scope, d kit.Workload) string {
				return rules.ClusterName(s.Client) + "/" + d.Service()
			},
			ExtraTags: kit.WorkloadTags,
		},
		Create: func(ctx context.Context, s *provision.Step, d kit.Workload) (ecsService, error) {
			w := wantedService(s, d)
			in := &ecs.CreateServiceInput{
				ServiceName: aws.String(d.Service()), Cluster: aws.String(s.ID("ecs/cluster", "cluster")), TaskDefinition: aws.String(s.ID("ecs/task-definition", s.Role)),
				DesiredCount: aws.Int32(0), Tags: ecsTags.To(s.Tags), CapacityProviderStrategy: w.CapacityProviderStrategy,
				NetworkConfiguration: w.NetworkConfiguration, LoadBalancers: w.LoadBalancers, DeploymentConfiguration: w.DeploymentConfiguration,
				PlacementStrategy: w.PlacementStrategy, AvailabilityZoneRebalancing: w.AvailabilityZoneRebalancing, HealthCheckGracePeriodSeconds: w.HealthCheckGracePeriodSeconds,
				EnableECSManagedTags: w.EnableECSManagedTags, PropagateTags: w.PropagateTags,
			}
			return kit.Get(ctx, s.API.ECS.CreateService, in, func(o *ecs.CreateServiceOutput) ecsService { return &service{Service: *o.Service} })
		},
		Delete: kit.Delete(ofECS, awsapi.ECS.DeleteService, func(v ecsService, in *ecs.DeleteServiceInput) {
			in.Cluster, in.Service, in.Force = v.ClusterArn, v.ServiceName, aws.Bool(true)
		}),
		Retag: retagECS(func(v ecsService) *string { return v.ServiceArn }),
		Update: func(ctx context.Context, s *provision.Step, d kit.Workload, v ecsService, changed []string) error {
			in := &ecs.UpdateServiceInput{Cluster: v.ClusterArn, Service: v.ServiceName}
			kit.PutParts(serviceParts, changed, wantedService(s, d), in)
			if len(in.LoadBalancers) > 1 { // the revision that runs may lack a port that FTP has now: the newest has it
				in.TaskDefinition = aws.String(d.Family())
			}
			return kit.Do(ctx, s.API.ECS.UpdateService, in)
		},
		Facts: func(v ecsService) []provision.Fact {
			return []provision.Fact{
				{Name: "tasks", Value: fmt.Sprintf("%d of %d running", v.RunningCount, v.DesiredCount)},
				{Name: "image", Value: deployed(v.image)},
			}
		},
		Fields: kit.PartFields(serviceParts, wantedService, func(v ecsService) *ecstypes.Service { return &v.Service }),
	})
}

// serviceStates are the states other than that of a service that is as it should be.
var serviceStates = map[string]provision.State{"DRAINING": provision.Deleting, "INACTIVE": provision.Gone}

// wantedService is the service as ECS would describe it, without what deploys and
// whoever scales decide.
func wantedService(s *provision.Step, d kit.Workload) *ecstypes.Service {
	return &ecstypes.Service{
		NetworkConfiguration: serviceNetwork(s, d), LoadBalancers: serviceBalancers(s, d), DeploymentConfiguration: rollout(d),
		CapacityProviderStrategy: strategyOf(s.ID("ecs/capacity-provider", "hosts")), PlacementStrategy: overZones(),
		AvailabilityZoneRebalancing: rebalancing(d), HealthCheckGracePeriodSeconds: aws.Int32(rules.ServiceGraceSeconds),
		EnableECSManagedTags: true, PropagateTags: ecstypes.PropagateTagsService,
	}
}

type serviceUpdate = ecs.UpdateServiceInput

var serviceParts = []kit.Part[*ecstypes.Service, serviceUpdate]{
	kit.PartOf("network", func(v *ecstypes.Service) string { return networkText(v.NetworkConfiguration) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.NetworkConfiguration = w.NetworkConfiguration }),
	kit.PartOf("target group", func(v *ecstypes.Service) string { return balancersText(v.LoadBalancers) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.LoadBalancers = orEmpty(w.LoadBalancers) }),
	kit.PartOf("capacity provider", func(v *ecstypes.Service) string { return strategyText(v.CapacityProviderStrategy) },
		func(w *ecstypes.Service, in *serviceUpdate) {
			in.CapacityProviderStrategy, in.ForceNewDeployment = w.CapacityProviderStrategy, true
		}),
	kit.PartOf("rollout", func(v *ecstypes.Service) string { return rolloutText(v.DeploymentConfiguration) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.DeploymentConfiguration = w.DeploymentConfiguration }),
	kit.PartOf("placement", func(v *ecstypes.Service) string { return placementText(v.PlacementStrategy) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.PlacementStrategy = w.PlacementStrategy }),
	kit.PartOf("zone rebalancing", func(v *ecstypes.Service) string { return rebalancingText(v.AvailabilityZoneRebalancing) },
		func(w *ecstypes.Service, in *serviceUpdate) {
			in.AvailabilityZoneRebalancing = w.AvailabilityZoneRebalancing
		}),
	kit.PartOf("health check grace", func(v *ecstypes.Service) string {
		return fmt.Sprintf("%d s", aws.ToInt32(v.HealthCheckGracePeriodSeconds))
	},
		func(w *ecstypes.Service, in *serviceUpdate) {
			in.HealthCheckGracePeriodSeconds = w.HealthCheckGracePeriodSeconds
		}),
	// A shell in a container is a way past every review of its image.
	kit.PartOf("exec", func(v *ecstypes.Service) string { return kit.OnOff(v.EnableExecuteCommand) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.EnableExecuteCommand = &w.EnableExecuteCommand }),
	kit.PartOf("managed tags", func(v *ecstypes.Service) string { return kit.OnOff(v.EnableECSManagedTags) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.EnableECSManagedTags = &w.EnableECSManagedTags }),
	kit.PartOf("tags of tasks", func(v *ecstypes.Service) string { return string(v.PropagateTags) },
		func(w *ecstypes.Service, in *serviceUpdate) { in.PropagateTags = w.PropagateTags }),
}

func listServices(ctx context.Context, w *provision.Sweep) ([]ecsService, error) {
	clusters, err := ecsClusters(ctx, w)
	if err != nil {
		return nil, err
	}
	tagged := taggedServices(w)
	var found []ecsService
	for _, c := range clusters {
		named := func(client string) bool { return rules.ClusterName(client) == aws.ToString(c.ClusterName) }
		if clusterState(&c) == provision.Gone || len(w.Clients) > 0 && !slices.ContainsFunc(w.Clients, named) {
			continue
		}
		all, err := servicesOf(ctx, w, &c, tagged[aws.ToString(c.ClusterName)])
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			found = append(found, &service{Service: v})
		}
	}
	return found, nil
}

// taggedServices are the ARNs of the services that an audit's index shows, by the
// name of their cluster.
func taggedServices(w *provision.Sweep) map[string][]string {
	out := map[string][]string{}
	for _, arn := range slices.Sorted(maps.Keys(w.Index)) {
		if _, path, ok := strings.Cut(arn, ":service/"); ok && strings.HasPrefix(arn, "arn:aws:ecs:") {
			cluster, _, _ := strings.Cut(path, "/")
			out[cluster] = append(out[cluster], arn)
		}
	}
	return out
}

// servicesOf reads the services of a cluster. Where those that carry our tags are as
// many as the cluster counts, and all of them run, a list could tell of no other.
func servicesOf(ctx context.Context, w *provision.Sweep, c *ecstypes.Cluster, tagged []string) ([]ecstypes.Service, error) {
	if len(tagged) > 0 && len(tagged) == int(c.ActiveServicesCount) {
		all, err := describeServices(ctx, w, c, tagged)
		leaving := func(v ecstypes.Service) bool { return aws.ToString(v.Status) != "ACTIVE" }
		if err != nil || len(all) == len(tagged) && !slices.ContainsFunc(all, leaving) {
			return all, err
		}
	}
	p := ecs.NewListServicesPaginator(w.ECS, &ecs.ListServicesInput{Cluster: c.ClusterArn, MaxResults: aws.Int32(100)})
	arns, err := kit.All(ctx, p, func(o *ecs.ListServicesOutput) []string { return o.ServiceArns })
	if err != nil {
		return nil, err
	}
	return describeServices(ctx, w, c, arns)
}

func describeServices(ctx context.Context, w *provision.Sweep, c *ecstypes.Cluster, arns []string) ([]ecstypes.Service, error) {
	return kit.InChunks(arns, describeServicesBy, func(some []string) ([]ecstypes.Service, error) {
		out, err := w.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: c.ClusterArn, Services: some, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags}})
		if err != nil {
			return nil, err
		}
		return out.Services, ecsFailures(out.Failures)
	})
}

// describeService reads what the services run. As a rule that is the newest
// revision, which was read already.
func describeService(ctx context.Context, w *provision.Sweep, v ecsService) error {
	arn := aws.ToString(v.TaskDefinition)
	family, _, _ := strings.Cut(nameOfARN(arn), ":")
	t, err := newestShared(ctx, w, family)
	if awsapi.Is(err, awsapi.NotFound) || err == nil && aws.ToString(t.TaskDefinitionArn) != arn {
		t, err = newestRevision(ctx, w.ECS, arn)
	}
	if err == nil {
		v.image = aws.ToString(containerOf(t.TaskDefinition, ecsTags.Of(v.Tags)[provision.TagService]).Image)
	}
	return awsapi.IgnoreNotFound(err) // the revision is gone, not the service
}

// deployed is the tag or the digest of an image.
func deployed(image string) string {
	version := image[strings.LastIndexAny(image, ":@/")+1:]
	if _, digest, ok := strings.Cut(image, "@"); ok {
		version = digest
	}
	if version == NoImage {
		return noDeploy
	}
	return version
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
