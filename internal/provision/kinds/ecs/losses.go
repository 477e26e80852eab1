package ecs

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

func taskLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, v ecsService) ([]provision.Loss, error) {
	// Those that are still starting run in a moment.
	n := v.RunningCount + v.PendingCount
	if n == 0 {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("tasks running in %s: %d", ecsTags.Of(v.Tags)[provision.TagEnv], n)}, nil
}

// deployLosses: the revisions are what a service can be rolled back to.
func deployLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, t *taskDefinition) ([]provision.Loss, error) {
	image := deployed(aws.ToString(containerOf(t.TaskDefinition, t.tags[provision.TagService]).Image))
	if image == noDeploy {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("the deployments in %s, up to revision %d", t.tags[provision.TagEnv], t.Revision)}, nil
}

func imageLosses(ctx context.Context, _ *provision.Step, w *provision.Sweep, r *repository) ([]provision.Loss, error) {
	p := ecr.NewDescribeImagesPaginator(w.ECR, &ecr.DescribeImagesInput{RepositoryName: r.RepositoryName, MaxResults: aws.Int32(1000)})
	images, err := kit.All(ctx, p, func(o *ecr.DescribeImagesOutput) []ecrtypes.ImageDetail { return o.ImageDetails })
	if err := awsapi.IgnoreNotFound(err); err != nil || len(images) == 0 {
		return nil, err
	}
	return []provision.Loss{provision.Lost("{image|images}: %d", len(images))}, nil
}

func hostLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, g scalingGroup) ([]provision.Loss, error) {
	if len(g.Instances) == 0 {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("{host|hosts}: %d", len(g.Instances))}, nil
}
