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
	image       string
	images      []string // of all containers of its revision
	least, most int32    // tasks that the spec allows, where their number follows the load
}

// Tasks are how many run, and how many are wanted.
func (v *service) Tasks() (running, wanted int32) { return v.RunningCount, v.DesiredCount }

// Images are those that its tasks are started from.
func (v *service) Images() []string { return v.images }

// ServiceKind runs one service of the spec in one environment. It begins with
// no tasks; from then on the task definition is that of deploys, and never compared. The
// number of tasks is that of its spec, or else of whoever scales.
func ServiceKind() *provision.Type {
	id := func(v ecsService) string {
		return nameOfARN(aws.ToString(v.ClusterArn)) + "/" + aws.ToString(v.ServiceName)
	}
	return provision.Define(provision.Kind[kit.Workload, ecsService]{
		Name:    "ecs/service",
		ARN:     "ecs:service/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[kit.Workload, ecsService]{Free: freeTasks},
		Impact:  provision.Impact[ecsService]{Losses: taskLosses},
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
				EnableECSManagedTags: w.EnableECSManagedTags, PropagateTags: w.PropagateTags, EnableExecuteCommand: w.EnableExecuteCommand,
			}
			return kit.Get(ctx, s.API.ECS.CreateService, in, func(o *ecs.CreateServiceOutput) ecsService {
				made := &service{Service: *o.Service, image: NoImage}
				if t, ok := provision.Lookup[*taskDefinition](s, "ecs/task-definition", s.Role); ok { // it may have been deployed before
					made.image = aws.ToString(containerOf(t.TaskDefinition, d.Svc.Name).Image)
				}
				return made
			})
		},
		Delete: kit.Delete(ofECS, awsapi.ECS.DeleteService, func(v ecsService, in *ecs.DeleteServiceInput) {
			in.Cluster, in.Service, in.Force = v.ClusterArn, v.ServiceName, aws.Bool(true)
		}),
		Retag: retagECS(func(v ecsService) *string { return v.ServiceArn }),
		Untag: untagECS(func(v ecsService) *string { return v.ServiceArn }),
		Update: func(ctx context.Context, s *provision.Step, d kit.Workload, v ecsService, changed []string) error {
			in := &ecs.UpdateServiceInput{Cluster: v.ClusterArn, Service: v.ServiceName}
			kit.PutMembers(serviceMembers, changed, wantedService(s, d), in)
			if len(in.LoadBalancers) > 1 { // the revision that runs may lack a port that FTP has now: the newest has it
				in.TaskDefinition = aws.String(d.Family())
			}
			after, err := setTasks(ctx, s, d, v, changed, in)
			if err != nil {
				return err
			}
			if len(changed) > 1 || changed[0] != fieldStopped || in.DesiredCount != nil {
				if err := kit.Do(ctx, s.API.ECS.UpdateService, in); err != nil {
					return err
				}
			}
			return after()
		},
		Facts: func(v ecsService) []provision.Fact {
			return []provision.Fact{{Name: "tasks", Value: fmt.Sprintf("%d of %d running", v.RunningCount, v.DesiredCount)}, {Name: rules.FactImage, Value: deployed(v.image)}}
		},
		Fields: append(kit.MemberFields(serviceMembers, wantedService, func(v ecsService) *ecstypes.Service { return &v.Service }), taskFields()...),
	})
}

// serviceStates are the states other than that of a service that is as it should be.
var serviceStates = map[string]provision.State{"DRAINING": provision.Deleting, "INACTIVE": provision.Gone}

func listServices(ctx context.Context, w *provision.Sweep) ([]ecsService, error) {
	clusters, err := clustersWithServices(ctx, w)
	if err != nil {
		return nil, err
	}
	tagged := taggedServices(w)
	var found []ecstypes.Service
	for _, c := range clusters {
		named := func(client string) bool { return rules.ClusterName(client) == aws.ToString(c.ClusterName) }
		if clusterState(&c) == provision.Gone || !kit.Concerns(w, named) {
			continue
		}
		all, err := servicesOf(ctx, w, &c, tagged[aws.ToString(c.ClusterName)])
		if awsapi.IgnoreNotFound(err) != nil { // the cluster is gone
			return nil, err
		}
		found = append(found, all...)
	}
	return kit.Map(found, nil, func(v ecstypes.Service) ecsService { return &service{Service: v} })
}

// clustersWithServices are all clusters, or those of the clients whose services are waited for.
func clustersWithServices(ctx context.Context, w *provision.Sweep) ([]ecstypes.Cluster, error) {
	if !w.Waiting || len(w.Clients) == 0 {
		return ecsClusters(ctx, w)
	}
	return kit.Map(w.Clients, nil, func(client string) ecstypes.Cluster {
		name := aws.String(rules.ClusterName(client)) // ECS takes it for the ARN
		return ecstypes.Cluster{ClusterName: name, ClusterArn: name, Status: aws.String("ACTIVE")}
	})
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
	v.between(w.Scopes)
	arn := aws.ToString(v.TaskDefinition)
	family, _, _ := strings.Cut(nameOfARN(arn), ":")
	t, err := newestShared(ctx, w, family)
	if awsapi.Is(err, awsapi.NotFound) || err == nil && aws.ToString(t.TaskDefinitionArn) != arn {
		t, err = newestRevision(ctx, w.ECS, arn)
	}
	if err == nil {
		v.images = t.Images()
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
