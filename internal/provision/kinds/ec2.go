package kinds

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// What the kinds of EC2 share: tags, filters, tokens, and who sits in a subnet.

func ec2Tags(tags []ec2types.Tag) provision.Tags {
	out := provision.Tags{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

func toEC2Tags(tags provision.Tags) []ec2types.Tag {
	out := make([]ec2types.Tag, 0, len(tags))
	for k, v := range tags {
		out = append(out, ec2types.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return out
}

// tagged is the tags of a create call: the resource is ours from its first moment.
func tagged(s *provision.Step, what ec2types.ResourceType) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: what, Tags: toEC2Tags(s.Tags)}}
}

// retagEC2 writes tags of anything in EC2.
func retagEC2[A any](id func(A) string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		_, err := s.API.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id(a)}, Tags: toEC2Tags(tags)})
		return err
	}
}

func filter(name string, values ...string) ec2types.Filter {
	return ec2types.Filter{Name: aws.String(name), Values: values}
}

// shared collects all pages of a list that several kinds need, once a sweep.
func shared[Opt, Page, Item any](ctx context.Context, w *provision.Sweep, name string, p paginator[Opt, Page], items func(Page) []Item) ([]Item, error) {
	return provision.Shared(w, name, func() ([]Item, error) { return collect(pages(ctx, p, items)) })
}

// runToken is a client token for one run. EC2 remembers tokens for longer than
// what was made with them lives: one that the next run would use as well could be
// answered with something deleted by hand in between. What another run has made
// is therefore looked for instead, under the lease of keyless kinds.
func runToken(s *provision.Step, parts ...string) *string {
	return aws.String(s.Token(append(parts, s.Now.Format(time.RFC3339Nano))...))
}

// inVPC is the field of whatever must be in the region's VPC.
func inVPC[D, A any](have func(A) *string) provision.Field[D, A] {
	return provision.Field[D, A]{
		Name: "VPC",
		Want: func(s *provision.Step, _ D) string { return s.ID("ec2/vpc", "vpc") },
		Have: func(a A) string { return aws.ToString(have(a)) },
		Fix:  "it cannot move to another VPC: give the VPC it is in its tags back, or delete it by hand; then run again",
	}
}

// sameResource reports whether tags are those of the step's own resource.
func sameResource(s *provision.Step, tags provision.Tags) bool {
	return sameScope(s, tags) && tags[provision.TagRole] == s.Tags[provision.TagRole]
}

// sameScope reports whether the tags are those of the step's client, region or account.
func sameScope(s *provision.Step, tags provision.Tags) bool {
	for _, key := range []string{provision.TagManagedBy, provision.TagScope, provision.TagRegion, provision.TagClient} {
		if tags[key] != s.Tags[key] {
			return false
		}
	}
	return true
}

// owner says whose a resource is.
func owner(tags provision.Tags) string {
	switch {
	case tags[provision.TagManagedBy] != provision.ManagedBy && tags[provision.TagName] != "":
		return "named " + tags[provision.TagName] + ", not made by cicdctl"
	case tags[provision.TagManagedBy] != provision.ManagedBy:
		return "not made by cicdctl"
	case tags[provision.TagClient] != "":
		return "of client " + tags[provision.TagClient]
	default:
		return "of the " + tags[provision.TagScope]
	}
}

// unseen is the error for what exists and AWS does not show yet; it is tried again.
func unseen(what string) error {
	return &smithy.GenericAPIError{Code: "NotFound", Message: "AWS does not show " + what + " yet"}
}

// busy is an error that AWS would give later on only.
func busy(code, why string) error { return &smithy.GenericAPIError{Code: code, Message: why} }

// ignoreCode returns nil for an error with the code.
func ignoreCode(err error, code string) error {
	if awsapi.Code(err) == code {
		return nil
	}
	return err
}
