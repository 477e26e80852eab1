package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// fargate reports whether a capacity provider is one of AWS's own.
func fargate(name string) bool { return name == "FARGATE" || name == "FARGATE_SPOT" }

// provider finds a capacity provider that is not deleted by name or ARN.
func (t *tx) provider(nameOrARN string) *row[types.CapacityProvider] {
	r := find(t.ecs().Providers, lastPart(nameOrARN), func(v *types.CapacityProvider) *string { return v.Name })
	if r == nil || r.V.Status == types.CapacityProviderStatusInactive {
		return nil
	}
	return r
}

// ageProvider is one look at a capacity provider.
func ageProvider(r *row[types.CapacityProvider]) {
	if r.wait() {
		return
	}
	switch r.V.UpdateStatus {
	case types.CapacityProviderUpdateStatusDeleteInProgress:
		r.V.Status, r.V.UpdateStatus = types.CapacityProviderStatusInactive, types.CapacityProviderUpdateStatusDeleteComplete
	case types.CapacityProviderUpdateStatusUpdateInProgress:
		r.V.UpdateStatus = types.CapacityProviderUpdateStatusUpdateComplete
	}
}

func registerCapacity(a *Account) {
	op(a, ecs.ServiceID, createProvider)
	op(a, ecs.ServiceID, func(t *tx, in *ecs.DescribeCapacityProvidersInput) (*ecs.DescribeCapacityProvidersOutput, error) {
		out := &ecs.DescribeCapacityProvidersOutput{}
		var all []types.CapacityProvider
		for _, name := range []string{"FARGATE", "FARGATE_SPOT"} {
			if len(in.CapacityProviders) == 0 || slices.Contains(in.CapacityProviders, name) {
				all = append(all, types.CapacityProvider{Name: aws.String(name), CapacityProviderArn: aws.String(t.arn("ecs", "capacity-provider/"+name)), Status: types.CapacityProviderStatusActive})
			}
		}
		for _, r := range t.ecs().Providers {
			if len(in.CapacityProviders) > 0 && !slices.ContainsFunc(in.CapacityProviders, func(n string) bool { return lastPart(n) == *r.V.Name }) {
				continue
			}
			if in.NextToken == nil {
				ageProvider(r)
			}
			v := r.V
			included(&v.Tags, slices.Contains(in.Include, types.CapacityProviderFieldTags))
			all = append(all, v)
		}
		for _, name := range in.CapacityProviders {
			if !slices.ContainsFunc(all, func(v types.CapacityProvider) bool { return *v.Name == lastPart(name) }) {
				out.Failures = append(out.Failures, types.Failure{Arn: aws.String(t.arn("ecs", "capacity-provider/"+lastPart(name))), Reason: aws.String("MISSING")})
			}
		}
		var err error
		out.CapacityProviders, out.NextToken, err = page(t, all, in.NextToken)
		return out, err
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.UpdateCapacityProviderInput) (*ecs.UpdateCapacityProviderOutput, error) {
		r := t.provider(aws.ToString(in.Name))
		if r == nil || r.V.AutoScalingGroupProvider == nil {
			return nil, apiError("ClientException", "The specified capacity provider does not exist. Specify a valid name or ARN and try again.")
		}
		if r.V.UpdateStatus == types.CapacityProviderUpdateStatusUpdateInProgress || r.V.UpdateStatus == types.CapacityProviderUpdateStatusDeleteInProgress {
			ageProvider(r)
			return nil, apiError("UpdateInProgressException", "There's already a current update in progress on the specified capacity provider.")
		}
		if up := in.AutoScalingGroupProvider; up != nil {
			p := *r.V.AutoScalingGroupProvider
			set(&p.ManagedScaling, up.ManagedScaling)
			p.ManagedDraining = cmp.Or(up.ManagedDraining, p.ManagedDraining)
			p.ManagedTerminationProtection = cmp.Or(up.ManagedTerminationProtection, p.ManagedTerminationProtection)
			if err := t.checkProvider(&p); err != nil {
				return nil, err
			}
			r.V.AutoScalingGroupProvider = &p
		}
		r.V.UpdateStatus, r.Looks = types.CapacityProviderUpdateStatusUpdateInProgress, t.opts.Looks
		return &ecs.UpdateCapacityProviderOutput{CapacityProvider: &r.V}, nil
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.DeleteCapacityProviderInput) (*ecs.DeleteCapacityProviderOutput, error) {
		r := t.provider(aws.ToString(in.CapacityProvider))
		if r == nil {
			return nil, apiError("ClientException", "The specified capacity provider does not exist. Specify a valid name or ARN and try again.")
		}
		for _, c := range t.ecs().Clusters {
			if slices.Contains(c.V.CapacityProviders, *r.V.Name) {
				return nil, apiError("ClientException", "The specified capacity provider cannot be deleted because it is associated with cluster: %s. Remove the capacity provider from the cluster and try again.", *c.V.ClusterName)
			}
		}
		if r.V.UpdateStatus != types.CapacityProviderUpdateStatusDeleteInProgress {
			r.V.UpdateStatus, r.Looks = types.CapacityProviderUpdateStatusDeleteInProgress, t.opts.Looks
		}
		return &ecs.DeleteCapacityProviderOutput{CapacityProvider: &r.V}, nil
	})
}

func createProvider(t *tx, in *ecs.CreateCapacityProviderInput) (*ecs.CreateCapacityProviderOutput, error) {
	name, p := aws.ToString(in.Name), in.AutoScalingGroupProvider
	lower := strings.ToLower(name)
	if !ecsName.MatchString(name) || strings.HasPrefix(lower, "aws") || strings.HasPrefix(lower, "ecs") || strings.HasPrefix(lower, "fargate") {
		return nil, apiError("ClientException", "The specified capacity provider name is invalid. Up to 255 letters, numbers, underscores and hyphens are allowed, and the name cannot be prefixed with aws, ecs, or fargate.")
	}
	if t.provider(name) != nil {
		return nil, apiError("ClientException", "The specified capacity provider already exists. To change the configuration of an existing capacity provider, update the capacity provider.")
	}
	if p == nil {
		return nil, apiError("InvalidParameterException", "The sandbox knows capacity providers of Auto Scaling groups only.")
	}
	if err := ecsTags.check(in.Tags); err != nil {
		return nil, err
	}
	full := *p
	full.ManagedDraining = cmp.Or(full.ManagedDraining, types.ManagedDrainingEnabled)
	full.ManagedTerminationProtection = cmp.Or(full.ManagedTerminationProtection, types.ManagedTerminationProtectionDisabled)
	full.ManagedScaling = cmp.Or(full.ManagedScaling, &types.ManagedScaling{})
	if err := t.checkProvider(&full); err != nil {
		return nil, err
	}
	for _, r := range t.ecs().Providers {
		if r.V.AutoScalingGroupProvider != nil && r.V.Status != types.CapacityProviderStatusInactive && t.asgOf(*r.V.AutoScalingGroupProvider.AutoScalingGroupArn) == t.asgOf(*full.AutoScalingGroupArn) {
			return nil, apiError("ClientException", "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto Scaling group ARN and try again.")
		}
	}
	if err := t.linkedECS(); err != nil {
		return nil, err
	}
	s := t.ecs()
	s.Providers.dropAll(func(r *row[types.CapacityProvider]) bool { return *r.V.Name == name })
	v := types.CapacityProvider{
		CapacityProviderArn: aws.String(t.arn("ecs", "capacity-provider/"+name)), Name: in.Name, Status: types.CapacityProviderStatusActive,
		Type: types.CapacityProviderTypeEc2Autoscaling, AutoScalingGroupProvider: &full, Tags: in.Tags,
	}
	s.Providers.add(&row[types.CapacityProvider]{V: v})
	if g := t.asgOf(*full.AutoScalingGroupArn); g != nil {
		g.tag(asgtypes.Tag{Key: aws.String("AmazonECSManaged"), PropagateAtLaunch: aws.Bool(true)})
	}
	return &ecs.CreateCapacityProviderOutput{CapacityProvider: &v}, nil
}

// asgOf finds a group by ARN or name.
func (t *tx) asgOf(arnOrName string) *asgGroup {
	return t.asg().Groups.first(func(g *asgGroup) bool {
		return (*g.V.AutoScalingGroupARN == arnOrName || *g.V.AutoScalingGroupName == arnOrName) && g.V.Status == nil
	})
}

// checkProvider checks what a capacity provider refers to and fills in defaults.
func (t *tx) checkProvider(p *types.AutoScalingGroupProvider) error {
	g := t.asgOf(aws.ToString(p.AutoScalingGroupArn))
	if g == nil {
		return apiError("ClientException", "The specified Auto Scaling group ARN does not exist. Specify a valid Auto Scaling group ARN and try again.")
	}
	// Whether AWS tells the ARN of a group that was given by its name is not documented:
	// here it tells what it was told.
	m := *p.ManagedScaling
	m.Status = cmp.Or(m.Status, types.ManagedScalingStatusDisabled)
	for _, d := range []struct {
		field **int32
		value int32
	}{{&m.TargetCapacity, 100}, {&m.MinimumScalingStepSize, 1}, {&m.MaximumScalingStepSize, 10000}, {&m.InstanceWarmupPeriod, 300}} {
		if *d.field == nil {
			*d.field = aws.Int32(d.value)
		}
	}
	p.ManagedScaling = &m
	if *m.TargetCapacity < 1 || *m.TargetCapacity > 100 {
		return apiError("InvalidParameterException", "The specified target capacity is invalid. Specify a value between 1 and 100.")
	}
	if p.ManagedTerminationProtection == types.ManagedTerminationProtectionEnabled {
		if m.Status != types.ManagedScalingStatusEnabled {
			return apiError("InvalidParameterException", "The managed termination protection setting requires managed scaling to be enabled.")
		}
		if !aws.ToBool(g.V.NewInstancesProtectedFromScaleIn) {
			return apiError("InvalidParameterException", "The managed termination protection setting for the capacity provider is invalid. To enable managed termination protection for a capacity provider, the Auto Scaling group must have instance protection from scale in enabled.")
		}
	}
	return nil
}

// checkClusterProviders checks a cluster's providers and its default strategy.
func (t *tx) checkClusterProviders(names []string, strategy []types.CapacityProviderStrategyItem) error {
	for _, name := range names {
		if r := t.provider(name); !fargate(name) && (r == nil || r.V.UpdateStatus == types.CapacityProviderUpdateStatusDeleteInProgress) {
			return apiError("InvalidParameterException", "The specified capacity provider '%s' was not found.", name)
		}
	}
	return checkStrategy(names, strategy)
}

func checkStrategy(names []string, strategy []types.CapacityProviderStrategyItem) error {
	weights := int32(0)
	for _, item := range strategy {
		if !slices.Contains(names, aws.ToString(item.CapacityProvider)) {
			return apiError("InvalidParameterException", "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.")
		}
		weights += item.Weight
	}
	if len(strategy) > 0 && weights == 0 {
		return apiError("InvalidParameterException", "The specified capacity provider strategy must have a weight greater than zero.")
	}
	return nil
}

func putClusterProviders(t *tx, r *row[types.Cluster], in *ecs.PutClusterCapacityProvidersInput) (*ecs.PutClusterCapacityProvidersOutput, error) {
	if r.V.AttachmentsStatus != nil {
		if !r.wait() {
			r.V.AttachmentsStatus = nil
		}
		return nil, apiError("UpdateInProgressException", "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or UPDATE_FAILED state before they can be updated. Wait and try again.")
	}
	if err := t.checkClusterProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	for _, s := range t.ecs().Services {
		if *s.V.ClusterArn != *r.V.ClusterArn || *s.V.Status == ecsInactive {
			continue
		}
		for _, item := range s.V.CapacityProviderStrategy {
			if !slices.Contains(in.CapacityProviders, *item.CapacityProvider) {
				return nil, apiError("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
			}
		}
	}
	r.V.CapacityProviders, r.V.DefaultCapacityProviderStrategy = in.CapacityProviders, in.DefaultCapacityProviderStrategy
	r.V.AttachmentsStatus, r.Looks = aws.String("UPDATE_IN_PROGRESS"), t.opts.Looks
	v := t.describeCluster(r, types.ClusterField("").Values())
	return &ecs.PutClusterCapacityProvidersOutput{Cluster: &v}, nil
}
