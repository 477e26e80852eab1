// Package ec2 holds the kinds of the network: the VPC and what is in it, and key pairs.
package ec2

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// What the kinds of EC2 share: tags, filters, tokens, and who sits in a subnet.

// Tags are tags as EC2 has them.
var Tags = kit.TagCodec[ec2types.Tag](func(t *ec2types.Tag) (key, value **string) { return &t.Key, &t.Value })

// Tagged is the tags of a create call: the resource is ours from its first moment.
func Tagged(s *provision.Step, what ec2types.ResourceType) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: what, Tags: Tags.To(s.Tags)}}
}

// Retag writes tags of anything in EC2.
func Retag[A any](id func(A) string) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		return kit.Do(ctx, s.API.EC2.CreateTags, &ec2.CreateTagsInput{Resources: []string{id(a)}, Tags: Tags.To(tags)})
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
		Want: kit.IDOf[D]("ec2/vpc", "vpc"),
		Have: func(a A) string { return aws.ToString(have(a)) },
		Fix:  "it cannot move to another VPC: give the VPC it is in its tags back, or delete it by hand; then run again",
	}
}

func ofEC2(s *provision.Step) awsapi.EC2 { return s.API.EC2 }
