package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func registerTaskDefinition(a *Account) {
	op(a, ecs.ServiceID, registerDefinition)
	op(a, ecs.ServiceID, func(t *tx, in *ecs.ListTaskDefinitionFamiliesInput) (*ecs.ListTaskDefinitionFamiliesOutput, error) {
		if in.NextToken == nil {
			t.ageDefinitions()
		}
		active := map[string]bool{} // of families with a revision that is not deleted
		for _, r := range t.ecs().Definitions {
			active[*r.V.Family] = active[*r.V.Family] || r.V.Status == types.TaskDefinitionStatusActive
		}
		var all []string
		for _, family := range slices.Sorted(maps.Keys(active)) {
			wanted := in.Status == "" || in.Status == types.TaskDefinitionFamilyStatusAll || (in.Status == types.TaskDefinitionFamilyStatusActive) == active[family]
			if wanted && strings.HasPrefix(family, aws.ToString(in.FamilyPrefix)) {
				all = append(all, family)
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ecs.ListTaskDefinitionFamiliesOutput{Families: part, NextToken: next}, err
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.ListTaskDefinitionsInput) (*ecs.ListTaskDefinitionsOutput, error) {
		status := in.Status
		status = cmp.Or(status, types.TaskDefinitionStatusActive)
		var found []types.TaskDefinition
		for _, r := range t.ecs().Definitions {
			if r.V.Status == status && (in.FamilyPrefix == nil || *in.FamilyPrefix == *r.V.Family) {
				found = append(found, r.V)
			}
		}
		slices.SortStableFunc(found, func(a, b types.TaskDefinition) int {
			order := strings.Compare(*a.Family, *b.Family)
			if order == 0 {
				order = int(a.Revision - b.Revision)
			}
			if in.Sort == types.SortOrderDesc {
				return -order
			}
			return order
		})
		all := each(found, func(d types.TaskDefinition) string { return *d.TaskDefinitionArn })
		part, next, err := page(t, all, in.NextToken)
		return &ecs.ListTaskDefinitionsOutput{TaskDefinitionArns: part, NextToken: next}, err
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.DescribeTaskDefinitionInput) (*ecs.DescribeTaskDefinitionOutput, error) {
		r := t.definition(aws.ToString(in.TaskDefinition))
		if r == nil {
			return nil, apiError("ClientException", "Unable to describe task definition.")
		}
		out := &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &r.V}
		if slices.Contains(in.Include, types.TaskDefinitionFieldTags) {
			out.Tags = r.Tags
		}
		return out, nil
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.DeregisterTaskDefinitionInput) (*ecs.DeregisterTaskDefinitionOutput, error) {
		if !strings.Contains(lastPart(aws.ToString(in.TaskDefinition)), ":") {
			return nil, apiError("ClientException", "Revision is missing.")
		}
		r := t.definition(*in.TaskDefinition)
		if r == nil {
			return nil, apiError("ClientException", "The specified task definition does not exist.")
		}
		if r.V.Status == types.TaskDefinitionStatusActive {
			r.V.Status, r.V.DeregisteredAt = types.TaskDefinitionStatusInactive, aws.Time(t.now)
		}
		return &ecs.DeregisterTaskDefinitionOutput{TaskDefinition: &r.V}, nil
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.DeleteTaskDefinitionsInput) (*ecs.DeleteTaskDefinitionsOutput, error) {
		if len(in.TaskDefinitions) == 0 || len(in.TaskDefinitions) > 10 {
			return nil, apiError("InvalidParameterException", "Size of TaskDefinition references list must be between 1 and 10.")
		}
		out := &ecs.DeleteTaskDefinitionsOutput{}
		for _, name := range in.TaskDefinitions {
			r := t.definition(name)
			fail := func(reason string) {
				out.Failures = append(out.Failures, types.Failure{Arn: aws.String(name), Reason: aws.String(reason)})
			}
			switch {
			case r == nil:
				fail("The specified task definition does not exist. Specify a valid account, family, revision and try again.")
			case r.V.Status == types.TaskDefinitionStatusActive:
				fail("The specified task definition is still in ACTIVE status. Please deregister the target and try again.")
			default:
				r.V.Status, r.V.DeleteRequestedAt, r.Looks = types.TaskDefinitionStatusDeleteInProgress, aws.Time(t.now), t.opts.Looks
				out.TaskDefinitions = append(out.TaskDefinitions, r.V)
			}
		}
		return out, nil
	})
}

// ageDefinitions takes away the deleted revisions that no service refers to.
func (t *tx) ageDefinitions() {
	s := t.ecs()
	s.Definitions.dropAll(func(r *ecsDefinition) bool {
		if r.V.Status != types.TaskDefinitionStatusDeleteInProgress {
			return false
		}
		used := slices.ContainsFunc(s.Services, func(svc *row[types.Service]) bool {
			return *svc.V.Status != ecsInactive && *svc.V.TaskDefinition == *r.V.TaskDefinitionArn
		})
		return r.gone() && !used
	})
}

// definition finds "family" (its latest active revision), "family:revision" or an ARN.
func (t *tx) definition(name string) *ecsDefinition {
	family, revision, exact := strings.Cut(lastPart(name), ":")
	var latest *ecsDefinition
	for _, r := range t.ecs().Definitions {
		switch {
		case *r.V.Family != family:
		case exact && revision == strconv.Itoa(int(r.V.Revision)):
			return r
		case !exact && r.V.Status == types.TaskDefinitionStatusActive:
			latest = r // rows are in the order of revisions
		}
	}
	return latest
}

func registerDefinition(t *tx, in *ecs.RegisterTaskDefinitionInput) (*ecs.RegisterTaskDefinitionOutput, error) {
	family := aws.ToString(in.Family)
	switch {
	case !ecsName.MatchString(family):
		return nil, apiError("ClientException", "Family contains invalid characters.")
	case len(in.ContainerDefinitions) == 0:
		return nil, apiError("ClientException", "Container list cannot be empty.")
	case !slices.ContainsFunc(in.ContainerDefinitions, func(c types.ContainerDefinition) bool { return c.Essential == nil || *c.Essential }):
		return nil, apiError("ClientException", "At least one container in task definition must be marked as essential.")
	}
	for _, role := range []*string{in.TaskRoleArn, in.ExecutionRoleArn} {
		if role != nil && !strings.HasPrefix(*role, "arn:aws:iam::"+t.opts.ID+":role/") {
			return nil, apiError("ClientException", "Role is not valid")
		}
	}
	if err := ecsTags.check(in.Tags); err != nil {
		return nil, err
	}
	mode := in.NetworkMode
	mode = cmp.Or(mode, types.NetworkModeBridge)
	names := map[string]bool{}
	for i := range in.ContainerDefinitions {
		c := &in.ContainerDefinitions[i]
		if names[aws.ToString(c.Name)] {
			return nil, apiError("ClientException", "Container names must be unique.")
		}
		names[aws.ToString(c.Name)] = true
		if err := checkContainer(c, in, mode); err != nil {
			return nil, err
		}
	}
	s := t.ecs()
	s.Revisions[family]++
	revision := s.Revisions[family]
	v := types.TaskDefinition{
		TaskDefinitionArn: aws.String(t.arn("ecs", fmt.Sprintf("task-definition/%s:%d", family, revision))), Family: in.Family, Revision: revision,
		ContainerDefinitions: in.ContainerDefinitions, NetworkMode: mode, TaskRoleArn: in.TaskRoleArn, ExecutionRoleArn: in.ExecutionRoleArn,
		Cpu: in.Cpu, Memory: in.Memory, Volumes: in.Volumes, PlacementConstraints: in.PlacementConstraints, RequiresCompatibilities: in.RequiresCompatibilities,
		RuntimePlatform: in.RuntimePlatform, PidMode: in.PidMode, IpcMode: in.IpcMode, EphemeralStorage: in.EphemeralStorage, ProxyConfiguration: in.ProxyConfiguration,
		EnableFaultInjection: aws.Bool(aws.ToBool(in.EnableFaultInjection)),
		Compatibilities:      []types.Compatibility{types.CompatibilityEc2}, Status: types.TaskDefinitionStatusActive, RegisteredAt: aws.Time(t.now),
		RegisteredBy: t.caller(),
	}
	s.Definitions.add(&ecsDefinition{V: v, Tags: in.Tags})
	return &ecs.RegisterTaskDefinitionOutput{TaskDefinition: &v, Tags: in.Tags}, nil
}

// checkContainer checks one container and fills in what AWS does.
func checkContainer(c *types.ContainerDefinition, in *ecs.RegisterTaskDefinitionInput, mode types.NetworkMode) error {
	name := aws.ToString(c.Name)
	switch {
	case !ecsName.MatchString(name):
		return apiError("ClientException", "Container.name contains invalid characters.")
	case aws.ToString(c.Image) == "":
		return apiError("ClientException", "Container.image should not be null or empty.")
	case c.Memory == nil && c.MemoryReservation == nil && in.Memory == nil:
		return apiError("ClientException", "Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", name)
	case len(c.Secrets) > 0 && in.ExecutionRoleArn == nil:
		return apiError("ClientException", "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
	}
	for _, s := range c.Secrets {
		named := func(v types.KeyValuePair) bool { return aws.ToString(v.Name) == aws.ToString(s.Name) }
		if aws.ToString(s.Name) == "" || aws.ToString(s.ValueFrom) == "" || slices.ContainsFunc(c.Environment, named) {
			return apiError("ClientException", "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '%s'.", aws.ToString(s.Name))
		}
	}
	for _, m := range c.MountPoints {
		if !slices.ContainsFunc(in.Volumes, func(v types.Volume) bool { return aws.ToString(v.Name) == aws.ToString(m.SourceVolume) }) {
			return apiError("ClientException", "Unknown volume '%s'.", aws.ToString(m.SourceVolume))
		}
	}
	for i := range c.PortMappings {
		p := &c.PortMappings[i]
		p.Protocol = cmp.Or(p.Protocol, types.TransportProtocolTcp)
		switch {
		case aws.ToInt32(p.ContainerPort) < 1 || *p.ContainerPort > 65535:
			return apiError("ClientException", "Invalid container port for container '%s'.", name)
		case mode == types.NetworkModeAwsvpc && p.HostPort != nil && *p.HostPort != *p.ContainerPort:
			return apiError("ClientException", "When networkMode=awsvpc, the host ports and container ports in port mappings must match.")
		case mode == types.NetworkModeAwsvpc:
			p.HostPort = p.ContainerPort
		case p.HostPort == nil:
			p.HostPort = aws.Int32(0)
		}
	}
	c.Essential = cmp.Or(c.Essential, aws.Bool(true))
	return nil
}
