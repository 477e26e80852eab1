package sandbox

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ecsState is ECS in one region. Slices are in the order of creation; what was
// deleted stays for a while, INACTIVE, as on AWS.
type ecsState struct {
	Clusters    table[row[types.Cluster]]
	Providers   table[row[types.CapacityProvider]]
	Definitions table[ecsDefinition]
	Revisions   map[string]int32 // last one of each family; numbers are never used again
	Services    table[row[types.Service]]
	Instances   table[ecsInstance]
	Settings    map[types.SettingName]string `json:",omitempty"` // of the account
	Tasks       table[ecsTask]               `json:",omitempty"`
	Rollouts    map[string]*ecsRollout       `json:",omitempty"` // by service
}

// ecsDefinition is a revision of a task definition; its tags are not part of what
// AWS describes.
type ecsDefinition struct {
	V    types.TaskDefinition
	Tags []types.Tag
	meta
}

// ecsInstance is a host that has joined a cluster.
type ecsInstance struct {
	ARN, Cluster, EC2 string
	Type              string // of the instance
	Zone              string
	Trunk             bool `json:",omitempty"` // for the interfaces of tasks
	Connected         bool // the agent is; a terminated host stays registered without one
}

const ecsActive, ecsInactive, ecsDraining = "ACTIVE", "INACTIVE", "DRAINING"

func (t *tx) ecs() *ecsState {
	s := in(&t.ECS, t.region)
	if s.Revisions == nil {
		s.Revisions = map[string]int32{}
	}
	return s
}

func clusterARN(v *types.Cluster) *string           { return v.ClusterArn }
func providerARN(v *types.CapacityProvider) *string { return v.CapacityProviderArn }
func serviceARN(v *types.Service) *string           { return v.ServiceArn }

var ecsName = regexp.MustCompile(`^[\w-]{1,255}$`)

// lastPart is what an ARN, or a bare name, ends in.
func lastPart(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

func registerECS(a *Account) {
	registerCluster(a)
	registerCapacity(a)
	registerTaskDefinition(a)
	registerService(a)
	registerTasks(a)
	registerSettings(a)
	op(a, ecs.ServiceID, func(t *tx, in *ecs.TagResourceInput) (*ecs.TagResourceOutput, error) {
		tags, err := t.ecsTags(aws.ToString(in.ResourceArn))
		if err != nil {
			return nil, err
		}
		merged := slices.Clone(tags)
		for _, tag := range in.Tags {
			merged = append(withoutECSTags(merged, *tag.Key), tag)
		}
		if err := checkECSTags(merged); err != nil {
			return nil, err
		}
		t.setECSTags(*in.ResourceArn, merged)
		return &ecs.TagResourceOutput{}, nil
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.UntagResourceInput) (*ecs.UntagResourceOutput, error) {
		tags, err := t.ecsTags(aws.ToString(in.ResourceArn))
		if err != nil {
			return nil, err
		}
		t.setECSTags(*in.ResourceArn, withoutECSTags(tags, in.TagKeys...))
		return &ecs.UntagResourceOutput{}, nil
	})
}

func withoutECSTags(tags []types.Tag, keys ...string) []types.Tag {
	return slices.DeleteFunc(slices.Clone(tags), func(old types.Tag) bool { return slices.Contains(keys, aws.ToString(old.Key)) })
}

func checkECSTags(tags []types.Tag) error {
	if len(tags) > 50 {
		return apiError("InvalidParameterException", "The maximum number of tags is 50.")
	}
	for _, tag := range tags {
		if strings.HasPrefix(strings.ToLower(aws.ToString(tag.Key)), "aws:") {
			return apiError("InvalidParameterException", "Tag keys with the prefix aws: are reserved.")
		}
	}
	return nil
}

func (t *tx) ecsTags(arn string) ([]types.Tag, error) {
	s := t.ecs()
	if r := find(s.Clusters, arn, clusterARN); r != nil && *r.V.Status == ecsActive {
		return r.V.Tags, nil
	}
	if r := find(s.Providers, arn, providerARN); r != nil && r.V.Status == ecsActive {
		return r.V.Tags, nil
	}
	if r := t.definition(arn); r != nil {
		return r.Tags, nil
	}
	if r := find(s.Services, arn, serviceARN); r != nil && *r.V.Status != ecsInactive {
		return r.V.Tags, nil
	}
	return nil, apiError("InvalidParameterException", "The specified resource %s is not found.", arn)
}

func (t *tx) setECSTags(arn string, tags []types.Tag) {
	s := t.ecs()
	if r := find(s.Clusters, arn, clusterARN); r != nil {
		r.V.Tags = tags
	}
	if r := find(s.Providers, arn, providerARN); r != nil {
		r.V.Tags = tags
	}
	if r := t.definition(arn); r != nil {
		r.Tags = tags
	}
	if r := find(s.Services, arn, serviceARN); r != nil {
		r.V.Tags = tags
	}
}
