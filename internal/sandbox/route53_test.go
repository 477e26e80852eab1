package sandbox

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

func cname(name, value string) *types.ResourceRecordSet {
	return &types.ResourceRecordSet{Name: &name, Type: types.RRTypeCname, TTL: aws.Int64(300), ResourceRecords: []types.ResourceRecord{{Value: &value}}}
}

func address(name, value string) *types.ResourceRecordSet {
	r := cname(name, value)
	r.Type = types.RRTypeA
	return r
}

func alias(name, zone, target string) *types.ResourceRecordSet {
	return &types.ResourceRecordSet{Name: &name, Type: types.RRTypeA, AliasTarget: &types.AliasTarget{HostedZoneId: &zone, DNSName: &target}}
}

// changes is a batch that does the same with all records.
func changes(zone string, action types.ChangeAction, records ...*types.ResourceRecordSet) *route53.ChangeResourceRecordSetsInput {
	in := &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: []types.Change{}}}
	for _, r := range records {
		in.ChangeBatch.Changes = append(in.ChangeBatch.Changes, types.Change{Action: action, ResourceRecordSet: r})
	}
	return in
}

// Each row is one call on the zone acme.example with a CNAME "www".
func TestZoneRefusals(t *testing.T) {
	t.Parallel()
	c := newCertificates(t, Options{})
	zone := c.zone("acme.example")
	c.write(zone, "www.acme.example", "shop.example")
	change := func(action types.ChangeAction, records ...*types.ResourceRecordSet) func() error {
		return func() error {
			_, err := c.api.Route53.ChangeResourceRecordSets(t.Context(), changes(zone, action, records...))
			return err
		}
	}
	tags := func(kind types.TagResourceType, ids ...string) func() error {
		return func() error {
			_, err := c.api.Route53.ListTagsForResources(t.Context(), &route53.ListTagsForResourcesInput{ResourceType: kind, ResourceIds: ids})
			return err
		}
	}
	const create, remove, upsert = types.ChangeActionCreate, types.ChangeActionDelete, types.ChangeActionUpsert
	tests := map[string]struct {
		refusal
		class awsapi.Class
	}{
		"a record that is there":                     {refusal{change(create, cname("WWW.acme.example.", "other.example")), "InvalidChangeBatch"}, awsapi.Exists},
		"deleting a record that is not there":        {refusal{change(remove, cname("ftp.acme.example", "shop.example")), "InvalidChangeBatch"}, awsapi.NotFound},
		"deleting a record that says something else": {refusal{change(remove, cname("www.acme.example", "other.example")), "InvalidChangeBatch"}, awsapi.Unknown},
		"a record of another domain":                 {refusal{change(upsert, cname("www.globex.example", "shop.example")), "InvalidChangeBatch"}, awsapi.Unknown},
		"a record whose domain only ends alike":      {refusal{change(upsert, cname("www.big-acme.example", "shop.example")), "InvalidChangeBatch"}, awsapi.Unknown},
		"a CNAME for the zone itself":                {refusal{change(upsert, cname("acme.example", "shop.example")), "InvalidChangeBatch"}, awsapi.Unknown},
		"an address beside a CNAME":                  {refusal{change(upsert, address("www.acme.example", "192.0.2.1")), "InvalidChangeBatch"}, awsapi.Unknown},
		"an address that is none":                    {refusal{change(upsert, address("ftp.acme.example", "192.0.2.256")), "InvalidChangeBatch"}, awsapi.Unknown},
		"an alias that leads nowhere":                {refusal{change(upsert, alias("ftp.acme.example", zone, "nowhere.acme.example")), "InvalidChangeBatch"}, awsapi.Unknown},
		"an alias with a zone of another service":    {refusal{change(upsert, alias("ftp.acme.example", "Z2FDTNDATAQYW2", "web-1.eu-west-3.elb.amazonaws.com")), "InvalidChangeBatch"}, awsapi.Unknown},
		"a record without a value":                   {refusal{change(upsert, &types.ResourceRecordSet{Name: aws.String("ftp.acme.example"), Type: types.RRTypeA}), "InvalidInput"}, awsapi.Unknown},
		"a batch without changes":                    {refusal{change(upsert), "InvalidInput"}, awsapi.Unknown},
		"a zone that is not there": {refusal{func() error {
			_, err := c.api.Route53.ListResourceRecordSets(t.Context(), &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String("Z0")})
			return err
		}, "NoSuchHostedZone"}, awsapi.NotFound},
		"a start type without a start name": {refusal{func() error {
			_, err := c.api.Route53.ListResourceRecordSets(t.Context(), &route53.ListResourceRecordSetsInput{HostedZoneId: &zone, StartRecordType: types.RRTypeA})
			return err
		}, "InvalidInput"}, awsapi.Unknown},
		"tags of 11 zones":                  {refusal{tags(types.TagResourceTypeHostedzone, slices.Repeat([]string{zone}, 11)...), "InvalidInput"}, awsapi.Unknown},
		"tags of a zone by its path":        {refusal{tags(types.TagResourceTypeHostedzone, "/hostedzone/"+zone), "NoSuchHostedZone"}, awsapi.NotFound},
		"tags of something that is no zone": {refusal{tags(types.TagResourceTypeHealthcheck, zone), "InvalidInput"}, awsapi.Unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.call()
			if got := awsapi.Code(err); got != test.want {
				t.Errorf("code %q, want %q", got, test.want)
			}
			if got := awsapi.ClassOf(err); got != test.class {
				t.Errorf("%v is %s, want %s", err, got, test.class)
			}
		})
	}
}

func (c *certificates) names(zone string, from *string) []string {
	c.Helper()
	var out []string
	in := &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String("/hostedzone/" + zone), StartRecordName: from}
	for pages := route53.NewListResourceRecordSetsPaginator(c.api.Route53, in); pages.HasMorePages(); {
		for _, r := range must[*route53.ListResourceRecordSetsOutput](c.T)(pages.NextPage(c.Context())).ResourceRecordSets {
			out = append(out, *r.Name+" "+string(r.Type))
		}
	}
	return out
}

func TestZoneKeepsItsOrder(t *testing.T) {
	t.Parallel()
	c := newCertificates(t, Options{})
	zone := c.zone("acme.example")
	balancer := alias("*.acme.example", "Z3Q77PNBQS71R4", "web-1.eu-west-3.elb.amazonaws.com")
	batch := changes(zone, types.ChangeActionCreate, cname("a.shop.acme.example", "x.example"), address("shop.acme.example", "192.0.2.1"), balancer, address("Blog.acme.example", "192.0.2.2"))
	must[*route53.ChangeResourceRecordSetsOutput](t)(c.api.Route53.ChangeResourceRecordSets(t.Context(), batch))
	all := []string{`acme.example. NS`, `acme.example. SOA`, `\052.acme.example. A`, `blog.acme.example. A`, `shop.acme.example. A`, `a.shop.acme.example. CNAME`}
	if got := c.names(zone, nil); !slices.Equal(got, all) {
		t.Errorf("records are %q", got)
	}
	if got := c.names(zone, aws.String("cart.acme.example")); !slices.Equal(got, all[4:]) {
		t.Errorf("records from a name that is not there are %q", got)
	}

	// One change that is refused spoils all; a record may make way for another.
	half := changes(zone, types.ChangeActionDelete, address("shop.acme.example", "192.0.2.1"), address("blog.acme.example", "192.0.2.9"))
	if _, err := c.api.Route53.ChangeResourceRecordSets(t.Context(), half); awsapi.Code(err) != "InvalidChangeBatch" {
		t.Errorf("half a batch: %v", err)
	}
	swap := changes(zone, types.ChangeActionDelete, address("shop.acme.example", "192.0.2.1"))
	swap.ChangeBatch.Changes = append(swap.ChangeBatch.Changes, changes(zone, types.ChangeActionCreate, cname("shop.acme.example", "x.example")).ChangeBatch.Changes...)
	must[*route53.ChangeResourceRecordSetsOutput](t)(c.api.Route53.ChangeResourceRecordSets(t.Context(), swap))
	all[4] = `shop.acme.example. CNAME`
	if got := c.names(zone, nil); !slices.Equal(got, all) {
		t.Errorf("records are %q after the swap", got)
	}
}

func TestZonesAreTheSameInAllRegions(t *testing.T) {
	t.Parallel()
	c := newCertificates(t, Options{})
	mine := map[string]string{"cicdctl:client": "ACME"}
	first := must[string](t)(c.account.PutZone("acme.example", mine))
	if again := must[string](t)(c.account.PutZone("acme.example", mine)); again != first {
		t.Error("the same zone is there twice")
	}
	if _, err := c.account.PutZone("acme.example", nil); err == nil {
		t.Error("a zone with other tags took the place of one")
	}
	second := c.zone("globex.example")
	for _, region := range []string{"eu-west-3", "eu-west-1"} {
		var ids []string
		for pages := route53.NewListHostedZonesPaginator(c.factory.Set(region).Route53, &route53.ListHostedZonesInput{}); pages.HasMorePages(); {
			for _, z := range must[*route53.ListHostedZonesOutput](t)(pages.NextPage(t.Context())).HostedZones {
				ids = append(ids, *z.Id)
			}
		}
		if want := []string{"/hostedzone/" + first, "/hostedzone/" + second}; !slices.Equal(ids, want) {
			t.Errorf("%s: zones are %v, want %v", region, ids, want)
		}
	}
	tags := must[*route53.ListTagsForResourcesOutput](t)(c.api.Route53.ListTagsForResources(t.Context(), &route53.ListTagsForResourcesInput{ResourceType: types.TagResourceTypeHostedzone, ResourceIds: []string{first, second}}))
	if got := tags.ResourceTagSets; len(got) != 2 || len(got[0].Tags) != 1 || *got[0].Tags[0].Value != "ACME" || len(got[1].Tags) != 0 {
		t.Errorf("tags are %v", got)
	}
	for region, want := range map[string]int{"eu-west-3": 0, route53Region: 1} {
		in := &resourcegroupstaggingapi.GetResourcesInput{ResourceTypeFilters: []string{"route53:hostedzone"}}
		if got := must[*resourcegroupstaggingapi.GetResourcesOutput](t)(c.factory.Set(region).Tagging.GetResources(t.Context(), in)).ResourceTagMappingList; len(got) != want {
			t.Errorf("%s tells the tags of %d zones, want %d", region, len(got), want)
		}
	}
}
