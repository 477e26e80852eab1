package backup

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Backups are what a client's data can be brought back from. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "at": "2026-11-24T10:00:00Z",
//	 "points": [{"kind": "continuous", "id": "acme", "source": "acme", "at": "…", "since": "…", "kept_days": 30, "status": "available", "restorable": true},
//	            {"kind": "monthly", "id": "arn:…", "source": "monthly-20261101t050000", "at": "…", "kept_until": "…", "status": "COMPLETED", "restorable": true}, …],
//	 "copies": [{"id": "acme-…", "name": "…", "drill": false, "from": "…", "made": "…", "usable": true, "status": "available", "next": ["…"]}],
//	 "how": [{"kinds": ["continuous"], "text": "cicdctl backup restore ACME …"}],
//	 "unknown": {"archives": "RDS DescribeExportTasks: …"}, "findings": [{"id": "CICD-BACKUP-1", "severity": "high", …}], "next": ["…"]}
//
// The kinds are continuous, retained (automated backups of a database that is gone),
// monthly, snapshot and archive. The source is what --from takes. What is unknown was
// refused by AWS: it does not mean that there is none.
type Backups struct {
	*Points
	City   string   `json:"city"`
	Copies []Copied `json:"copies"`
	How    []How    `json:"how"`
	Spec   string   `json:"spec,omitempty"` // its path; without one nothing can be found missing
	Next   []string `json:"next"`
}

// Copied is a restored copy, and what can be done with it.
type Copied struct {
	RestoredCopy
	Next []string `json:"next"`
}

// How says how data is brought back from copies of some kinds.
type How struct {
	Kinds []rules.CopyKind `json:"kinds"`
	Text  string           `json:"text"`
}

// showBackups writes what a client's data can be brought back from.
func showBackups(p *report.Printer, r Backups) error {
	r.Points.Points, r.Findings, r.Copies, r.How, r.Next = report.Some(r.Points.Points), report.Some(r.Findings), report.Some(r.Copies), report.Some(r.How), report.Some(r.Next)
	for i := range r.Copies {
		r.Copies[i].Next = report.Some(r.Copies[i].Next)
	}
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("Backups of %s in %s", r.Client, r.Region)), "·", p.Lang.Say(r.City))
	writePoints(p, b, style, r)
	writeCopies(p, b, style, r)
	if len(r.Unknown) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("Not known, because AWS refused to tell")))
		for _, look := range r.Protection.Looks() {
			fmt.Fprintf(b, "  %s %s\n", style.Warn.Render("?"), p.Lang.Sayf("%s: %s", p.Lang.Say(string(look)), r.Unknown[look]))
		}
	}
	writeMissing(p, b, style, r)
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

func writePoints(p *report.Printer, b *strings.Builder, style report.Palette, r Backups) {
	if len(r.Points.Points) == 0 {
		none := p.Lang.Say("No copy was found.")
		if len(r.Unknown) > 0 {
			none = p.Lang.Say("No copy among what AWS tells.")
		}
		fmt.Fprintln(b, style.Dim.Render(none))
		return
	}
	t := p.Table(p.Out, p.Lang.Say("copy"), p.Lang.Say("as of (UTC)"), p.Lang.Say("age"), p.Lang.Say("kept until"), p.Lang.Say("restorable"), p.Lang.Say("state"), "ID").Details(3, 6)
	for _, each := range r.Points.Points {
		restorable := p.Lang.Say("yes")
		switch {
		case each.Kind == rules.Archive:
			restorable = p.Lang.Say("no: for analysis only")
		case !each.Restorable:
			restorable = p.Lang.Say("not yet")
		}
		t.AppendRow(table.Row{p.Lang.Say(string(each.Kind)), writeAsOf(p, each), age(r.At.Sub(each.At)), writeKept(p, each), restorable, stateText(each.Status), cmp.Or(each.Source, report.ShortID(each.ID))})
	}
	fmt.Fprintln(b, t.Render())
	for _, each := range r.Points.Points {
		if each.Note != "" {
			fmt.Fprintf(b, "  %s %s\n", style.Warn.Render("!"), p.Lang.Sayf("%s: %s", report.ShortID(each.ID), each.Note))
		}
	}
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("How to bring data back")))
	for _, how := range r.How {
		var kinds []string
		for _, kind := range how.Kinds {
			if slices.ContainsFunc(r.Points.Points, func(each Point) bool { return each.Kind == kind }) {
				kinds = append(kinds, p.Lang.Say(string(kind)))
			}
		}
		if len(kinds) > 0 {
			fmt.Fprintf(b, "  %s\n", p.Lang.Sayf("%s: %s", strings.Join(kinds, ", "), how.Text))
		}
	}
}

func writeAsOf(p *report.Printer, each Point) string {
	if each.Since == nil {
		return report.Clock(each.At)
	}
	return p.Lang.Sayf("%s to %s", report.Clock(*each.Since), report.Clock(each.At))
}

func writeKept(p *report.Printer, each Point) string {
	switch {
	case each.Days > 0:
		return p.Lang.Sayf("%d {day|days} each", each.Days)
	case each.Until != nil:
		return each.Until.UTC().Format(time.DateOnly)
	case each.Kind == rules.Archive:
		return ""
	default:
		return p.Lang.Say("it is deleted")
	}
}

// writeCopies lists the restored databases: they cost money, and somebody waits for them.
func writeCopies(p *report.Printer, b *strings.Builder, style report.Palette, r Backups) {
	if len(r.Copies) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("Restored databases")))
	for _, c := range r.Copies {
		what := p.Lang.Say("restored")
		if c.Drill {
			what = p.Lang.Say("restore drill")
		}
		state := style.Good.Render(p.Lang.Say("ready to use"))
		if !c.Usable {
			state = style.Change.Render(p.Lang.Sayf("not complete (%s)", c.Status))
		}
		fmt.Fprintf(b, "  %s · %s · %s · %s%s%s\n", c.ID, what, p.Lang.Sayf("made on %s", report.Clock(c.Made)), state, report.Prefixed(" · ", p.Lang.Value(c.From)), report.Prefixed(" · ", c.Endpoint))
		if c.Expires != nil {
			fmt.Fprintf(b, "    %s\n", p.Lang.Sayf("may be removed by anybody from %s", report.Clock(*c.Expires)))
		}
		for _, next := range c.Next {
			fmt.Fprintf(b, "    → %s\n", next)
		}
	}
}

func writeMissing(p *report.Printer, b *strings.Builder, style report.Palette, r Backups) {
	fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("What is missing")))
	if r.Spec == "" {
		fmt.Fprintln(b, " ", style.Dim.Render(p.Lang.Say("without a spec file there is nothing to compare with")))
		return
	}
	shown := 0
	for _, f := range r.Findings {
		if f.NotKnown { // told above
			continue
		}
		shown++
		severity := style.Grave(f.Severity)
		fmt.Fprintf(b, "  %s %s %s\n", severity.Render(p.Lang.Say(string(f.Severity))), p.Lang.Say(f.Title), style.Dim.Render("("+f.ID+")"))
		fmt.Fprintf(b, "    %s\n", p.Lang.Sayf("%s: %s; should be: %s", f.Resource, f.Is, f.Should))
		fmt.Fprintf(b, "    → %s\n", f.Fix)
	}
	switch {
	case shown > 0:
	case len(r.Unknown) > 0:
		fmt.Fprintln(b, " ", p.Lang.Say("nothing, as far as AWS tells"))
	default:
		fmt.Fprintln(b, " ", style.Good.Render("✓"), p.Lang.Say("nothing: all is as agreed with the client"))
	}
}

// stateText is a state in AWS's words without its capitals: "in progress".
func stateText(status string) string {
	return strings.ToLower(strings.ReplaceAll(status, "_", " "))
}

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
	Client  string        `json:"client"`
	Region  string        `json:"region"`
	Begun   bool          `json:"begun"`
	OK      bool          `json:"ok"`
	Archive *ArchiveState `json:"archive"`
	Next    []string      `json:"next"`
	Fresh   bool          `json:"-"` // it was made a short while ago, and not by this run
}

// showArchivePlan shows what an archive will be, before it is confirmed.
func showArchivePlan(p *report.Printer, a *Archive, sandbox bool) error {
	if p.Format == report.JSON {
		return nil
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	fmt.Fprintln(b, style.Bold.Render(p.Lang.Sayf("Archive of %s in %s", a.Client, a.Region)))
	if sandbox {
		fmt.Fprintln(b, style.Dim.Render(p.Lang.Say("(sandbox: nothing leaves this machine)")))
	}
	t := p.Table(p.Out)
	t.AppendRow(table.Row{"  " + p.Lang.Say("database"), a.Cluster})
	t.AppendRow(table.Row{"  " + p.Lang.Say("written to"), "s3://" + a.Bucket + "/" + a.Name + "/"})
	t.AppendRow(table.Row{"  " + p.Lang.Say("encrypted with"), a.Key})
	t.AppendRow(table.Row{"  " + p.Lang.Say("kept for"), p.Lang.Sayf("%d {month|months}, in S3 Glacier", a.Months)})
	fmt.Fprintln(b, t.Render())
	fmt.Fprintln(b, style.Dim.Render(p.Lang.Say("An archive is for analysis: no database can be restored from it. RDS charges for the whole database's size.")))
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showArchiveProgress returns what tells how far an archive is, each step once.
func showArchiveProgress(p *report.Printer) func(ArchiveState) {
	last := ""
	return func(s ArchiveState) {
		line := p.Lang.Sayf("archive %s: %s, %d%%", s.Name, p.Lang.Say(stateText(s.Status)), s.Percent)
		if line != last {
			p.TellLine(line)
		}
		last = line
	}
}

// showArchived writes how an archive went.
func showArchived(p *report.Printer, r Archived) error {
	r.Next = report.Some(r.Next)
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	style, b, s := p.Palette(p.Out), &strings.Builder{}, r.Archive
	title := p.Lang.Sayf("%s is archived: %s, %d GB", r.Client, s.Name, s.Gigabytes)
	if r.Fresh && s.AsOf != nil {
		title = p.Lang.Sayf("%s was archived already, as of %s: %s", r.Client, report.Clock(*s.AsOf), s.Name)
	}
	fmt.Fprintln(b, style.Check(true), style.Bold.Render(title))
	fmt.Fprintf(b, "  %s\n", s.Place)
	if s.Until != nil {
		fmt.Fprintf(b, "  %s\n", p.Lang.Sayf("kept until %s, in S3 Glacier", s.Until.Format(time.DateOnly)))
	}
	if s.Warning != "" {
		fmt.Fprintf(b, "  %s %s\n", style.Warn.Render("!"), p.Lang.Sayf("it is not complete: %s", s.Warning))
	}
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}
