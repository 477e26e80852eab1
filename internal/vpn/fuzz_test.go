package vpn_test

import (
	"net/netip"
	"regexp"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/vpn"
)

// Whatever is in names, ports, keys and ranges, it is refused or stays in its place: the
// files have the lines of the example, with the same braces, quotes and signs.
func FuzzNothingLeavesItsPlace(f *testing.F) {
	f.Add("acme", "paris", "eu-west-3", "vpn-0a", "TCP 443", "first.key_of_1", "10.20.16.0/20", "169.254.8.0/30", "203.0.113.11")
	f.Add("a\n}", "p\"", "$(id)", "vpn-", "443`id`", "0xabcdefgh", "0.0.0.0/0", "169.254.8.1/30", "fe80::1%eth0;id")
	want := shape(f, acme(true, true))
	f.Fuzz(func(t *testing.T, client, site, region, connection, ports, key, network, inside, outside string) {
		c := acme(true, true)
		c.Client, c.Site, c.Region, c.Connection, c.Ports = client, site, region, connection, ports
		c.Tunnels[0].Key = key
		c.Networks[0], _ = netip.ParsePrefix(network)
		c.Routes[0] = c.Networks[0]
		c.Tunnels[0].Inside, _ = netip.ParsePrefix(inside)
		c.Tunnels[0].Outside, _ = netip.ParseAddr(outside)
		if _, err := vpn.Swanctl(c); err != nil {
			if _, other := vpn.Generic(c); other == nil {
				t.Fatalf("the table is made of what is refused: %v", err)
			}
			return
		}
		if got := shape(t, c); got != want {
			t.Errorf("another shape:\n%s", got)
		}
	})
}

// safe are the characters of names, numbers, addresses and ranges. None of them ends a
// setting, a string, a line or a word of the shell that it is in.
var safe = regexp.MustCompile(`[A-Za-z0-9._:/ ,-]+`)

// shape is what is left of all files without these.
func shape(t testing.TB, c vpn.Config) string {
	t.Helper()
	files, err := vpn.Swanctl(c)
	if err != nil {
		t.Fatal(err)
	}
	return safe.ReplaceAllString(vpn.Print(files), "")
}
