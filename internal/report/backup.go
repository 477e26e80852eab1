package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Backups are what a client's data can be brought back from. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "at": "2026-11-24T10:00:00Z",
//	 "points": [{"kind": "continuous", "id": "acme", "at": "…", "since": "…", "kept_days": 30, "status": "available", "restorable": true},
//	            {"kind": "monthly", "id": "arn:…", "at": "…", "kept_until": "…", "status": "COMPLETED", "restorable": true}, …],
//	 "copies": [{"id": "acme-…", "name": "…", "drill": false, "from": "…", "made": "…", "usable": true, "status": "available", "next": ["…"]}],
//	 "how": [{"kinds": ["continuous"], "text": "cicdctl backup restore ACME …"}],
//	 "unknown": {"archives": "RDS DescribeExportTasks: …"}, "findings": [{"id": "CICD-BACKUP-1", "severity": "high", …}], "next": ["…"]}
//
// The kinds are continuous, monthly, snapshot and archive. What is unknown was
// refused by AWS: it does not mean that there is none.
type Backups struct {
	*backup.Points
	City   string   `json:"city"`
	Copies []Copied `json:"copies"`
	How    []How    `json:"how"`
	Spec   string   `json:"spec,omitempty"` // its path; without one nothing can be found missing
	Next   []string `json:"next"`
}

// Copied is a restored copy, and what can be done with it.
type Copied struct {
	backup.RestoredCopy
	Next []string `json:"next"`
}

// How says how data is brought back from copies of some kinds.
type How struct {
	Kinds []rules.CopyKind `json:"kinds"`
	Text  string           `json:"text"`
}

// Backups writes what a client's data can be brought back from.
func (p *Printer) Backups(r Backups) error {
	r.Points.Points, r.Findings, r.Copies, r.How, r.Next = some(r.Points.Points), some(r.Findings), some(r.Copies), some(r.How), some(r.Next)
	for i := range r.Copies {
		r.Copies[i].Next = some(r.Copies[i].Next)
	}
	if p.Format == JSON {
		return p.encode(r)
	}
	style, b := p.palette(p.out), &strings.Builder{}
	fmt.Fprintln(b, style.bold.Render(p.Lang.sayf("Backups of %s in %s", r.Client, r.Region)), "·", r.City)
	p.points(b, style, r)
	p.copies(b, style, r)
	if len(r.Unknown) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.bold.Render(p.Lang.say("Not known, because AWS refused to tell")))
		for _, look := range r.Protection.Looks() {
			fmt.Fprintf(b, "  %s %s: %s\n", style.warn.Render("?"), p.Lang.say(string(look)), r.Unknown[look])
		}
	}
	p.missing(b, style, r)
	p.next(b, style, r.Next)
	_, err := io.WriteString(p.out, b.String())
	return err
}

func (p *Printer) points(b *strings.Builder, style palette, r Backups) {
	if len(r.Points.Points) == 0 {
		none := p.Lang.say("No copy was found.")
		if len(r.Unknown) > 0 {
			none = p.Lang.say("No copy among what AWS tells.")
		}
		fmt.Fprintln(b, style.dim.Render(none))
		return
	}
	t := p.table(p.out, p.Lang.say("copy"), p.Lang.say("as of (UTC)"), p.Lang.say("age"), p.Lang.say("kept until"), p.Lang.say("restorable"), p.Lang.say("state"), "ID")
	for _, each := range r.Points.Points {
		restorable := p.Lang.say("yes")
		switch {
		case each.Kind == rules.Archive:
			restorable = p.Lang.say("no: for analysis only")
		case !each.Restorable:
			restorable = p.Lang.say("not yet")
		}
		t.AppendRow(table.Row{p.Lang.say(string(each.Kind)), p.asOf(each), age(r.At.Sub(each.At)), p.kept(each), restorable, stateText(each.Status), shortID(each.ID)})
	}
	fmt.Fprintln(b, t.Render())
	for _, each := range r.Points.Points {
		if each.Note != "" {
			fmt.Fprintf(b, "  %s %s: %s\n", style.warn.Render("!"), shortID(each.ID), each.Note)
		}
	}
	fmt.Fprintf(b, "\n%s\n", style.bold.Render(p.Lang.say("How to bring data back")))
	for _, how := range r.How {
		var kinds []string
		for _, kind := range how.Kinds {
			if slices.ContainsFunc(r.Points.Points, func(each backup.Point) bool { return each.Kind == kind }) {
				kinds = append(kinds, p.Lang.say(string(kind)))
			}
		}
		if len(kinds) > 0 {
			fmt.Fprintf(b, "  %s: %s\n", strings.Join(kinds, ", "), how.Text)
		}
	}
}

func (p *Printer) asOf(each backup.Point) string {
	if each.Since == nil {
		return clock(each.At)
	}
	return p.Lang.sayf("%s to %s", clock(*each.Since), clock(each.At))
}

func (p *Printer) kept(each backup.Point) string {
	switch {
	case each.Days > 0:
		return p.Lang.sayf("%d days each", each.Days)
	case each.Until != nil:
		return each.Until.UTC().Format(time.DateOnly)
	case each.Kind == rules.Archive:
		return ""
	default:
		return p.Lang.say("it is deleted")
	}
}

// copies lists the restored databases: they cost money, and somebody waits for them.
func (p *Printer) copies(b *strings.Builder, style palette, r Backups) {
	if len(r.Copies) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", style.bold.Render(p.Lang.say("Restored databases")))
	for _, c := range r.Copies {
		what := p.Lang.say("restored")
		if c.Drill {
			what = p.Lang.say("restore drill")
		}
		state := style.good.Render(p.Lang.say("ready to use"))
		if !c.Usable {
			state = style.change.Render(p.Lang.sayf("not complete (%s)", c.Status))
		}
		fmt.Fprintf(b, "  %s · %s · %s · %s%s%s\n", c.ID, what, p.Lang.sayf("made on %s", clock(c.Made)), state, prefixed(" · ", c.From), prefixed(" · ", c.Endpoint))
		if c.Expires != nil {
			fmt.Fprintf(b, "    %s\n", p.Lang.sayf("may be removed by anybody from %s", clock(*c.Expires)))
		}
		for _, next := range c.Next {
			fmt.Fprintf(b, "    → %s\n", next)
		}
	}
}

func (p *Printer) missing(b *strings.Builder, style palette, r Backups) {
	fmt.Fprintf(b, "\n%s\n", style.bold.Render(p.Lang.say("What is missing")))
	if r.Spec == "" {
		fmt.Fprintln(b, " ", style.dim.Render(p.Lang.say("without a spec file there is nothing to compare with")))
		return
	}
	shown := 0
	for _, f := range r.Findings {
		if f.NotKnown() { // told above
			continue
		}
		shown++
		severity := style.grave(f.Severity)
		fmt.Fprintf(b, "  %s %s %s\n", severity.Render(p.Lang.say(string(f.Severity))), p.Lang.say(f.Title), style.dim.Render("("+f.ID+")"))
		fmt.Fprintf(b, "    %s\n", p.Lang.sayf("%s: %s; should be: %s", f.Resource, f.Is, f.Should))
		fmt.Fprintf(b, "    → %s\n", f.Fix)
	}
	switch {
	case shown > 0:
	case len(r.Unknown) > 0:
		fmt.Fprintln(b, " ", p.Lang.say("nothing, as far as AWS tells"))
	default:
		fmt.Fprintln(b, " ", style.good.Render("✓"), p.Lang.say("nothing: all is as agreed with the client"))
	}
}

// stateText is a state in AWS's words without its capitals: "in progress".
func stateText(status string) string {
	return strings.ToLower(strings.ReplaceAll(status, "_", " "))
}

// clock is a moment as people read it, in UTC.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// age is how old something is, in the one unit that matters.
func age(d time.Duration) string {
	switch {
	case d < 0:
		return "0m"
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	default:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
}

// Archived is an archive that was asked for. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "begun": true, "ok": true,
//	 "archive": {"name": "acme-20261124100000", "status": "COMPLETE", "percent": 100, "gigabytes": 12, "as_of": "…",
//	             "begun": "…", "ended": "…", "kept_until": "…", "place": "s3://…/", "warning": "…", "failure": "…"}, "next": ["…"]}
//
// Begun is false for an archive that was under way, or made, already. Without ok,
// RDS may still be at work.
type Archived struct {
	Client  string               `json:"client"`
	Region  string               `json:"region"`
	Begun   bool                 `json:"begun"`
	OK      bool                 `json:"ok"`
	Archive *backup.ArchiveState `json:"archive"`
	Next    []string             `json:"next"`
	Fresh   bool                 `json:"-"` // it was made a short while ago, and not by this run
}

// ArchivePlan shows what an archive will be, before it is confirmed.
func (p *Printer) ArchivePlan(a *backup.Archive, sandbox bool) error {
	if p.Format == JSON {
		return nil
	}
	style, b := p.palette(p.out), &strings.Builder{}
	fmt.Fprintln(b, style.bold.Render(p.Lang.sayf("Archive of %s in %s", a.Client, a.Region)))
	if sandbox {
		fmt.Fprintln(b, style.dim.Render(p.Lang.say("(sandbox: nothing leaves this machine)")))
	}
	t := p.table(p.out)
	t.AppendRow(table.Row{"  " + p.Lang.say("database"), a.Cluster})
	t.AppendRow(table.Row{"  " + p.Lang.say("written to"), "s3://" + a.Bucket + "/" + a.Name + "/"})
	t.AppendRow(table.Row{"  " + p.Lang.say("encrypted with"), a.Key})
	t.AppendRow(table.Row{"  " + p.Lang.say("kept for"), p.Lang.sayf("%d months, in S3 Glacier", a.Months)})
	fmt.Fprintln(b, t.Render())
	fmt.Fprintln(b, style.dim.Render(p.Lang.say("An archive is for analysis: no database can be restored from it. RDS charges for the whole database's size.")))
	_, err := io.WriteString(p.out, b.String())
	return err
}

// ArchiveProgress returns what tells how far an archive is, each step once.
func (p *Printer) ArchiveProgress() func(backup.ArchiveState) {
	last := ""
	return func(s backup.ArchiveState) {
		line := p.Lang.sayf("archive %s: %s, %d%%", s.Name, p.Lang.say(stateText(s.Status)), s.Percent)
		if line != last {
			p.tell(line)
		}
		last = line
	}
}

// Archived writes how an archive went.
func (p *Printer) Archived(r Archived) error {
	r.Next = some(r.Next)
	if p.Format == JSON {
		return p.encode(r)
	}
	style, b, s := p.palette(p.out), &strings.Builder{}, r.Archive
	title := p.Lang.sayf("%s is archived: %s, %d GB", r.Client, s.Name, s.Gigabytes)
	if r.Fresh && s.AsOf != nil {
		title = p.Lang.sayf("%s was archived already, as of %s: %s", r.Client, clock(*s.AsOf), s.Name)
	}
	fmt.Fprintln(b, style.check(true), style.bold.Render(title))
	fmt.Fprintf(b, "  %s\n", s.Place)
	if s.Until != nil {
		fmt.Fprintf(b, "  %s\n", p.Lang.sayf("kept until %s, in S3 Glacier", s.Until.Format(time.DateOnly)))
	}
	if s.Warning != "" {
		fmt.Fprintf(b, "  %s %s\n", style.warn.Render("!"), p.Lang.sayf("it is not complete: %s", s.Warning))
	}
	p.next(b, style, r.Next)
	_, err := io.WriteString(p.out, b.String())
	return err
}
