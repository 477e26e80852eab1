package browser_test

import (
	"testing"

	"gitlab.com/cicd/cicdctl/internal/document/documenttest"
	"gitlab.com/cicd/cicdctl/test/browser"
)

func TestSampleIsWellPrinted(t *testing.T) {
	b := browser.Start(t)
	for _, lang := range documenttest.Langs {
		t.Run(lang, func(t *testing.T) {
			page := b.Open(t, written(t, documenttest.Sample(lang)), browser.Desk.InDark())
			printed := page.Print()
			for _, problem := range append(printed.Problems(), page.Overflow()...) {
				t.Error(problem)
			}
			if n := len(printed.Pages); n < 6 || n > 9 {
				t.Errorf("%d pages, want 6 to 9", n)
			}
		})
	}
}
