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

// Untag takes tags from anything in EC2.
func Untag[A any](id func(A) string) func(context.Context, *provision.Step, A, []string) error {
	return func(ctx context.Context, s *provision.Step, a A, keys []string) error {
		gone := make([]ec2types.Tag, len(keys))
		for i := range keys {
			gone[i].Key = &keys[i] // whatever its value is
		}
		return kit.Do(ctx, s.API.EC2.DeleteTags, &ec2.DeleteTagsInput{Resources: []string{id(a)}, Tags: gone})
	}
}

// OfClient is a kind's List that asks for its resources only where some carry the client's
// tags, in looks to which nothing else matters: EC2 tells with one call of which types there
// are any.
func OfClient[A any](what ec2types.ResourceType, list func(context.Context, *provision.Sweep) ([]A, error)) func(context.Context, *provision.Sweep) ([]A, error) {
	return func(ctx context.Context, w *provision.Sweep) ([]A, error) {
		if w.OwnOnly() {
			some, err := taggedTypes(ctx, w)
			if err != nil || !some[what] {
				return nil, err
			}
		}
		return list(ctx, w)
	}
}

// taggedTypes are the types of what carries the tag of one of the look's clients.
func taggedTypes(ctx context.Context, w *provision.Sweep) (map[ec2types.ResourceType]bool, error) {
	return provision.Shared(w, "types in EC2", func() (map[ec2types.ResourceType]bool, error) {
		p := ec2.NewDescribeTagsPaginator(w.EC2, &ec2.DescribeTagsInput{Filters: []ec2types.Filter{filter("key", provision.TagClient), filter("value", w.Clients...)}})
		all, err := kit.All(ctx, p, func(o *ec2.DescribeTagsOutput) []ec2types.TagDescription { return o.Tags })
		some := map[ec2types.ResourceType]bool{}
		for _, tag := range all {
			some[tag.ResourceType] = true
		}
		return some, err
	})
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
	return kit.Immutable("VPC", kit.IDOf[D]("ec2/vpc", "vpc"), func(a A) string { return aws.ToString(have(a)) },
		"it cannot move to another VPC: give the VPC it is in its tags back, or delete it by hand; then run again")
}

func ofEC2(s *provision.Step) awsapi.EC2 { return s.API.EC2 }

// Lists that several kinds ask for, by filters; none means all.

func aclsBy(ctx context.Context, api awsapi.EC2, by ...ec2types.Filter) ([]ec2types.NetworkAcl, error) {
	p := ec2.NewDescribeNetworkAclsPaginator(api, &ec2.DescribeNetworkAclsInput{Filters: by})
	return kit.All(ctx, p, func(o *ec2.DescribeNetworkAclsOutput) []ec2types.NetworkAcl { return o.NetworkAcls })
}

func groupsBy(ctx context.Context, api awsapi.EC2, by ...ec2types.Filter) ([]ec2types.SecurityGroup, error) {
	p := ec2.NewDescribeSecurityGroupsPaginator(api, &ec2.DescribeSecurityGroupsInput{Filters: by})
	return kit.All(ctx, p, func(o *ec2.DescribeSecurityGroupsOutput) []ec2types.SecurityGroup { return o.SecurityGroups })
}

func subnetsBy(ctx context.Context, api awsapi.EC2, by ...ec2types.Filter) ([]ec2types.Subnet, error) {
	p := ec2.NewDescribeSubnetsPaginator(api, &ec2.DescribeSubnetsInput{Filters: by})
	return kit.All(ctx, p, func(o *ec2.DescribeSubnetsOutput) []ec2types.Subnet { return o.Subnets })
}

func nicsBy(ctx context.Context, api awsapi.EC2, by ...ec2types.Filter) ([]nic, error) {
	p := ec2.NewDescribeNetworkInterfacesPaginator(api, &ec2.DescribeNetworkInterfacesInput{Filters: by})
	return kit.All(ctx, p, func(o *ec2.DescribeNetworkInterfacesOutput) []nic { return o.NetworkInterfaces })
}

func isOurs(tags []ec2types.Tag) bool {
	return Tags.Of(tags)[provision.TagManagedBy] == provision.ManagedBy
}

// each makes a call of which the answer may say yes and still hold failures of single items.
func each(ctx context.Context, ids []string, call func(context.Context, []string) ([]ec2types.UnsuccessfulItem, error)) error {
	return kit.Items(ctx, ids, func(ctx context.Context, ids []string) ([]kit.Failure[string], error) {
		items, err := call(ctx, ids)
		var failed []kit.Failure[string]
		for _, item := range items {
			if item.Error != nil {
				id := aws.ToString(item.ResourceId)
				failed = append(failed, kit.Failure[string]{Item: id, Name: id, Code: aws.ToString(item.Error.Code), Message: aws.ToString(item.Error.Message)})
			}
		}
		return failed, err
	})
}
