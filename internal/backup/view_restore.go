package backup

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Restored is how a restore went. As JSON it is that of any run, with the copy:
//
//	{…, "copy": {"id": "acme-20261124t101500", "from": "acme as of 2026-11-24T10:15:00Z", "resumed": false,
//	 "writer": "….rds.amazonaws.com", "reader": "…", "port": 5432, "secret": "arn:…"}}
type Restored struct {
	report.Outcome
	Copy Copy `json:"copy"`
}

// Copy is a restored database and where it answers.
type Copy struct {
	ID      string `json:"id"`
	From    string `json:"from"`
	Resumed bool   `json:"resumed"` // what an earlier run had begun was completed
	Endpoints
}

// showRestored writes the end of a restore that went well.
func showRestored(p *report.Printer, title string, r Restored) error {
	r.Next = report.Some(r.Next)
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	if r.Applied {
		fmt.Fprintln(b)
	}
	fmt.Fprintln(b, style.Check(true), style.Bold.Render(title))
	t := p.Table(p.Out)
	for _, row := range [][2]string{
		{p.Lang.Say("from"), p.Lang.Value(r.Copy.From)},
		{p.Lang.Say("writer"), r.Copy.Writer},
		{p.Lang.Say("reader"), r.Copy.Reader},
		{p.Lang.Say("port"), fmt.Sprint(r.Copy.Port)},
		{p.Lang.Say("secret"), r.Copy.Secret},
	} {
		t.AppendRow(table.Row{"  " + row[0], row[1]})
	}
	fmt.Fprintln(b, t.Render())
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// Drilled is how a restore drill went. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "copy": "acme-drill-20261124t101500", "from": "monthly-20261101t050000", "at": "2026-11-24T10:15:00Z",
//	 "restored": "2026-11-24T10:12:00Z", "rpo_seconds": 180, "rto_seconds": 1260, "ok": true,
//	 "reason": "…why it failed", "removed": true, "done": {…}, "seconds": 1500.2, "next": ["…"]}
type Drilled struct {
	DrillRecord
	Removed bool         `json:"removed"` // nothing of the copy is left
	Done    report.Tally `json:"done"`
	Seconds float64      `json:"seconds"`
	Next    []string     `json:"next"`
}

// showDrilled writes how a drill went; one that failed only as JSON.
func showDrilled(p *report.Printer, r Drilled) error {
	r.Next = report.Some(r.Next)
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	if !r.OK {
		return nil
	}
	style, b := p.Palette(p.Out), &strings.Builder{}
	rpo, rto := time.Duration(r.RPO)*time.Second, time.Duration(r.RTO)*time.Second
	fmt.Fprintf(b, "\n%s %s\n", style.Check(true), style.Bold.Render(p.Lang.Sayf("%s can be restored: its database was there again after %s, with the data of %s before", r.Client, rto, rpo)))
	fmt.Fprintf(b, "  %s\n", p.Lang.Sayf("RTO %s: from the beginning at %s until RDS called an instance of the copy available", rto, r.At.Format(time.RFC3339)))
	if r.From == "" {
		fmt.Fprintf(b, "  %s\n", p.Lang.Sayf("RPO %s: the latest moment that could be restored then was %s", rpo, r.Restored.Format(time.RFC3339)))
	} else {
		fmt.Fprintf(b, "  %s\n", p.Lang.Sayf("RPO %s: the backup is of %s", rpo, r.Restored.Format(time.RFC3339)))
	}
	if r.Removed {
		fmt.Fprintf(b, "  %s\n", p.Lang.Sayf("the copy %s is removed again", r.Copy))
	}
	p.Next(b, style, r.Next)
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// showRestoreNotes are what an operator should know before a copy is made.
func showRestoreNotes(p *report.Printer, r *Restoration) []string {
	notes := []string{p.Lang.Sayf("the database %s stays as it is, and the apps go on with it", r.Source)}
	if r.Exists && rules.FromLatest(r.From) {
		notes = append(notes, p.Lang.Sayf("the copy %s was begun at %s: its data is as of then", r.ID, r.Made.Format(time.RFC3339)))
	}
	return append(notes, p.Lang.Sayf("the copy is billed like the database until it is removed"))
}
