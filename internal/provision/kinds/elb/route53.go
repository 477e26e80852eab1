package elb

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// Hosted zones are made by people, and so are most of their records: cicdctl puts its
// own into those whose tags say that it may.

// hostedZone is a public zone of the account.
type hostedZone struct {
	id, name string // "Z1", "shop.example"
	ours     bool   // carries cicdctl's tags
	client   string // whose domains it is for; empty for everybody's
}

// zoneTagBatch is how many zones ListTagsForResources takes (API reference).
const zoneTagBatch = 10

// hostedZones lists the account's public zones.
func hostedZones(ctx context.Context, api awsapi.Route53) ([]hostedZone, error) {
	p := route53.NewListHostedZonesPaginator(api, &route53.ListHostedZonesInput{})
	names := map[string]string{}
	var ids []string
	listed, err := kit.All(ctx, p, func(o *route53.ListHostedZonesOutput) []route53types.HostedZone { return o.HostedZones })
	if err != nil {
		return nil, err
	}
	for _, z := range listed {
		if z.Config != nil && z.Config.PrivateZone {
			continue
		}
		id := strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/")
		ids = append(ids, id)
		names[id] = strings.TrimSuffix(aws.ToString(z.Name), ".")
	}
	var zones []hostedZone
	for batch := range slices.Chunk(ids, zoneTagBatch) {
		out, err := api.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{ResourceType: route53types.TagResourceTypeHostedzone, ResourceIds: batch})
		if err != nil {
			return nil, err
		}
		for _, set := range out.ResourceTagSets {
			tags := route53Tags.Of(set.Tags)
			id := aws.ToString(set.ResourceId)
			zones = append(zones, hostedZone{id, names[id], tags[provision.TagManagedBy] == provision.ManagedBy, tags[provision.TagClient]})
		}
	}
	return zones, nil
}

// zoneFor is the ID of the zone that a client's domain is in, which is the nearest
// one; empty unless its tags say that cicdctl may put records for the client there.
func zoneFor(zones []hostedZone, domain, client string) string {
	nearest, ours := "", ""
	for _, z := range zones {
		within := domain == z.name || strings.HasSuffix(domain, "."+z.name)
		if !within || len(z.name) < len(nearest) {
			continue
		}
		if len(z.name) > len(nearest) {
			nearest, ours = z.name, ""
		}
		if z.ours && (z.client == "" || z.client == client) {
			ours = z.id
		}
	}
	return ours
}

// findRecord reports whether a zone has the record that AWS wants to see for a certificate.
func findRecord(ctx context.Context, api awsapi.Route53, zone string, want *acmtypes.ResourceRecord) (bool, error) {
	out, err := api.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
		HostedZoneId: &zone, StartRecordName: want.Name, StartRecordType: route53types.RRType(want.Type), MaxItems: aws.Int32(1),
	})
	if err != nil {
		return false, awsapi.IgnoreNotFound(err) // the zone was deleted meanwhile
	}
	return slices.ContainsFunc(out.ResourceRecordSets, func(r route53types.ResourceRecordSet) bool {
		holds := slices.ContainsFunc(r.ResourceRecords, func(v route53types.ResourceRecord) bool {
			return sameName(aws.ToString(v.Value), aws.ToString(want.Value))
		})
		return r.Type == route53types.RRType(want.Type) && sameName(aws.ToString(r.Name), aws.ToString(want.Name)) && holds
	}), nil
}

// sameName compares two names as DNS does: without regard to case and to the last dot.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// putRecord puts it, in the place of another with the same name, which is of no use.
func putRecord(ctx context.Context, api awsapi.Route53, zone string, want *acmtypes.ResourceRecord) error {
	_, err := api.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zone, ChangeBatch: &route53types.ChangeBatch{
		Changes: []route53types.Change{{Action: route53types.ChangeActionUpsert, ResourceRecordSet: &route53types.ResourceRecordSet{
			Name: want.Name, Type: route53types.RRType(want.Type), TTL: aws.Int64(300), ResourceRecords: []route53types.ResourceRecord{{Value: want.Value}},
		}}},
	}})
	return err
}

// route53Tags are tags as Route 53 has them.
var route53Tags = kit.TagCodec[route53types.Tag](func(t *route53types.Tag) (key, value **string) { return &t.Key, &t.Value })
