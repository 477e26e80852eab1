package vpn

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/report"
)

// showStatus shows the tunnels of a client's sites.
func showStatus(p *report.Printer, s Status) error {
	if p.Format == report.JSON {
		s.Sites, s.Missing.Sites = report.Some(s.Sites), report.Some(s.Missing.Sites)
		return p.WriteJSON(s)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("VPNs of %s in %s", s.Client, s.Region)))
	if len(s.Sites) == 0 && len(s.Missing.Sites) == 0 {
		fmt.Fprintln(b, p.Lang.Say("No sites."))
	}
	if len(s.Sites) > 0 {
		t := p.Table(p.Out, p.Lang.Say("site"), p.Lang.Say("connection"), p.Lang.Say("tunnel"), p.Lang.Say("state"), p.Lang.Say("since (UTC)"), p.Lang.Say("AWS says"))
		for _, c := range s.Sites {
			for _, tunnel := range c.Tunnels {
				state, since := p.Lang.Say("down"), ""
				if tunnel.Up {
					state = p.Lang.Say("up")
				}
				if tunnel.Since != nil {
					since = report.Clock(*tunnel.Since)
				}
				t.AppendRow(table.Row{c.Site, fmt.Sprintf("%s (%s)", c.ID, p.Lang.Say(c.State)), fmt.Sprintf("%d  %s", tunnel.Number, tunnel.Outside), state, since, tunnel.Message})
			}
			if len(c.Tunnels) == 0 {
				t.AppendRow(table.Row{c.Site, fmt.Sprintf("%s (%s)", c.ID, p.Lang.Say(c.State)), "", "", "", ""})
			}
		}
		fmt.Fprintln(b, t.Render())
	}
	if len(s.Missing.Sites) > 0 {
		fmt.Fprintln(b, p.Lang.Sayf("Sites that are not created yet: %s", strings.Join(s.Missing.Sites, ", ")))
	}
	if s.Missing.OpenVPN {
		fmt.Fprintln(b, p.Lang.Say("OpenVPN: not created yet"))
	}
	if o := s.Open; o != nil {
		users, sessions := p.Lang.Sayn(o.Users, "%d user with a valid certificate", "%d users with a valid certificate"), p.Lang.Sayn(o.Sessions, "%d session", "%d sessions")
		if o.ListUntil != nil {
			fmt.Fprintln(b, p.Lang.Sayf("OpenVPN: %s, revocation list until %s, %s, %s", o.Endpoint, o.ListUntil.Format(time.DateOnly), users, sessions))
		} else {
			fmt.Fprintln(b, p.Lang.Sayf("OpenVPN: %s, no revocation list, %s, %s", o.Endpoint, users, sessions))
		}
	}
	p.Next(b, style, s.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showRotationPlan says what a new key means, before it is confirmed.
func showRotationPlan(p *report.Printer, r Rotation) error {
	if p.Format == report.JSON {
		return nil
	}
	var b strings.Builder
	for i, t := range r.Tunnels {
		effect := p.Lang.Say("The tunnel is down already; it stays down until the site's device has the new key.")
		switch {
		case i > 0:
			effect = p.Lang.Sayf("Only once tunnel %d is up with its new key. This cuts tunnel %d then, until the site's device has the new key; tunnel %d carries the traffic meanwhile.", 3-t.Number, t.Number, 3-t.Number)
		case t.Cuts:
			effect = p.Lang.Sayf("This cuts tunnel %d, which is up, until the site's device has the new key; tunnel %d carries the traffic meanwhile.", t.Number, 3-t.Number)
		}
		fmt.Fprintf(&b, "%s\n%s\n", p.Lang.Sayf("New pre-shared key for tunnel %d of %s (%s) in %s", t.Number, r.Site, r.Client, r.Region), effect)
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showRotation says that a tunnel has its new key.
func showRotation(p *report.Printer, r Rotation) error {
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	for _, t := range r.Tunnels {
		text := "Tunnel %d of %s has its old pre-shared key"
		switch {
		case t.Up:
			text = "Tunnel %d of %s is up with a new pre-shared key"
		case t.Changed:
			text = "Tunnel %d of %s has a new pre-shared key"
		}
		fmt.Fprintln(b, style.Check(t.Changed), style.Bold.Render(p.Lang.Sayf(text, t.Number, r.Site)))
	}
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// ConfigFile is a file of a [Configuration] as JSON.
type ConfigFile struct {
	Path string `json:"path,omitempty"`
	Mode string `json:"mode,omitempty"`
	Text string `json:"text,omitempty"`
}

// ConfigFiles is the result of vpn config.
type ConfigFiles struct {
	Client     string       `json:"client"`
	Region     string       `json:"region"`
	Site       string       `json:"site"`
	Connection string       `json:"connection"`
	Format     string       `json:"format"`
	Dir        string       `json:"dir"`
	Files      []ConfigFile `json:"files"`
}

// showConfig writes what the device of a site is to be set to, or which files say so.
func showConfig(p *report.Printer, c Configuration) error {
	if p.Format == report.JSON {
		files := []ConfigFile{}
		for _, f := range c.Files {
			out := ConfigFile{Path: f.Path, Text: f.Text}
			if f.Path != "" {
				out.Mode = fmt.Sprintf("%#o", f.Mode.Perm())
			}
			if c.Dir != "" {
				out.Text = ""
			}
			files = append(files, out)
		}
		return p.WriteJSON(ConfigFiles{c.Client, c.Region, c.Site, c.Connection, c.Format, c.Dir, files})
	}
	if c.Dir != "" {
		for _, f := range c.Files {
			p.Tell("wrote %s", filepath.Join(c.Dir, f.Path))
		}
		return nil
	}
	if len(c.Files) == 1 && c.Files[0].Path == "" {
		return p.Raw([]byte(c.Files[0].Text))
	}
	return p.Raw([]byte(Print(c.Files)))
}
