package dossier

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// Form is how and where a report is written.
type Form struct {
	Format string // one of Formats
	Lang   string // of the document; that of the output when empty
	Out    string // directory, or - for the output
}

// Formats are those of reports, the first by default.
func Formats() []string { return []string{"html", "md", "json"} }

// Languages are those of reports.
func Languages() []string { return []string{string(lang.French), string(lang.English)} }

// toOutput is the Form's Out for the output instead of a file.
const toOutput = "-"

// check refuses what is no format, no language, or two documents on one output.
func (f *Form) check(a *session.Session) error {
	if !slices.Contains(Formats(), f.Format) {
		return session.Usagef(lang.Sprintf("give --format %s; a PDF is what a browser prints of html", strings.Join(Formats(), ", --format ")), "--format %q is not one of %s", f.Format, strings.Join(Formats(), ", "))
	}
	if f.Lang == "" {
		f.Lang = string(a.Print.Lang)
	}
	if !slices.Contains(Languages(), f.Lang) {
		return session.Usagef("give --lang fr or --lang en", "--lang %q is not one of %s", f.Lang, strings.Join(Languages(), ", "))
	}
	if f.Out == toOutput && a.Print.Format == report.JSON && f.Format != "json" {
		return session.Usagef("give --format json as well, or a directory with --out", "--out - writes the document to the output, where --output json wants JSON and nothing else; --format is %q", f.Format)
	}
	return nil
}

// language is that of the audit's sentences. JSON is English, whatever the document's language.
func (f *Form) language() lang.Lang {
	if f.Format == "json" {
		return lang.English
	}
	return lang.Lang(f.Lang)
}

// Written is the result of a report. As JSON:
//
//	{"file": "acme-dossier.html", "format": "html", "lang": "fr",
//	 "not_read": [{"what": "ec2/network-acl", "why": "…"}], "ok": true}
//
// The file is empty where the document went to the output. It is ok when everything was read.
type Written struct {
	File    string    `json:"file,omitempty"`
	Format  string    `json:"format"`
	Lang    string    `json:"lang"`
	NotRead []NotRead `json:"not_read"`
	OK      bool      `json:"ok"`
}

// render writes a document, or data as JSON.
func render(f Form, data any, compose func(lang.Lang) document.Document) ([]byte, error) {
	var b bytes.Buffer
	switch f.Format {
	case "json":
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err := e.Encode(data)
		return b.Bytes(), err
	case "md":
		err := document.Markdown(&b, compose(lang.Lang(f.Lang)))
		return b.Bytes(), err
	default:
		err := document.HTML(&b, compose(lang.Lang(f.Lang)))
		return b.Bytes(), err
	}
}

// write puts a rendered document where it is to go, and tells what it lacks. The error is the exit code
// where something was not read.
func (f *Form) write(a *session.Session, name string, data []byte, unread []NotRead) error {
	w := Written{Format: f.Format, Lang: f.Lang, NotRead: report.Some(unread), OK: len(unread) == 0}
	if f.Out == toOutput {
		if err := a.Print.Raw(data); err != nil {
			return err
		}
	} else {
		w.File = filepath.Join(f.Out, name+"."+f.Format)
		if err := session.WriteReport(w.File, data); err != nil {
			return err
		}
		if err := a.Print.Says(w, "wrote %s", w.File); err != nil {
			return err
		}
	}
	for _, n := range unread {
		a.Print.Tell("not read, and told so in the report: %s: %s", n.What, report.FirstLine(n.Why))
	}
	if len(unread) > 0 {
		return session.ExitCode(session.ExitError)
	}
	return nil
}

// Options are those of the client report command.
type Options struct {
	Name, Region, Spec string
	Identifiers, Cost  bool
	Form
}

// Report writes the dossier of a client.
func Report(ctx context.Context, a *session.Session, o Options) error {
	if err := o.check(a); err != nil {
		return err
	}
	op, at, err := session.Locate(ctx, a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	d, err := Gather(ctx, op, Asked{Client: o.Name, Region: at.Region, Spec: at.Spec, Identifiers: o.Identifiers, Cost: o.Cost, Version: a.Version, Lang: o.language()})
	if err != nil {
		return err
	}
	data, err := render(o.Form, d, func(l lang.Lang) document.Document { return Compose(d, l) })
	if err != nil {
		return err
	}
	return o.write(a, rules.Lower(o.Name)+"-dossier", data, d.unreadOf())
}
