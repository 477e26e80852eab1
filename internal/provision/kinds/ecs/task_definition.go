package ecs

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// taskDefinition is the newest revision of a family. What the platform decides
// (roles, network, logs, confinement) is cicdctl's; the image, the environment
// and the size are those of the last deploy, which registers revisions too.
type taskDefinition struct {
	ecstypes.TaskDefinition
	tags provision.Tags
}

// Images are those of all its containers.
func (t *taskDefinition) Images() []string {
	return kit.Texts(t.ContainerDefinitions, func(c ecstypes.ContainerDefinition) string { return aws.ToString(c.Image) })
}

// NoImage is the tag of the image that no container is ever started from: the
// service has no tasks before its first deploy.
const NoImage = "none"

// noDeploy is what an operator is told then.
const noDeploy = rules.NoDeploy

// TaskDefinitionKind is the newest revision of each service's containers.
func TaskDefinitionKind() *provision.Type {
	family := func(t *taskDefinition) string { return aws.ToString(t.Family) }
	kind := provision.Kind[kit.Workload, *taskDefinition]{
		Name:          "ecs/task-definition",
		ARN:           "ecs:task-definition/",
		Levels:        provision.ClientLevel,
		Billing:       provision.Billing[kit.Workload, *taskDefinition]{Free: freeTasks},
		Impact:        provision.Impact[*taskDefinition]{Losses: deployLosses},
		DependsOn:     provision.Existing("iam/role", "ecr/repository", "logs/log-group", "s3/bucket", "elb/load-balancer", "secretsmanager/secret"),
		Want:          kit.Workloads,
		NotIdempotent: true, // what is registered twice is two revisions
		List:          listTaskDefinitions,
		ID:            func(t *taskDefinition) string { return aws.ToString(t.TaskDefinitionArn) },
		Tags:          func(t *taskDefinition) provision.Tags { return t.tags },
		Naming: provision.Naming[kit.Workload, *taskDefinition]{
			Key:       family,
			KeyOf:     kit.Name(kit.Workload.Family),
			ExtraTags: kit.WorkloadTags,
		},
		Create: func(ctx context.Context, s *provision.Step, d kit.Workload) (*taskDefinition, error) {
			return registerTask(ctx, s, firstRevision(s, d), nil)
		},
		Delete: deleteTaskDefinition,
		Retag:  retagECS(func(t *taskDefinition) *string { return t.TaskDefinitionArn }),
		Untag:  untagECS(func(t *taskDefinition) *string { return t.TaskDefinitionArn }),
		Update: updateTaskDefinition,
		Facts: func(t *taskDefinition) []provision.Fact {
			image := aws.ToString(containerOf(t.TaskDefinition, t.tags[provision.TagService]).Image)
			if deployed(image) == noDeploy {
				image = noDeploy
			}
			return []provision.Fact{{Name: "revision", Value: nameOfARN(aws.ToString(t.TaskDefinitionArn))}, {Name: "image", Value: image}}
		},
	}
	for _, p := range platformParts {
		kind.Fields = append(kind.Fields, provision.Field[kit.Workload, *taskDefinition]{
			Name: p.name, Batch: true,
			Want: func(s *provision.Step, d kit.Workload) string {
				first := provision.Whole(s, func() ecstypes.TaskDefinition { return firstRevision(s, d) })
				return p.text(first, d.Svc.Name)
			},
			Have: func(t *taskDefinition) string { return p.text(t.TaskDefinition, t.tags[provision.TagService]) },
		})
	}
	return provision.Define(kind)
}

// listTaskDefinitions looks at the newest revision of each family: a family is
// found by the client's name in front, whose it is by its tags.
func listTaskDefinitions(ctx context.Context, w *provision.Sweep) ([]*taskDefinition, error) {
	prefixes := []string{""}
	if len(w.Clients) > 0 {
		prefixes = kit.Texts(w.Clients, func(client string) string { return rules.Lower(client) + "-" })
	}
	var families []string
	for _, prefix := range prefixes {
		in := &ecs.ListTaskDefinitionFamiliesInput{}
		if prefix != "" {
			in.FamilyPrefix = aws.String(prefix)
		}
		listed, err := kit.All(ctx, ecs.NewListTaskDefinitionFamiliesPaginator(w.ECS, in), func(o *ecs.ListTaskDefinitionFamiliesOutput) []string { return o.Families })
		if err != nil {
			return nil, err
		}
		families = append(families, listed...)
	}
	slices.Sort(families)
	families = slices.Compact(families) // ACME- is in front of ACME-TWO's too
	found, err := kit.Gather(ctx, families, func(ctx context.Context, family string) (*taskDefinition, error) {
		t, err := newestShared(ctx, w, family)
		if awsapi.Is(err, awsapi.NotFound) {
			return deregisteredRevision(ctx, w.ECS, family)
		}
		return t, err
	})
	return slices.DeleteFunc(found, func(t *taskDefinition) bool { return t == nil }), err
}

// deleteTaskDefinition removes all revisions. The newest goes last: by its tags a
// run that comes after a crash finds the others.
func deleteTaskDefinition(ctx context.Context, s *provision.Step, t *taskDefinition) error {
	byStatus := map[ecstypes.TaskDefinitionStatus][]string{t.Status: {aws.ToString(t.TaskDefinitionArn)}}
	if t.Revision > 1 { // the first one is alone
		for _, status := range []ecstypes.TaskDefinitionStatus{ecstypes.TaskDefinitionStatusActive, ecstypes.TaskDefinitionStatusInactive} {
			arns, err := revisions(ctx, s.API.ECS, aws.ToString(t.Family), status)
			if err != nil {
				return err
			}
			byStatus[status] = arns
		}
	}
	if err := kit.Drop(byStatus[ecstypes.TaskDefinitionStatusActive], func(arn string) error {
		return kit.Do(ctx, s.API.ECS.DeregisterTaskDefinition, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &arn})
	}); err != nil {
		return err
	}
	all := slices.Concat(byStatus[ecstypes.TaskDefinitionStatusInactive], byStatus[ecstypes.TaskDefinitionStatusActive])
	return provision.Together(ctx, s, "delete revisions", all, func(ctx context.Context, of [][]string) error {
		return deleteRevisions(ctx, s, slices.Concat(of...))
	})
}
