package kinds

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// What the kinds of EC2 share: tags, filters, and who sits in a subnet.

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

// occupants names the network interfaces that keep a subnet or a group from
// being deleted, and who owns them.
func occupants(ctx context.Context, s *provision.Step, by ec2types.Filter) (string, error) {
	p := ec2.NewDescribeNetworkInterfacesPaginator(s.API.EC2, &ec2.DescribeNetworkInterfacesInput{Filters: []ec2types.Filter{by}})
	var who []string
	for eni, err := range pages(ctx, p, func(o *ec2.DescribeNetworkInterfacesOutput) []ec2types.NetworkInterface { return o.NetworkInterfaces }) {
		if err != nil {
			return "", err
		}
		text := fmt.Sprintf("%s (%s", aws.ToString(eni.NetworkInterfaceId), eni.InterfaceType)
		if d := aws.ToString(eni.Description); d != "" {
			text += ", " + d
		}
		if r := aws.ToString(eni.RequesterId); r != "" {
			text += ", owned by " + r
		}
		who = append(who, text+")")
	}
	return strings.Join(who, ", "), nil
}
