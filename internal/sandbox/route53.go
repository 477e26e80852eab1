package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// route53Region is where Route 53 is, whichever region is asked.
const route53Region = "us-east-1"

// route53State is Route 53, in the order of creation.
type route53State struct {
	Zones table[hostedZone]
	// Elsewhere are the domains whose owners have the record of their certificates with
	// another provider.
	Elsewhere []string
	// Refused are the domains for which no certificate is issued, with the reason.
	Refused map[string]string `json:",omitempty"`
}

type hostedZone struct {
	ID, Name, Reference string // "Z0000000000000000001", "acme.example."
	Private             bool
	Tags                map[string]string
	Records             []types.ResourceRecordSet // as Route 53 sorts them
}

// namesOnce is how many resources' tags Route 53 tells in one call.
const namesOnce = 10

func registerRoute53(a *Account) {
	op(a, route53.ServiceID, func(t *tx, in *route53.ListHostedZonesInput) (*route53.ListHostedZonesOutput, error) {
		zones, start := t.Route53.use().Zones, 0
		if in.Marker != nil {
			if start = slices.IndexFunc(zones, func(z *hostedZone) bool { return z.ID == *in.Marker }); start < 0 {
				return nil, apiError("InvalidInput", "The specified marker is not valid.")
			}
		}
		out := &route53.ListHostedZonesOutput{Marker: in.Marker, MaxItems: in.MaxItems}
		for _, z := range zones[start:] {
			if in.HostedZoneType == types.HostedZoneTypePrivateHostedZone && !z.Private {
				continue
			}
			if len(out.HostedZones) == t.opts.PageSize {
				out.IsTruncated, out.NextMarker = true, aws.String(z.ID)
				break
			}
			out.HostedZones = append(out.HostedZones, types.HostedZone{
				Id: aws.String("/hostedzone/" + z.ID), Name: aws.String(z.Name), CallerReference: aws.String(z.Reference),
				Config: &types.HostedZoneConfig{PrivateZone: z.Private}, ResourceRecordSetCount: aws.Int64(int64(len(z.Records))),
			})
		}
		return out, nil
	})
	op(a, route53.ServiceID, func(t *tx, in *route53.ListResourceRecordSetsInput) (*route53.ListResourceRecordSetsOutput, error) {
		z, err := t.zoneOf(in.HostedZoneId)
		switch {
		case err != nil:
			return nil, err
		case in.StartRecordType != "" && in.StartRecordName == nil:
			return nil, apiError("InvalidInput", "The start record type was given without a start record name.")
		}
		out := &route53.ListResourceRecordSetsOutput{MaxItems: in.MaxItems}
		first := types.ResourceRecordSet{Name: aws.String(dnsName(aws.ToString(in.StartRecordName))), Type: in.StartRecordType}
		for _, r := range z.Records {
			if in.StartRecordName != nil && compareRecords(r, first) < 0 {
				continue
			}
			if len(out.ResourceRecordSets) == t.opts.PageSize {
				out.IsTruncated, out.NextRecordName, out.NextRecordType = true, r.Name, r.Type
				break
			}
			out.ResourceRecordSets = append(out.ResourceRecordSets, r)
		}
		return out, nil
	})
	// Carries out all changes of a batch or none.
	opOn(on(a, route53.ServiceID, (*tx).zoneOf), func(in *route53.ChangeResourceRecordSetsInput) *string { return in.HostedZoneId }, func(t *tx, z *hostedZone, in *route53.ChangeResourceRecordSetsInput) (*route53.ChangeResourceRecordSetsOutput, error) {
		if len(in.ChangeBatch.Changes) == 0 {
			return nil, apiError("InvalidInput", "1 validation error detected: Value '[]' at 'changeBatch.changes' failed to satisfy constraint: Member must have length greater than or equal to 1")
		}
		for _, c := range in.ChangeBatch.Changes {
			if err := checkRecordShape(c); err != nil {
				return nil, err
			}
		}
		draft := &hostedZone{ID: z.ID, Name: z.Name, Records: slices.Clone(z.Records)}
		var refused []string
		for _, c := range in.ChangeBatch.Changes {
			if problem := draft.change(c.Action, normalRecord(*c.ResourceRecordSet)); problem != "" {
				refused = append(refused, problem)
			}
		}
		if len(refused) > 0 {
			return nil, apiError("InvalidChangeBatch", "[%s]", strings.Join(refused, ", "))
		}
		z.Records = draft.Records
		t.Seq++
		return &route53.ChangeResourceRecordSetsOutput{ChangeInfo: &types.ChangeInfo{
			Id: aws.String(fmt.Sprintf("/change/C%020d", t.Seq)), Status: types.ChangeStatusPending, SubmittedAt: aws.Time(t.now), Comment: in.ChangeBatch.Comment,
		}}, nil
	})
	tagged(a, route53.ServiceID, tagMap{}, func(t *tx) []*hostedZone { return t.Route53.use().Zones }, func(_ *tx, z *hostedZone) (string, map[string]string) {
		return "arn:aws:route53:::hostedzone/" + z.ID, z.Tags
	})
	op(a, route53.ServiceID, func(t *tx, in *route53.ListTagsForResourcesInput) (*route53.ListTagsForResourcesOutput, error) {
		if in.ResourceType != types.TagResourceTypeHostedzone {
			return nil, apiError("InvalidInput", "the sandbox knows the tags of hosted zones only, not of %q", in.ResourceType)
		}
		if n := len(in.ResourceIds); n < 1 || n > namesOnce {
			return nil, apiError("InvalidInput", "1 validation error detected: Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to %d", namesOnce)
		}
		out := &route53.ListTagsForResourcesOutput{}
		for _, id := range in.ResourceIds {
			z, err := t.zone(id) // without "/hostedzone/", which only paths may have
			if err != nil {
				return nil, err
			}
			tags := sorted(z.Tags, func(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} })
			out.ResourceTagSets = append(out.ResourceTagSets, types.ResourceTagSet{ResourceId: aws.String(id), ResourceType: in.ResourceType, Tags: tags})
		}
		return out, nil
	})
}

func (t *tx) zone(id string) (*hostedZone, error) {
	for _, z := range t.Route53.use().Zones {
		if z.ID == id {
			return z, nil
		}
	}
	return nil, httpError(http.StatusNotFound, "NoSuchHostedZone", "No hosted zone found with ID: "+id)
}

// zoneOf finds a zone by an ID that may stand in a path.
func (t *tx) zoneOf(id *string) (*hostedZone, error) {
	return t.zone(strings.TrimPrefix(aws.ToString(id), "/hostedzone/"))
}

// compareRecords sorts as Route 53 does: by name with its labels reversed, the last
// dot included, then by type.
func compareRecords(a, b types.ResourceRecordSet) int {
	reversed := func(name *string) string {
		labels := strings.Split(strings.TrimSuffix(*name, "."), ".")
		slices.Reverse(labels)
		return strings.Join(labels, ".") + "."
	}
	return cmp.Or(cmp.Compare(reversed(a.Name), reversed(b.Name)), cmp.Compare(a.Type, b.Type))
}

// dnsName is a name as Route 53 keeps it: lower case, with its last dot, and anything
// unusual, such as "*", as a number.
func dnsName(name string) string {
	var out strings.Builder
	for _, c := range []byte(strings.ToLower(strings.TrimSuffix(name, "."))) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(`-_.\`, c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, `\%03o`, c)
		}
	}
	return out.String() + "."
}

// within reports whether a name is the zone's or below it.
func (z *hostedZone) within(name string) bool {
	return name == z.Name || strings.HasSuffix(name, "."+z.Name)
}

// resolves reports whether the Internet finds a CNAME with the value: in the public
// zone that is nearest to the name, taking all zones for delegated.
func (t *tx) resolves(name, value string) bool {
	var nearest []*hostedZone
	for _, z := range t.Route53.use().Zones {
		switch {
		case z.Private || !z.within(dnsName(name)) || len(nearest) > 0 && len(z.Name) < len(nearest[0].Name):
		case len(nearest) > 0 && len(z.Name) == len(nearest[0].Name):
			nearest = append(nearest, z)
		default:
			nearest = []*hostedZone{z}
		}
	}
	wanted := types.ResourceRecordSet{Name: aws.String(dnsName(name)), Type: types.RRTypeCname}
	return slices.ContainsFunc(nearest, func(z *hostedZone) bool {
		at, found := slices.BinarySearchFunc(z.Records, wanted, compareRecords)
		return found && slices.ContainsFunc(z.Records[at].ResourceRecords, func(r types.ResourceRecord) bool { return dnsName(*r.Value) == dnsName(value) })
	})
}

// addZone makes a zone with the records that AWS puts into each.
func (t *tx) addZone(domain string, tags map[string]string) *hostedZone {
	t.Seq++
	z := &hostedZone{ID: fmt.Sprintf("Z%020d", t.Seq), Name: dnsName(domain), Reference: fmt.Sprintf("sandbox-%d", t.Seq), Tags: tags}
	servers := make([]types.ResourceRecord, 4)
	for i, tld := range []string{"org", "co.uk", "com", "net"} {
		servers[i].Value = aws.String(fmt.Sprintf("ns-%d.awsdns-%02d.%s.", 512*i+int(t.Seq%512), t.Seq%64, tld))
	}
	z.Records = []types.ResourceRecordSet{
		{Name: aws.String(z.Name), Type: types.RRTypeNs, TTL: aws.Int64(172800), ResourceRecords: servers},
		{Name: aws.String(z.Name), Type: types.RRTypeSoa, TTL: aws.Int64(900), ResourceRecords: []types.ResourceRecord{
			{Value: aws.String(*servers[0].Value + " awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")},
		}},
	}
	t.Route53.use().Zones.add(z)
	return z
}

// checkRecordShape refuses what Route 53 does not even look up.
func checkRecordShape(c types.Change) error {
	r := c.ResourceRecordSet
	plain := r.TTL != nil && len(r.ResourceRecords) > 0
	switch {
	case !slices.Contains(c.Action.Values(), c.Action):
		return apiError("InvalidInput", "1 validation error detected: Value '%s' at 'changeBatch.changes.1.member.action' failed to satisfy constraint: Member must satisfy enum value set: [CREATE, DELETE, UPSERT]", c.Action)
	case !slices.Contains(r.Type.Values(), r.Type):
		return apiError("InvalidInput", "1 validation error detected: Value '%s' at 'changeBatch.changes.1.member.resourceRecordSet.type' failed to satisfy constraint", r.Type)
	case plain == (r.AliasTarget != nil) || r.AliasTarget != nil && (r.TTL != nil || len(r.ResourceRecords) > 0):
		return apiError("InvalidInput", "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=%s, Name=%s, Type=%s, SetIdentifier=null]", c.Action, aws.ToString(r.Name), r.Type)
	case r.SetIdentifier != nil:
		return apiError("InvalidInput", "the sandbox knows simple records only, not %q", *r.SetIdentifier)
	case r.TTL != nil && (*r.TTL < 0 || *r.TTL > 2147483647):
		return apiError("InvalidInput", "The TTL %d must be between 0 and 2147483647", *r.TTL)
	}
	return nil
}

// normalRecord is a record as Route 53 keeps it.
func normalRecord(r types.ResourceRecordSet) types.ResourceRecordSet {
	r.Name = aws.String(dnsName(*r.Name))
	if r.AliasTarget != nil {
		r.AliasTarget.DNSName = aws.String(dnsName(aws.ToString(r.AliasTarget.DNSName)))
	}
	return r
}

// change carries out one change, or says why it can't be.
func (z *hostedZone) change(action types.ChangeAction, r types.ResourceRecordSet) string {
	at, found := slices.BinarySearchFunc(z.Records, r, compareRecords)
	what := fmt.Sprintf("resource record set [name='%s', type='%s']", *r.Name, r.Type)
	switch {
	case !z.within(*r.Name):
		return fmt.Sprintf("RRSet with DNS name %s is not permitted in zone %s", *r.Name, z.Name)
	case action == types.ChangeActionDelete && !found:
		return fmt.Sprintf("Tried to delete %s but it was not found", what)
	case action == types.ChangeActionDelete && !sameRecord(z.Records[at], r):
		return fmt.Sprintf("Tried to delete %s but the values provided do not match the current values", what)
	case action == types.ChangeActionDelete && *r.Name == z.Name && (r.Type == types.RRTypeNs || r.Type == types.RRTypeSoa):
		return fmt.Sprintf("A HostedZone must contain at least one %s record for the zone itself.", r.Type)
	case action == types.ChangeActionDelete:
		z.Records = slices.Delete(z.Records, at, at+1)
		return ""
	case action == types.ChangeActionCreate && found:
		return fmt.Sprintf("Tried to create %s but it already exists", what)
	}
	if problem := z.unfit(r); problem != "" {
		return problem
	}
	if found {
		z.Records[at] = r
	} else {
		z.Records = slices.Insert(z.Records, at, r)
	}
	return ""
}

// unfit says why a record cannot be in the zone beside the others.
func (z *hostedZone) unfit(r types.ResourceRecordSet) string {
	isName := r.Type == types.RRTypeCname
	if isName && *r.Name == z.Name {
		return fmt.Sprintf("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", *r.Name, z.Name)
	}
	for _, other := range z.Records {
		if *other.Name == *r.Name && other.Type != r.Type && (isName || other.Type == types.RRTypeCname) {
			return fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted as it conflicts with other records with the same DNS name in zone %s", r.Type, *r.Name, z.Name)
		}
	}
	if r.AliasTarget != nil {
		return z.unfitAlias(r)
	}
	if isName && len(r.ResourceRecords) > 1 {
		return fmt.Sprintf("InvalidResourceRecord: more than one value for the CNAME %s", *r.Name)
	}
	for _, value := range r.ResourceRecords {
		address, err := netip.ParseAddr(aws.ToString(value.Value))
		if r.Type == types.RRTypeA && (err != nil || !address.Is4()) || r.Type == types.RRTypeAaaa && (err != nil || !address.Is6()) {
			return fmt.Sprintf("Invalid Resource Record: 'FATAL problem: %sRRDATAIllegalIPAddress (Value is not a valid IP address) encountered with '%s''", r.Type, aws.ToString(value.Value))
		}
	}
	return ""
}

// unfitAlias says why an alias leads nowhere: it may name a record of its zone, or a
// load balancer with the zone of its region.
func (z *hostedZone) unfitAlias(r types.ResourceRecordSet) string {
	to := r.AliasTarget
	what := fmt.Sprintf("Tried to create an alias that targets %s, type %s in zone %s, but ", *to.DNSName, r.Type, aws.ToString(to.HostedZoneId))
	if aws.ToString(to.HostedZoneId) == z.ID {
		wanted := types.ResourceRecordSet{Name: to.DNSName, Type: r.Type}
		if _, found := slices.BinarySearchFunc(z.Records, wanted, compareRecords); !found {
			return what + "that target was not found"
		}
		return ""
	}
	for _, byRegion := range elbZones {
		for region, id := range byRegion {
			if id == aws.ToString(to.HostedZoneId) && strings.HasSuffix(*to.DNSName, ".amazonaws.com.") && strings.Contains(*to.DNSName, "."+region+".") {
				return ""
			}
		}
	}
	return what + "the alias target name does not lie within the target zone"
}

// sameRecord compares all that a DELETE must give again; values in any order.
func sameRecord(a, b types.ResourceRecordSet) bool {
	values := func(r types.ResourceRecordSet) []string {
		out := each(r.ResourceRecords, func(v types.ResourceRecord) string { return aws.ToString(v.Value) })
		slices.Sort(out)
		return out
	}
	return slices.Equal(values(a), values(b)) && jsonText([]any{a.TTL, a.AliasTarget}) == jsonText([]any{b.TTL, b.AliasTarget})
}
