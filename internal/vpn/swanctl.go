package vpn

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The templates of the files, which hold what an administrator reads.
var (
	//go:embed connections.conf.tmpl
	connectionsText string
	//go:embed keys.conf.tmpl
	keysText string
	//go:embed charon.conf.tmpl
	charonText string
	//go:embed tunnels.sh.tmpl
	tunnelsText string
	//go:embed tunnels.service.tmpl
	serviceText string
)

// What strongSwan calls the algorithms.
var (
	swanEncryption = map[string]string{"AES256-GCM-16": "aes256gcm16"}
	swanPRF        = map[string]string{"SHA2-384": "prfsha384"}
	swanDH         = map[int]string{20: "ecp384"}
)

// Swanctl returns the files of a Linux gateway with strongSwan. Without keys the connections
// are the same and load, and strongSwan then names the key that it misses: a file that does
// not load would close all other tunnels of the gateway, and a key that is none would be
// sent to AWS.
func Swanctl(c Config) ([]File, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	name := c.Name()
	files := []File{
		{Path: "etc/swanctl/conf.d/" + name + ".conf", Mode: 0o644, Text: connectionsText},
		{Path: "etc/swanctl/conf.d/" + name + "-keys.conf", Mode: 0o600, Text: keysText},
		{Path: "etc/strongswan.d/" + name + ".conf", Mode: 0o644, Text: charonText},
		{Path: "usr/local/sbin/" + name + "-tunnels", Mode: 0o755, Text: tunnelsText},
		{Path: "etc/systemd/system/" + name + "-tunnels.service", Mode: 0o644, Text: serviceText},
	}
	if !c.Keys() {
		files = append(files[:1], files[2:]...)
	}
	for i, f := range files {
		var b strings.Builder
		t, err := template.New(f.Path).Funcs(c.words()).Parse(f.Text)
		if err == nil {
			err = t.Execute(&b, c)
		}
		if err != nil {
			return nil, fmt.Errorf("write the configuration of the VPN connection of %s: %w", name, err)
		}
		files[i].Text = b.String()
	}
	return files, nil
}

// words are what templates say that is not in a Config.
func (c Config) words() template.FuncMap {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%ds", int(d.Seconds())) }
	action := func(name string) string {
		if c.InitiateSite {
			return name
		}
		return "none"
	}
	fixed := map[string]any{
		"version":     rules.SiteIKEVersion,
		"ike":         swanEncryption[rules.SiteEncryption] + "-" + swanPRF[rules.SiteIntegrity] + "-" + swanDH[rules.SiteDHGroup],
		"esp":         swanEncryption[rules.SiteEncryption] + "-" + swanDH[rules.SiteDHGroup],
		"replay":      rules.SiteReplay,
		"ikeRekey":    seconds(rules.SiteIKERekey),
		"ikeSpread":   seconds(rules.SiteIKESpread),
		"ikeRest":     seconds(rules.SiteIKELifetime - rules.SiteIKERekey),
		"ikeLifetime": seconds(rules.SiteIKELifetime),
		"espRekey":    seconds(rules.SiteESPRekey),
		"espSpread":   seconds(rules.SiteESPSpread),
		"espLifetime": seconds(rules.SiteESPLifetime),
		"dpd":         seconds(rules.SiteDPDInterval),
		"tries":       rules.SiteRetransmits,
		"first":       fmt.Sprintf("%.1f", rules.SiteRetransmitFirst.Seconds()),
		"base":        rules.SiteRetransmitBase,
		"giveUp":      int(rules.SiteGiveUp().Seconds()),
		"failover":    failover(),
		"pause":       int(rules.SiteCheck.Seconds()),
		"pings":       rules.SitePings,
		"mtu":         rules.SiteMTU,
		"mss":         rules.SiteMSS,
		"start":       action("start"),
		"restart":     action("restart"),
		"networks":    list(c.Networks, " "),
		"routes":      list(c.Routes, ", "),
		"table":       "cicdctl_" + strings.ReplaceAll(c.Name(), "-", "_"),
	}
	out := template.FuncMap{
		"number": func(i int) int { return i + 1 },
		"metric": func(i int) int { return 100 * (i + 1) },
	}
	for name, v := range fixed {
		out[name] = func() any { return v }
	}
	return out
}
