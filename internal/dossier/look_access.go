package dossier

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// access tells the rules of the client's network ACLs and security groups.
func (l *look) access() Access {
	a := Access{Told: l.told("ec2/network-acl", "ec2/security-group"), ACLs: []ACL{}, Groups: []Group{}}
	for _, seen := range l.own["ec2/network-acl"] {
		acl := ACL{Name: called(&seen), ID: seen.ID, Entries: []ACLEntry{}}
		for _, direction := range []string{"inbound", "outbound"} {
			for _, line := range lines(&seen, direction) {
				acl.Entries = append(acl.Entries, l.entry(line, direction == "outbound"))
			}
		}
		a.ACLs = append(a.ACLs, acl)
	}
	for _, seen := range l.own["ec2/security-group"] {
		g := Group{Name: called(&seen), ID: seen.ID, Rules: []GroupRule{}}
		for _, way := range []struct{ attribute, word string }{{"ingress", " from "}, {"egress", " to "}} {
			var these []GroupRule
			for _, line := range lines(&seen, way.attribute) {
				traffic, peer, _ := strings.Cut(line, way.word)
				these = append(these, GroupRule{Outbound: way.attribute == "egress", Traffic: traffic, Peer: l.peer(peer)})
			}
			slices.SortStableFunc(these, func(a, b GroupRule) int {
				return cmp.Or(strings.Compare(a.Traffic, b.Traffic), strings.Compare(a.Peer, b.Peer))
			})
			g.Rules = append(g.Rules, these...)
		}
		a.Groups = append(a.Groups, g)
	}
	return a
}

// entry reads "100 allow tcp 10.20.240.0/20 2121", which is how the attribute has it.
func (l *look) entry(line string, outbound bool) ACLEntry {
	words := append(strings.SplitN(line, " ", 5), "", "", "", "", "")
	return ACLEntry{Outbound: outbound, Number: words[0], Action: words[1], Protocol: words[2], Range: words[3], Ports: words[4]}
}

// peer is who a rule of a group lets in: what it says behind an identifier stays.
func (l *look) peer(text string) string {
	id, rest, _ := strings.Cut(text, " ")
	if _, err := netip.ParsePrefix(id); err == nil {
		return l.names.other(text)
	}
	name, known := l.names.of[id]
	switch {
	case !known:
		return l.names.other(text)
	case l.Identifiers:
		name += " (" + id + ")"
	}
	return strings.TrimSpace(name + " " + l.names.other(rest))
}
