package fleet

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// ReportOptions are those of the fleet report command.
type ReportOptions struct {
	Dirs     []string // with the results of the shards, and with fleet-shards.json unless Shards is given
	Shards   string   // the file
	Out      string   // directory of what is written
	FailOn   string   // a severity, or audit.Never
	Previous string   // the report of the night before: its directory or file; may be empty
}

// Reported is the result of fleet report. As JSON:
//
//	{"files": ["fleet-report.html", …], "clients": 24, "shards": 4, "delivered": 3,
//	 "counts": {"high": 1, "medium": 0, "low": 0, "excepted": 1, "not_audited": 1}, "nights": 12, "ok": false}
//
// It is ok when nothing was found and all shards delivered an audit that could look at everything.
type Reported struct {
	Files     []string          `json:"files"`
	Clients   int               `json:"clients"`
	Shards    int               `json:"shards"`
	Delivered int               `json:"delivered"`
	Counts    audit.AuditCounts `json:"counts"`
	Nights    int               `json:"nights"` // of the trend
	OK        bool              `json:"ok"`
}

// WriteReport puts the audits of the shards together, writes what is found in all forms, and says in
// one line what comes of it. Its exit codes are those of an audit.
func WriteReport(a *session.Session, o ReportOptions) error {
	if err := audit.CheckFailOn(o.FailOn); err != nil {
		return err
	}
	files, err := lookIn(o.Dirs)
	if err != nil {
		return err
	}
	shards, err := files.shards(o.Shards)
	if err != nil {
		return err
	}
	nights, anew, lost := history(o.Previous)
	r := merge(shards, files, a.Version)
	r.HistoryLost = lost
	r.remember(nights)
	out := Reported{
		Files: []string{}, Clients: len(r.Audit.Clients), Shards: len(r.Shards), Delivered: r.delivered(), Counts: r.Audit.Counts, Nights: len(r.History), OK: r.OK,
	}
	for _, f := range forms(a.Print.Lang) {
		data, err := f.write(r)
		if err != nil {
			return lang.Errorf("write %s: %w", f.name, err)
		}
		path := filepath.Join(o.Out, f.name)
		if err := session.WriteReport(path, data); err != nil {
			return err
		}
		out.Files = append(out.Files, path)
	}
	a.Print.Tell("wrote %s", strings.Join(out.Files, ", "))
	switch {
	case anew != "":
		a.Print.TellLine(anew)
	case lost != "":
		a.Print.Tell("the earlier report cannot be read, so that the trend starts anew: %s", lost)
	}
	for _, s := range r.Shards {
		if !s.Delivered {
			a.Print.Tell("not audited: %s: %s", s.ID, report.FirstLine(s.Why))
		}
	}
	if err := a.Print.Says(out, "%s", r.verdict(a.Print.Lang)); err != nil {
		return err
	}
	return audit.Verdict(r.Audit.Findings, len(r.Audit.NotAudited), o.FailOn)
}

// form is one of the files that are written.
type form struct {
	name  string
	write func(*Report) ([]byte, error)
}

func forms(l lang.Lang) []form {
	return []form{
		{"fleet-report.html", func(r *Report) ([]byte, error) {
			var b bytes.Buffer
			err := document.HTML(&b, ComposeReport(r, l))
			return b.Bytes(), err
		}},
		{ReportFile, func(r *Report) ([]byte, error) { return encode(r) }},
		{"fleet-report.sarif", func(r *Report) ([]byte, error) { return encode(r.Audit.SARIF()) }},
		{"fleet-report.xml", func(r *Report) ([]byte, error) {
			var b bytes.Buffer
			err := r.Audit.JUnit(&b)
			return b.Bytes(), err
		}},
	}
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

func (r *Report) delivered() int {
	n := 0
	for _, s := range r.Shards {
		if s.Delivered {
			n++
		}
	}
	return n
}

// verdict is what came of the night, in one line.
func (r *Report) verdict(l lang.Lang) string {
	c := r.Audit.Counts
	parts := []string{l.Say("Nothing found.")}
	switch {
	case c.Findings() > 0:
		parts[0] = l.Sayn(c.Findings(), "%d finding", "%d findings") + l.Sayf(": %d high, %d medium, %d low", c.High, c.Medium, c.Low)
	case c.NotAudited > 0:
		parts[0] = l.Say("Nothing found in what could be looked at.")
	}
	if c.Excepted > 0 {
		parts = append(parts, l.Sayf("%d accepted for a time", c.Excepted))
	}
	if c.NotAudited > 0 {
		parts = append(parts, l.Sayf("%d NOT AUDITED", c.NotAudited))
	}
	parts = append(parts, l.Sayf("%d {client|clients} in %d of %d {part|parts}", len(r.Audit.Clients), r.delivered(), len(r.Shards)))
	if accounts := r.accounts(); len(accounts) > 1 {
		parts = append(parts, l.Sayf("%d {account|accounts}", len(accounts)))
	}
	return strings.Join(parts, " · ")
}

// accounts are the names of the accounts that were to be audited.
func (r *Report) accounts() []string {
	var out []string
	for _, s := range r.Shards {
		out = append(out, s.Account)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
