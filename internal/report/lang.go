package report

import "gitlab.com/cicd/cicdctl/internal/lang"

// Lang is the language of reports.
type Lang = lang.Lang

// The languages.
const (
	English = lang.English
	French  = lang.French
)

// Sayf is the sentence in the printer's language.
func (p *Printer) Sayf(format string, args ...any) string { return p.Lang.Sayf(format, args...) }
