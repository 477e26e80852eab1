package report

import (
	"io"
	"strings"
	"testing"
)

func TestLongPlansGoThroughThePager(t *testing.T) {
	plan, _ := long()
	for name, c := range map[string]struct {
		pager          string
		terminal, full bool
		lines          int // of the terminal
		off            bool
		want           string // the pager that is run
	}{
		"a whole plan":                     {"cat -u", true, true, 30, false, "cat -u"},
		"one that fits":                    {"cat -u", true, true, 300, false, ""},
		"a plan that is rolled up":         {"cat -u", true, false, 30, false, ""},
		"without a terminal":               {"cat -u", false, true, 30, false, ""},
		"with --no-pager":                  {"cat -u", true, true, 30, true, ""},
		"an empty PAGER":                   {"", true, true, 30, false, ""},
		"cat, which is as good as none":    {"cat", true, true, 30, false, ""},
		"a pager that is not there at all": {"no-such-pager-anywhere", true, true, 30, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PAGER", c.pager)
			p, b := recorded()
			if c.terminal {
				p.OnTerminal(100)
				p.Out.height = func() int { return c.lines }
			}
			ran := ""
			if p.Full = c.full; !c.off {
				p.Pager = func(words []string, text string, to io.Writer) error {
					ran = strings.Join(words, " ")
					return RunPager(words, text, to)
				}
			}
			if err := p.Plan(plan); err != nil {
				t.Fatal(err)
			}
			if ran != c.want {
				t.Errorf("%q is run, want %q", ran, c.want)
			}
			if !strings.HasPrefix(b.String(), "Client ACME") || !strings.Contains(b.String(), "Plan: 33 to create") {
				t.Errorf("the plan is not shown:\n%s", b)
			}
		})
	}
}
