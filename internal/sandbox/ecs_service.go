package sandbox

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// service finds a service of a cluster by name or ARN.
func (t *tx) service(cluster, nameOrARN *string) (*row[types.Service], error) {
	c, err := t.cluster(cluster)
	if err != nil {
		return nil, err
	}
	r := t.ecs().Services.first(func(r *row[types.Service]) bool {
		return *r.V.ClusterArn == *c.V.ClusterArn && *r.V.ServiceName == lastPart(aws.ToString(nameOrARN))
	})
	return found(r, apiError, "ServiceNotFoundException", "Service not found.")
}

func registerService(a *Account) {
	clusters := on(a, ecs.ServiceID, (*tx).cluster)
	opOn(on(a, ecs.ServiceID, (*tx).cluster), func(in *ecs.CreateServiceInput) *string { return in.Cluster }, createService)
	opOn(clusters, func(in *ecs.ListServicesInput) *string { return in.Cluster }, func(t *tx, c *row[types.Cluster], in *ecs.ListServicesInput) (*ecs.ListServicesOutput, error) {
		part, next, err := list(t, t.ecs().Services, in.NextToken, func(r *row[types.Service]) (string, bool) {
			return *r.V.ServiceArn, *r.V.ClusterArn == *c.V.ClusterArn && *r.V.Status != ecsInactive
		})
		return &ecs.ListServicesOutput{ServiceArns: part, NextToken: next}, err
	})
	opOn(clusters, func(in *ecs.DescribeServicesInput) *string { return in.Cluster }, func(t *tx, c *row[types.Cluster], in *ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
		switch {
		case len(in.Services) == 0:
			return nil, apiError("InvalidParameterException", "Services cannot be empty.")
		case len(in.Services) > 10:
			return nil, apiError("InvalidParameterException", "Services cannot be more than 10.")
		}
		out := &ecs.DescribeServicesOutput{}
		for _, name := range in.Services {
			r, err := t.service(in.Cluster, aws.String(name))
			if err != nil {
				arn := t.arn("ecs", "service/"+*c.V.ClusterName+"/"+lastPart(name))
				out.Failures = append(out.Failures, types.Failure{Arn: aws.String(arn), Reason: aws.String("MISSING")})
				continue
			}
			t.ageService(r)
			v := r.V
			included(&v.Tags, slices.Contains(in.Include, types.ServiceFieldTags))
			out.Services = append(out.Services, v)
		}
		return out, nil
	})
	op(a, ecs.ServiceID, updateService)
	op(a, ecs.ServiceID, func(t *tx, in *ecs.DeleteServiceInput) (*ecs.DeleteServiceOutput, error) {
		r, err := t.service(in.Cluster, in.Service)
		switch {
		case err != nil:
			return nil, err
		case *r.V.Status == ecsInactive:
			return nil, apiError("ServiceNotFoundException", "Service not found.")
		case r.V.DesiredCount > 0 && !aws.ToBool(in.Force):
			return nil, apiError("InvalidParameterException", "The service cannot be stopped while it is scaled above 0.")
		}
		if *r.V.Status == ecsActive {
			r.V.Status, r.V.DesiredCount, r.Looks = aws.String(ecsDraining), 0, t.opts.Looks
		}
		return &ecs.DeleteServiceOutput{Service: &r.V}, nil
	})
}

func createService(t *tx, c *row[types.Cluster], in *ecs.CreateServiceInput) (*ecs.CreateServiceOutput, error) {
	name := aws.ToString(in.ServiceName)
	switch {
	case !ecsName.MatchString(name):
		return nil, apiError("InvalidParameterException", "Invalid service name.")
	case in.DesiredCount == nil && in.SchedulingStrategy != types.SchedulingStrategyDaemon:
		return nil, apiError("InvalidParameterException", "DesiredCount is required.")
	case in.LaunchType != "" && len(in.CapacityProviderStrategy) > 0:
		return nil, apiError("InvalidParameterException", "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	}
	if err := ecsTags.check(in.Tags); err != nil {
		return nil, err
	}
	v := t.newService(&c.V, in)
	if err := t.checkService(&c.V, &v); err != nil {
		return nil, err
	}
	if err := t.linkedECS(); err != nil {
		return nil, err
	}
	s := t.ecs()
	if old, err := t.service(in.Cluster, in.ServiceName); err == nil {
		switch {
		case *old.V.Status == ecsDraining:
			return nil, apiError("InvalidParameterException", "Unable to Start a service that is still Draining.")
		case *old.V.Status == ecsActive && in.ClientToken != nil && old.Token == *in.ClientToken:
			return &ecs.CreateServiceOutput{Service: &old.V}, nil
		case *old.V.Status == ecsActive:
			return nil, apiError("InvalidParameterException", "Creation of service was not idempotent.")
		}
		s.Services.drop(old)
	}
	r := &row[types.Service]{V: v, meta: meta{Token: aws.ToString(in.ClientToken)}}
	t.deploy(r)
	s.Services.add(r)
	return &ecs.CreateServiceOutput{Service: &r.V}, nil
}

// newService is what AWS makes of a request, defaults included.
func (t *tx) newService(c *types.Cluster, in *ecs.CreateServiceInput) types.Service {
	v := types.Service{
		ServiceArn: aws.String(t.arn("ecs", "service/"+*c.ClusterName+"/"+aws.ToString(in.ServiceName))), ServiceName: in.ServiceName, ClusterArn: c.ClusterArn,
		Status: aws.String(ecsActive), Tags: in.Tags, CreatedAt: aws.Time(t.now), TaskDefinition: in.TaskDefinition, DesiredCount: aws.ToInt32(in.DesiredCount),
		CapacityProviderStrategy: in.CapacityProviderStrategy, LaunchType: in.LaunchType, SchedulingStrategy: in.SchedulingStrategy,
		LoadBalancers: in.LoadBalancers, NetworkConfiguration: in.NetworkConfiguration, DeploymentConfiguration: in.DeploymentConfiguration,
		DeploymentController: in.DeploymentController, HealthCheckGracePeriodSeconds: in.HealthCheckGracePeriodSeconds,
		PlacementConstraints: in.PlacementConstraints, PlacementStrategy: in.PlacementStrategy, PropagateTags: in.PropagateTags,
		EnableECSManagedTags: in.EnableECSManagedTags, EnableExecuteCommand: in.EnableExecuteCommand, AvailabilityZoneRebalancing: in.AvailabilityZoneRebalancing,
	}
	if v.LaunchType == "" && len(v.CapacityProviderStrategy) == 0 {
		if v.CapacityProviderStrategy = c.DefaultCapacityProviderStrategy; len(v.CapacityProviderStrategy) == 0 {
			v.LaunchType = types.LaunchTypeEc2
		}
	}
	v.SchedulingStrategy = cmp.Or(v.SchedulingStrategy, types.SchedulingStrategyReplica)
	v.PropagateTags = cmp.Or(v.PropagateTags, types.PropagateTagsNone)
	v.DeploymentController = cmp.Or(v.DeploymentController, &types.DeploymentController{Type: types.DeploymentControllerTypeEcs})
	if v.AvailabilityZoneRebalancing == "" {
		v.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingDisabled
		if azRebalancingFits(&v) {
			v.AvailabilityZoneRebalancing = types.AvailabilityZoneRebalancingEnabled
		}
	}
	v.DeploymentConfiguration = withDeploymentDefaults(nil, v.DeploymentConfiguration)
	return v
}

func updateService(t *tx, in *ecs.UpdateServiceInput) (*ecs.UpdateServiceOutput, error) {
	r, err := t.service(in.Cluster, in.Service)
	if err != nil {
		return nil, err
	}
	if *r.V.Status != ecsActive {
		return nil, apiError("ServiceNotActiveException", "Service was not ACTIVE.")
	}
	c, err := t.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	v := r.V
	other := in.TaskDefinition != nil && t.definition(*in.TaskDefinition) != t.definition(*v.TaskDefinition)
	redeploy := in.ForceNewDeployment || other || in.NetworkConfiguration != nil || in.LoadBalancers != nil || in.CapacityProviderStrategy != nil
	if in.CapacityProviderStrategy != nil && !in.ForceNewDeployment {
		return nil, apiError("InvalidParameterException", "The capacity provider strategy of a service can be changed only with a new deployment.")
	}
	set(&v.TaskDefinition, in.TaskDefinition)
	set(&v.NetworkConfiguration, in.NetworkConfiguration)
	set(&v.HealthCheckGracePeriodSeconds, in.HealthCheckGracePeriodSeconds)
	setTo(&v.DesiredCount, in.DesiredCount)
	setList(&v.LoadBalancers, in.LoadBalancers)
	if in.CapacityProviderStrategy != nil {
		v.CapacityProviderStrategy, v.LaunchType = in.CapacityProviderStrategy, ""
	}
	setList(&v.PlacementStrategy, in.PlacementStrategy)
	setList(&v.PlacementConstraints, in.PlacementConstraints)
	v.PropagateTags = cmp.Or(in.PropagateTags, v.PropagateTags)
	setTo(&v.EnableECSManagedTags, in.EnableECSManagedTags)
	setTo(&v.EnableExecuteCommand, in.EnableExecuteCommand)
	v.AvailabilityZoneRebalancing = cmp.Or(in.AvailabilityZoneRebalancing, v.AvailabilityZoneRebalancing)
	v.DeploymentConfiguration = withDeploymentDefaults(v.DeploymentConfiguration, in.DeploymentConfiguration)
	if err := t.checkService(&c.V, &v); err != nil {
		return nil, err
	}
	r.V = v
	if redeploy {
		t.deploy(r)
	}
	if p := primary(r); p != nil {
		p.DesiredCount = v.DesiredCount
	}
	return &ecs.UpdateServiceOutput{Service: &r.V}, nil
}

// azRebalancingFits reports whether AWS balances the tasks of such a service.
func azRebalancingFits(v *types.Service) bool {
	if len(v.PlacementStrategy) == 0 {
		return true
	}
	first := v.PlacementStrategy[0]
	return first.Type == types.PlacementStrategyTypeSpread && aws.ToString(first.Field) == "attribute:ecs.availability-zone"
}

// checkService checks all that a service refers to, and resolves its task definition.
func (t *tx) checkService(c *types.Cluster, v *types.Service) error {
	d := t.definition(aws.ToString(v.TaskDefinition))
	switch {
	case d == nil:
		return apiError("ClientException", "TaskDefinition not found.")
	case d.V.Status != types.TaskDefinitionStatusActive:
		return apiError("ClientException", "TaskDefinition is inactive")
	case v.AvailabilityZoneRebalancing == types.AvailabilityZoneRebalancingEnabled && (!azRebalancingFits(v) || *v.DeploymentConfiguration.MaximumPercent <= 100):
		return apiError("InvalidParameterException", "Service with availabilityZoneRebalancing ENABLED must spread its tasks by attribute:ecs.availability-zone first and have a maximumPercent above 100.")
	case aws.ToInt32(v.HealthCheckGracePeriodSeconds) > 0 && len(v.LoadBalancers) == 0:
		return apiError("InvalidParameterException", "Health check grace period is only valid for services configured to use load balancers")
	}
	v.TaskDefinition = d.V.TaskDefinitionArn
	if err := checkStrategy(c.CapacityProviders, v.CapacityProviderStrategy); err != nil {
		return err
	}
	if err := t.checkServiceNetwork(&d.V, v.NetworkConfiguration); err != nil {
		return err
	}
	if n := len(v.LoadBalancers); n > 5 {
		return apiError("InvalidParameterException", "You cannot attach more than 5 target groups to a service, not %d.", n)
	}
	for _, lb := range v.LoadBalancers {
		if err := t.checkServiceBalancer(&d.V, lb); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) checkServiceNetwork(d *types.TaskDefinition, n *types.NetworkConfiguration) error {
	switch {
	case d.NetworkMode != types.NetworkModeAwsvpc && n != nil:
		return apiError("InvalidParameterException", "Network Configuration is not valid for the given networkMode of this task definition.")
	case d.NetworkMode != types.NetworkModeAwsvpc:
		return nil
	case n == nil || n.AwsvpcConfiguration == nil:
		return apiError("InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	case n.AwsvpcConfiguration.AssignPublicIp == types.AssignPublicIpEnabled:
		return apiError("InvalidParameterException", "Assign public IP is not supported for this launch type.")
	case len(n.AwsvpcConfiguration.Subnets) == 0 || len(n.AwsvpcConfiguration.Subnets) > 16 || len(n.AwsvpcConfiguration.SecurityGroups) > 5:
		return apiError("InvalidParameterException", "subnets must be 1 to 16, securityGroups at most 5.")
	}
	for _, id := range n.AwsvpcConfiguration.Subnets {
		if _, ok := t.subnet(id); !ok {
			return apiError("InvalidParameterException", "Error retrieving subnet information for [%s]: The subnet ID '%s' does not exist (ErrorCode: InvalidSubnetID.NotFound)", id, id)
		}
	}
	for _, id := range n.AwsvpcConfiguration.SecurityGroups {
		if securityGroups.find(t, id) == nil {
			return apiError("InvalidParameterException", "Error retrieving security group information for [%s]: The security group '%s' does not exist (ErrorCode: InvalidGroup.NotFound)", id, id)
		}
	}
	return nil
}

func (t *tx) checkServiceBalancer(d *types.TaskDefinition, lb types.LoadBalancer) error {
	group, name := aws.ToString(lb.TargetGroupArn), aws.ToString(lb.ContainerName)
	exists, attached := t.targetGroupAttached(group)
	if !exists {
		return apiError("InvalidParameterException", "Unable to assume role and validate the specified targetGroupArn: target group %s was not found.", group)
	}
	if !attached {
		return apiError("InvalidParameterException", "The target group with targetGroupArn %s does not have an associated load balancer.", group)
	}
	i := slices.IndexFunc(d.ContainerDefinitions, func(c types.ContainerDefinition) bool { return *c.Name == name })
	if i < 0 {
		return apiError("InvalidParameterException", "The container %s does not exist in the task definition.", name)
	}
	if !slices.ContainsFunc(d.ContainerDefinitions[i].PortMappings, func(p types.PortMapping) bool {
		return aws.ToInt32(p.ContainerPort) == aws.ToInt32(lb.ContainerPort)
	}) {
		return apiError("InvalidParameterException", "The container %s did not have a container port %d defined.", name, aws.ToInt32(lb.ContainerPort))
	}
	return nil
}
