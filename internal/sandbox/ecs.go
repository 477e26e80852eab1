package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
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
	Draining          bool `json:",omitempty"` // no task is started on it
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

var ecsName = lazyregexp.New(`^[\w-]{1,255}$`)

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

// agentConnected is a filter of the cluster query language.
const agentConnected = "agentConnected == true"

// cluster finds an active cluster by name or ARN.
func (t *tx) cluster(nameOrARN *string) (*row[types.Cluster], error) {
	name := lastPart(aws.ToString(nameOrARN))
	name = cmp.Or(name, "default")
	if r := t.anyCluster(name); r != nil && *r.V.Status == ecsActive {
		return r, nil
	}
	return nil, apiError("ClusterNotFoundException", "Cluster not found.")
}

func (t *tx) anyCluster(name string) *row[types.Cluster] {
	return find(t.ecs().Clusters, lastPart(name), func(v *types.Cluster) *string { return v.ClusterName })
}

func registerCluster(a *Account) {
	clusters := on(a, ecs.ServiceID, (*tx).cluster)
	op(a, ecs.ServiceID, func(t *tx, in *ecs.CreateClusterInput) (*ecs.CreateClusterOutput, error) {
		name := aws.ToString(in.ClusterName)
		name = cmp.Or(name, "default")
		if !ecsName.MatchString(name) {
			return nil, apiError("InvalidParameterException", "Invalid cluster name.")
		}
		if err := cmp.Or(ecsTags.check(in.Tags), checkClusterSettings(in.Settings), t.checkClusterProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy)); err != nil {
			return nil, err
		}
		every := types.ClusterField("").Values()
		if r, err := t.cluster(aws.String(name)); err == nil { // AWS gives the cluster that is there
			v := t.describeCluster(r, every)
			return &ecs.CreateClusterOutput{Cluster: &v}, nil
		}
		if err := t.linkedECS(); err != nil {
			return nil, err
		}
		s := t.ecs()
		if old := t.anyCluster(name); old != nil {
			s.Clusters.drop(old)
		}
		r := &row[types.Cluster]{V: types.Cluster{
			ClusterArn: aws.String(t.arn("ecs", "cluster/"+name)), ClusterName: aws.String(name), Status: aws.String(ecsActive), Tags: in.Tags,
			Settings: in.Settings, Configuration: in.Configuration, CapacityProviders: in.CapacityProviders, DefaultCapacityProviderStrategy: in.DefaultCapacityProviderStrategy,
		}}
		if len(r.V.Settings) == 0 {
			r.V.Settings = []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("disabled")}}
		}
		s.Clusters.add(r)
		v := t.describeCluster(r, every)
		return &ecs.CreateClusterOutput{Cluster: &v}, nil
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
		part, next, err := list(t, t.ecs().Clusters, in.NextToken, func(r *row[types.Cluster]) (string, bool) { return *r.V.ClusterArn, *r.V.Status == ecsActive })
		return &ecs.ListClustersOutput{ClusterArns: part, NextToken: next}, err
	})
	op(a, ecs.ServiceID, func(t *tx, in *ecs.DescribeClustersInput) (*ecs.DescribeClustersOutput, error) {
		if len(in.Clusters) > 100 {
			return nil, apiError("InvalidParameterException", "Clusters cannot be more than 100.")
		}
		out := &ecs.DescribeClustersOutput{}
		for _, name := range in.Clusters {
			r := t.anyCluster(name)
			if r == nil {
				out.Failures = append(out.Failures, types.Failure{Arn: aws.String(t.arn("ecs", "cluster/"+lastPart(name))), Reason: aws.String("MISSING")})
				continue
			}
			if !r.wait() {
				r.V.AttachmentsStatus = nil
			}
			out.Clusters = append(out.Clusters, t.describeCluster(r, in.Include))
		}
		return out, nil
	})
	opOn(clusters, func(in *ecs.UpdateClusterInput) *string { return in.Cluster }, func(t *tx, r *row[types.Cluster], in *ecs.UpdateClusterInput) (*ecs.UpdateClusterOutput, error) {
		if err := checkClusterSettings(in.Settings); err != nil {
			return nil, err
		}
		if len(in.Settings) > 0 {
			r.V.Settings = in.Settings
		}
		set(&r.V.Configuration, in.Configuration)
		v := t.describeCluster(r, types.ClusterField("").Values())
		return &ecs.UpdateClusterOutput{Cluster: &v}, nil
	})
	opOn(on(a, ecs.ServiceID, (*tx).cluster), func(in *ecs.PutClusterCapacityProvidersInput) *string { return in.Cluster }, putClusterProviders)
	opOn(on(a, ecs.ServiceID, (*tx).cluster), func(in *ecs.DeleteClusterInput) *string { return in.Cluster }, deleteCluster)
	opOn(clusters, func(in *ecs.ListContainerInstancesInput) *string { return in.Cluster }, func(t *tx, r *row[types.Cluster], in *ecs.ListContainerInstancesInput) (*ecs.ListContainerInstancesOutput, error) {
		var all []string
		switch filter := aws.ToString(in.Filter); filter {
		case "", agentConnected:
		default:
			return nil, apiError("InvalidParameterException", "The sandbox does not know the filter %s.", filter)
		}
		for _, i := range t.ecs().Instances {
			if i.Cluster == *r.V.ClusterName && (in.Filter == nil || i.Connected) {
				all = append(all, i.ARN)
			}
		}
		part, next, err := page(t, all, in.NextToken)
		return &ecs.ListContainerInstancesOutput{ContainerInstanceArns: part, NextToken: next}, err
	})
	opOn(clusters, func(in *ecs.DeregisterContainerInstanceInput) *string { return in.Cluster }, func(t *tx, r *row[types.Cluster], in *ecs.DeregisterContainerInstanceInput) (*ecs.DeregisterContainerInstanceOutput, error) {
		s := t.ecs()
		i := slices.IndexFunc(s.Instances, func(i *ecsInstance) bool {
			return i.Cluster == *r.V.ClusterName && lastPart(i.ARN) == lastPart(aws.ToString(in.ContainerInstance))
		})
		if i < 0 {
			return nil, apiError("InvalidParameterException", "Referenced container instance %s not found.", aws.ToString(in.ContainerInstance))
		}
		out := &types.ContainerInstance{ContainerInstanceArn: aws.String(s.Instances[i].ARN), Ec2InstanceId: aws.String(s.Instances[i].EC2), Status: aws.String(ecsInactive)}
		s.Instances = slices.Delete(s.Instances, i, i+1)
		return &ecs.DeregisterContainerInstanceOutput{ContainerInstance: out}, nil
	})
}

// joinCluster registers a host; one that names no cluster of the region joins none.
// It gets a trunk only if the account setting says so by now.
func (t *tx) joinCluster(name string, i *asgInstance) {
	r, err := t.cluster(aws.String(name))
	if err != nil {
		return
	}
	s, kind := t.ecs(), aws.ToString(i.V.InstanceType)
	s.Instances.add(&ecsInstance{
		ARN: t.arn("ecs", "container-instance/"+*r.V.ClusterName+"/"+t.newID("host")), Cluster: *r.V.ClusterName, EC2: *i.V.InstanceId, Connected: true,
		Type: kind, Zone: aws.ToString(i.V.AvailabilityZone), Trunk: shapeOf(kind).trunked > 0 && *t.setting(types.SettingNameAwsvpcTrunking).Value == "enabled",
	})
}

// loseAgent is the end of a host. AWS keeps it registered when the agent had no
// time to say goodbye; here it never has.
func (t *tx) loseAgent(instance string) {
	for _, i := range t.ecs().Instances {
		if i.EC2 == instance {
			i.Connected = false
		}
	}
}

func (t *tx) describeCluster(r *row[types.Cluster], include []types.ClusterField) types.Cluster {
	v := r.V
	for _, i := range t.ecs().Instances {
		if i.Cluster == *v.ClusterName {
			v.RegisteredContainerInstancesCount++
		}
	}
	for _, s := range t.ecs().Services {
		if *s.V.ClusterArn == *v.ClusterArn {
			v.RunningTasksCount += s.V.RunningCount
			v.PendingTasksCount += s.V.PendingCount
			if *s.V.Status == ecsActive {
				v.ActiveServicesCount++
			}
		}
	}
	included(&v.Tags, slices.Contains(include, types.ClusterFieldTags))
	included(&v.Settings, slices.Contains(include, types.ClusterFieldSettings))
	included(&v.Configuration, slices.Contains(include, types.ClusterFieldConfigurations))
	return v
}

// included takes out what a describe was not asked to include.
func included[T any](field *T, asked bool) {
	if !asked {
		*field = *new(T)
	}
}

func checkClusterSettings(settings []types.ClusterSetting) error {
	for _, s := range settings {
		if s.Name != types.ClusterSettingNameContainerInsights || !slices.Contains([]string{"enhanced", "enabled", "disabled"}, aws.ToString(s.Value)) {
			return apiError("InvalidParameterException", "Invalid value %s for setting %s", aws.ToString(s.Value), s.Name)
		}
	}
	return nil
}

func deleteCluster(t *tx, r *row[types.Cluster], _ *ecs.DeleteClusterInput) (*ecs.DeleteClusterOutput, error) {
	s := t.ecs()
	for _, svc := range s.Services {
		if *svc.V.ClusterArn == *r.V.ClusterArn && *svc.V.Status != ecsInactive {
			return nil, apiError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
		}
	}
	if slices.ContainsFunc(s.Instances, func(i *ecsInstance) bool { return i.Cluster == *r.V.ClusterName }) {
		return nil, apiError("ClusterContainsContainerInstancesException", "The Cluster cannot be deleted while Container Instances are active or draining.")
	}
	if slices.ContainsFunc(r.V.CapacityProviders, func(name string) bool { return !fargate(name) }) {
		return nil, apiError("ClusterContainsCapacityProviderException", "The Cluster cannot be deleted while capacity providers are associated with it.")
	}
	r.V.Status, r.V.CapacityProviders, r.V.DefaultCapacityProviderStrategy = aws.String(ecsInactive), nil, nil
	v := t.describeCluster(r, nil)
	return &ecs.DeleteClusterOutput{Cluster: &v}, nil
}
