package vpn

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Generic returns what a gateway of any make is to be set to, as a table.
func Generic(c Config) (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	one, two := c.Tunnels[0], c.Tunnels[1]
	var w strings.Builder
	section := func(title string) { fmt.Fprintf(&w, "\n%s\n", lang.Say(title)) }
	row := func(name, value string, args ...any) {
		fmt.Fprintf(&w, "  %s\t%s\n", lang.Say(name), lang.Sprintf(value, args...))
	}
	each := func(name string, value func(Tunnel) any) {
		fmt.Fprintf(&w, "  %s\t%v\t%v\n", lang.Say(name), value(one), value(two))
	}

	fmt.Fprintln(&w, lang.Sprintf("VPN connection %s: %s, site %s, AWS %s", c.Connection, c.Client, c.Site, c.Region))
	section("Addresses")
	fmt.Fprint(&w, "  \ttunnel 1\ttunnel 2\n")
	each("AWS, outside", func(t Tunnel) any { return t.Outside })
	each("site, outside", func(Tunnel) any { return c.Peer })
	each("AWS, inside", func(t Tunnel) any { return t.AWS() })
	each("site, inside", func(t Tunnel) any { return t.Ours() })
	if c.Keys() {
		each("pre-shared key", func(t Tunnel) any { return t.Key })
	} else {
		row("pre-shared key", "%s", c.Command(FormatGeneric))
	}
	section("IKE")
	row("version", "IKEv%d, MOBIKE off", rules.SiteIKEVersion)
	row("identities", "the outside addresses; the site's is %s behind NAT too", c.Peer)
	row("encryption", "%s", rules.SiteEncryption)
	row("pseudo-random function", "%s", rules.SiteIntegrity)
	row("DH group", "%d", rules.SiteDHGroup)
	row("lifetime", "%.0f s, rekey at %.0f s at the latest", rules.SiteIKELifetime.Seconds(), rules.SiteIKERekey.Seconds())
	row("dead peer detection", "every %.0f s, given up after %.0f s", rules.SiteDPDInterval.Seconds(), rules.SiteGiveUp().Seconds())
	if c.InitiateSite {
		row("initiated by", "the site, also after a failure; AWS only answers")
	} else {
		row("initiated by", "AWS; the site only answers")
	}
	section("ESP")
	row("mode", "tunnel; UDP port 4500 behind NAT")
	row("encryption", "%s, no separate integrity algorithm", rules.SiteEncryption)
	row("DH group (PFS)", "%d", rules.SiteDHGroup)
	row("lifetime", "%.0f s, rekey at %.0f s at the latest", rules.SiteESPLifetime.Seconds(), rules.SiteESPRekey.Seconds())
	row("replay window", "%d packets", rules.SiteReplay)
	row("traffic selectors", "0.0.0.0/0 at both ends: route-based, one SA pair per tunnel")
	section("Packets")
	row("MTU of the tunnel", "%d, or %d behind NAT", rules.SiteMTU, rules.SiteMTU-udpHeader)
	row("TCP MSS", "%d, set by the gateway in both directions", rules.SiteMSS)
	row("fragments", "made before encryption; DF cleared where the device can")
	section("Routes")
	row("through the tunnels", "%s; nothing else of AWS", list(c.Networks, ", "))
	row("behind the site", "%s", list(c.Routes, ", "))
	row("preferred", "tunnel 1; tunnel 2 while AWS, inside, does not answer pings in tunnel 1")
	row("way back", "either tunnel: no strict reverse path check, no state per tunnel")
	section("Firewall")
	row("at the site", "UDP 500, UDP 4500 and ESP (protocol 50) from and to AWS, outside")
	row("reachable at AWS", "%s", c.Ports)

	var aligned strings.Builder
	columns := tabwriter.NewWriter(&aligned, 0, 0, 3, ' ', 0)
	_, err := io.WriteString(columns, w.String())
	if err := errors.Join(err, columns.Flush()); err != nil {
		return "", lang.Errorf("write the table of the VPN connection of %s: %w", c.Name(), err)
	}
	return aligned.String(), nil
}

// udpHeader is what NAT traversal adds to each packet (RFC 3948).
const udpHeader = 8
