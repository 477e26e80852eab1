package report

import (
	"io"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Palette colours single lines; without colour it leaves them as they are.
type Palette struct {
	Good, Change, Bad, Warn, Dim, Bold lipgloss.Style
}

// Palette is in the sixteen colours that every terminal has, as its owner likes them.
func (p *Printer) Palette(s stream) Palette {
	r := lipgloss.NewRenderer(io.Discard, termenv.WithTTY(false))
	r.SetColorProfile(termenv.Ascii)
	if p.Color && s.terminal {
		r.SetColorProfile(termenv.ANSI)
	}
	color := func(n string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(n)) }
	return Palette{
		Good: color("2"), Change: color("3"), Bad: color("1"), Warn: color("5"),
		Dim: r.NewStyle().Faint(true), Bold: r.NewStyle().Bold(true),
	}
}

// mark is the sign of an operation in its colour.
func (c Palette) mark(op provision.Op) string {
	switch op {
	case provision.OpCreate:
		return c.Good.Render("+")
	case provision.OpUpdate:
		return c.Change.Render("~")
	case provision.OpDelete:
		return c.Bad.Render("-")
	case provision.OpLater, provision.OpWaiting:
		return c.Dim.Render("…")
	case provision.OpBlocked, provision.OpForeign:
		return c.Bad.Render("!")
	default:
		return c.Dim.Render("=")
	}
}

// Check is the mark of what is right or wrong.
func (c Palette) Check(ok bool) string {
	if ok {
		return c.Good.Render("✓")
	}
	return c.Bad.Render("✗")
}

// Grave is the colour of a severity.
func (c Palette) Grave(s rules.Severity) lipgloss.Style {
	switch s {
	case rules.High:
		return c.Bad
	case rules.Medium:
		return c.Change
	case rules.Low:
	}
	return c.Dim
}

// Clock is a moment as people read it, in UTC.
func Clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// Minute is a time as people write it.
const Minute = "2006-01-02 15:04 MST"
