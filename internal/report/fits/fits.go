// Package fits checks in tests that what is said fits on a terminal.
package fits

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// Widths are those of terminals that reports have to be read on.
var Widths = []int{80, 100, 160}

// mark is what a line begins with, and the end of a clause that stays with the word before it.
var mark = lazyregexp.New(`^ *(?:[^\w\s/'"(] )?| [:;?!»·%]$`)

// Check checks that no line is wider than a terminal, but for one that is nothing else than a
// text to be copied, or a word.
func Check(t *testing.T, p *report.Printer, width int, said string) {
	t.Helper()
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\n")
		rest := mark.ReplaceAllString(line, "")
		if columns := text.StringWidthWithoutEscSequences(line); columns > width && strings.Contains(rest, " ") && !p.Kept(rest) {
			t.Errorf("%d columns on a terminal of %d: %s", columns, width, line)
		}
	}
}
