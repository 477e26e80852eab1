package ec2

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// lastRule is the highest rule number that can be set. AWS adds one more rule to
// every ACL, which denies the rest.
const lastRule = 32766

type networkACL = *ec2types.NetworkAcl

// wantACL is the generated rules, or why there are none.
type wantACL struct {
	in, out []rules.ACLRule
	err     error
}

// NetworkACLKind is the fence around a client's three subnets, and the one around the edge.
func NetworkACLKind() *provision.Type {
	id := func(a networkACL) string { return aws.ToString(a.NetworkAclId) }
	return provision.Define(provision.Kind[wantACL, networkACL]{
		Name:          "ec2/network-acl",
		ARN:           "ec2:network-acl/",
		Levels:        provision.RegionLevel | provision.ClientLevel,
		Billing:       provision.Billing[wantACL, networkACL]{Free: freeVPC},
		Impact:        provision.Impact[networkACL]{Stateless: true},
		DependsOn:     provision.Existing("ec2/vpc"),
		NotIdempotent: true, // its client token is good for one run only: see runToken
		Want: func(s *provision.Scope) map[provision.Role]wantACL {
			if s.Level == provision.RegionLevel {
				in, out := rules.EdgeACL(s.Addr)
				return map[provision.Role]wantACL{"edge": {in, out, nil}}
			}
			in, out, err := rules.ClientACL(s.Spec, s.Slot, s.Addr)
			return map[provision.Role]wantACL{"client": {in, out, err}}
		},
		List: OfClient(ec2types.ResourceTypeNetworkAcl, func(ctx context.Context, w *provision.Sweep) ([]networkACL, error) {
			return kit.Pointers(networkACLs(ctx, w))
		}),
		ID:    id,
		Tags:  func(a networkACL) provision.Tags { return Tags.Of(a.Tags) },
		InUse: func(a networkACL) bool { return len(a.Associations) > 0 },
		LostTags: func(s *provision.Step, _ wantACL, other networkACL) bool {
			return !aws.ToBool(other.IsDefault) && slices.ContainsFunc(other.Associations, func(as ec2types.NetworkAclAssociation) bool {
				return ownSubnet(s, "", aws.ToString(as.SubnetId))
			})
		},
		Create: func(ctx context.Context, s *provision.Step, d wantACL) (networkACL, error) {
			if d.err != nil {
				return nil, d.err
			}
			vpc := s.ID("ec2/vpc", "vpc")
			in := &ec2.CreateNetworkAclInput{
				VpcId: aws.String(vpc), ClientToken: runToken(s, vpc), TagSpecifications: Tagged(s, ec2types.ResourceTypeNetworkAcl),
			}
			return kit.Get(ctx, s.API.EC2.CreateNetworkAcl, in, func(o *ec2.CreateNetworkAclOutput) networkACL { return o.NetworkAcl })
		},
		Delete: kit.Delete(ofEC2, awsapi.EC2.DeleteNetworkAcl, func(a networkACL, in *ec2.DeleteNetworkAclInput) { in.NetworkAclId = a.NetworkAclId }),
		Retag:  Retag(id),
		Untag:  Untag(id),
		Removal: provision.Removal[networkACL]{
			Blockers: func(ctx context.Context, s *provision.Step, a networkACL) (string, error) {
				in := &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{id(a)}}
				found, err := kit.Get(ctx, s.API.EC2.DescribeNetworkAcls, in, func(o *ec2.DescribeNetworkAclsOutput) []ec2types.NetworkAcl { return o.NetworkAcls })
				return kit.Listed(found, err, func(a ec2types.NetworkAcl) string {
					return kit.Join(kit.Texts(a.Associations, func(as ec2types.NetworkAclAssociation) string { return aws.ToString(as.SubnetId) })...)
				})
			},
		},
		Fields: []provision.Field[wantACL, networkACL]{
			inVPC[wantACL](func(a networkACL) *string { return a.VpcId }),
			aclField("inbound", false),
			aclField("outbound", true),
		},
	})
}

// networkACLs lists every ACL of the region once a sweep: the VPC and the subnets
// want to know of them too.
func networkACLs(ctx context.Context, w *provision.Sweep) ([]ec2types.NetworkAcl, error) {
	return provision.Shared(w, "network ACLs", func() ([]ec2types.NetworkAcl, error) { return aclsBy(ctx, w.EC2) })
}

// aclField is the rules of one direction.
func aclField(name string, egress bool) provision.Field[wantACL, networkACL] {
	wanted := func(d wantACL) []ec2types.NetworkAclEntry {
		if egress {
			return aclEntries(d.out, true)
		}
		return aclEntries(d.in, false)
	}
	return provision.Field[wantACL, networkACL]{
		Name: name,
		Want: func(_ *provision.Step, d wantACL) string {
			if d.err != nil {
				return d.err.Error()
			}
			return strings.Join(aclLines(wanted(d), egress), "\n")
		},
		Have: func(a networkACL) string { return strings.Join(aclLines(a.Entries, egress), "\n") },
		Set: func(ctx context.Context, s *provision.Step, d wantACL, a networkACL) error {
			if d.err != nil {
				return d.err
			}
			for _, c := range aclChanges(wanted(d), direction(a.Entries, egress)) {
				if err := c.apply(ctx, s, a.NetworkAclId); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// protocolNumbers are what EC2 calls the protocols of ACL entries.
var protocolNumbers = map[string]string{"all": "-1", "icmp": "1", "tcp": "6", "udp": "17"}

// protocolName is the protocol of an ACL entry as rules have it.
func protocolName(number string) string {
	for name, n := range protocolNumbers {
		if n == number {
			return name
		}
	}
	return "protocol-" + number
}

func aclEntries(list []rules.ACLRule, egress bool) []ec2types.NetworkAclEntry {
	out := make([]ec2types.NetworkAclEntry, 0, len(list))
	for _, r := range list {
		e := ec2types.NetworkAclEntry{
			RuleNumber: aws.Int32(r.Number), Egress: aws.Bool(egress), RuleAction: ec2types.RuleActionDeny,
			Protocol: aws.String(protocolNumbers[r.Protocol]), CidrBlock: aws.String(r.CIDR.String()),
		}
		if r.Allow {
			e.RuleAction = ec2types.RuleActionAllow
		}
		if r.Protocol != "all" {
			e.PortRange = &ec2types.PortRange{From: aws.Int32(int32(r.From)), To: aws.Int32(int32(r.To))}
		}
		out = append(out, e)
	}
	return out
}

// direction picks the entries of one direction that a person could change, by number.
func direction(entries []ec2types.NetworkAclEntry, egress bool) []ec2types.NetworkAclEntry {
	out := slices.DeleteFunc(slices.Clone(entries), func(e ec2types.NetworkAclEntry) bool {
		return aws.ToBool(e.Egress) != egress || aws.ToInt32(e.RuleNumber) > lastRule
	})
	slices.SortFunc(out, func(a, b ec2types.NetworkAclEntry) int {
		return cmp.Compare(aws.ToInt32(a.RuleNumber), aws.ToInt32(b.RuleNumber))
	})
	return out
}

// aclLines is the canonical text of one direction, in the order in which EC2 tries
// the rules: "200 allow tcp 10.20.240.0/20 8080".
func aclLines(entries []ec2types.NetworkAclEntry, egress bool) []string {
	return kit.Texts(direction(entries, egress), aclLine)
}

func aclLine(e ec2types.NetworkAclEntry) string {
	peer := aws.ToString(e.CidrBlock)
	if peer == "" {
		peer = aws.ToString(e.Ipv6CidrBlock)
	}
	text := kit.Number(e.RuleNumber) + " " + string(e.RuleAction) + " " + protocolName(aws.ToString(e.Protocol)) + " " + peer
	if p := e.PortRange; p != nil {
		text += " " + ports(p.From, p.To)
	}
	if i := e.IcmpTypeCode; i != nil {
		text += fmt.Sprintf(" type %d code %d", aws.ToInt32(i.Type), aws.ToInt32(i.Code))
	}
	return text
}

// ports is "80" or "1024-65535".
func ports(from, to *int32) string {
	if aws.ToInt32(from) == aws.ToInt32(to) {
		return kit.Number(from)
	}
	return kit.Number(from) + "-" + kit.Number(to)
}

// aclChange is one call that brings an ACL nearer to what is wanted.
type aclChange struct {
	entry  ec2types.NetworkAclEntry
	there  bool // an entry with the number exists
	remove bool
	phase  int
}

// aclChanges lists what turns the entries of one direction into the wanted ones.
// The order keeps the fence closed all the while: what is denied is denied first,
// and a deny that is not wanted goes only once no unwanted allow is left that it
// may have held back. Allows are added before others are removed, so that a rule
// that only gets another number interrupts nothing.
func aclChanges(want, have []ec2types.NetworkAclEntry) []aclChange {
	held := map[int32]ec2types.NetworkAclEntry{}
	for _, e := range have {
		held[*e.RuleNumber] = e
	}
	var out []aclChange
	added := 0
	for _, e := range want {
		old, there := held[*e.RuleNumber]
		delete(held, *e.RuleNumber)
		if there && aclLine(old) == aclLine(e) {
			continue
		}
		if !there {
			added++
		}
		c := aclChange{entry: e, there: there, phase: 2}
		switch {
		case e.RuleAction == ec2types.RuleActionDeny:
			c.phase = 1
		case there && old.RuleAction == ec2types.RuleActionDeny:
			c.phase = 4
		}
		out = append(out, c)
	}
	// Where the ACL is too full to add first, what is not wanted goes at once.
	full := len(have)+added > rules.MaxACLRules
	for _, e := range held {
		c := aclChange{entry: e, remove: true, phase: 3}
		if e.RuleAction == ec2types.RuleActionDeny {
			c.phase = 5
		}
		if full {
			c.phase -= 4
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b aclChange) int {
		return cmp.Or(cmp.Compare(a.phase, b.phase), cmp.Compare(*a.entry.RuleNumber, *b.entry.RuleNumber))
	})
	return out
}

// apply makes the change, whatever another run did to the same entry meanwhile.
func (c aclChange) apply(ctx context.Context, s *provision.Step, acl *string) error {
	e := c.entry
	if c.remove {
		err := kit.Do(ctx, s.API.EC2.DeleteNetworkAclEntry, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: acl, RuleNumber: e.RuleNumber, Egress: e.Egress})
		return kit.IgnoreCode(err, "InvalidNetworkAclEntry.NotFound")
	}
	in := ec2.CreateNetworkAclEntryInput{
		NetworkAclId: acl, RuleNumber: e.RuleNumber, Egress: e.Egress, RuleAction: e.RuleAction,
		Protocol: e.Protocol, CidrBlock: e.CidrBlock, PortRange: e.PortRange,
	}
	replacing := ec2.ReplaceNetworkAclEntryInput(in)
	return putOver(c.there, "InvalidNetworkAclEntry.NotFound",
		func() error { return kit.Do(ctx, s.API.EC2.ReplaceNetworkAclEntry, &replacing) },
		func() error { return kit.Do(ctx, s.API.EC2.CreateNetworkAclEntry, &in) })
}

// putOver replaces what is there or creates what is not, whatever another run did
// meanwhile; missing is AWS's code for what is not there to be replaced.
func putOver(there bool, missing string, replace, create func() error) error {
	if there {
		if err := replace(); awsapi.Code(err) != missing {
			return err
		}
	}
	err := create()
	if awsapi.Is(err, awsapi.Exists) {
		return replace()
	}
	return err
}
