package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
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
	gone     bool
}

// allEvents are the management events that a new trail records.
const allEvents = "reads and writes of all services"

// TrailKind is who did what in the account, in all regions. An organisation's trail
// does the same and more; a second copy of the events would be billed.
func TrailKind() *provision.Type {
	name := func(t *trail) string { return aws.ToString(t.Name) }
	update := trailChanges()
	return provision.Define(provision.Kind[string, *trail]{
		Name:   "cloudtrail/trail",
		ARN:    "cloudtrail:trail/",
		Levels: provision.AccountLevel,
		After:  provision.Ready("s3/bucket", "kms/key"), // CloudTrail tries whether it may write
		Want: func(s *provision.Scope) map[provision.Role]string {
			if s.OrganizationTrail != "" {
				return nil
			}
			return map[provision.Role]string{kit.TrailRole: rules.TrailName}
		},
		List:    listTrails,
		Hydrate: hydrateTrails,
		ID:      name,
		Tags:    func(t *trail) provision.Tags { return t.tags },
		State: func(t *trail) provision.State {
			if t.gone {
				return provision.Gone
			}
			return provision.Available
		},
		Key:   name,
		KeyOf: func(_ *provision.Scope, name string) string { return name },
		Create: func(ctx context.Context, s *provision.Step, name string) (*trail, error) {
			key, bucket, yes := s.ID("kms/key", kit.TrailRole), s.ID("s3/bucket", kit.TrailRole), aws.Bool(true)
			_, err := s.API.CloudTrail.CreateTrail(ctx, &cloudtrail.CreateTrailInput{
				Name: &name, S3BucketName: &bucket, KmsKeyId: &key, IsMultiRegionTrail: yes, IncludeGlobalServiceEvents: yes, EnableLogFileValidation: yes,
				TagsList: toTrailTags(s.Tags),
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
			in := &cloudtrail.UpdateTrailInput{Name: t.Name}
			kit.Fill(update, changed, s, name, t, in)
			_, err := s.API.CloudTrail.UpdateTrail(ctx, in)
			return err
		},
		Delete: func(ctx context.Context, s *provision.Step, t *trail) error {
			_, err := s.API.CloudTrail.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: t.Name})
			return err
		},
		Retag: func(ctx context.Context, s *provision.Step, t *trail, tags provision.Tags) error {
			_, err := s.API.CloudTrail.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: t.TrailARN, TagsList: toTrailTags(tags)})
			return err
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
					_, err := s.API.CloudTrail.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: t.Name, EventSelectors: []trailtypes.EventSelector{
						{ReadWriteType: trailtypes.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)},
					}})
					return err
				},
			},
			provision.Field[string, *trail]{
				Name: "logging",
				Want: func(*provision.Step, string) string { return "on" },
				Have: func(t *trail) string { return kit.OnOff(t.logging) },
				Set: func(ctx context.Context, s *provision.Step, _ string, t *trail) error {
					_, err := s.API.CloudTrail.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: t.Name})
					return err
				},
			},
		),
	})
}

type trailChange = kit.Change[string, *trail, cloudtrail.UpdateTrailInput]

// trailChanges are what one call of UpdateTrail changes.
func trailChanges() []trailChange {
	on := func(*provision.Step, string) string { return "on" }
	flag := func(name string, have func(*trail) *bool, put func(*cloudtrail.UpdateTrailInput)) trailChange {
		return trailChange{
			Name: name, Want: on, Have: func(t *trail) string { return kit.OnOff(aws.ToBool(have(t))) },
			Put: func(_ *provision.Step, _ string, _ *trail, in *cloudtrail.UpdateTrailInput) { put(in) },
		}
	}
	return []trailChange{
		{
			Name: "bucket",
			Want: func(s *provision.Step, _ string) string { return s.ID("s3/bucket", kit.TrailRole) },
			Have: func(t *trail) string {
				return strings.TrimSuffix(aws.ToString(t.S3BucketName)+"/"+aws.ToString(t.S3KeyPrefix), "/")
			},
			Put: func(s *provision.Step, _ string, _ *trail, in *cloudtrail.UpdateTrailInput) {
				in.S3BucketName, in.S3KeyPrefix = aws.String(s.ID("s3/bucket", kit.TrailRole)), aws.String("")
			},
		},
		{
			Name: "encryption key",
			Want: func(s *provision.Step, _ string) string { return s.ID("kms/key", kit.TrailRole) },
			Have: func(t *trail) string { return aws.ToString(t.KmsKeyId) },
			Put: func(s *provision.Step, _ string, _ *trail, in *cloudtrail.UpdateTrailInput) {
				in.KmsKeyId = aws.String(s.ID("kms/key", kit.TrailRole))
			},
		},
		flag("all regions", func(t *trail) *bool { return t.IsMultiRegionTrail }, func(in *cloudtrail.UpdateTrailInput) {
			in.IsMultiRegionTrail, in.IncludeGlobalServiceEvents = aws.Bool(true), aws.Bool(true) // the one does not go without the other
		}),
		flag("global services", func(t *trail) *bool { return t.IncludeGlobalServiceEvents }, func(in *cloudtrail.UpdateTrailInput) {
			in.IncludeGlobalServiceEvents = aws.Bool(true)
		}),
		flag("file validation", func(t *trail) *bool { return t.LogFileValidationEnabled }, func(in *cloudtrail.UpdateTrailInput) {
			in.EnableLogFileValidation = aws.Bool(true)
		}),
	}
}

// listTrails lists the trails whose home is here, and asks for the tags of those
// that have our name: few trails fit in an account.
func listTrails(ctx context.Context, w *provision.Sweep) iter.Seq2[*trail, error] {
	out, err := w.CloudTrail.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)})
	if err != nil {
		return kit.Replay[*trail](nil, err, kit.Same)
	}
	var all []*trail
	for _, t := range out.TrailList {
		all = append(all, &trail{Trail: t, tags: provision.Tags{}})
	}
	i := slices.IndexFunc(all, func(t *trail) bool { return aws.ToString(t.Name) == rules.TrailName })
	if i < 0 {
		return kit.Replay(all, nil, kit.Same)
	}
	p := cloudtrail.NewListTagsPaginator(w.CloudTrail, &cloudtrail.ListTagsInput{ResourceIdList: []string{aws.ToString(all[i].TrailARN)}})
	for r, err := range kit.Pages(ctx, p, func(o *cloudtrail.ListTagsOutput) []trailtypes.ResourceTag { return o.ResourceTagList }) {
		if awsapi.Is(err, awsapi.NotFound) {
			all[i].gone = true
			break
		}
		if err != nil {
			return kit.Replay(all, err, kit.Same)
		}
		for _, t := range r.TagsList {
			all[i].tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return kit.Replay(all, nil, kit.Same)
}

func hydrateTrails(ctx context.Context, w *provision.Sweep, all []*trail) error {
	return kit.Parallel(ctx, all, func(ctx context.Context, t *trail) error {
		status, err := w.CloudTrail.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: t.Name})
		if t.gone = awsapi.Is(err, awsapi.NotFound); t.gone || err != nil {
			return awsapi.IgnoreNotFound(err)
		}
		t.logging, t.failing = aws.ToBool(status.IsLogging), aws.ToString(status.LatestDeliveryError)
		if !aws.ToBool(t.HasCustomEventSelectors) {
			t.recorded = allEvents // as CloudTrail does by itself
			return nil
		}
		selectors, err := w.CloudTrail.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: t.Name})
		if err != nil {
			return err
		}
		t.recorded = eventsText(selectors)
		return nil
	})
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

func toTrailTags(tags provision.Tags) []trailtypes.Tag {
	out := make([]trailtypes.Tag, 0, len(tags))
	for k, v := range tags {
		out = append(out, trailtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return out
}
