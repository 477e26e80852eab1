package vpn

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
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
	shared, tunnels := c.words(), c.tunnelWords()
	for i := range files {
		files[i].Text = c.expand(lang.Current().Comments(files[i].Text), shared, tunnels)
	}
	return files, nil
}

// expand fills a template in. A line that is {{each tunnel}} begins what is there for each tunnel, one
// that is {{when X}} or {{unless X}} what is there or not, and {{end}} ends it. It does without
// text/template for the reason that spec.New has.
func (c Config) expand(text string, shared []string, tunnels [2][]string) string {
	is := map[string]bool{"keys": c.Keys(), "initiates": c.InitiateSite}
	type block struct {
		tunnel, out bool
		text        strings.Builder
	}
	open := []*block{{out: true}}
	for line := range strings.Lines(text) {
		inner := open[len(open)-1]
		words := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "{{"), "}}"))
		switch {
		case !strings.HasPrefix(line, "{{") || !strings.HasSuffix(strings.TrimSpace(line), "}}"):
			inner.text.WriteString(line)
		case words[0] == "each":
			open = append(open, &block{tunnel: true, out: true})
		case words[0] == "when" || words[0] == "unless":
			open = append(open, &block{out: is[words[1]] == (words[0] == "when")})
		default: // the end of one
			open = open[:len(open)-1]
			switch outer := open[len(open)-1]; {
			case inner.tunnel:
				for _, own := range tunnels {
					outer.text.WriteString(strings.NewReplacer(own...).Replace(inner.text.String()))
				}
			case inner.out:
				outer.text.WriteString(inner.text.String())
			}
		}
	}
	return strings.NewReplacer(shared...).Replace(open[0].text.String())
}

// tunnelWords are what templates say of each tunnel, as pairs of what stands for it and the text.
func (c Config) tunnelWords() (out [2][]string) {
	for i, t := range c.Tunnels {
		out[i] = pairs(map[string]any{
			"number": i + 1, "other": len(out) - i, "metric": 100 * (i + 1), "outside": t.Outside, "aws": t.AWS(), "ours": t.Ours(),
			"ifID": t.IfID(), "interface": t.Interface(), "key": t.Key,
		})
	}
	return out
}

func pairs(words map[string]any) []string {
	var out []string
	for name, v := range words {
		out = append(out, "{{"+name+"}}", fmt.Sprint(v))
	}
	return out
}

// words are what templates say of the connection, as pairs of what stands for it and the text.
func (c Config) words() []string {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%ds", int(d.Seconds())) }
	action := func(name string) string {
		if c.InitiateSite {
			return name
		}
		return "none"
	}
	dpd := "clear"
	if c.InitiateSite {
		dpd = "restart"
	}
	return pairs(map[string]any{
		"description": lang.Sprintf("Interfaces and routes of the IPsec tunnels of %s between %s and AWS", c.Client, c.Site),
		"client":      c.Client,
		"site":        c.Site,
		"region":      c.Region,
		"connection":  c.Connection,
		"name":        c.Name(),
		"peer":        c.Peer,
		"command":     c.Command("strongswan"),
		"dpdAction":   dpd,
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
		"networks":    list(c.Networks, " "),
		"routes":      list(c.Routes, ", "),
		"table":       "cicdctl_" + strings.ReplaceAll(c.Name(), "-", "_"),
	})
}
