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
	tags := tagsOn(on(a, ecs.ServiceID, (*tx).ecsTags), ecsTags, func(tags *[]types.Tag) *[]types.Tag { return tags })
	opTag[ecs.TagResourceOutput](tags, func(in *ecs.TagResourceInput) (*string, []types.Tag) { return in.ResourceArn, in.Tags })
	opUntag[ecs.UntagResourceOutput](tags, func(in *ecs.UntagResourceInput) (*string, []string) { return in.ResourceArn, in.TagKeys })
	tagged(a, ecs.ServiceID, ecsTags, func(t *tx) []*row[types.Service] { return t.ecs().Services }, func(_ *tx, r *row[types.Service]) (string, []types.Tag) {
		if *r.V.Status == ecsInactive {
			return "", nil
		}
		return *r.V.ServiceArn, r.V.Tags
	})
	tagged(a, ecs.ServiceID, ecsTags, func(t *tx) []*ecsDefinition { return t.ecs().Definitions }, func(_ *tx, d *ecsDefinition) (string, []types.Tag) { return *d.V.TaskDefinitionArn, d.Tags })
}

var ecsTags = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: reserves(apiError("InvalidParameterException", "Tag keys with the prefix aws: are reserved.")).
		firstUpTo(50, apiError("InvalidParameterException", "The maximum number of tags is 50.")).ofAll(),
}

func (t *tx) ecsTags(ref *string) (*[]types.Tag, error) {
	s, arn := t.ecs(), aws.ToString(ref)
	if r := find(s.Clusters, arn, clusterARN); r != nil && *r.V.Status == ecsActive {
		return &r.V.Tags, nil
	}
	if r := find(s.Providers, arn, providerARN); r != nil && r.V.Status == ecsActive {
		return &r.V.Tags, nil
	}
	if r := t.definition(arn); r != nil {
		return &r.Tags, nil
	}
	if r := find(s.Services, arn, serviceARN); r != nil && *r.V.Status != ecsInactive {
		return &r.V.Tags, nil
	}
	return nil, apiError("InvalidParameterException", "The specified resource %s is not found.", arn)
}

// registerSettings are the account settings of ECS in a region. Only the default of
// all principals can be set here: a principal's own is for itself and the root user.
func registerSettings(a *Account) {
	values := []string{"enabled", "disabled", "on", "off"}
	op(a, ecs.ServiceID, func(t *tx, in *ecs.PutAccountSettingDefaultInput) (*ecs.PutAccountSettingDefaultOutput, error) {
		switch {
		case !slices.Contains(types.SettingName("").Values(), in.Name):
			return nil, apiError("InvalidParameterException", "Invalid setting name: %s", in.Name)
		case !slices.Contains(values, aws.ToString(in.Value)):
			return nil, apiError("InvalidParameterException", "Invalid setting value: %s", aws.ToString(in.Value))
		}
		s := t.ecs()
		if s.Settings == nil {
			s.Settings = map[types.SettingName]string{}
		}
		s.Settings[in.Name] = *in.Value
		v := t.setting(in.Name)
		return &ecs.PutAccountSettingDefaultOutput{Setting: &v}, nil
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.ListAccountSettingsInput) (*ecs.ListAccountSettingsOutput, error) {
		if in.PrincipalArn != nil && *in.PrincipalArn != aws.ToString(t.caller()) {
			return nil, apiError("AccessDeniedException", "Only the root user and the principal itself may ask for its settings.")
		}
		var all []types.Setting
		if in.EffectiveSettings { // nobody has settings of its own
			for _, name := range types.SettingName("").Values() {
				if in.Name == "" || in.Name == name {
					all = append(all, t.setting(name))
				}
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ecs.ListAccountSettingsOutput{Settings: part, NextToken: next}, err
	})
}

// setting is what counts for whoever has none of its own. What nobody has set is
// off, but for the long ARNs, which all accounts have by now.
func (t *tx) setting(name types.SettingName) types.Setting {
	value := t.ecs().Settings[name]
	switch {
	case value != "":
	case name == types.SettingNameServiceLongArnFormat, name == types.SettingNameTaskLongArnFormat, name == types.SettingNameContainerInstanceLongArnFormat:
		value = "enabled"
	default:
		value = "disabled"
	}
	return types.Setting{Name: name, Value: aws.String(value), PrincipalArn: aws.String("arn:aws:iam::" + t.opts.ID + ":root"), Type: types.SettingTypeUser}
}
