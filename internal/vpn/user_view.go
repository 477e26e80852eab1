package vpn

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/report"
)

// showRenewal says what a renewal means, before it is confirmed.
func showRenewal(p *report.Printer, e *endpoint, person string, valid int) error {
	if p.Format == report.JSON {
		return nil
	}
	_, err := fmt.Fprintf(p.Out, "%s\n%s\n", p.Lang.Sayf("New certificate for %s of %s in %s; revoked with that: %s", person, e.client, e.region, p.Lang.Sayn(valid, "%d earlier certificate", "%d earlier certificates")), endsSessions(p))
	return err
}

// endsSessions is what AWS does with every new revocation list.
func endsSessions(p *report.Printer) string {
	return p.Lang.Say("AWS ends the sessions of all users of the endpoint when it takes the new revocation list, which may be up to 4 hours later; they can connect again.")
}

// showRevocationPlan says what a revocation means, before it is confirmed.
func showRevocationPlan(p *report.Printer, e *endpoint, person string, valid int, open []Session) error {
	if p.Format == report.JSON {
		return nil
	}
	own := 0
	for _, s := range open {
		if s.Person == person {
			own++
		}
	}
	_, err := fmt.Fprintf(p.Out, "%s\n%s\n%s\n",
		p.Lang.Sayf("Revoke %s of %s (%s) in %s", p.Lang.Sayn(valid, "%d certificate", "%d certificates"), person, e.client, e.region),
		p.Lang.Sayf("This ends %s of %s now; until AWS has taken the list, %s could connect again.", p.Lang.Sayn(own, "%d session", "%d sessions"), person, person),
		endsSessions(p)+" "+p.Lang.Sayn(len(open), "%d is open now.", "%d are open now."))
	return err
}

// showGiven says where the profile is.
func showGiven(p *report.Printer, g Given) error {
	if p.Format == report.JSON {
		return p.WriteJSON(g)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Check(true), style.Bold.Render(p.Lang.Sayf("%s has a certificate until %s: %s", g.Person, g.Expires.Format(time.DateOnly), g.File)))
	fmt.Fprintln(b, p.Lang.Say("The file holds the private key, which is kept nowhere else: hand it over safely and delete it."))
	p.Next(b, style, g.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showRevocation says that a person is revoked.
func showRevocation(p *report.Printer, r Revocation) error {
	if p.Format == report.JSON {
		r.Serials = report.Some(r.Serials)
		return p.WriteJSON(r)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Check(true), style.Bold.Render(p.Lang.Sayf("%s is revoked: %s, %s", r.Person, p.Lang.Sayn(len(r.Serials), "%d certificate", "%d certificates"), p.Lang.Sayn(r.Sessions, "%d session ended", "%d sessions ended"))))
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showUsers lists certificates.
func showUsers(p *report.Printer, all People) error {
	if p.Format == report.JSON {
		all.Users = report.Some(all.Users)
		return p.WriteJSON(all)
	}
	if len(all.Users) == 0 {
		return p.Line("No users.")
	}
	day := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	t := p.Table(p.Out, p.Lang.Say("user"), p.Lang.Say("state"), p.Lang.Say("issued"), p.Lang.Say("valid until"), p.Lang.Say("serial number"), p.Lang.Say("in the spec")).Details(2, 4)
	for _, u := range all.Users {
		in := p.Lang.Say("no")
		if u.InSpec {
			in = p.Lang.Say("yes")
		}
		t.AppendRow(table.Row{u.Person, p.Lang.Say(u.State), day(u.Issued), day(u.Expires), u.Serial, in})
	}
	_, err := fmt.Fprintln(p.Out, t.Render())
	return err
}

// SessionList is the result of vpn user sessions.
type SessionList struct {
	Client   string    `json:"client"`
	Region   string    `json:"region"`
	Sessions []Session `json:"sessions"`
}

// showSessions lists who is connected: {"client", "region", "sessions": […]} as JSON.
func showSessions(p *report.Printer, client, region string, all []Session) error {
	if p.Format == report.JSON {
		return p.WriteJSON(SessionList{client, region, report.Some(all)})
	}
	if len(all) == 0 {
		return p.Line("Nobody is connected.")
	}
	t := p.Table(p.Out, p.Lang.Say("user"), p.Lang.Say("since (UTC)"), p.Lang.Say("address"), p.Lang.Say("bytes in"), p.Lang.Say("bytes out"), p.Lang.Say("session"))
	for _, s := range all {
		t.AppendRow(table.Row{s.Person, s.Since, s.Address, s.In, s.Out, s.ID})
	}
	_, err := fmt.Fprintln(p.Out, t.Render())
	return err
}
