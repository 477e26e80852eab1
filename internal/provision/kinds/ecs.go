package kinds

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What the kinds of ECS share: tags, the clusters of a region, and the places
// where a service runs.

func ecsTags(tags []ecstypes.Tag) provision.Tags {
	out := provision.Tags{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

func toECSTags(tags provision.Tags) []ecstypes.Tag {
	out := make([]ecstypes.Tag, 0, len(tags))
	for k, v := range tags {
		out = append(out, ecstypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return out
}

// retagECS writes tags of anything in ECS.
func retagECS[A any](arn func(A) *string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		_, err := s.API.ECS.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: arn(a), Tags: toECSTags(tags)})
		return err
	}
}

// describeClustersBy is how many clusters one call describes, describeServicesBy
// how many services.
const (
	describeClustersBy = 100
	describeServicesBy = 10
)

// ecsClusters are all clusters of the sweep's region, tags and settings included.
func ecsClusters(ctx context.Context, w *provision.Sweep) ([]ecstypes.Cluster, error) {
	return provision.Shared(w, "ECS clusters", func() ([]ecstypes.Cluster, error) {
		p := ecs.NewListClustersPaginator(w.ECS, &ecs.ListClustersInput{})
		arns, err := collect(pages(ctx, p, func(o *ecs.ListClustersOutput) []string { return o.ClusterArns }))
		if err != nil {
			return nil, err
		}
		var all []ecstypes.Cluster
		for batch := range slices.Chunk(arns, describeClustersBy) {
			out, err := w.ECS.DescribeClusters(ctx, &ecs.DescribeClustersInput{
				Clusters: batch, Include: []ecstypes.ClusterField{ecstypes.ClusterFieldTags, ecstypes.ClusterFieldSettings},
			})
			if err != nil {
				return nil, err
			}
			if err := ecsFailures(out.Failures); err != nil {
				return nil, err
			}
			all = append(all, out.Clusters...)
		}
		return all, nil
	})
}

// workload is a service in one of its environments: what runs it, and where.
type workload struct {
	client string
	app    spec.App
	svc    spec.Service
	env    spec.Env
}

// workloads are all of a client, by role.
func workloads(s *provision.Scope) map[provision.Role]workload {
	out := map[provision.Role]workload{}
	for _, app := range s.Spec.Apps {
		for _, svc := range app.Services {
			for _, env := range spec.Envs() {
				out[rules.ServiceName(app.Name, svc.Name, env)] = workload{s.Client, app, svc, env}
			}
		}
	}
	return out
}

// labels are the tags that say what the workload is.
func (w workload) labels() provision.Tags {
	return provision.Tags{provision.TagApp: w.app.Name, provision.TagService: w.svc.Name, provision.TagEnv: string(w.env)}
}

// unit is the role of what both environments of a service share.
func (w workload) unit() provision.Role { return rules.GroupTag(w.app.Name, w.svc.Name) }
