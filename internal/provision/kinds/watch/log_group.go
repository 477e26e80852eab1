package watch

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kms"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// logGroup is a log group with its tags.
type logGroup struct {
	logstypes.LogGroup
	tags    provision.Tags
	filters []logstypes.MetricFilter // of the trail's
}

type wantLogGroup struct {
	name, app, service string
	copied             string // for a copy's: what that is made from
}

// logKey is the key that groups and topics of the scope are encrypted with.
func logKey(s *provision.Step) string {
	switch s.Level {
	case provision.AccountLevel:
		return s.ID("kms/key", kit.TrailRole)
	case provision.RegionLevel:
		return s.ID("kms/key", "shared")
	}
	return s.ID("kms/key", "client")
}

// LogGroupKind is where services, the cluster, the database and the VPC write. The groups
// are made before those who write: AWS would make them itself, without key and
// end. Destroy takes them along.
func LogGroupKind() *provision.Type {
	name := func(g *logGroup) string { return aws.ToString(g.LogGroupName) }
	return provision.Define(provision.Kind[wantLogGroup, *logGroup]{
		Name: "logs/log-group",
		ARN:  "logs:log-group:",
		Unlisted: func(name string) bool {
			return !slices.ContainsFunc(rules.AllLogGroupPrefixes(), func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		},
		Levels:    provision.AccountLevel | provision.RegionLevel | provision.ClientLevel,
		Billing:   provision.Billing[wantLogGroup, *logGroup]{Items: billLogs},
		Impact:    provision.Impact[*logGroup]{Losses: logLosses},
		DependsOn: provision.Ready("kms/key"),
		Want:      wantLogGroups,
		List:      listLogGroups,
		Describe:  describeLogGroup,
		ID:        name,
		Tags:      func(g *logGroup) provision.Tags { return g.tags },
		Naming: provision.Naming[wantLogGroup, *logGroup]{
			Key:   name,
			KeyOf: func(_ *provision.Scope, d wantLogGroup) string { return d.name },
			ExtraTags: func(_ *provision.Scope, d wantLogGroup) provision.Tags {
				return provision.Tags{provision.TagApp: d.app, provision.TagService: d.service, provision.TagRestored: d.copied}
			},
		},
		Adopt: func(s *provision.Scope, role provision.Role, g *logGroup) (wantLogGroup, bool) {
			if s.Level == provision.AccountLevel { // no longer written: its events expire
				return wantLogGroup{name: name(g)}, role == kit.TrailRole
			}
			cluster := rules.ClusterOfLogGroup(name(g))
			return wantLogGroup{name: name(g), copied: g.tags[provision.TagRestored]}, provision.IsRestored(role) && cluster != "" && cluster != rules.DatabaseName(s.Client)
		},
		Removal:     provision.Removal[*logGroup]{Refused: refusesLogGroup},
		Recreated:   remadeLogGroup,
		MayReappear: func(g *logGroup) bool { return rules.WrittenByAWS(name(g)) },
		Create: func(ctx context.Context, s *provision.Step, d wantLogGroup) (*logGroup, error) {
			key := aws.String(logKey(s))
			if err := kit.Do(ctx, s.API.Logs.CreateLogGroup, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &d.name, KmsKeyId: key, Tags: s.Tags}); err != nil {
				return nil, err
			}
			return &logGroup{tags: s.Tags, LogGroup: logstypes.LogGroup{LogGroupName: &d.name, KmsKeyId: key, LogGroupArn: aws.String(s.ARN("logs", "log-group:"+d.name))}}, nil
		},
		Delete: func(ctx context.Context, s *provision.Step, g *logGroup) error {
			return kit.Do(ctx, s.API.Logs.DeleteLogGroup, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: g.LogGroupName})
		},
		Retag: func(ctx context.Context, s *provision.Step, g *logGroup, tags provision.Tags) error {
			return kit.Do(ctx, s.API.Logs.TagResource, &cloudwatchlogs.TagResourceInput{ResourceArn: g.arn(), Tags: tags})
		},
		Untag: func(ctx context.Context, s *provision.Step, g *logGroup, keys []string) error {
			return kit.Do(ctx, s.API.Logs.UntagResource, &cloudwatchlogs.UntagResourceInput{ResourceArn: g.arn(), TagKeys: keys})
		},
		Facts: func(g *logGroup) []provision.Fact {
			return []provision.Fact{
				{Name: "log group", Value: name(g)},
				{Name: "kept", Value: kit.Days(aws.ToInt32(g.RetentionInDays))},
				{Name: rules.FactOverruled, Value: aws.ToString(g.RetentionPolicyName)},
			}
		},
		Fields: []provision.Field[wantLogGroup, *logGroup]{
			metricFilters,
			{
				Name: "encryption key", // a new one is for events to come; old ones keep theirs
				Want: func(s *provision.Step, _ wantLogGroup) string { return logKey(s) },
				Have: func(g *logGroup) string { return aws.ToString(g.KmsKeyId) },
				Set: func(ctx context.Context, s *provision.Step, _ wantLogGroup, g *logGroup) error {
					return kit.Do(ctx, s.API.Logs.AssociateKmsKey, &cloudwatchlogs.AssociateKmsKeyInput{LogGroupName: g.LogGroupName, KmsKeyId: aws.String(logKey(s))})
				},
			},
			{
				Name: "retention",
				Want: func(*provision.Step, wantLogGroup) string { return kit.Days(rules.LogRetentionDays) },
				Have: func(g *logGroup) string {
					// A retention policy of the account counts instead of the group's own, which
					// Logs then does not tell (PutRetentionPolicy, PutAccountPolicy).
					if g.RetentionPolicyName != nil {
						return provision.Keep
					}
					return kit.Days(aws.ToInt32(g.RetentionInDays))
				},
				Set: func(ctx context.Context, s *provision.Step, _ wantLogGroup, g *logGroup) error {
					return kit.Do(ctx, s.API.Logs.PutRetentionPolicy, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: g.LogGroupName, RetentionInDays: aws.Int32(rules.LogRetentionDays)})
				},
			},
		},
	})
}

// remadeLogGroup is the role of a group that RDS or Container Insights has made again for
// the client's own cluster: they write once more after its end, when the group is gone.
// Such a group has no tags, and nobody has given it a key or an end. One that is older
// than all that is left of the client is an earlier cluster's of the same name, which
// was somebody else's.
func remadeLogGroup(inv *provision.Inventory, s *provision.Scope, g *logGroup) provision.Role {
	name := aws.ToString(g.LogGroupName)
	ends := g.RetentionInDays != nil && g.RetentionPolicyName == nil // an account's policy is nobody's care for this group
	if len(g.tags) > 0 || g.KmsKeyId != nil || ends || s.Level != provision.ClientLevel || !rules.WrittenFor(s.Client, name) {
		return ""
	}
	// A cluster of somebody else's that has the name now writes there.
	cluster := rules.WriterOf(name)
	for _, kind := range []string{"rds/cluster", "ecs/cluster"} {
		if inv.Foreign(kind, s, cluster) != nil {
			return ""
		}
	}
	since, known := provision.Since(inv, "kms/key", s, func(k *kms.Key) time.Time { return k.Made })
	log := name[strings.LastIndexByte(name, '/')+1:]
	switch {
	case !known || time.UnixMilli(aws.ToInt64(g.CreationTime)).Before(since):
		return ""
	case name == rules.InsightsLogGroupName(s.Client):
		return "insights"
	case cluster == rules.DatabaseName(s.Client):
		return "database-" + log
	default:
		return (&provision.Restore{Name: cluster}).Role() + "-" + log
	}
}

func wantLogGroups(s *provision.Scope) map[provision.Role]wantLogGroup {
	switch {
	case s.Level == provision.AccountLevel && !kit.WatchesTrail(s):
		return nil
	case s.Level == provision.AccountLevel:
		return map[provision.Role]wantLogGroup{kit.TrailRole: {name: rules.TrailLogGroupName}}
	case s.Level == provision.RegionLevel:
		return map[provision.Role]wantLogGroup{kit.FlowLogs: {name: rules.FlowLogGroupName}}
	}
	out := map[provision.Role]wantLogGroup{"insights": {name: rules.InsightsLogGroupName(s.Client)}}
	if len(s.Spec.VPN.Sites()) > 0 || s.Spec.VPN.OpenVPN != nil {
		out[kit.VPNRole] = wantLogGroup{name: rules.VPNLogGroupName(s.Client)}
	}
	if rules.AnyExec(s.Spec) {
		out[kit.ExecRole] = wantLogGroup{name: rules.ExecLogGroupName(s.Client)}
	}
	for _, log := range rules.LogExports(s.Spec.Database.Engine) {
		out["database-"+log] = wantLogGroup{name: rules.DatabaseLogGroupName(rules.DatabaseName(s.Client), log)}
		if r := s.Restore; r != nil && !r.Drill && !r.Own {
			out[r.Role()+"-"+log] = wantLogGroup{name: rules.DatabaseLogGroupName(r.Name, log), copied: rules.RestoredFrom(cmp.Or(r.From.ID, rules.DatabaseName(s.Client)), r.At)}
		}
	}
	for _, w := range kit.Workloads(s) {
		out[w.Unit()] = wantLogGroup{name: rules.LogGroupName(s.Client, w.App.Name, w.Svc.Name), app: w.App.Name, service: w.Svc.Name}
	}
	return out
}

// arn is the group's ARN without the ":*" that stands for its streams.
func (g *logGroup) arn() *string {
	if g.LogGroupArn != nil {
		return g.LogGroupArn
	}
	return aws.String(strings.TrimSuffix(aws.ToString(g.Arn), ":*"))
}

// listLogGroups asks for the tags of what can be a client's or shared by its name:
// CloudWatch Logs tells them for one group at a time.
func listLogGroups(ctx context.Context, w *provision.Sweep) ([]*logGroup, error) {
	var asked []*cloudwatchlogs.DescribeLogGroupsInput
	for _, client := range w.Clients {
		asked = append(asked, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String(rules.LogGroupPattern(client))})
	}
	prefixes := rules.AllLogGroupPrefixes()
	if len(w.Clients) > 0 {
		prefixes = []string{rules.SharedLogGroups}
	}
	if len(w.Clients) == 0 || w.Shares() {
		for _, prefix := range prefixes {
			asked = append(asked, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix})
		}
	}
	var mu sync.Mutex
	var all []*logGroup
	seen := map[string]bool{}
	err := kit.Parallel(ctx, asked, func(ctx context.Context, in *cloudwatchlogs.DescribeLogGroupsInput) error {
		p := cloudwatchlogs.NewDescribeLogGroupsPaginator(w.Logs, in)
		found, err := kit.All(ctx, p, func(o *cloudwatchlogs.DescribeLogGroupsOutput) []logstypes.LogGroup { return o.LogGroups })
		mu.Lock()
		defer mu.Unlock()
		for _, g := range found {
			n := aws.ToString(g.LogGroupName)
			theirs := len(w.Clients) == 0 || strings.HasPrefix(n, rules.SharedLogGroups) || slices.ContainsFunc(w.Clients, func(client string) bool { return rules.LogGroupOf(client, n) })
			if theirs && !seen[n] { // a name may be asked for twice
				seen[n] = true
				all = append(all, &logGroup{LogGroup: g})
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	arn := func(g *logGroup) string { return aws.ToString(g.arn()) }
	return kit.WithTags(ctx, w, all, arn, func(g *logGroup) *provision.Tags { return &g.tags }, func(ctx context.Context, g *logGroup) (provision.Tags, error) {
		// AWS makes groups again under the same ARN, without tags and key, while the tagging
		// service still tells those of the one before.
		if g.KmsKeyId != nil {
			if shown, err := kit.ShownTags(ctx, w); err != nil || shown[*g.arn()] != nil {
				return shown[*g.arn()], err
			}
		}
		in := &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: g.arn()}
		return kit.Get(ctx, w.Logs.ListTagsForResource, in, func(o *cloudwatchlogs.ListTagsForResourceOutput) provision.Tags { return o.Tags })
	})
}

// refusesLogGroup and refusesHosts are about protection that somebody has turned on by hand.
func refusesLogGroup(_ context.Context, _ *provision.Step, _ *provision.Sweep, g *logGroup) (string, error) {
	if aws.ToBool(g.DeletionProtectionEnabled) {
		return lang.Say("its deletion protection is on: turn it off first"), nil
	}
	return "", nil
}

// logLosses go by what Logs counts, which is some hours late: what has run for less tells of
// itself.
func logLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, g *logGroup) ([]provision.Loss, error) {
	switch size := kit.Size(aws.ToInt64(g.StoredBytes)); {
	case aws.ToInt64(g.StoredBytes) == 0:
		return nil, nil
	case g.RetentionInDays == nil:
		return []provision.Loss{provision.Lost("all its logs: %s", size)}, nil
	default:
		return []provision.Loss{provision.Lost("logs of up to %d {day|days}: %s", aws.ToInt32(g.RetentionInDays), size)}, nil
	}
}
