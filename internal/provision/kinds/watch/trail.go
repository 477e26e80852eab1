package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// trail is a trail with what CloudTrail tells one by one.
type trail struct {
	trailtypes.Trail
	tags     provision.Tags
	logging  bool
	failing  string // why it cannot write to its bucket
	recorded string // management events
}

// allEvents are the management events that a new trail records.
const allEvents = "reads and writes of all services"

// TrailKind is who did what in the account, in all regions. An organisation's trail
// does the same and more; a second copy of the events would be billed.
func TrailKind() *provision.Type {
	name := func(t *trail) string { return aws.ToString(t.Name) }
	update := trailChanges()
	return provision.Define(provision.Kind[string, *trail]{
		Name:    "cloudtrail/trail",
		ARN:     "cloudtrail:trail/",
		Levels:  provision.AccountLevel,
		Billing: provision.Billing[string, *trail]{Items: billTrail},
		Impact:  provision.Impact[*trail]{Stateless: true},
		// CloudTrail tries whether it may write.
		DependsOn: append(provision.Ready("s3/bucket", "kms/key"), provision.ForFields(provision.Ready("iam/role", "logs/log-group"))...),
		Want: func(s *provision.Scope) map[provision.Role]string {
			if s.OrganizationTrail != "" {
				return nil
			}
			return map[provision.Role]string{kit.TrailRole: rules.TrailName}
		},
		List:     listTrails,
		Describe: describeTrail,
		ID:       name,
		Tags:     func(t *trail) provision.Tags { return t.tags },
		Naming:   provision.Naming[string, *trail]{Key: name, KeyOf: func(_ *provision.Scope, name string) string { return name }},
		Create: func(ctx context.Context, s *provision.Step, name string) (*trail, error) {
			key, bucket, yes := s.ID("kms/key", kit.TrailRole), s.ID("s3/bucket", kit.TrailRole), aws.Bool(true)
			err := kit.Do(ctx, s.API.CloudTrail.CreateTrail, &cloudtrail.CreateTrailInput{
				Name: &name, S3BucketName: &bucket, KmsKeyId: &key, IsMultiRegionTrail: yes, IncludeGlobalServiceEvents: yes, EnableLogFileValidation: yes,
				TagsList: trailTags.To(s.Tags),
			})
			if err != nil {
				return nil, err
			}
			return &trail{tags: s.Tags, recorded: allEvents, Trail: trailtypes.Trail{
				Name: &name, S3BucketName: &bucket, KmsKeyId: &key, IsMultiRegionTrail: yes, IncludeGlobalServiceEvents: yes, LogFileValidationEnabled: yes,
				TrailARN: aws.String(s.ARN("cloudtrail", "trail/"+name)),
			}}, nil
		},
		Update: func(ctx context.Context, s *provision.Step, name string, t *trail, changed []string) error {
			in := &updateTrail{Name: t.Name}
			kit.Fill(update, changed, s, name, t, in)
			return kit.Do(ctx, s.API.CloudTrail.UpdateTrail, in)
		},
		Delete: func(ctx context.Context, s *provision.Step, t *trail) error {
			return kit.Do(ctx, s.API.CloudTrail.DeleteTrail, &cloudtrail.DeleteTrailInput{Name: t.Name})
		},
		Retag: func(ctx context.Context, s *provision.Step, t *trail, tags provision.Tags) error {
			return kit.Do(ctx, s.API.CloudTrail.AddTags, &cloudtrail.AddTagsInput{ResourceId: t.TrailARN, TagsList: trailTags.To(tags)})
		},
		Facts: func(t *trail) []provision.Fact {
			return []provision.Fact{{Name: "kept in", Value: "s3://" + aws.ToString(t.S3BucketName)}, {Name: "cannot be written", Value: t.failing}}
		},
		Fields: append(kit.BatchFields(update),
			provision.Field[string, *trail]{
				Name: "management events",
				Want: func(*provision.Step, string) string { return allEvents },
				Have: func(t *trail) string { return t.recorded },
				Set: func(ctx context.Context, s *provision.Step, _ string, t *trail) error {
					return kit.Do(ctx, s.API.CloudTrail.PutEventSelectors, &cloudtrail.PutEventSelectorsInput{TrailName: t.Name, EventSelectors: []trailtypes.EventSelector{
						{ReadWriteType: trailtypes.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)},
					}})
				},
			},
			provision.Field[string, *trail]{
				Name: "logging",
				Want: func(*provision.Step, string) string { return "on" },
				Have: func(t *trail) string { return kit.OnOff(t.logging) },
				Set: func(ctx context.Context, s *provision.Step, _ string, t *trail) error {
					return kit.Do(ctx, s.API.CloudTrail.StartLogging, &cloudtrail.StartLoggingInput{Name: t.Name})
				},
			},
		),
	})
}

type updateTrail = cloudtrail.UpdateTrailInput

// trailLogs are the log group that the trail is written to as well, and the role with which; empty
// for none.
func trailLogs(s *provision.Step) (group, role string) {
	if !kit.WatchesTrail(s.Scope) {
		return "", ""
	}
	return s.ARN("logs", "log-group:"+s.ID("logs/log-group", kit.TrailRole)+":*"), s.ARN("iam", "role/"+s.ID("iam/role", kit.TrailRole))
}

func logsText(group, role string) string {
	if group == "" {
		return "off"
	}
	return group + " as " + role
}

// trailChanges are what one call of UpdateTrail changes.
func trailChanges() []kit.Change[string, *trail, updateTrail] {
	return []kit.Change[string, *trail, updateTrail]{
		{
			Name: "bucket",
			Want: func(s *provision.Step, _ string) string { return s.ID("s3/bucket", kit.TrailRole) },
			Have: func(t *trail) string {
				return strings.TrimSuffix(aws.ToString(t.S3BucketName)+"/"+aws.ToString(t.S3KeyPrefix), "/")
			},
			Put: func(s *provision.Step, _ string, _ *trail, in *updateTrail) {
				in.S3BucketName, in.S3KeyPrefix = aws.String(s.ID("s3/bucket", kit.TrailRole)), aws.String("")
			},
		},
		kit.Text("encryption key", func(s *provision.Step, _ string) string { return s.ID("kms/key", kit.TrailRole) },
			func(t *trail) *string { return t.KmsKeyId }, func(in *updateTrail) **string { return &in.KmsKeyId }),
		{
			Name: "CloudWatch Logs", // CloudTrail takes neither the group nor the role alone
			Want: func(s *provision.Step, _ string) string { return logsText(trailLogs(s)) },
			Have: func(t *trail) string {
				return logsText(aws.ToString(t.CloudWatchLogsLogGroupArn), aws.ToString(t.CloudWatchLogsRoleArn))
			},
			Put: func(s *provision.Step, _ string, _ *trail, in *updateTrail) {
				group, role := trailLogs(s)
				in.CloudWatchLogsLogGroupArn, in.CloudWatchLogsRoleArn = &group, &role
			},
		},
		kit.Flag[string]("all regions", true, func(t *trail) *bool { return t.IsMultiRegionTrail }, func(in *updateTrail) **bool {
			in.IncludeGlobalServiceEvents = aws.Bool(true) // the one does not go without the other
			return &in.IsMultiRegionTrail
		}),
		kit.Flag[string]("global services", true, func(t *trail) *bool { return t.IncludeGlobalServiceEvents },
			func(in *updateTrail) **bool { return &in.IncludeGlobalServiceEvents }),
		kit.Flag[string]("file validation", true, func(t *trail) *bool { return t.LogFileValidationEnabled },
			func(in *updateTrail) **bool { return &in.EnableLogFileValidation }),
	}
}

// listTrails lists the trails whose home is here, and asks for the tags of those
// that have our name: few trails fit in an account.
func listTrails(ctx context.Context, w *provision.Sweep) ([]*trail, error) {
	// Asked as the look for a trail of the organisation asks, and so once for both.
	out, err := w.CloudTrail.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil {
		return nil, err
	}
	all := kit.Chosen(out.TrailList, func(t trailtypes.Trail) *trail {
		// Shadows are the trails of other regions, and the organisation's in its member accounts.
		if aws.ToString(t.HomeRegion) != w.Region || !strings.Contains(aws.ToString(t.TrailARN), ":"+w.Account+":") {
			return nil
		}
		return &trail{Trail: t, tags: provision.Tags{}}
	})
	return kit.Present(ctx, all, func(ctx context.Context, t *trail) error {
		if aws.ToString(t.Name) != rules.TrailName {
			return nil
		}
		p := cloudtrail.NewListTagsPaginator(w.CloudTrail, &cloudtrail.ListTagsInput{ResourceIdList: []string{aws.ToString(t.TrailARN)}})
		told, err := kit.All(ctx, p, func(o *cloudtrail.ListTagsOutput) []trailtypes.ResourceTag { return o.ResourceTagList })
		for _, r := range told {
			maps.Copy(t.tags, trailTags.Of(r.TagsList))
		}
		return err
	})
}

func describeTrail(ctx context.Context, w *provision.Sweep, t *trail) error {
	status, err := w.CloudTrail.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: t.Name})
	if err != nil {
		return err
	}
	t.logging, t.failing = aws.ToBool(status.IsLogging), aws.ToString(status.LatestDeliveryError)
	if !aws.ToBool(t.HasCustomEventSelectors) {
		t.recorded = allEvents // as CloudTrail does by itself
		return nil
	}
	selectors, err := w.CloudTrail.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: t.Name})
	if err == nil {
		t.recorded = eventsText(selectors)
	}
	return err
}

// eventsText says which management events a trail records. Data events, which are
// billed, are for others to choose.
func eventsText(o *cloudtrail.GetEventSelectorsOutput) string {
	var text []string
	for _, e := range o.EventSelectors {
		if !aws.ToBool(e.IncludeManagementEvents) {
			continue
		}
		if e.ReadWriteType == trailtypes.ReadWriteTypeAll && len(e.ExcludeManagementEventSources) == 0 {
			return allEvents
		}
		text = append(text, strings.TrimSpace(fmt.Sprintf("%s %s", e.ReadWriteType, strings.Join(kit.Prefixed("without ", slices.Clone(e.ExcludeManagementEventSources)), " "))))
	}
	for _, e := range o.AdvancedEventSelectors {
		i := slices.IndexFunc(e.FieldSelectors, func(f trailtypes.AdvancedFieldSelector) bool {
			return aws.ToString(f.Field) == "eventCategory" && slices.Contains(f.Equals, "Management")
		})
		if i < 0 {
			continue
		}
		if len(e.FieldSelectors) == 1 {
			return allEvents
		}
		narrowed, err := json.Marshal(slices.Delete(slices.Clone(e.FieldSelectors), i, i+1))
		if err != nil {
			narrowed = []byte("narrowed")
		}
		text = append(text, string(narrowed))
	}
	if len(text) == 0 {
		return "none"
	}
	return kit.Lines(text)
}

// trailTags are tags as CloudTrail has them.
var trailTags = kit.TagCodec[trailtypes.Tag](func(t *trailtypes.Tag) (key, value **string) { return &t.Key, &t.Value })
