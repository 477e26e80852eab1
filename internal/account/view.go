package account

import (
	"fmt"
	"io"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Check is one finding of doctor.
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

// Diagnosis is what doctor found. As JSON it is that of [Health] and
// "ok", "checks": [{"name": "…", "ok": true, "text": "…"}].
type Diagnosis struct {
	Account string `json:"account,omitempty"` // its name in the configuration
	*Health
	OK     bool    `json:"ok"`
	Checks []Check `json:"checks"`
}

// diagnosis judges what was found; trouble is the error with which the look ended, or
// nil.
func diagnosis(p *report.Printer, h *Health, trouble error) Diagnosis {
	out := Diagnosis{Health: h, OK: true}
	add := func(name string, ok bool, text string) {
		out.Checks = append(out.Checks, Check{name, ok, text})
		out.OK = out.OK && ok
	}
	say := p.Lang.Sayf
	add("credentials", true, h.Identity.ARN)
	add("account", true, h.Identity.Account)
	if len(h.Zones) > 0 {
		var zones []string
		sound := true
		for _, z := range h.Zones {
			text := z.Name + " (" + z.ID + ")"
			if z.State != "" {
				sound, text = false, text+": "+z.State
			}
			zones = append(zones, text)
		}
		add("zones", sound, strings.Join(zones, ", "))
		admins := report.Admins(p.Lang, h.Admins)
		if len(rules.Named(h.Admins)) < 2 {
			admins = say("%s; nobody else can open them: list a second role or user under admins in the configuration, and run client create", admins)
		}
		add("admins", true, admins)
		if len(h.AdminRegions) > 1 {
			add("admin_region", false, say("the account has an admin bucket in each of %s, for operators have different admin_region: agree on one of them in all configurations", strings.Join(h.AdminRegions, ", ")))
		}
		if len(rules.Named(h.Auditors)) == 0 {
			add("auditors", true, say("only admins can run cicdctl audit; to let others, list them under auditors in the configuration, and run client create"))
		} else {
			add("auditors", true, report.Auditors(p.Lang, h.Auditors))
		}
		add("slots", h.Slots > len(h.Clients), say("%d of %d taken", len(h.Clients), h.Slots))
	}
	for _, q := range h.Quotas {
		name := p.Lang.Value(q.Name)
		if q.Place != "" {
			name += " (" + q.Place + ")"
		}
		switch {
		case q.Unknown != "":
			add(name, true, say("%d used, %d needed for one more client; AWS does not say how many are allowed (%s)", q.Used, q.Needed, q.Unknown))
		case q.Tight():
			add(name, true, say("%d used, %d needed for one more client, %d with its most hosts, %d allowed: ask for more in the Service Quotas console", q.Used, q.Needed, q.Most, q.Allowed))
		default:
			add(name, !q.Short(), say("%d used, %d needed for one more client, %d allowed", q.Used, q.Needed, q.Allowed))
		}
	}
	for _, o := range h.Offers {
		switch {
		case o.Unknown != "":
			add(o.Type, true, say("AWS does not say where it is offered (%s)", o.Unknown))
		case o.Short():
			add(o.Type, false, say("not offered in %s", strings.Join(o.Lacking, ", ")))
		default:
			add(o.Type, true, say("offered in %s", strings.Join(o.Offered, ", ")))
		}
	}
	if trouble != nil {
		add("plan", false, trouble.Error())
	}
	return out
}

// showDoctor writes the findings.
func showDoctor(p *report.Printer, h Diagnosis) error {
	if p.Format == report.JSON {
		return p.WriteJSON(h)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("Is there room for one more client in %s?", h.Region)))
	t := p.Table(p.Out)
	for _, c := range h.Checks {
		t.AppendRow([]any{style.Check(c.OK), p.Lang.Say(c.Name), c.Text})
	}
	fmt.Fprintln(b, t.Render())
	verdict := style.Good.Render(p.Lang.Say("Yes: nothing is short."))
	if !h.OK {
		verdict = style.Bad.Render(p.Lang.Say("No: see what is marked ✗."))
	}
	fmt.Fprintln(b, verdict)
	_, err := io.WriteString(p.Out, b.String())
	return err
}
