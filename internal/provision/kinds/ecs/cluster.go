package ecs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type ecsCluster = *cluster

// cluster is a cluster with the account setting that its hosts go by.
type cluster struct {
	ecstypes.Cluster
	trunking string // [provision.Keep] where AWS does not tell
}

// ClusterKind is the client's ECS cluster. Hosts join it by its name; which
// capacity provider it uses is a field of the provider, which comes later and
// goes earlier. The account setting that gives its hosts room for tasks is a field of
// the cluster: hosts heed it when they join, and wait for the cluster.
func ClusterKind() *provision.Type {
	name := func(c ecsCluster) string { return aws.ToString(c.ClusterName) }
	return provision.Define(provision.Kind[string, ecsCluster]{
		Name:    "ecs/cluster",
		ARN:     "ecs:cluster/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[string, ecsCluster]{Items: billInsights},
		Impact:  provision.Impact[ecsCluster]{Stateless: true},
		// ECS would make the log group of its metrics itself, unencrypted and for ever.
		DependsOn: append(provision.Existing("logs/log-group", "iam/service-linked-role"), provision.ForFields(provision.Existing("kms/key"))...),
		Timing:    provision.Timing{Timeout: 15 * time.Minute}, // the tasks and hosts of a cluster go slowly
		Want:      kit.OneOf("cluster", func(s *provision.Scope) string { return rules.ClusterName(s.Client) }),
		List: func(ctx context.Context, w *provision.Sweep) ([]ecsCluster, error) {
			all, err := ecsClusters(ctx, w)
			return kit.Map(all, err, func(c ecstypes.Cluster) ecsCluster { return &cluster{Cluster: c} })
		},
		Describe: describeCluster,
		ID:       name,
		Tags:     func(c ecsCluster) provision.Tags { return ecsTags.Of(c.Tags) },
		State:    func(c ecsCluster) provision.State { return clusterState(&c.Cluster) },
		Naming:   kit.Named(name),
		Create: func(ctx context.Context, s *provision.Step, d string) (ecsCluster, error) {
			return kit.Get(ctx, s.API.ECS.CreateCluster, &ecs.CreateClusterInput{ClusterName: aws.String(d), Tags: ecsTags.To(s.Tags), Settings: insights()}, func(o *ecs.CreateClusterOutput) ecsCluster {
				return &cluster{Cluster: *o.Cluster}
			})
		},
		Delete:      deleteCluster,
		Retag:       retagECS(func(c ecsCluster) *string { return c.ClusterArn }),
		Untag:       untagECS(func(c ecsCluster) *string { return c.ClusterArn }),
		Removal:     provision.Removal[ecsCluster]{Listed: true, Refused: refusesECSCluster, Blockers: clusterHolds},
		FactsListed: true,
		Facts: func(c ecsCluster) []provision.Fact {
			return []provision.Fact{{Name: "cluster", Value: name(c)}, {Name: "tasks", Value: fmt.Sprintf("%d running", c.RunningTasksCount)}}
		},
		Fields: []provision.Field[string, ecsCluster]{
			kit.Settable(rules.TrunkingSetting, kit.Const[string](settingOn), func(c ecsCluster) string { return c.trunking },
				kit.Set(ofECS, awsapi.ECS.PutAccountSettingDefault, func(_ *provision.Step, _ string, _ ecsCluster, in *ecs.PutAccountSettingDefaultInput) {
					in.Name, in.Value = rules.TrunkingSetting, aws.String(settingOn)
				})),
			kit.Settable("exec", wantedSessions, func(c ecsCluster) string { return sessionsText(c.Configuration) },
				kit.Set(ofECS, awsapi.ECS.UpdateCluster, func(s *provision.Step, _ string, c ecsCluster, in *ecs.UpdateClusterInput) {
					in.Cluster, in.Configuration = c.ClusterArn, sessions(s, c.Configuration)
				})),
			kit.Settable("Container Insights", kit.Const[string](rules.ContainerInsights), insightsOf,
				kit.Set(ofECS, awsapi.ECS.UpdateCluster, func(_ *provision.Step, _ string, c ecsCluster, in *ecs.UpdateClusterInput) {
					in.Cluster, in.Settings = c.ClusterArn, insights()
				})),
		},
	})
}

const settingOn = "enabled"

// describeCluster reads the account setting of the region. It is the default of all
// principals: for another one, such as the hosts' role, ECS tells and takes settings
// of the root user alone ("In order to use this parameter, you must be the root user, or
// the principal": API reference, PutAccountSetting). A caller with a setting of its own
// is shown that one, and so does not learn the default.
func describeCluster(ctx context.Context, w *provision.Sweep, c ecsCluster) (err error) {
	c.trunking, err = provision.Shared(w, "ECS account settings", func() (string, error) {
		p := ecs.NewListAccountSettingsPaginator(w.ECS, &ecs.ListAccountSettingsInput{Name: rules.TrunkingSetting, EffectiveSettings: true})
		all, err := kit.All(ctx, p, func(o *ecs.ListAccountSettingsOutput) []ecstypes.Setting { return o.Settings })
		for _, setting := range all {
			if setting.Name == rules.TrunkingSetting && strings.HasSuffix(aws.ToString(setting.PrincipalArn), ":root") {
				return aws.ToString(setting.Value), nil
			}
		}
		return provision.Keep, err
	})
	return err
}

func insights() []ecstypes.ClusterSetting {
	return []ecstypes.ClusterSetting{{Name: ecstypes.ClusterSettingNameContainerInsights, Value: aws.String(rules.ContainerInsights)}}
}

func insightsOf(c ecsCluster) string {
	for _, setting := range c.Settings {
		if setting.Name == ecstypes.ClusterSettingNameContainerInsights {
			return aws.ToString(setting.Value)
		}
	}
	return "disabled"
}

func clusterState(c *ecstypes.Cluster) provision.State { return clusterStates[aws.ToString(c.Status)] }

// clusterStates are the states other than that of a cluster that is as it should be.
var clusterStates = map[string]provision.State{
	"PROVISIONING": provision.Pending, "DEPROVISIONING": provision.Deleting, "INACTIVE": provision.Gone, "FAILED": provision.Failed,
}

// deleteCluster strikes hosts off that are terminated but still registered: AWS
// forgets only those whose agent could say goodbye. The Auto Scaling group is
// gone by now, so no host of the cluster is alive.
func deleteCluster(ctx context.Context, s *provision.Step, c ecsCluster) error {
	hosts, err := clusterHosts(ctx, s, c)
	if err != nil {
		return err
	}
	if err := kit.Drop(hosts, func(host string) error {
		return kit.Do(ctx, s.API.ECS.DeregisterContainerInstance, &ecs.DeregisterContainerInstanceInput{Cluster: c.ClusterArn, ContainerInstance: &host, Force: aws.Bool(true)})
	}); err != nil {
		return err
	}
	return kit.Do(ctx, s.API.ECS.DeleteCluster, &ecs.DeleteClusterInput{Cluster: c.ClusterArn})
}

func clusterHosts(ctx context.Context, s *provision.Step, c ecsCluster) ([]string, error) {
	p := ecs.NewListContainerInstancesPaginator(s.API.ECS, &ecs.ListContainerInstancesInput{Cluster: c.ClusterArn})
	return kit.All(ctx, p, func(o *ecs.ListContainerInstancesOutput) []string { return o.ContainerInstanceArns })
}

// clusterHolds names the services, hosts and capacity providers that keep a
// cluster from being deleted.
func clusterHolds(ctx context.Context, s *provision.Step, c ecsCluster) (string, error) {
	p := ecs.NewListServicesPaginator(s.API.ECS, &ecs.ListServicesInput{Cluster: c.ClusterArn})
	services, err := kit.All(ctx, p, func(o *ecs.ListServicesOutput) []string { return o.ServiceArns })
	if err != nil {
		return "", err
	}
	hosts, err := clusterHosts(ctx, s, c)
	if err != nil {
		return "", err
	}
	now, err := clusterNow(ctx, s, c.ClusterName)
	if err != nil {
		return "", err
	}
	return strings.Join(slices.Concat(
		kit.Prefixed("service ", kit.Texts(services, nameOfARN)), kit.Prefixed("host ", kit.Texts(hosts, nameOfARN)), kit.Prefixed("capacity provider ", now.CapacityProviders),
	), ", "), nil
}

// refusesECSCluster names services of others in the client's cluster.
func refusesECSCluster(_ context.Context, s *provision.Step, _ *provision.Sweep, c ecsCluster) (string, error) {
	for _, r := range s.Found("ecs/service") {
		v, ok := r.Object.(ecsService)
		if ok && r.Foreign() && aws.ToString(v.ClusterArn) == aws.ToString(c.ClusterArn) {
			return lang.Sprintf("it runs the service %s, which is not cicdctl's", aws.ToString(v.ServiceName)), nil
		}
	}
	return "", nil
}

// clusterNow reads one cluster anew; without an error it is there.
func clusterNow(ctx context.Context, s *provision.Step, name *string) (*ecstypes.Cluster, error) {
	out, err := s.API.ECS.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{aws.ToString(name)}})
	if err != nil {
		return nil, err
	}
	if err := ecsFailures(out.Failures); err != nil {
		return nil, err
	}
	if len(out.Clusters) == 0 || clusterState(&out.Clusters[0]) == provision.Gone {
		return nil, &ecstypes.ClusterNotFoundException{Message: aws.String(lang.Sprintf("cluster %s is gone", aws.ToString(name)))}
	}
	return &out.Clusters[0], nil
}

// ecsFailures turns what ECS could not describe into an error. What is missing
// was deleted between the list and the look, and is left out.
func ecsFailures(failures []ecstypes.Failure) error {
	var errs []error
	for _, f := range failures {
		if aws.ToString(f.Reason) != "MISSING" {
			errs = append(errs, lang.Errorf("%s: %s %s", aws.ToString(f.Arn), aws.ToString(f.Reason), aws.ToString(f.Detail)))
		}
	}
	return errors.Join(errs...)
}

// nameOfARN is what an ARN ends in.
func nameOfARN(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
