package cloud

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Look tells what a client has, and through which addresses it reaches the internet. It reads
// only what is told of it, and compares nothing; s is the client's spec, or nil.
func (o *Operator) Look(ctx context.Context, client, region string, s *spec.Spec) ([]provision.Held, error) {
	scopes, err := o.scopesOf(ctx, client, region, s)
	if err != nil {
		return nil, err
	}
	shared, own := scopes[1:2], scopes[2:]
	gateways := slices.DeleteFunc(slices.Clone(o.Types), func(t *provision.Type) bool { return t.Name != "ec2/nat-gateway" })
	var held, ways []provision.Held
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		index, err := tagsOf(ctx, o.Factory.Set(region), client)
		if err == nil {
			held, err = provision.Look(ctx, o.Types, provision.Request{Scopes: own, Index: map[string]map[string]provision.Tags{region: index}})
		}
		return err
	})
	g.Go(func() (err error) {
		ways, err = provision.Look(ctx, gateways, provision.Request{Scopes: shared})
		return err
	})
	err = g.Wait()
	return append(held, ways...), err
}

// scopesOf are the account, the region, and the client with its spec, or nil.
func (o *Operator) scopesOf(ctx context.Context, client, region string, s *spec.Spec) ([]*provision.Scope, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	shared := o.Within(account, provision.RegionLevel, region, "")
	own := o.Within(shared, provision.ClientLevel, region, client)
	own.Spec = s
	return []*provision.Scope{account, shared, own}, nil
}

// toldTypes are those types of resources of which a look tells something, and whose services tell
// tags only one at a time.
var toldTypes = []string{
	"acm", "application-autoscaling", "cloudwatch:alarm", "ecr:repository", "ecs:service", "elasticloadbalancing", "kms:key",
	"logs:log-group", "s3", "scheduler:schedule-group", "sns", "sqs",
}

// tagsOf are the tags of what carries a client's, by ARN, as AWS's tagging service tells them.
// It hears of changes late: what it does not tell is asked of the services.
func tagsOf(ctx context.Context, api *awsapi.Set, client string) (map[string]provision.Tags, error) {
	filter := func(key, value string) taggingtypes.TagFilter {
		return taggingtypes.TagFilter{Key: &key, Values: []string{value}}
	}
	out := map[string]provision.Tags{}
	for p := resourcegroupstaggingapi.NewGetResourcesPaginator(api.Tagging, &resourcegroupstaggingapi.GetResourcesInput{
		ResourceTypeFilters: toldTypes,
		ResourcesPerPage:    aws.Int32(100), // the most (API reference, GetResources)
		TagFilters:          []taggingtypes.TagFilter{filter(provision.TagManagedBy, provision.ManagedBy), filter(provision.TagClient, client)},
	}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.ResourceTagMappingList {
			tags := provision.Tags{}
			for _, tag := range r.Tags {
				tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			out[strings.TrimSuffix(aws.ToString(r.ResourceARN), ":*")] = tags
		}
	}
	return out, nil
}
