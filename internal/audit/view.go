package audit

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// Audit is what an audit found. What is in an account of the configuration says which: "account": "production". As JSON,
// otherwise:
//
//	{"at": "2026-11-24T10:00:00Z", "regions": ["eu-west-3"], "clients": [{"name": "ACME", "region": "eu-west-3", "spec": "clients/acme.yaml"}],
//	 "findings": [{"id": "EC2.13", "severity": "high", "title": "…", "client": "ACME", "region": "eu-west-3", "resource": "ec2/security-group sg-1",
//	               "is": "…", "should": "…", "why": "…", "fix": "…"}],
//	 "excepted": [{"id": "ELB.6", …, "reason": "…", "until": "2027-06-30T00:00:00Z"}],
//	 "not_audited": [{"what": "s3/escrow", "region": "eu-west-3", "why": "…", "fix": "…"}],
//	 "isolation": [{"region": "eu-west-3", "isolated": true, "clients": 2, "pairs": 2, "combinations": "1234567", "lines": ["…"], "unknown": ["…"],
//	                "exposed": [{"client": "ACME", "lines": ["…"]}]}],
//	 "counts": {"high": 1, "medium": 0, "low": 0, "excepted": 1, "not_audited": 1}, "calls": 84, "seconds": 2.3, "ok": false}
//
// It is ok when nothing was found and everything could be looked at. Findings of
// what clients share have no client. What was not audited has a fix where one is known.
type Audit struct {
	At         time.Time       `json:"at"`
	Regions    []string        `json:"regions"`
	Clients    []AuditedClient `json:"clients"`
	Findings   []judge.Finding `json:"findings"`
	Excepted   []Excepted      `json:"excepted"`
	NotAudited []NotAudited    `json:"not_audited"`
	Isolation  []Isolation     `json:"isolation"`
	Counts     AuditCounts     `json:"counts"`
	// Notes are about versions of cicdctl: findings of an older one may not be what counts.
	Notes   []string `json:"notes,omitempty"`
	Calls   int      `json:"calls"`
	Seconds float64  `json:"seconds"`
	OK      bool     `json:"ok"`
	// Rules are what clients were held against, for formats that tell what passed too.
	Rules   []AuditRule `json:"-"`
	Version string      `json:"-"` // of cicdctl
	// Accounts are the names of those that were audited; places are told with their account
	// where there are several.
	Accounts []string `json:"-"`
	// Brief has JUnit tell what passed in one case for each client: of many clients, GitLab reads no
	// more than 500,000 cases.
	Brief bool `json:"-"`
}

// AuditedClient is one client, and its spec file if it has one.
type AuditedClient struct {
	Name    string `json:"name"`
	Account string `json:"account,omitempty"`
	Region  string `json:"region"`
	Spec    string `json:"spec,omitempty"`
}

// AuditRule is one opinion that clients were held against. Several may share an ID:
// controls of AWS are about several kinds.
type AuditRule struct {
	ID         string
	Severity   rules.Severity
	Title, Why string
	Kind       string // what it judges; empty when that is more than one kind
}

// Isolation is what was proved about the clients of one region.
type Isolation struct {
	Account      string   `json:"account,omitempty"`
	Region       string   `json:"region"`
	Isolated     bool     `json:"isolated"`
	Clients      int      `json:"clients"`
	Pairs        int      `json:"pairs"`        // of clients, ordered
	Combinations string   `json:"combinations"` // of addresses, protocols and ports, in digits
	Lines        []string `json:"lines"`        // what else there is to say
	Unknown      []string `json:"unknown"`      // what was not read and counted as open
	// Exposed is what the internet and the clients' own sites reach.
	Exposed []Exposed `json:"exposed"`
}

// Exposed is what reaches a client from outside, in sentences.
type Exposed struct {
	Client string   `json:"client"`
	Lines  []string `json:"lines"`
}

// AuditCounts are how many there are of each.
type AuditCounts struct {
	High       int `json:"high"`
	Medium     int `json:"medium"`
	Low        int `json:"low"`
	Excepted   int `json:"excepted"`
	NotAudited int `json:"not_audited"`
}

// Findings is how many there are of all severities.
func (c AuditCounts) Findings() int { return c.High + c.Medium + c.Low }

// newAudit makes the report of what was found; spec tells a client's spec file.
func newAudit(found *Audited, spec func(c Audience) string) Audit {
	a := Audit{
		At: found.At, Regions: report.Some(found.Regions), Clients: []AuditedClient{}, Findings: report.Some(slices.Clone(found.Findings)),
		Excepted: report.Some(found.Excepted), NotAudited: report.Some(found.NotAudited), Isolation: []Isolation{},
	}
	for _, c := range found.Clients {
		a.Clients = append(a.Clients, AuditedClient{c.Name, c.Account, c.Region, spec(c)})
	}
	a.Settle()
	return a
}

// Settle puts the findings in their order, the gravest first, and counts everything.
func (a *Audit) Settle() {
	slices.SortStableFunc(a.Findings, func(x, y judge.Finding) int {
		return cmp.Or(cmp.Compare(gravity(x.Severity), gravity(y.Severity)), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Resource, y.Resource), cmp.Compare(x.Account, y.Account))
	})
	a.Counts = a.count()
	a.OK = len(a.Findings) == 0 && len(a.NotAudited) == 0
}

// Whole reports whether the counts are those of what is listed: of a result that was read from a
// file, nothing is missing then.
func (a *Audit) Whole() bool {
	return a.Counts == a.count() && a.OK == (len(a.Findings) == 0 && len(a.NotAudited) == 0)
}

func (a *Audit) count() AuditCounts {
	n := AuditCounts{Excepted: len(a.Excepted), NotAudited: len(a.NotAudited)}
	for _, f := range a.Findings {
		switch f.Severity {
		case rules.High:
			n.High++
		case rules.Medium:
			n.Medium++
		case rules.Low:
			n.Low++
		}
	}
	return n
}

// gravity is 0 for what is gravest.
func gravity(s rules.Severity) int {
	return slices.Index([]rules.Severity{rules.High, rules.Medium, rules.Low}, s)
}

// audience is whom findings are about: a client, or what the clients of a region share.
type audience struct{ account, region, client string }

func audienceOf(f judge.Finding) audience { return audience{f.Account, f.Region, f.Client} }

// place is where something is: the region, with the account where several were audited.
func (a *Audit) place(l lang.Lang, account, region string) string {
	if len(a.Accounts) < 2 {
		return region
	}
	return session.PlaceIn(l, account, region)
}

// audiences are the clients that were audited, what they share where something was
// found there, and clients that only findings name: those that are not on AWS.
func (a *Audit) audiences() []audience {
	var out []audience
	for _, c := range a.Clients {
		out = append(out, audience{c.Account, c.Region, c.Name})
	}
	for _, f := range a.all() {
		out = append(out, audienceOf(f))
	}
	slices.SortFunc(out, func(x, y audience) int {
		return cmp.Or(cmp.Compare(x.account, y.account), cmp.Compare(x.region, y.region), cmp.Compare(x.client, y.client))
	})
	return slices.Compact(out)
}

// all are the findings, excepted ones included.
func (a *Audit) all() []judge.Finding {
	out := slices.Clone(a.Findings)
	for _, e := range a.Excepted {
		out = append(out, e.Finding)
	}
	return out
}

func (a *Audit) findingsOf(who audience) []judge.Finding {
	var out []judge.Finding
	for _, f := range a.Findings {
		if audienceOf(f) == who {
			out = append(out, f)
		}
	}
	return out
}

// specOf is the spec file of a client; empty without one.
func (a *Audit) specOf(who audience) string {
	for _, c := range a.Clients {
		if (audience{c.Account, c.Region, c.Name}) == who {
			return c.Spec
		}
	}
	return ""
}

// showAudit writes what an audit found.
func showAudit(p *report.Printer, a Audit) error {
	switch p.Format {
	case report.JSON:
		return p.WriteJSON(a)
	case report.SARIF:
		return p.WriteJSON(a.sarif())
	case report.JUnit:
		return a.JUnit(p.Out.Writer)
	case report.Text:
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	title := p.Lang.Sayf("Audit of %s in %s", p.Lang.Sayn(len(a.Clients), "%d client", "%d clients"), strings.Join(a.Regions, ", "))
	if len(a.Clients) == 1 {
		title = p.Lang.Sayf("Audit of %s in %s", a.Clients[0].Name, strings.Join(a.Regions, ", "))
	}
	fmt.Fprintf(b, "%s · %s UTC\n", style.Bold.Render(title), report.Clock(a.At))
	for _, who := range a.audiences() {
		writeAudience(p, b, style, &a, who)
	}
	writeExcepted(p, b, style, a.Excepted)
	writeNotAudited(p, b, style, &a)
	writeIsolation(p, b, style, &a)
	writeAuditSummary(p, b, style, &a)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// writeAudience writes what was found about a client, or what clients share.
func writeAudience(p *report.Printer, b *strings.Builder, style report.Palette, a *Audit, who audience) {
	title := p.Lang.Sayf("Shared by the clients of %s", a.place(p.Lang, who.account, who.region))
	switch {
	case who.client != "":
		title = who.client + " · " + a.place(p.Lang, who.account, who.region)
	case who.region == "" && len(a.Accounts) > 1:
		title = p.Lang.Capital(session.AccountIn(p.Lang, who.account))
	case who.region == "":
		title = p.Lang.Say("The account")
	}
	fmt.Fprintf(b, "\n%s%s\n", style.Bold.Render(title), style.Dim.Render(report.Prefixed(" · ", a.specOf(who))))
	found := a.findingsOf(who)
	if len(found) == 0 {
		verdict := style.Good.Render("✓") + " " + p.Lang.Say("nothing found")
		if slices.ContainsFunc(a.NotAudited, func(n NotAudited) bool { return n.Account == who.account }) {
			verdict = style.Warn.Render("?") + " " + p.Lang.Say("nothing found in what could be looked at")
		}
		fmt.Fprintln(b, " ", verdict)
	}
	for _, f := range found {
		writeFinding(p, b, style, f)
	}
}

func writeFinding(p *report.Printer, b *strings.Builder, style report.Palette, f judge.Finding) {
	severity := style.Grave(f.Severity)
	fmt.Fprintf(b, "  %s %s %s · %s\n", severity.Render("✗"), severity.Render(p.Lang.Say(string(f.Severity))), style.Bold.Render(f.ID), p.Lang.Say(f.Title))
	fmt.Fprintf(b, "    %s\n", f.Resource)
	fmt.Fprintf(b, "    %s → %s\n", p.Lang.Value(f.Is), p.Lang.Value(f.Should))
	fmt.Fprintf(b, "    %s\n", style.Dim.Render(p.Lang.Sayf("why: %s", f.Why)))
	fmt.Fprintf(b, "    %s\n", p.Complete(p.Lang.Sayf("fix: %s", f.Fix)))
}

func writeExcepted(p *report.Printer, b *strings.Builder, style report.Palette, excepted []Excepted) {
	if len(excepted) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("Accepted for a time")))
	for _, e := range excepted {
		fmt.Fprintf(b, "  %s %s%s · %s · %s\n", style.Dim.Render("="), report.Prefixed("", e.Client)+" ", e.ID, e.Resource, p.Lang.Sayf("until %s", e.Until.Format(time.DateOnly)))
		fmt.Fprintf(b, "    %s\n", style.Dim.Render(e.Reason))
	}
}

// writeNotAudited is loud: what was not looked at may be anything.
func writeNotAudited(p *report.Printer, b *strings.Builder, style report.Palette, a *Audit) {
	if len(a.NotAudited) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", style.Bad.Render(p.Lang.Say("NOT AUDITED: AWS did not let this be read, so it may be in order or not")))
	for _, n := range a.NotAudited {
		fmt.Fprintf(b, "  %s %s\n", style.Bad.Render("?"), p.Lang.Sayf("%s: %s", n.What+report.Prefixed(" · ", a.place(p.Lang, n.Account, n.Region)), report.FirstLine(n.Why)))
		if n.Fix != "" {
			fmt.Fprintf(b, "    %s\n", p.Complete(p.Lang.Sayf("fix: %s", n.Fix)))
		}
	}
}

func writeIsolation(p *report.Printer, b *strings.Builder, style report.Palette, a *Audit) {
	if len(a.Isolation) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("Isolation of clients")))
	for _, i := range a.Isolation {
		sentence := p.Lang.Sayf("%s: no client reaches another; proved for all %s combinations of addresses, protocols and ports between %d {client|clients}", a.place(p.Lang, i.Account, i.Region), grouping(i.Combinations), i.Clients)
		switch {
		case !i.Isolated:
			sentence = p.Lang.Sayf("%s: clients reach each other; of %s combinations of addresses, protocols and ports between %d {client|clients}, some get through", a.place(p.Lang, i.Account, i.Region), grouping(i.Combinations), i.Clients)
		case i.Pairs == 0:
			sentence = p.Lang.Sayf("%s: there is no other client to reach", a.place(p.Lang, i.Account, i.Region))
		}
		fmt.Fprintf(b, "  %s %s\n", style.Check(i.Isolated), sentence)
		for _, line := range i.Lines {
			fmt.Fprintf(b, "    %s\n", line)
		}
		for _, e := range i.Exposed {
			for _, line := range e.Lines {
				fmt.Fprintf(b, "    %s\n", p.Lang.Sayf("%s: %s", e.Client, line))
			}
		}
		for _, unknown := range i.Unknown {
			fmt.Fprintf(b, "    %s %s\n", style.Warn.Render("?"), p.Lang.Sayf("not read, taken as open: %s", unknown))
		}
	}
}

func writeAuditSummary(p *report.Printer, b *strings.Builder, style report.Palette, a *Audit) {
	c := a.Counts
	verdict := style.Good.Render(p.Lang.Say("Nothing found."))
	switch {
	case c.Findings() > 0:
		verdict = p.Lang.Sayn(c.Findings(), "%d finding", "%d findings") + p.Lang.Sayf(": %d high, %d medium, %d low", c.High, c.Medium, c.Low)
		worst := rules.Low
		if c.Medium > 0 {
			worst = rules.Medium
		}
		if c.High > 0 {
			worst = rules.High
		}
		verdict = style.Grave(worst).Render(verdict)
	case c.NotAudited > 0:
		verdict = style.Warn.Render(p.Lang.Say("Nothing found in what could be looked at."))
	}
	if c.Excepted > 0 {
		verdict += " · " + p.Lang.Sayf("%d accepted for a time", c.Excepted)
	}
	if c.NotAudited > 0 {
		verdict += " · " + style.Bad.Render(p.Lang.Sayf("%d NOT AUDITED", c.NotAudited))
	}
	fmt.Fprintf(b, "\n%s %s\n", verdict, style.Dim.Render(fmt.Sprintf("(%s, %s, %.1f s)",
		p.Lang.Sayn(len(a.ruleIDs()), "%d rule", "%d rules"), p.Lang.Sayn(a.Calls, "%d call", "%d calls"), a.Seconds)))
}

// ruleIDs are those of the rules, each once, in order.
func (a *Audit) ruleIDs() []string {
	var out []string
	for _, r := range a.Rules {
		out = append(out, r.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// grouping puts spaces between thousands: these numbers are long.
func grouping(digits string) string {
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
