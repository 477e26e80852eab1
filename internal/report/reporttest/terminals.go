package reporttest

import (
	"testing"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/fits"
)

// OnTerminals shows a view on terminals of all widths, in both languages.
func OnTerminals(t *testing.T, show func(*report.Printer) error) {
	t.Helper()
	for _, width := range fits.Widths {
		for _, lang := range []report.Lang{report.English, report.French} {
			p, b := Recorded()
			p.Lang = lang
			p.OnTerminal(width)
			if err := show(p); err != nil {
				t.Fatal(err)
			}
			fits.Check(t, p, width, b.String())
		}
	}
}
