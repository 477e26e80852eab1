// Package reporttest shows what features say to their tests.
package reporttest

import (
	"bytes"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// Recorded is a printer that writes everything into one text.
func Recorded() (*report.Printer, *bytes.Buffer) {
	var b bytes.Buffer
	return report.New(strings.NewReader(""), &b, &b), &b
}

// Variants compares what is shown in both languages and as JSON with golden files, and
// checks that it fits on terminals.
func Variants(t *testing.T, show map[string]func(*report.Printer) error) {
	t.Helper()
	for name, f := range show {
		for _, variant := range []string{"en", "fr", "json"} {
			t.Run(name+"-"+variant, func(t *testing.T) {
				p, b := Recorded()
				if variant == "json" {
					p.Format = report.JSON
				} else {
					p.Lang = report.Lang(variant)
				}
				if err := f(p); err != nil {
					t.Fatal(err)
				}
				golden.Match(t, b.String())
			})
		}
		t.Run(name+"-terminals", func(t *testing.T) { OnTerminals(t, f) })
	}
}
