package deploy

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	ecskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/ecs"
)

// Revision is a revision of a unit's task definition.
type Revision struct {
	Name       string     `json:"revision"` // "acme-shop-web-prod:7"
	Number     int32      `json:"number"`
	ARN        string     `json:"arn"`
	Image      string     `json:"image"`
	Digest     string     `json:"digest"` // of the image; empty when it is named by a tag
	Tag        string     `json:"tag,omitempty"`
	Accepted   string     `json:"accepted_findings,omitempty"`
	Registered *time.Time `json:"registered,omitempty"`
	By         string     `json:"by,omitempty"`        // ARN of who registered it
	Deployed   *time.Time `json:"deployed,omitempty"`  // when all its tasks ran, the last time
	Withdrawn  *time.Time `json:"withdrawn,omitempty"` // when it was taken back, by AWS or by an operator
	State      string     `json:"state,omitempty"`

	Definition ecstypes.TaskDefinition `json:"-"`
	Tags       provision.Tags          `json:"-"`
}

// none reports whether it is what a service has before its first deploy.
func (r *Revision) none() bool { return strings.HasSuffix(r.Image, ":"+ecskinds.NoImage) }

// withdrawn reports whether it was taken back and has not run since.
func (r *Revision) withdrawn() bool {
	return r.Withdrawn != nil && (r.Deployed == nil || !r.Withdrawn.Before(*r.Deployed))
}

// what is the image as people call it: "v1.4.2 (sha256:1f2e3d4c5b6a)".
func (r *Revision) what() string {
	switch {
	case r.none():
		return "nothing"
	case r.Digest == "":
		return r.Image
	default:
		return imageText(r.Tag, r.Digest)
	}
}

// imageText is an image as people call it.
func imageText(tag, digest string) string {
	short := digest[:min(len(digest), len("sha256:")+12)]
	if tag == "" {
		return short
	}
	return tag + " (" + short + ")"
}

// ReadRevision reads the newest revision of a family, or a given one.
func ReadRevision(ctx context.Context, u cloud.Unit, familyOrARN string) (*Revision, error) {
	out, err := u.API.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &familyOrARN, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	if err != nil {
		return nil, err
	}
	return parseRevision(u, out.TaskDefinition, out.Tags), nil
}

func parseRevision(u cloud.Unit, t *ecstypes.TaskDefinition, tags []ecstypes.Tag) *Revision {
	r := &Revision{
		Number: t.Revision, ARN: aws.ToString(t.TaskDefinitionArn), Registered: cloud.Moment(t.RegisteredAt), By: aws.ToString(t.RegisteredBy), Definition: *t, Tags: provision.Tags{},
	}
	_, r.Name, _ = strings.Cut(r.ARN, "/")
	for _, tag := range tags {
		r.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	r.Tag, r.Accepted = r.Tags[provision.TagImage], r.Tags[provision.TagAccepted]
	r.Deployed, r.Withdrawn = timeTag(r.Tags, provision.TagDeployed), timeTag(r.Tags, provision.TagWithdrawn)
	for _, c := range t.ContainerDefinitions {
		if aws.ToString(c.Name) == u.Service {
			r.Image = aws.ToString(c.Image)
			_, r.Digest, _ = strings.Cut(r.Image, "@")
		}
	}
	return r
}

// timeTag is the moment that a tag names; nil when there is none, or nonsense.
func timeTag(tags provision.Tags, key string) *time.Time {
	at, err := time.Parse(time.RFC3339, tags[key])
	if err != nil {
		return nil
	}
	return cloud.Moment(&at)
}

// ownsRevision reports whether a revision is the unit's own, by its tags.
func ownsRevision(u cloud.Unit, r *Revision) bool {
	return cloud.Ours(r.Tags, u.Client, u.Region) && r.Tags[provision.TagRole] == u.Name()
}

// NewestRevision reads the newest revision, which decides whose the family is.
func NewestRevision(ctx context.Context, u cloud.Unit) (*Revision, error) {
	r, err := ReadRevision(ctx, u, u.Family())
	switch {
	case awsapi.Is(err, awsapi.NotFound):
		return nil, u.Missing(lang.Sprintf("task definition (%s)", u.Family()))
	case err == nil && !ownsRevision(u, r):
		return nil, u.Foreign(lang.Sprintf("the newest task definition %s", r.Name))
	}
	return r, err
}

// revisions reads the unit's own revisions that were made for a deploy, the newest
// first, at most limit of them.
func revisions(ctx context.Context, u cloud.Unit, limit int) ([]*Revision, error) {
	return revisionsSince(ctx, u, limit, nil)
}

// revisionsSince is revisions, without those that were registered before a time where there is
// one: once one of them was read, the older ones are not asked for.
func revisionsSince(ctx context.Context, u cloud.Unit, limit int, since *time.Time) ([]*Revision, error) {
	var arns []string
	in := &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String(u.Family()), Status: ecstypes.TaskDefinitionStatusActive, Sort: ecstypes.SortOrderDesc}
	for p := ecs.NewListTaskDefinitionsPaginator(u.API.ECS, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, lang.Errorf("list the revisions of %s: %w", u.Family(), err)
		}
		for _, arn := range page.TaskDefinitionArns {
			if strings.Contains(arn, "/"+u.Family()+":") {
				arns = append(arns, arn)
			}
		}
	}
	arns = arns[:min(len(arns), limit)]
	atOnce := limit
	if since != nil {
		atOnce = cloud.DescribesAtOnce
	}
	old := func(r *Revision) bool {
		return r != nil && since != nil && r.Registered != nil && r.Registered.Before(*since)
	}
	var all []*Revision
	for some := range slices.Chunk(arns, max(atOnce, 1)) {
		read, err := readRevisions(ctx, u, some)
		if err != nil {
			return nil, err
		}
		if all = append(all, read...); slices.ContainsFunc(read, old) {
			break
		}
	}
	all = slices.DeleteFunc(all, func(r *Revision) bool { return r == nil || !ownsRevision(u, r) || r.none() || old(r) })
	slices.SortFunc(all, func(a, b *Revision) int { return int(b.Number - a.Number) })
	return all, nil
}

// readRevisions reads several; one that was deleted meanwhile is nil.
func readRevisions(ctx context.Context, u cloud.Unit, arns []string) ([]*Revision, error) {
	all := make([]*Revision, len(arns))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cloud.DescribesAtOnce)
	for i, arn := range arns {
		g.Go(func() (err error) {
			all[i], err = ReadRevision(ctx, u, arn)
			return awsapi.IgnoreNotFound(err)
		})
	}
	return all, g.Wait()
}

// withImage is a revision like base that runs another image.
func withImage(u cloud.Unit, base *Revision, image string) ecstypes.TaskDefinition {
	t := base.Definition
	t.ContainerDefinitions = slices.Clone(t.ContainerDefinitions)
	for i := range t.ContainerDefinitions {
		if aws.ToString(t.ContainerDefinitions[i].Name) == u.Service {
			t.ContainerDefinitions[i].Image = &image
		}
	}
	return t
}

// SameButImage reports whether two revisions differ in nothing but the image.
func SameButImage(u cloud.Unit, a, b *Revision) bool {
	canonical := func(r *Revision) string {
		raw, err := json.Marshal(ecskinds.Registration(withImage(u, r, ""), nil))
		if err != nil {
			return r.ARN // like no other
		}
		return string(raw)
	}
	return canonical(a) == canonical(b)
}

// registerRevision makes the revision that runs an image and is like base otherwise. An
// answer that was lost is looked for before anything is registered again.
func registerRevision(ctx context.Context, u cloud.Unit, base *Revision, image *DeployImage, accepted string) (*Revision, error) {
	tags := maps.Clone(base.Tags)
	maps.DeleteFunc(tags, func(key, _ string) bool {
		return strings.HasPrefix(key, "aws:") || slices.Contains([]string{provision.TagImage, provision.TagAccepted, provision.TagDeployed, provision.TagWithdrawn}, key)
	})
	if image.Tag != "" {
		tags[provision.TagImage] = image.Tag
	}
	if accepted != "" {
		tags[provision.TagAccepted] = accepted
	}
	out, err := u.API.ECS.RegisterTaskDefinition(ctx, ecskinds.Registration(withImage(u, base, image.URI), tags))
	if err == nil {
		return parseRevision(u, out.TaskDefinition, out.Tags).tagged(tags), nil
	}
	if ctx.Err() == nil {
		if newest, lookErr := NewestRevision(ctx, u); lookErr == nil && newest.Digest == image.Digest && newest.Number > base.Number {
			return newest, nil
		}
	}
	return nil, err
}

// tagged is the revision with tags that an answer left out.
func (r *Revision) tagged(tags provision.Tags) *Revision {
	r.Tags = tags
	r.Tag, r.Accepted = tags[provision.TagImage], tags[provision.TagAccepted]
	return r
}

// tagRevision writes a tag of a revision.
func tagRevision(ctx context.Context, u cloud.Unit, r *Revision, key, value string) error {
	_, err := u.API.ECS.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: &r.ARN, Tags: []ecstypes.Tag{{Key: &key, Value: &value}}})
	if err != nil {
		return lang.Errorf("write the tag %s of %s: %w", key, r.Name, err)
	}
	r.Tags[key] = value
	r.Accepted, r.Deployed, r.Withdrawn = r.Tags[provision.TagAccepted], timeTag(r.Tags, provision.TagDeployed), timeTag(r.Tags, provision.TagWithdrawn)
	return nil
}
