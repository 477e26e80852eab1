package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	ecskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/ecs"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Unit is a service of the spec in one of its environments.
type Unit struct {
	Client  string   `json:"client"`
	Region  string   `json:"region"`
	App     string   `json:"app"`
	Service string   `json:"service"`
	Env     spec.Env `json:"env"`

	runtime spec.Runtime
	account string
	api     *awsapi.Set
	pace    time.Duration
}

// String is "shop/web in prod".
func (u Unit) String() string { return u.App + "/" + u.Service + " in " + string(u.Env) }

func (u Unit) cluster() *string   { return aws.String(rules.ClusterName(u.Client)) }
func (u Unit) name() string       { return rules.ServiceName(u.App, u.Service, u.Env) }
func (u Unit) family() string     { return rules.TaskFamily(u.Client, u.App, u.Service, u.Env) }
func (u Unit) repository() string { return rules.RepositoryName(u.Client, u.App, u.Service) }

// in is the same service in another environment.
func (u Unit) in(env spec.Env) Unit {
	u.Env = env
	return u
}

// command is a deploy command about the unit.
func (u Unit) command(verb string, more ...string) string {
	words := append([]string{"cicdctl deploy", verb, u.Client, u.App + "/" + u.Service, "--env", string(u.Env)}, more...)
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// missing refuses for want of something that client create makes.
func (u Unit) missing(what string) error {
	return &GuardError{fmt.Sprintf("%s has no %s for %s: cicdctl client create %s makes it", u.Client, what, u, u.Client)}
}

func (u Unit) foreign(what string) error {
	return &GuardError{fmt.Sprintf("%s does not carry the tags of %s's %s: it is not cicdctl's to deploy", what, u.Client, u)}
}

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

	definition ecstypes.TaskDefinition
	tags       provision.Tags
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

// revision reads the newest revision of a family, or a given one.
func (u Unit) revision(ctx context.Context, familyOrARN string) (*Revision, error) {
	out, err := u.api.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &familyOrARN, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	if err != nil {
		return nil, err
	}
	return u.read(out.TaskDefinition, out.Tags), nil
}

func (u Unit) read(t *ecstypes.TaskDefinition, tags []ecstypes.Tag) *Revision {
	r := &Revision{
		Number: t.Revision, ARN: aws.ToString(t.TaskDefinitionArn), Registered: moment(t.RegisteredAt), By: aws.ToString(t.RegisteredBy), definition: *t, tags: provision.Tags{},
	}
	_, r.Name, _ = strings.Cut(r.ARN, "/")
	for _, tag := range tags {
		r.tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	r.Tag, r.Accepted = r.tags[provision.TagImage], r.tags[provision.TagAccepted]
	r.Deployed, r.Withdrawn = timeTag(r.tags, provision.TagDeployed), timeTag(r.tags, provision.TagWithdrawn)
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
	return moment(&at)
}

// owns reports whether a revision is the unit's own, by its tags.
func (u Unit) owns(r *Revision) bool {
	return ours(r.tags, u.Client, u.Region) && r.tags[provision.TagRole] == u.name()
}

// newest reads the newest revision, which decides whose the family is.
func (u Unit) newest(ctx context.Context) (*Revision, error) {
	r, err := u.revision(ctx, u.family())
	switch {
	case awsapi.Is(err, awsapi.NotFound):
		return nil, u.missing("task definition (" + u.family() + ")")
	case err == nil && !u.owns(r):
		return nil, u.foreign("the newest task definition " + r.Name)
	}
	return r, err
}

// describesAtOnce is how many revisions are asked for at a time: AWS describes them
// one by one.
const describesAtOnce = 8

// sightings is how many looks something new may take to be found.
const sightings = 10

// history reads the unit's own revisions that were made for a deploy, the newest
// first, at most limit of them.
func (u Unit) history(ctx context.Context, limit int) ([]*Revision, error) {
	var arns []string
	in := &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String(u.family()), Status: ecstypes.TaskDefinitionStatusActive, Sort: ecstypes.SortOrderDesc}
	for p := ecs.NewListTaskDefinitionsPaginator(u.api.ECS, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the revisions of %s: %w", u.family(), err)
		}
		for _, arn := range page.TaskDefinitionArns {
			if strings.Contains(arn, "/"+u.family()+":") {
				arns = append(arns, arn)
			}
		}
	}
	arns = arns[:min(len(arns), limit)]
	all := make([]*Revision, len(arns))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(describesAtOnce)
	for i, arn := range arns {
		g.Go(func() (err error) {
			all[i], err = u.revision(ctx, arn)
			return awsapi.IgnoreNotFound(err) // deleted meanwhile
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r *Revision) bool { return r == nil || !u.owns(r) || r.none() })
	slices.SortFunc(all, func(a, b *Revision) int { return int(b.Number - a.Number) })
	return all, nil
}

// withImage is a revision like base that runs another image.
func (u Unit) withImage(base *Revision, image string) ecstypes.TaskDefinition {
	t := base.definition
	t.ContainerDefinitions = slices.Clone(t.ContainerDefinitions)
	for i := range t.ContainerDefinitions {
		if aws.ToString(t.ContainerDefinitions[i].Name) == u.Service {
			t.ContainerDefinitions[i].Image = &image
		}
	}
	return t
}

// sameButImage reports whether two revisions differ in nothing but the image.
func (u Unit) sameButImage(a, b *Revision) bool {
	canonical := func(r *Revision) string {
		raw, err := json.Marshal(ecskinds.Registration(u.withImage(r, ""), nil))
		if err != nil {
			return r.ARN // like no other
		}
		return string(raw)
	}
	return canonical(a) == canonical(b)
}

// register makes the revision that runs an image and is like base otherwise. An
// answer that was lost is looked for before anything is registered again.
func (u Unit) register(ctx context.Context, base *Revision, image *DeployImage, accepted string) (*Revision, error) {
	tags := maps.Clone(base.tags)
	maps.DeleteFunc(tags, func(key, _ string) bool {
		return strings.HasPrefix(key, "aws:") || slices.Contains([]string{provision.TagImage, provision.TagAccepted, provision.TagDeployed, provision.TagWithdrawn}, key)
	})
	if image.Tag != "" {
		tags[provision.TagImage] = image.Tag
	}
	if accepted != "" {
		tags[provision.TagAccepted] = accepted
	}
	out, err := u.api.ECS.RegisterTaskDefinition(ctx, ecskinds.Registration(u.withImage(base, image.URI), tags))
	if err == nil {
		return u.read(out.TaskDefinition, out.Tags).tagged(tags), nil
	}
	if ctx.Err() == nil {
		if newest, lookErr := u.newest(ctx); lookErr == nil && newest.Digest == image.Digest && newest.Number > base.Number {
			return newest, nil
		}
	}
	return nil, err
}

// tagged is the revision with tags that an answer left out.
func (r *Revision) tagged(tags provision.Tags) *Revision {
	r.tags = tags
	r.Tag, r.Accepted = tags[provision.TagImage], tags[provision.TagAccepted]
	return r
}

// remark writes a tag of a revision.
func (u Unit) remark(ctx context.Context, r *Revision, key, value string) error {
	_, err := u.api.ECS.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: &r.ARN, Tags: []ecstypes.Tag{{Key: &key, Value: &value}}})
	if err != nil {
		return fmt.Errorf("write the tag %s of %s: %w", key, r.Name, err)
	}
	r.tags[key] = value
	r.Accepted, r.Deployed, r.Withdrawn = r.tags[provision.TagAccepted], timeTag(r.tags, provision.TagDeployed), timeTag(r.tags, provision.TagWithdrawn)
	return nil
}
