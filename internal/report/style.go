package report

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/muesli/termenv"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// palette colours single lines; without colour it leaves them as they are.
type palette struct {
	good, change, bad, warn, dim, bold lipgloss.Style
}

// palette is in the sixteen colours that every terminal has, as its owner likes them.
func (p *Printer) palette(s stream) palette {
	r := lipgloss.NewRenderer(io.Discard, termenv.WithTTY(false))
	r.SetColorProfile(termenv.Ascii)
	if p.Color && s.terminal {
		r.SetColorProfile(termenv.ANSI)
	}
	color := func(n string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(n)) }
	return palette{
		good: color("2"), change: color("3"), bad: color("1"), warn: color("5"),
		dim: r.NewStyle().Faint(true), bold: r.NewStyle().Bold(true),
	}
}

// mark is the sign of an operation in its colour.
func (c palette) mark(op provision.Op) string {
	switch op {
	case provision.OpCreate:
		return c.good.Render("+")
	case provision.OpUpdate:
		return c.change.Render("~")
	case provision.OpDelete:
		return c.bad.Render("-")
	case provision.OpLater:
		return c.dim.Render("…")
	case provision.OpBlocked, provision.OpForeign:
		return c.bad.Render("!")
	default:
		return c.dim.Render("=")
	}
}

func (c palette) check(ok bool) string {
	if ok {
		return c.good.Render("✓")
	}
	return c.bad.Render("✗")
}

// grave is the colour of a severity.
func (c palette) grave(s rules.Severity) lipgloss.Style {
	switch s {
	case rules.High:
		return c.bad
	case rules.Medium:
		return c.change
	case rules.Low:
	}
	return c.dim
}

// table starts a table: boxed on a terminal, plain columns elsewhere.
func (p *Printer) table(s stream, header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleRounded
	if !s.terminal {
		style = table.StyleDefault
		style.Box = table.BoxStyle{PaddingRight: "  "}
		style.Options = table.OptionsNoBordersAndSeparators
	}
	style.Format.Header = 0 // as written: cases carry meaning here
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	if len(header) > 0 {
		t.AppendHeader(header)
	}
	return t
}
