package vpn_test

import (
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/vpn"
)

// acme is a connection with addresses for documentation.
func acme(keys, initiate bool) vpn.Config {
	c := vpn.Config{
		Client: "acme", Region: "eu-west-3", Site: "paris", Connection: "vpn-0123456789abcdef0",
		Peer:     netip.MustParseAddr("198.51.100.7"),
		Networks: []netip.Prefix{netip.MustParsePrefix("10.20.16.0/20"), netip.MustParsePrefix("10.20.32.0/21")},
		Routes:   []netip.Prefix{netip.MustParsePrefix("192.168.50.0/24")},
		Ports:    "TCP 443, 5432", InitiateSite: initiate,
		Tunnels: [2]vpn.Tunnel{
			{Outside: netip.MustParseAddr("203.0.113.11"), Inside: netip.MustParsePrefix("169.254.8.0/30")},
			{Outside: netip.MustParseAddr("203.0.113.12"), Inside: netip.MustParsePrefix("169.254.8.4/30")},
		},
	}
	if keys {
		c.Tunnels[0].Key, c.Tunnels[1].Key = "first.key_of_1", "second.key_of_2"
	}
	return c
}

func TestFormats(t *testing.T) {
	for name, c := range map[string]vpn.Config{
		"site, keys":    acme(true, true),
		"site, no keys": acme(false, true),
		"aws, no keys":  acme(false, false),
	} {
		t.Run(name, func(t *testing.T) {
			files, err := vpn.Swanctl(c)
			if err != nil {
				t.Fatal(err)
			}
			golden.File(t, "testdata/"+name+".strongswan.golden", vpn.Print(files))
			table, err := vpn.Generic(c)
			if err != nil {
				t.Fatal(err)
			}
			golden.File(t, "testdata/"+name+".generic.golden", table)
		})
	}
}

// TestLanguagesDifferInCommentsOnly compares the files in both languages: without comments they are
// the same, and no comment is left in English.
func TestLanguagesDifferInCommentsOnly(t *testing.T) {
	t.Cleanup(func() { lang.Use(lang.English) })
	comment := regexp.MustCompile(`(?m)(?:^|[ \t])#[ \n].*$\n?|^Description=.*$`)
	bare := func(text string) string {
		return strings.Join(strings.Fields(comment.ReplaceAllString(text, "\n")), " ")
	}
	english := regexp.MustCompile(`\b(?:the|which|is|are|nothing|with|from|may)\b`)
	written := func(l lang.Lang, c vpn.Config) []vpn.File {
		lang.Use(l)
		files, err := vpn.Swanctl(c)
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	comments := 0
	for name, c := range map[string]vpn.Config{"site": acme(true, true), "site, no keys": acme(false, true), "aws": acme(true, false)} {
		french := written(lang.French, c)
		for i, f := range written(lang.English, c) {
			if bare(f.Text) != bare(french[i].Text) {
				t.Errorf("%s, %s differs in more than comments:\n%s\n---\n%s", name, f.Path, bare(f.Text), bare(french[i].Text))
			}
			for _, said := range comment.FindAllString(french[i].Text, -1) {
				comments++
				if english.MatchString(said) {
					t.Errorf("%s, %s has in French: %s", name, f.Path, said)
				}
			}
		}
	}
	if comments < 100 {
		t.Errorf("only %d comments were looked at", comments)
	}
}

func TestKeysAreInTheirFileOnly(t *testing.T) {
	files, err := vpn.Swanctl(acme(true, true))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for range 2 { // the second time over the first
		if err := vpn.Write(dir, files); err != nil {
			t.Fatal(err)
		}
	}
	holds := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if has := strings.Contains(string(text), "key_of_"); has {
			holds++
			if info.Mode() != 0o600 || filepath.Base(path) != "acme-paris-keys.conf" {
				t.Errorf("%s has keys and mode %s", path, info.Mode())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if holds != 1 {
		t.Errorf("%d files have keys", holds)
	}
	if info, err := os.Stat(dir + "/usr/local/sbin/acme-paris-tunnels"); err != nil || info.Mode() != 0o755 {
		t.Errorf("the script: %v, %v", info, err)
	}
	if left, err := filepath.Glob(dir + "/etc/swanctl/conf.d/.*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWriteSaysWhichFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "etc"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := vpn.Write(dir, []vpn.File{{Path: "etc/x", Mode: 0o644}})
	if err == nil || !strings.HasPrefix(err.Error(), "write etc/x: ") {
		t.Errorf("error %v", err)
	}
}

func TestWhatIsNoConnectionIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*vpn.Config)
		want   string
	}{
		"a name that ends its line":        {func(c *vpn.Config) { c.Site = "paris\n}" }, "not the name of a site"},
		"no name":                          {func(c *vpn.Config) { c.Client = "" }, "not the name of a client"},
		"a region with a command":          {func(c *vpn.Config) { c.Region = "eu;reboot" }, "not the name of a region"},
		"no connection":                    {func(c *vpn.Config) { c.Connection = "" }, "not the ID"},
		"ports that end their line":        {func(c *vpn.Config) { c.Ports = "443\nreboot" }, "not ports"},
		"no address of the gateway":        {func(c *vpn.Config) { c.Peer = netip.Addr{} }, "not the address of a gateway"},
		"no networks":                      {func(c *vpn.Config) { c.Networks = nil }, "no network"},
		"nothing behind the site":          {func(c *vpn.Config) { c.Routes = nil }, "behind the site"},
		"the network of all clients":       {func(c *vpn.Config) { c.Networks[0] = netip.MustParsePrefix("10.20.0.0/16") }, "all clients"},
		"a host in place of a network":     {func(c *vpn.Config) { c.Routes[0] = netip.MustParsePrefix("192.168.50.1/24") }, "not an IPv4 network"},
		"IPv6, which such a gateway lacks": {func(c *vpn.Config) { c.Routes[0] = netip.MustParsePrefix("2001:db8::/64") }, "not an IPv4 network"},
		"no address of AWS":                {func(c *vpn.Config) { c.Tunnels[1].Outside = netip.Addr{} }, "AWS's end"},
		"AWS at the site's address":        {func(c *vpn.Config) { c.Tunnels[1].Outside = c.Peer }, "AWS's end"},
		"a range of another length":        {func(c *vpn.Config) { c.Tunnels[0].Inside = netip.MustParsePrefix("169.254.8.0/29") }, "within a tunnel"},
		"a range elsewhere":                {func(c *vpn.Config) { c.Tunnels[0].Inside = netip.MustParsePrefix("10.0.0.0/30") }, "within a tunnel"},
		"one tunnel twice":                 {func(c *vpn.Config) { c.Tunnels[1].Outside = c.Tunnels[0].Outside }, "the same address"},
		"one range twice":                  {func(c *vpn.Config) { c.Tunnels[1].Inside = c.Tunnels[0].Inside }, "the same address"},
		"one key":                          {func(c *vpn.Config) { c.Tunnels[1].Key = "" }, "only one"},
		"a key that swanctl would decode":  {func(c *vpn.Config) { c.Tunnels[1].Key = "0xSECRET00" }, "not one that AWS takes"},
		"a key that ends its string":       {func(c *vpn.Config) { c.Tunnels[1].Key = `SECRET"x{}` }, "not one that AWS takes"},
	} {
		cfg := acme(true, true)
		c.change(&cfg)
		_, err := vpn.Swanctl(cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: the error has the key: %v", name, err)
		}
		if _, other := vpn.Generic(cfg); other == nil || other.Error() != err.Error() {
			t.Errorf("%s: as a table: %v", name, other)
		}
	}
}

// The two ends do not rekey at once, and a rekeying of the site has the time to fail and be
// tried again before AWS ends the SA.
func TestTheSiteRekeysFirst(t *testing.T) {
	margin := rules.SiteRekeyMargin * (100 + rules.SiteRekeyFuzz) / 100
	if first := rules.SiteIKELifetime - margin; rules.SiteIKERekey+2*rules.SiteGiveUp() > first {
		t.Errorf("the site rekeys IKE up to %s, AWS from %s on", rules.SiteIKERekey, first)
	}
	if first := rules.SiteESPLifetime - margin; rules.SiteESPRekey+2*rules.SiteGiveUp() > first {
		t.Errorf("the site rekeys ESP up to %s, AWS from %s on", rules.SiteESPRekey, first)
	}
	if got := rules.SiteGiveUp().Seconds(); got != 34 { // 10 + 2 + 3.6 + 6.48 + 11.664, rounded up
		t.Errorf("a peer is given up after %v s", got)
	}
}
