package ec2

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

// While an ACL is brought in order, call by call, nothing may pass that passes
// neither before nor after.
func TestACLChangesOpenNoHole(t *testing.T) {
	t.Parallel()
	ranges := []netip.Prefix{rules.Anywhere, netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("10.20.0.0/20"), netip.MustParsePrefix("10.20.24.0/21")}
	peers := []netip.Addr{netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("10.20.99.1"), netip.MustParseAddr("10.20.1.1"), netip.MustParseAddr("10.20.25.1")}
	random := rand.New(rand.NewPCG(1, 2))
	some := func() map[int32]rules.ACLRule {
		out := map[int32]rules.ACLRule{}
		for range random.IntN(5) {
			n := int32(random.IntN(6) + 1)
			out[n] = rules.ACLRule{Number: n, Allow: random.IntN(2) == 0, Protocol: "all", CIDR: ranges[random.IntN(len(ranges))], To: 65535}
		}
		return out
	}
	list := func(m map[int32]rules.ACLRule) []rules.ACLRule {
		var out []rules.ACLRule
		for _, r := range m {
			out = append(out, r)
		}
		return out
	}
	passes := func(m map[int32]rules.ACLRule, peer netip.Addr) bool {
		allowed, _ := rules.Evaluate(list(m), "tcp", peer, 80)
		return allowed
	}
	for range 20000 {
		have, want := some(), some()
		denies := func(n int32) bool {
			return !have[n].Allow && have[n].Number > 0 && !want[n].Allow && want[n].Number > 0
		}
		if slices.ContainsFunc([]int32{1, 2, 3, 4, 5, 6}, denies) {
			continue // one call cannot keep both of two denies with one number
		}
		now := map[int32]rules.ACLRule{}
		maps.Copy(now, have)
		for _, c := range aclChanges(direction(aclEntries(list(want), false), false), direction(aclEntries(list(have), false), false)) {
			n := *c.entry.RuleNumber
			if c.remove {
				delete(now, n)
			} else {
				now[n] = want[n]
			}
			for _, peer := range peers {
				if passes(now, peer) && !passes(have, peer) && !passes(want, peer) {
					t.Fatalf("from %v to %v: a hole for %s after rule %d: %v", list(have), list(want), peer, n, list(now))
				}
			}
		}
		if got, wanted := aclLines(aclEntries(list(now), false), false), aclLines(aclEntries(list(want), false), false); !slices.Equal(got, wanted) {
			t.Fatalf("ends with %v, want %v", got, wanted)
		}
	}
}

// An ACL that has no room for what is missing is emptied of what is not wanted first.
func TestACLChangesFit(t *testing.T) {
	t.Parallel()
	var want, have []ec2types.NetworkAclEntry
	for n := range int32(rules.MaxACLRules) {
		r := []rules.ACLRule{{Number: 100 + n, Allow: n%2 == 0, Protocol: "all", CIDR: rules.Anywhere, To: 65535}}
		want = append(want, aclEntries(r, false)...)
		r[0].Number += 1000
		have = append(have, aclEntries(r, false)...)
	}
	count := len(have)
	for _, c := range aclChanges(want, have) {
		if c.remove {
			count--
		} else {
			count++
		}
		if count > rules.MaxACLRules {
			t.Fatalf("%d rules at once", count)
		}
	}
}
