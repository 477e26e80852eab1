package ecs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// capacityProvider joins the Auto Scaling group to the cluster: ECS starts and
// drains hosts as tasks need them. The cluster's list of providers is part of it,
// so that it comes after both and goes before both.
type capacityProvider struct {
	ecstypes.CapacityProvider
	in   []string // the clusters that have it
	home string   // how the client's own cluster has it
}

const byDefault = ", by default"

// CapacityProviderKind is how a cluster gets hosts from the client's Auto Scaling group.
func CapacityProviderKind() *provision.Type {
	id := func(p *capacityProvider) string { return aws.ToString(p.Name) }
	batch := func(name, want string, have func(*ecstypes.AutoScalingGroupProvider) string) provision.Field[string, *capacityProvider] {
		return provision.Field[string, *capacityProvider]{
			Name: name, Batch: true, Want: kit.Const[string](want),
			Have: func(p *capacityProvider) string {
				if p.AutoScalingGroupProvider == nil {
					return ""
				}
				return have(p.AutoScalingGroupProvider)
			},
		}
	}
	return provision.Define(provision.Kind[string, *capacityProvider]{
		Name:      "ecs/capacity-provider",
		ARN:       "ecs:capacity-provider/",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[string, *capacityProvider]{Items: billProvider},
		Impact:    provision.Impact[*capacityProvider]{Stateless: true},
		DependsOn: provision.Existing("autoscaling/group", "ecs/cluster", "iam/service-linked-role"),
		Timing:    provision.Timing{AsyncDelete: true},
		Want:      kit.OneOf("hosts", func(s *provision.Scope) string { return rules.CapacityProviderName(s.Client) }),
		List:      listCapacityProviders,
		Describe:  describeCapacityProvider,
		ID:        id,
		Tags:      func(p *capacityProvider) provision.Tags { return ecsTags.Of(p.CapacityProvider.Tags) },
		State:     capacityProviderState,
		Naming:    kit.Named(id),
		Create: func(ctx context.Context, s *provision.Step, d string) (*capacityProvider, error) {
			// AWS takes the group's name too, and does not say which of both it then tells; the
			// attribute cannot be changed.
			group, err := groupARN(ctx, s)
			if err != nil {
				return nil, err
			}
			w := wantedProvider()
			w.AutoScalingGroupArn = group
			in := &ecs.CreateCapacityProviderInput{Name: &d, Tags: ecsTags.To(s.Tags), AutoScalingGroupProvider: w}
			return kit.Get(ctx, s.API.ECS.CreateCapacityProvider, in, func(o *ecs.CreateCapacityProviderOutput) *capacityProvider {
				return &capacityProvider{CapacityProvider: *o.CapacityProvider}
			})
		},
		Delete: deleteCapacityProvider,
		Retag:  retagECS(func(p *capacityProvider) *string { return p.CapacityProviderArn }),
		Untag:  untagECS(func(p *capacityProvider) *string { return p.CapacityProviderArn }),
		Update: func(ctx context.Context, s *provision.Step, _ string, p *capacityProvider, _ []string) error {
			w := wantedProvider()
			return kit.Do(ctx, s.API.ECS.UpdateCapacityProvider, &ecs.UpdateCapacityProviderInput{
				Name: p.Name,
				AutoScalingGroupProvider: &ecstypes.AutoScalingGroupProviderUpdate{
					ManagedScaling: w.ManagedScaling, ManagedDraining: w.ManagedDraining, ManagedTerminationProtection: w.ManagedTerminationProtection,
				},
			})
		},
		Fields: []provision.Field[string, *capacityProvider]{
			{
				Name: "Auto Scaling group",
				Want: func(s *provision.Step, _ string) string {
					g, ok := provision.Lookup[scalingGroup](s, "autoscaling/group", "hosts")
					if !ok || g.AutoScalingGroupARN == nil {
						return provision.Keep // a new group's ARN is not known before AWS lists it
					}
					return *g.AutoScalingGroupARN
				},
				Have: func(p *capacityProvider) string {
					return aws.ToString(cmp.Or(p.AutoScalingGroupProvider, &ecstypes.AutoScalingGroupProvider{}).AutoScalingGroupArn)
				},
				Fix: lang.Text("a capacity provider cannot be given another group; take it out of the cluster, delete it, and run again"),
			},
			batch("managed scaling", fmt.Sprintf("on, hosts %d%% full", rules.ProviderTarget), func(p *ecstypes.AutoScalingGroupProvider) string {
				if p.ManagedScaling == nil {
					return "off"
				}
				return fmt.Sprintf("%s, hosts %d%% full", kit.OnOff(p.ManagedScaling.Status == ecstypes.ManagedScalingStatusEnabled), aws.ToInt32(p.ManagedScaling.TargetCapacity))
			}),
			batch("managed draining", "on", func(p *ecstypes.AutoScalingGroupProvider) string {
				return kit.OnOff(p.ManagedDraining == ecstypes.ManagedDrainingEnabled)
			}),
			// It would leave hosts behind that nobody may terminate; draining does the same good.
			batch("managed termination protection", "off", func(p *ecstypes.AutoScalingGroupProvider) string {
				return kit.OnOff(p.ManagedTerminationProtection == ecstypes.ManagedTerminationProtectionEnabled)
			}),
			kit.Settable("in cluster", func(s *provision.Step, _ string) string { return s.ID("ecs/cluster", "cluster") + byDefault }, func(p *capacityProvider) string { return p.home }, joinCluster),
		},
	})
}

// wantedProvider is how each provider works with its group.
func wantedProvider() *ecstypes.AutoScalingGroupProvider {
	return &ecstypes.AutoScalingGroupProvider{
		ManagedScaling:  &ecstypes.ManagedScaling{Status: ecstypes.ManagedScalingStatusEnabled, TargetCapacity: aws.Int32(rules.ProviderTarget)},
		ManagedDraining: ecstypes.ManagedDrainingEnabled, ManagedTerminationProtection: ecstypes.ManagedTerminationProtectionDisabled,
	}
}

func listCapacityProviders(ctx context.Context, w *provision.Sweep) ([]*capacityProvider, error) {
	var all []*capacityProvider
	in := &ecs.DescribeCapacityProvidersInput{Include: []ecstypes.CapacityProviderField{ecstypes.CapacityProviderFieldTags}}
	for { // the SDK has no paginator for it
		out, err := w.ECS.DescribeCapacityProviders(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, p := range out.CapacityProviders {
			all = append(all, &capacityProvider{CapacityProvider: p})
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return all, nil
		}
	}
}

// groupARN is the ARN of the client's Auto Scaling group. AWS does not answer with it when
// the group is created.
func groupARN(ctx context.Context, s *provision.Step) (*string, error) {
	if g, ok := provision.Lookup[scalingGroup](s, "autoscaling/group", "hosts"); ok && g.AutoScalingGroupARN != nil {
		return g.AutoScalingGroupARN, nil
	}
	name := s.ID("autoscaling/group", "hosts")
	arn, err := arnOfGroup(ctx, s.API.ASG, name)
	if err == nil && arn == nil {
		err = kit.Unseen("the Auto Scaling group " + name)
	}
	return arn, err
}

// arnOfGroup is the ARN of the Auto Scaling group of a name; nil without one.
func arnOfGroup(ctx context.Context, api awsapi.AutoScaling, name string) (*string, error) {
	out, err := api.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}})
	if err != nil || len(out.AutoScalingGroups) == 0 {
		return nil, err
	}
	return out.AutoScalingGroups[0].AutoScalingGroupARN, nil
}

// describeCapacityProvider reads from the clusters who has which provider. A group that
// is told by its name is looked up: name and ARN are the same group.
func describeCapacityProvider(ctx context.Context, w *provision.Sweep, p *capacityProvider) error {
	if group := p.AutoScalingGroupProvider; group != nil && !strings.HasPrefix(aws.ToString(group.AutoScalingGroupArn), "arn:") {
		arn, err := arnOfGroup(ctx, w.ASG, aws.ToString(group.AutoScalingGroupArn))
		if err != nil {
			return err
		}
		if arn != nil {
			same := *group
			same.AutoScalingGroupArn = arn
			p.AutoScalingGroupProvider = &same
		}
	}
	clusters, err := ecsClusters(ctx, w)
	if err != nil {
		return err
	}
	own := rules.ClusterName(ecsTags.Of(p.CapacityProvider.Tags)[provision.TagClient])
	for _, c := range clusters {
		if !slices.Contains(c.CapacityProviders, *p.Name) || clusterState(&c) == provision.Gone {
			continue
		}
		name := aws.ToString(c.ClusterName)
		p.in = append(p.in, name)
		if name == own {
			p.home = name
			if d := c.DefaultCapacityProviderStrategy; len(d) == 1 && aws.ToString(d[0].CapacityProvider) == *p.Name {
				p.home += byDefault
			}
		}
	}
	return nil
}

func capacityProviderState(p *capacityProvider) provision.State {
	switch {
	case p.Status == ecstypes.CapacityProviderStatusInactive:
		return provision.Gone
	case p.UpdateStatus == ecstypes.CapacityProviderUpdateStatusDeleteInProgress, p.Status == ecstypes.CapacityProviderStatusDeprovisioning:
		return provision.Deleting
	case p.UpdateStatus == ecstypes.CapacityProviderUpdateStatusCreateFailed:
		return provision.Failed
	case p.UpdateStatus == ecstypes.CapacityProviderUpdateStatusCreateInProgress, p.Status == ecstypes.CapacityProviderStatusProvisioning:
		return provision.Pending
	default:
		return provision.Available
	}
}

// joinCluster makes the provider the only one that the cluster uses unless told
// otherwise. Providers that others have added stay on the list.
func joinCluster(ctx context.Context, s *provision.Step, _ string, p *capacityProvider) error {
	cluster, err := clusterNow(ctx, s, aws.String(s.ID("ecs/cluster", "cluster")))
	if err != nil {
		return err
	}
	names := cluster.CapacityProviders
	if !slices.Contains(names, *p.Name) {
		names = append(names, *p.Name)
	}
	return kit.Do(ctx, s.API.ECS.PutClusterCapacityProviders, &ecs.PutClusterCapacityProvidersInput{
		Cluster: cluster.ClusterArn, CapacityProviders: names, DefaultCapacityProviderStrategy: strategyOf(*p.Name),
	})
}

// strategyOf puts all tasks on one provider.
func strategyOf(provider string) []ecstypes.CapacityProviderStrategyItem {
	return []ecstypes.CapacityProviderStrategyItem{{CapacityProvider: aws.String(provider), Weight: 1}}
}

func strategyText(strategy []ecstypes.CapacityProviderStrategyItem) string {
	return kit.Lines(kit.Texts(strategy, func(item ecstypes.CapacityProviderStrategyItem) string {
		return fmt.Sprintf("%s, weight %d, base %d", aws.ToString(item.CapacityProvider), item.Weight, item.Base)
	}))
}

// deleteCapacityProvider takes the provider out of the client's cluster first: AWS
// does not delete one that a cluster has. Clusters of others are not touched.
func deleteCapacityProvider(ctx context.Context, s *provision.Step, p *capacityProvider) error {
	own, _ := provision.Lookup[ecsCluster](s, "ecs/cluster", "cluster")
	for _, name := range p.in {
		if own == nil || aws.ToString(own.ClusterName) != name {
			return lang.Errorf("the cluster %s uses it, and cicdctl did not make that cluster: take it out there and run again", name)
		}
		cluster, err := clusterNow(ctx, s, aws.String(name))
		if awsapi.Is(err, awsapi.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if !slices.Contains(cluster.CapacityProviders, *p.Name) {
			continue
		}
		rest := slices.DeleteFunc(cluster.CapacityProviders, func(other string) bool { return other == *p.Name })
		strategy := slices.DeleteFunc(cluster.DefaultCapacityProviderStrategy, func(i ecstypes.CapacityProviderStrategyItem) bool {
			return aws.ToString(i.CapacityProvider) == *p.Name
		})
		if err := kit.Do(ctx, s.API.ECS.PutClusterCapacityProviders, &ecs.PutClusterCapacityProvidersInput{
			Cluster: cluster.ClusterArn, CapacityProviders: orEmpty(rest), DefaultCapacityProviderStrategy: orEmpty(strategy),
		}); err != nil {
			return err
		}
	}
	return kit.Do(ctx, s.API.ECS.DeleteCapacityProvider, &ecs.DeleteCapacityProviderInput{CapacityProvider: p.Name})
}

// orEmpty is a list that is sent even when nothing is on it.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
