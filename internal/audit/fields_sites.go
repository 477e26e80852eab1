package audit

import (
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

const vpnKind = "ec2/vpn-connection"

// vpnFields are about the VPN gateway and its connections, but for the options of tunnels.
var vpnFields = []field{
	{id: "CICD-IPSEC-3", severity: high, kind: "ec2/vpn-gateway", name: "attached to", title: "The VPN gateway serves the VPC", why: "without it no site reaches its client", pass: "vpc-1", fail: "vpc-2"},
	{id: "CICD-IPSEC-4", severity: low, kind: "ec2/vpn-gateway", name: "Amazon-side ASN", title: "The VPN gateway has the number that sites know", why: "a site's device may be told it", pass: "64512", fail: "64513", fix: byHand},
	{id: "CICD-IPSEC-5", severity: high, kind: "ec2/customer-gateway", name: "address", title: "Customer gateways have the addresses of the spec", why: "who has another address would be the client's site", pass: "198.51.100.10", fail: "198.51.100.99", fix: byHand},
	{id: "CICD-IPSEC-6", severity: low, kind: "ec2/customer-gateway", name: "ASN", title: "Customer gateways have the number of static sites", why: "AWS's own number must be another", pass: "65000", fail: "64512", fix: byHand},
	{
		id: "CICD-IPSEC-7", severity: high, kind: vpnKind, name: "customer gateway", title: "VPN connections lead to their site's gateway",
		why: "who has another gateway would be the client's site", pass: "cgw-1", fail: "cgw-2",
	},
	{id: "CICD-IPSEC-8", severity: high, kind: vpnKind, name: "VPN gateway", title: "VPN connections end at the region's VPN gateway", why: "behind another one is another network", pass: "vgw-1", fail: "vgw-2", fix: byHand},
	{
		id: "CICD-IPSEC-9", severity: high, kind: vpnKind, name: "routing", title: "VPN connections have static routes",
		why: "a site that speaks BGP can announce other sites' ranges, and is told them", holds: is("static"), should: "static", pass: "static", fail: "BGP", fix: byHand,
	},
	{id: "CICD-IPSEC-10", severity: high, kind: vpnKind, name: "static routes", title: "VPN connections have the routes of the spec and no other", why: "the longest prefix of all sites decides: a range of another client's would take its traffic", pass: "192.168.10.0/24", fail: "192.168.10.0/24\n192.168.11.0/24"},
	{id: "CICD-IPSEC-11", severity: medium, kind: vpnKind, name: "inside ranges", title: "Tunnels have inside addresses of their client's", why: "by them tunnels are told apart", pass: "within 169.254.8.0/24", fail: "169.254.99.0/30\n169.254.99.4/30", fix: byHand},
	{
		id: "CICD-IPSEC-12", severity: high, kind: vpnKind, name: "pre-shared key storage", title: "Pre-shared keys are kept by Secrets Manager",
		why: "otherwise all who may look at VPN connections can read them", holds: is(rules.KeyStorage), should: rules.KeyStorage, pass: rules.KeyStorage, fail: "Standard",
	},
	{
		id: "CICD-IPSEC-15", severity: low, kind: vpnKind, name: "acceleration", title: "VPN connections are not accelerated", why: "it is billed apart, and nothing is routed by it here",
		holds: is("off"), should: "off", pass: "off", fail: "on", fix: byHand,
	},
	{
		id: "CICD-IPSEC-16", severity: medium, kind: vpnKind, name: "site range", title: "Tunnels negotiate all ranges of a site", why: "a narrower one cuts off part of the site",
		holds: is(rules.AnyRange), should: rules.AnyRange, pass: rules.AnyRange, fail: "192.168.10.0/25",
	},
	{
		id: "CICD-IPSEC-17", severity: medium, kind: vpnKind, name: "AWS range", title: "Tunnels negotiate all ranges of a client", why: "a client has two, and AWS takes one: a narrower one cuts a part off",
		holds: is(rules.AnyRange), should: rules.AnyRange, pass: rules.AnyRange, fail: "10.20.0.0/20",
	},
	{
		id: "CICD-IPSEC-13", severity: high, kind: "ec2/route-table", name: "propagated gateways", title: "No route table learns routes from a VPN gateway",
		why: "propagation brings the ranges of all clients' sites into one client's table", holds: is(""), should: "none", pass: "", fail: "vgw-1",
	},
}

// tunnelRules are about the options of both tunnels of connections.
func tunnelRules() []judge.Rule {
	ciphers := []string{rules.TunnelIKE, rules.TunnelEncryption1, rules.TunnelIntegrity1, rules.TunnelGroups1, rules.TunnelEncryption2, rules.TunnelIntegrity2, rules.TunnelGroups2}
	var times []string
	for _, name := range rules.TunnelOptionNames() {
		if !slices.Contains(ciphers, name) && name != rules.TunnelLogs {
			times = append(times, name)
		}
	}
	return []judge.Rule{
		{
			ID: "CICD-IPSEC-1", Severity: high, Title: "Tunnels negotiate strong algorithms only", Why: "AWS takes SHA-1 and 1024-bit groups from a site unless it is told not to", Kind: vpnKind, Fields: ofBothTunnels(ciphers),
			Judge: tunnelJudge(ciphers), Pass: tunnelExample(rules.TunnelGroups1, "20"), Fail: tunnelExample(rules.TunnelGroups1, "2\n20"),
		},
		{
			ID: "CICD-IPSEC-2", Severity: low, Title: "Tunnels have the times and actions that their sites' devices are told", Why: "the two ends would otherwise end or begin a tunnel at different times", Kind: vpnKind, Fields: ofBothTunnels(times),
			Judge: tunnelJudge(times), Pass: tunnelExample(rules.TunnelMargin, "270"), Fail: tunnelExample(rules.TunnelMargin, "60"),
		},
		{
			ID: "EC2.171", Severity: medium, Title: "VPN connections log the activity of both tunnels", Why: "EC2.171: without a log nobody can tell why a tunnel does not come up", Kind: vpnKind, Fields: ofBothTunnels([]string{rules.TunnelLogs}),
			Judge: tunnelJudge([]string{rules.TunnelLogs}), Pass: tunnelExample(rules.TunnelLogs, "json to arn:logs"), Fail: tunnelExample(rules.TunnelLogs, "off"),
		},
	}
}

// ofBothTunnels are the attributes that options of tunnels make.
func ofBothTunnels(options []string) []string {
	var out []string
	for _, tunnel := range []string{"tunnel 1 ", "tunnel 2 "} {
		for _, name := range options {
			out = append(out, tunnel+name)
		}
	}
	return out
}

// tunnelJudge wants some options of both tunnels as the rules have them.
func tunnelJudge(options []string) func(*judge.Group) []judge.Verdict {
	return func(g *judge.Group) []judge.Verdict {
		var out []judge.Verdict
		for _, r := range g.Of(vpnKind) {
			var is, should []string
			for _, a := range r.Attributes {
				tunnel, name, ok := strings.Cut(strings.TrimPrefix(a.Name, "tunnel "), " ")
				if !ok || !slices.Contains(options, name) {
					continue
				}
				want := a.Want
				if !a.Asked {
					if name == rules.TunnelLogs || name == rules.TunnelStartup || name == rules.TunnelPeerAction {
						continue // as the client's spec says
					}
					want = wantOfTunnel(name)
				}
				if a.Have != want {
					is = append(is, lang.Sprintf("tunnel %s %s: %s", tunnel, lang.Current().Value(name), lang.Current().Value(brief(a.Have, want))))
					should = append(should, lang.Current().Value(brief(want, a.Have)))
				}
			}
			if len(is) > 0 {
				out = append(out, judge.Verdict{Resource: r.String(), Is: strings.Join(is, "; "), Should: strings.Join(slices.Compact(should), "; ")})
			}
		}
		return out
	}
}

// wantOfTunnel is what the table has for an option of any site.
func wantOfTunnel(name string) string {
	for _, o := range rules.AnySite() {
		if o.Name == name {
			return strings.Join(o.Want, "\n")
		}
	}
	return ""
}

func tunnelExample(option, have string) *judge.Group {
	want := map[string]string{rules.TunnelGroups1: "20", rules.TunnelMargin: "270", rules.TunnelLogs: "json to arn:logs"}[option]
	return &judge.Group{Client: "ACME", Region: "eu-west-3", Resources: []*judge.Resource{{
		Kind: vpnKind, Role: "paris-office", ID: "vpn-1", Client: "ACME",
		Attributes: []judge.Attribute{{Name: "tunnel 1 " + option, Have: have, Want: want, Asked: true}},
	}}}
}

// tunnelsDown is the finding about tunnels that are not up.
const (
	tunnelsDown      = "EC2.20"
	tunnelsDownTitle = "Both tunnels of VPN connections are up"
	tunnelsDownWhy   = "EC2.20: AWS maintains one tunnel at a time, and a site with one tunnel is cut off then"
)

// tunnels finds connections that do not have both tunnels up. Nothing that cicdctl can do
// brings one up: it takes the device at the site.
func (a *auditing) tunnels(seen *provision.Seen) {
	v, ok := seen.Object.(interface{ DownTunnels() []string })
	if !ok {
		return
	}
	down := v.DownTunnels()
	if len(down) == 0 {
		return
	}
	is := lang.Sprintf("1 of 2 tunnels is down: %s", down[0])
	if len(down) > 1 {
		is = lang.Sprintf("both tunnels are down: %s", strings.Join(down, ", "))
	}
	a.Findings = append(a.Findings, judge.Finding{
		ID: tunnelsDown, Severity: rules.Medium, Title: tunnelsDownTitle, Client: seen.Client, Region: seen.Region,
		Resource: seen.Kind + " " + seen.ID, Is: is, Should: "up", Why: tunnelsDownWhy,
		Fix: lang.Sprintf("cicdctl vpn status %s; the device at the site is set up with: cicdctl vpn config %s %s --format strongswan --show-secrets", seen.Client, seen.Client, seen.Role),
	})
}
