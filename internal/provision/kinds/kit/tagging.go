package kit

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// taggedOne is a resource whose service tells its tags only one at a time.
type taggedOne interface {
	ARN() string
	SetTags(provision.Tags)
	// likely says that it looks like one of ours, apart from its tags.
	Likely() bool
}

// ReadTags reads the tags of many resources with one call of AWS's tagging service,
// which a sweep makes once. That service may not have heard of what was made a
// moment ago: what looks like ours and is not shown there is asked about at its own
// service, by ask.
func ReadTags[A taggedOne](ctx context.Context, w *provision.Sweep, all []A, ask func(context.Context, A) (provision.Tags, error)) error {
	if len(all) == 0 {
		return nil
	}
	shown, err := ShownTags(ctx, w)
	if err != nil {
		return err
	}
	var unseen []A
	for _, a := range all {
		switch tags, there := shown[a.ARN()]; {
		case there:
			a.SetTags(tags)
		case a.Likely():
			unseen = append(unseen, a)
		}
	}
	return Parallel(ctx, unseen, func(ctx context.Context, a A) error {
		tags, err := ask(ctx, a)
		if err == nil {
			a.SetTags(tags)
		}
		return awsapi.IgnoreNotFound(err) // gone since, and without tags nobody's
	})
}

// filterValues is how many values a filter of GetResources takes ("each key can include up
// to 20 values": Resource Groups Tagging API reference, GetResources, TagFilters).
const filterValues = 20

// ShownTags are the tags of what cicdctl made, by ARN, as far as the tagging service knows:
// of topics, alarms, certificates, keys, log groups, and subscriptions to events. It goes on
// telling for hours of what is gone, so that only tags of what was listed count.
func ShownTags(ctx context.Context, w *provision.Sweep) (map[string]provision.Tags, error) {
	if w.Index != nil {
		return w.Index, nil
	}
	return provision.Shared(w, "tags", func() (map[string]provision.Tags, error) {
		out := map[string]provision.Tags{}
		if len(w.Clients) == 0 && (w.Levels == 0 || w.Levels&provision.ClientLevel != 0) {
			return out, addShown(ctx, w, provision.TagClient, nil, out)
		}
		if w.Shares() {
			shared := []string{provision.AccountLevel.String(), provision.RegionLevel.String()}
			if err := addShown(ctx, w, provision.TagScope, shared, out); err != nil {
				return nil, err
			}
		}
		for clients := range slices.Chunk(w.Clients, filterValues) {
			if err := addShown(ctx, w, provision.TagClient, clients, out); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// addShown adds what the tagging service knows with some values of a tag; of everybody without
// any.
func addShown(ctx context.Context, w *provision.Sweep, tag string, values []string, out map[string]provision.Tags) error {
	in := &resourcegroupstaggingapi.GetResourcesInput{
		ResourceTypeFilters: []string{"sns", "cloudwatch:alarm", "acm:certificate", "kms:key", "logs:log-group", "rds:es"}, ResourcesPerPage: aws.Int32(100),
		TagFilters: []taggingtypes.TagFilter{{Key: aws.String(provision.TagManagedBy), Values: []string{provision.ManagedBy}}},
	}
	if len(values) > 0 {
		in.TagFilters = append(in.TagFilters, taggingtypes.TagFilter{Key: &tag, Values: values})
	}
	p := resourcegroupstaggingapi.NewGetResourcesPaginator(w.Tagging, in)
	listed, err := All(ctx, p, func(o *resourcegroupstaggingapi.GetResourcesOutput) []taggingtypes.ResourceTagMapping {
		return o.ResourceTagMappingList
	})
	if err != nil {
		return err
	}
	for _, r := range listed {
		out[aws.ToString(r.ResourceARN)] = shownTag.Of(r.Tags)
	}
	return nil
}

// shownTag is how the tagging service has tags.
var shownTag = TagCodec[taggingtypes.Tag](func(t *taggingtypes.Tag) (key, value **string) { return &t.Key, &t.Value })
