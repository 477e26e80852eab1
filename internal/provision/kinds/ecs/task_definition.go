package ecs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/iam"
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

// NoImage is the tag of the image that no container is ever started from: the
// service has no tasks before its first deploy.
const NoImage = "none"

// noDeploy is what an operator is told then.
const noDeploy = "no deploy yet"

// TaskDefinitionKind is the newest revision of each service's containers.
func TaskDefinitionKind() *provision.Type {
	family := func(t *taskDefinition) string { return aws.ToString(t.Family) }
	kind := provision.Kind[kit.Workload, *taskDefinition]{
		Name:          "ecs/task-definition",
		ARN:           "ecs:task-definition/",
		Levels:        provision.ClientLevel,
		DependsOn:     provision.Existing("iam/role", "ecr/repository", "logs/log-group", "s3/bucket", "elb/load-balancer", "secretsmanager/secret"),
		Want:          kit.Workloads,
		NotIdempotent: true, // what is registered twice is two revisions
		List:          listTaskDefinitions,
		ID:            func(t *taskDefinition) string { return aws.ToString(t.TaskDefinitionArn) },
		Tags:          func(t *taskDefinition) provision.Tags { return t.tags },
		State:         provision.AlwaysAvailable[*taskDefinition],
		Naming: provision.Naming[kit.Workload, *taskDefinition]{
			Key:       family,
			KeyOf:     func(_ *provision.Scope, d kit.Workload) string { return d.Family() },
			ExtraTags: func(_ *provision.Scope, d kit.Workload) provision.Tags { return d.Labels() },
		},
		Create: func(ctx context.Context, s *provision.Step, d kit.Workload) (*taskDefinition, error) {
			return registerTask(ctx, s, firstRevision(s, d), nil)
		},
		Delete: deleteTaskDefinition,
		Retag:  retagECS(func(t *taskDefinition) *string { return t.TaskDefinitionArn }),
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

// platformParts are what cicdctl compares of a task definition and of the
// container that bears the service's name.
var platformParts = []struct {
	name string
	text func(t ecstypes.TaskDefinition, container string) string
}{
	// Deregistered by hand, or by a destroy that got no further.
	{"status", func(t ecstypes.TaskDefinition, _ string) string { return strings.ToLower(string(t.Status)) }},
	{"task role", func(t ecstypes.TaskDefinition, _ string) string { return aws.ToString(t.TaskRoleArn) }},
	{"execution role", func(t ecstypes.TaskDefinition, _ string) string { return aws.ToString(t.ExecutionRoleArn) }},
	{"network mode", func(t ecstypes.TaskDefinition, _ string) string { return string(t.NetworkMode) }},
	{"container port", func(t ecstypes.TaskDefinition, name string) string {
		var ports []string
		for _, p := range containerOf(t, name).PortMappings {
			ports = append(ports, fmt.Sprintf("%d/%s", aws.ToInt32(p.ContainerPort), p.Protocol))
		}
		return kit.Lines(ports)
	}},
	{"passive mode", passiveText},
	{"secrets", secretsText},
	{"logs", func(t ecstypes.TaskDefinition, name string) string {
		c := containerOf(t, name).LogConfiguration
		if c == nil {
			return ""
		}
		text := []string{"driver: " + string(c.LogDriver)}
		for k, v := range c.Options {
			text = append(text, k+": "+v)
		}
		return kit.Lines(text)
	}},
	{"confinement", confinementText},
}

func containerOf(t ecstypes.TaskDefinition, name string) ecstypes.ContainerDefinition {
	for _, c := range t.ContainerDefinitions {
		if aws.ToString(c.Name) == name {
			return c
		}
	}
	return ecstypes.ContainerDefinition{}
}

// firstRevision is the task definition that a service starts its life with.
func firstRevision(s *provision.Step, d kit.Workload) ecstypes.TaskDefinition {
	runtime := rules.RuntimeOf(d.Svc.Runtime)
	size := runtime.Task
	role := func(name provision.Role) *string {
		return aws.String(s.ARN("iam", "role/"+s.ID("iam/role", name)))
	}
	env := map[string]string{"APP_ENV": string(d.Env), "BUCKET": s.ID("s3/bucket", d.App.Name), "BUCKET_PREFIX": string(d.Env) + "/"}
	maps.Copy(env, passiveMode(s, d))
	c := ecstypes.ContainerDefinition{
		Name:      aws.String(d.Svc.Name),
		Image:     aws.String(fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com/%s:%s", s.Account, s.Region, s.ID("ecr/repository", d.Unit()), NoImage)),
		Essential: aws.Bool(true), Cpu: size.CPU, Memory: aws.Int32(size.Memory),
		LogConfiguration: &ecstypes.LogConfiguration{LogDriver: ecstypes.LogDriverAwslogs, Options: map[string]string{
			"awslogs-group": s.ID("logs/log-group", d.Unit()), "awslogs-region": s.Region, "awslogs-stream-prefix": string(d.Env),
			"mode": rules.LogMode, "max-buffer-size": rules.LogBuffer,
		}},
		ReadonlyRootFilesystem: aws.Bool(true), Privileged: aws.Bool(false),
		LinuxParameters: &ecstypes.LinuxParameters{InitProcessEnabled: aws.Bool(true)},
		Secrets:         platformSecrets(s, d),
	}
	for _, port := range d.ContainerPorts(s) {
		c.PortMappings = append(c.PortMappings, ecstypes.PortMapping{ContainerPort: aws.Int32(port), HostPort: aws.Int32(port), Protocol: ecstypes.TransportProtocolTcp})
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		c.Environment = append(c.Environment, ecstypes.KeyValuePair{Name: aws.String(name), Value: aws.String(env[name])})
	}
	for _, path := range slices.Sorted(maps.Keys(size.Scratch)) {
		c.LinuxParameters.Tmpfs = append(c.LinuxParameters.Tmpfs, ecstypes.Tmpfs{ContainerPath: aws.String(path), Size: size.Scratch[path]})
	}
	t := ecstypes.TaskDefinition{
		Family: aws.String(d.Family()), NetworkMode: ecstypes.NetworkMode(runtime.Network), RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityEc2},
		Status: ecstypes.TaskDefinitionStatusActive, TaskRoleArn: role(iam.AppRole(d.App.Name, d.Env)), ExecutionRoleArn: role(iam.ExecutionRole(d.App.Name)),
	}
	if size.Files != "" {
		t.Volumes = []ecstypes.Volume{{Name: aws.String("files")}}
		c.MountPoints = []ecstypes.MountPoint{{SourceVolume: aws.String("files"), ContainerPath: aws.String(size.Files)}}
	}
	t.ContainerDefinitions = []ecstypes.ContainerDefinition{c}
	return t
}

// registerTask makes the next revision of a family.
func registerTask(ctx context.Context, s *provision.Step, t ecstypes.TaskDefinition, more provision.Tags) (*taskDefinition, error) {
	tags := maps.Clone(s.Tags)
	maps.Copy(tags, more)
	out, err := s.API.ECS.RegisterTaskDefinition(ctx, Registration(t, tags))
	if err != nil {
		return nil, err
	}
	return &taskDefinition{TaskDefinition: *out.TaskDefinition, tags: tags}, nil
}

// Registration is the request whose revision is like t.
func Registration(t ecstypes.TaskDefinition, tags provision.Tags) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family: t.Family, ContainerDefinitions: t.ContainerDefinitions, Tags: ecsTags.To(tags), NetworkMode: t.NetworkMode, TaskRoleArn: t.TaskRoleArn,
		ExecutionRoleArn: t.ExecutionRoleArn, RequiresCompatibilities: t.RequiresCompatibilities, Volumes: t.Volumes, Cpu: t.Cpu, Memory: t.Memory,
		PlacementConstraints: t.PlacementConstraints, RuntimePlatform: t.RuntimePlatform, EphemeralStorage: t.EphemeralStorage, ProxyConfiguration: t.ProxyConfiguration,
		PidMode: t.PidMode, IpcMode: t.IpcMode, EnableFaultInjection: t.EnableFaultInjection,
	}
}

// updateTaskDefinition registers a revision with the platform's parts put right,
// the image that the service runs, and all else as the newest one has it: a deploy
// may have come in between. It takes effect with the next deploy.
func updateTaskDefinition(ctx context.Context, s *provision.Step, d kit.Workload, t *taskDefinition, _ []string) error {
	newest, err := newestRevision(ctx, s.API.ECS, aws.ToString(t.Family))
	if awsapi.Is(err, awsapi.NotFound) {
		newest, err = t, nil // deregistered: it comes back as the next revision
	}
	if err != nil {
		return err
	}
	next, want := newest.TaskDefinition, firstRevision(s, d)
	right := true
	for _, p := range platformParts {
		right = right && p.text(next, d.Svc.Name) == p.text(want, d.Svc.Name)
	}
	if right {
		return nil // another run has done it, or this one before an answer was lost
	}
	next.TaskRoleArn, next.ExecutionRoleArn, next.NetworkMode = want.TaskRoleArn, want.ExecutionRoleArn, want.NetworkMode
	confine(&next)
	ours := want.ContainerDefinitions[0]
	at := slices.IndexFunc(next.ContainerDefinitions, func(c ecstypes.ContainerDefinition) bool { return aws.ToString(c.Name) == d.Svc.Name })
	if at < 0 {
		next.ContainerDefinitions, next.Volumes = append(next.ContainerDefinitions, ours), want.Volumes
		at = len(next.ContainerDefinitions) - 1
	} else {
		c := &next.ContainerDefinitions[at]
		c.PortMappings, c.LogConfiguration, c.Privileged, c.ReadonlyRootFilesystem = ours.PortMappings, ours.LogConfiguration, ours.Privileged, ours.ReadonlyRootFilesystem
		c.Environment, c.Secrets = withPassive(c.Environment, ours.Environment), withSecrets(c.Secrets, ours.Secrets)
		if c.LinuxParameters == nil { // a read-only root needs somewhere to write
			c.LinuxParameters = ours.LinuxParameters
		}
	}
	source, err := runningRevision(ctx, s, d, newest)
	if err != nil {
		return err
	}
	if image := containerOf(source.TaskDefinition, d.Svc.Name).Image; image != nil {
		next.ContainerDefinitions[at].Image = image
	}
	_, err = registerTask(ctx, s, next, source.deployTags())
	return err
}

// runningRevision is the revision that the service runs, and the newest one when it
// runs none: the newest one's deploy may have failed.
func runningRevision(ctx context.Context, s *provision.Step, d kit.Workload, newest *taskDefinition) (*taskDefinition, error) {
	cluster := rules.ClusterName(d.Client)
	out, err := s.API.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{d.Service()}})
	if awsapi.Is(err, awsapi.NotFound) || err == nil && len(out.Services) == 0 {
		return newest, nil
	}
	if err != nil {
		return nil, err
	}
	arn := aws.ToString(out.Services[0].TaskDefinition)
	if arn == "" || arn == aws.ToString(newest.TaskDefinitionArn) {
		return newest, nil
	}
	running, err := newestRevision(ctx, s.API.ECS, arn)
	switch {
	case awsapi.Is(err, awsapi.NotFound):
		return newest, nil
	case err != nil:
		return nil, err
	case deployed(aws.ToString(containerOf(running.TaskDefinition, d.Svc.Name).Image)) == noDeploy, aws.ToString(running.Family) != aws.ToString(newest.Family):
		return newest, nil
	}
	return running, nil
}

// deployTags are the tags that belong to the image of a revision.
func (t *taskDefinition) deployTags() provision.Tags {
	out := provision.Tags{}
	for _, key := range []string{provision.TagImage, provision.TagAccepted} {
		if value := t.tags[key]; value != "" {
			out[key] = value
		}
	}
	return out
}

// describesAtOnce is how many task definitions are asked for at a time: AWS
// describes them one by one.
const describesAtOnce = 8

// listTaskDefinitions looks at the newest revision of each family: a family is
// found by the client's name in front, whose it is by its tags.
func listTaskDefinitions(ctx context.Context, w *provision.Sweep) ([]*taskDefinition, error) {
	prefixes := []string{""}
	if len(w.Clients) > 0 {
		prefixes = nil
		for _, client := range w.Clients {
			prefixes = append(prefixes, rules.Lower(client)+"-")
		}
	}
	seen := map[string]bool{} // ACME- is in front of ACME-TWO's too
	for _, prefix := range prefixes {
		in := &ecs.ListTaskDefinitionFamiliesInput{}
		if prefix != "" {
			in.FamilyPrefix = aws.String(prefix)
		}
		p := ecs.NewListTaskDefinitionFamiliesPaginator(w.ECS, in)
		listed, err := kit.All(ctx, p, func(o *ecs.ListTaskDefinitionFamiliesOutput) []string { return o.Families })
		if err != nil {
			return nil, err
		}
		for _, family := range listed {
			seen[family] = true
		}
	}
	families := slices.Sorted(maps.Keys(seen))
	found := make([]*taskDefinition, len(families))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(describesAtOnce)
	for i, family := range families {
		group.Go(func() (err error) {
			if found[i], err = newestShared(ctx, w, family); awsapi.Is(err, awsapi.NotFound) {
				found[i], err = deregisteredRevision(ctx, w.ECS, family)
			}
			return err
		})
	}
	err := group.Wait()
	found = slices.DeleteFunc(found, func(t *taskDefinition) bool { return t == nil })
	return found, err
}

// newestShared reads the newest ACTIVE revision of a family once a sweep.
func newestShared(ctx context.Context, w *provision.Sweep, family string) (*taskDefinition, error) {
	return provision.Shared(w, "task definition "+family, func() (*taskDefinition, error) { return newestRevision(ctx, w.ECS, family) })
}

// newestRevision reads the newest ACTIVE revision of a family, or a given one.
func newestRevision(ctx context.Context, api awsapi.ECS, familyOrARN string) (*taskDefinition, error) {
	out, err := api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(familyOrARN), Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	if err != nil {
		return nil, err
	}
	return &taskDefinition{TaskDefinition: *out.TaskDefinition, tags: ecsTags.Of(out.Tags)}, nil
}

// deregisteredRevision reads the newest revision that was deregistered but not
// deleted; nil when the family has none.
func deregisteredRevision(ctx context.Context, api awsapi.ECS, family string) (*taskDefinition, error) {
	arns, err := revisions(ctx, api, family, ecstypes.TaskDefinitionStatusInactive)
	if err != nil || len(arns) == 0 {
		return nil, err
	}
	t, err := newestRevision(ctx, api, arns[len(arns)-1])
	if awsapi.Is(err, awsapi.NotFound) {
		return nil, nil
	}
	return t, err
}

// revisions lists the revisions of a family, the oldest first.
func revisions(ctx context.Context, api awsapi.ECS, family string, status ecstypes.TaskDefinitionStatus) ([]string, error) {
	p := ecs.NewListTaskDefinitionsPaginator(api, &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String(family), Status: status, Sort: ecstypes.SortOrderAsc})
	return kit.All(ctx, p, func(o *ecs.ListTaskDefinitionsOutput) []string {
		return slices.DeleteFunc(slices.Clone(o.TaskDefinitionArns), func(arn string) bool { return !strings.Contains(arn, "/"+family+":") })
	})
}

// deleteRevisionsBy is how many revisions one call deletes.
const deleteRevisionsBy = 10

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
	for _, arn := range byStatus[ecstypes.TaskDefinitionStatusActive] {
		err := kit.Do(ctx, s.API.ECS.DeregisterTaskDefinition, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(arn)})
		if awsapi.IgnoreNotFound(err) != nil {
			return err
		}
	}
	all := slices.Concat(byStatus[ecstypes.TaskDefinitionStatusInactive], byStatus[ecstypes.TaskDefinitionStatusActive])
	for batch := range slices.Chunk(all, deleteRevisionsBy) {
		out, err := s.API.ECS.DeleteTaskDefinitions(ctx, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: batch})
		if err != nil {
			return err
		}
		for _, f := range out.Failures {
			if reason := aws.ToString(f.Reason); !strings.Contains(reason, "does not exist") {
				return fmt.Errorf("delete %s: %s", aws.ToString(f.Arn), reason)
			}
		}
	}
	return nil
}
