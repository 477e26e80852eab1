// Package ec2 holds the kinds of the network: the VPC and what is in it, and key pairs.
package ec2

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// What the kinds of EC2 share: tags, filters, tokens, and who sits in a subnet.

// TagsOf are the tags of anything in EC2.
func TagsOf(tags []ec2types.Tag) provision.Tags {
	out := provision.Tags{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

// ToTags are tags as EC2 takes them.
func ToTags(tags provision.Tags) []ec2types.Tag {
	out := make([]ec2types.Tag, 0, len(tags))
	for k, v := range tags {
		out = append(out, ec2types.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return out
}

// Tagged is the tags of a create call: the resource is ours from its first moment.
func Tagged(s *provision.Step, what ec2types.ResourceType) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: what, Tags: ToTags(s.Tags)}}
}

// Retag writes tags of anything in EC2.
func Retag[A any](id func(A) string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		_, err := s.API.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id(a)}, Tags: ToTags(tags)})
		return err
	}
}

func filter(name string, values ...string) ec2types.Filter {
	return ec2types.Filter{Name: aws.String(name), Values: values}
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
