// Package ecs holds the kinds of what runs containers: clusters, their hosts, images,
// task definitions and services.
package ecs

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// What the kinds of ECS share: tags, the clusters of a region, and the places
// where a service runs.

// ecsTags are tags as ECS has them.
var ecsTags = kit.TagCodec[ecstypes.Tag](func(t *ecstypes.Tag) (key, value **string) { return &t.Key, &t.Value })

// retagECS writes tags of anything in ECS.
func retagECS[A any](arn func(A) *string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		return kit.Do(ctx, s.API.ECS.TagResource, &ecs.TagResourceInput{ResourceArn: arn(a), Tags: ecsTags.To(tags)})
	}
}

func untagECS[A any](arn func(A) *string) func(context.Context, *provision.Step, A, []string) error {
	return func(ctx context.Context, s *provision.Step, a A, keys []string) error {
		return kit.Do(ctx, s.API.ECS.UntagResource, &ecs.UntagResourceInput{ResourceArn: arn(a), TagKeys: keys})
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
		arns, err := kit.All(ctx, p, func(o *ecs.ListClustersOutput) []string { return o.ClusterArns })
		if err != nil {
			return nil, err
		}
		return kit.InChunks(arns, describeClustersBy, func(some []string) ([]ecstypes.Cluster, error) {
			out, err := w.ECS.DescribeClusters(ctx, &ecs.DescribeClustersInput{
				Clusters: some, Include: []ecstypes.ClusterField{ecstypes.ClusterFieldTags, ecstypes.ClusterFieldSettings, ecstypes.ClusterFieldConfigurations},
			})
			if err != nil {
				return nil, err
			}
			return out.Clusters, ecsFailures(out.Failures)
		})
	})
}

// The clients of a step whose calls the kinds of this folder make.
func ofECS(s *provision.Step) awsapi.ECS         { return s.API.ECS }
func ofECR(s *provision.Step) awsapi.ECR         { return s.API.ECR }
func ofASG(s *provision.Step) awsapi.AutoScaling { return s.API.ASG }
func ofEC2(s *provision.Step) awsapi.EC2         { return s.API.EC2 }
