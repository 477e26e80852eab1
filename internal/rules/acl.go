package rules

import (
	"net/netip"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// MaxACLRules is how many rules a network ACL takes in a direction: 20 with the
// final deny, which AWS counts (VPC quotas, L-2AEEBF1A).
const MaxACLRules = 19

// Replies come back to the ports that Linux takes for outgoing connections (VPC
// guide, ephemeral ports); load balancers and NAT gateways use the wide range.
const (
	replyFrom, edgeReplyFrom = 32768, 1024
	lastPort                 = 65535
)

// aclBuilder numbers rules in blocks, so that a block can grow without moving others.
type aclBuilder struct {
	rules []ACLRule
	next  int32
}

func (b *aclBuilder) block(number int32) { b.next = number }

func (b *aclBuilder) add(allow bool, protocol string, source netip.Prefix, from, to uint16, why string) {
	b.rules = append(b.rules, ACLRule{b.next, allow, protocol, source, from, to, why})
	b.next += 10
}

func (b *aclBuilder) all(allow bool, source netip.Prefix, why string) {
	b.add(allow, "all", source, 0, lastPort, why)
}

// ClientACL generates the network ACL of a client's three subnets. The order is
// what isolates clients: 0.0.0.0/0 of the replies contains every other client, so
// all pools are denied before it. The error says that the spec needs more rules
// than an ACL has.
func ClientACL(s *spec.Spec, slot cidr.Slot, plan cidr.Plan) (in, out []ACLRule, err error) {
	var inbound, outbound aclBuilder
	for _, b := range []*aclBuilder{&inbound, &outbound} {
		b.block(100)
		for _, own := range slot.Collapsed() {
			b.all(true, own, "the client's own subnets")
		}
	}
	inbound.block(200)
	for _, r := range edgePorts(s) {
		inbound.add(true, "tcp", plan.Edge(), r.From, r.To, "load balancers")
	}
	outbound.block(200)
	outbound.add(true, "tcp", plan.Edge(), edgeReplyFrom, lastPort, "replies to load balancers")
	inbound.block(300)
	outbound.block(300)
	for _, site := range s.VPN.Sites() {
		for _, route := range site.Routes {
			for _, ports := range SitePorts(s, site) {
				inbound.add(true, "tcp", route, ports.From, ports.To, "the site "+site.Name)
			}
			outbound.all(true, route, "the site "+site.Name)
		}
	}
	inbound.block(500)
	for _, a := range s.Network.Allow {
		inbound.add(true, a.Protocol, a.CIDR, a.Ports.From, a.Ports.To, a.Name)
	}
	for _, b := range []*aclBuilder{&inbound, &outbound} {
		b.block(20000)
		for _, pool := range plan.Pools() {
			b.all(false, pool, "every other client")
		}
	}
	inbound.block(30000)
	inbound.add(true, "tcp", Anywhere, replyFrom, lastPort, "replies from the internet")
	outbound.block(30000)
	outbound.all(true, Anywhere, "the internet, through NAT")
	for direction, n := range map[string]int{"inbound": len(inbound.rules), "outbound": len(outbound.rules)} {
		if n > MaxACLRules {
			return nil, nil, lang.Errorf("needs %d %s network ACL rules and AWS allows %d: merge network.allow entries, or the routes and ports of vpn.ipsec, into wider ranges",
				n, direction, MaxACLRules)
		}
	}
	return inbound.rules, outbound.rules, nil
}

// edgePorts are the container ports that load balancers in the edge reach, in order.
func edgePorts(s *spec.Spec) []spec.PortRange {
	var ports []uint16
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			if svc.Runtime.HTTP() {
				ports = append(ports, ContainerPort(svc.Runtime))
			}
		}
	}
	for _, p := range TransferPorts(s) {
		ports = append(ports, p.Target)
	}
	return ranges(ports)
}

// remote are the ports of remote administration, SSH and RDP, which no rule of an
// ACL may let in from everywhere.
var remote = []uint16{22, 3389}

// OpensRemote reports whether a rule breaks EC2.21 (CIS AWS Foundations 5.2): it lets
// SSH or RDP in from everywhere. Security Hub, and AWS Config's
// nacl-no-unrestricted-ssh-rdp behind it, look at each inbound entry by itself, so that
// a deny before it does not help; Config counts UDP as well.
func (r ACLRule) OpensRemote() bool {
	return r.Allow && r.CIDR.Bits() == 0 && (r.Protocol == "all" || r.Protocol == "tcp" || r.Protocol == "udp") &&
		slices.ContainsFunc(remote, func(port uint16) bool { return r.From <= port && port <= r.To })
}

// replies lets in the ports of replies from everywhere, around those of remote
// administration: NAT gateways take 1024-65535 for outgoing connections, and load
// balancers too (VPC guide, "Ephemeral ports"). One connection in 64512 that a NAT
// gateway opens from such a port times out, and the next one does not.
func (b *aclBuilder) replies(protocol, why string) {
	from := edgeReplyFrom
	for _, port := range append(slices.Clone(remote), lastPort) {
		to := port
		if slices.Contains(remote, port) {
			to--
		}
		if int(to) >= from {
			b.add(true, protocol, Anywhere, uint16(from), to, why)
			from = int(port) + 1
		}
	}
}

// EdgeACL is the network ACL of the edge subnets: the public ports, and the replies to
// NAT gateways and load balancers. No remote login from outside: no rule contains its
// ports, and the final deny does the rest.
func EdgeACL(plan cidr.Plan) (in, out []ACLRule) {
	var inbound, outbound aclBuilder
	inbound.block(100)
	for _, pool := range plan.Pools() {
		inbound.all(true, pool, "clients, through NAT")
	}
	inbound.block(300)
	inbound.add(true, "tcp", Anywhere, 80, 80, "HTTP")
	inbound.add(true, "tcp", Anywhere, 443, 443, "HTTPS")
	inbound.replies("tcp", "replies to NAT gateways and load balancers")
	inbound.replies("udp", "replies to NAT gateways")
	outbound.block(100)
	outbound.all(true, Anywhere, "anywhere")
	return inbound.rules, outbound.rules
}

// Evaluate is the answer of a network ACL to one packet, by the first rule that
// matches, as EC2 does it; by is the zero rule when only the final deny matched.
func Evaluate(rules []ACLRule, protocol string, peer netip.Addr, port uint16) (allowed bool, by ACLRule) {
	var best *ACLRule
	for i, r := range rules {
		matches := (r.Protocol == "all" || r.Protocol == protocol) && r.CIDR.Contains(peer) && r.From <= port && port <= r.To
		if matches && (best == nil || r.Number < best.Number) {
			best = &rules[i]
		}
	}
	if best == nil {
		return false, ACLRule{}
	}
	return best.Allow, *best
}
