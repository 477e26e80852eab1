package sandbox

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// changeRecords carries out all changes of a batch or none.
func changeRecords(t *tx, z *hostedZone, in *route53.ChangeResourceRecordSetsInput) (*route53.ChangeResourceRecordSetsOutput, error) {
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
		var out []string
		for _, v := range r.ResourceRecords {
			out = append(out, aws.ToString(v.Value))
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(values(a), values(b)) && jsonText([]any{a.TTL, a.AliasTarget}) == jsonText([]any{b.TTL, b.AliasTarget})
}
