// Package report is everything that cicdctl says: plans, progress, states and
// errors, as text for people or JSON for programs. Nothing else prints.
//
// Results go to the output; progress, questions and errors to the error stream.
package report

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// Format is how results are written.
type Format string

// The formats.
const (
	Text Format = "text"
	JSON Format = "json"
	// Markdown is a plan's, for comments on merge requests.
	Markdown Format = "markdown"
	// Those of audits, for other programs: code scanning, and test reports of CI.
	SARIF Format = "sarif"
	JUnit Format = "junit"
)

// Printer writes reports. The exported fields are the operator's choices.
type Printer struct {
	Format  Format
	Lang    Lang
	Verbose bool // every event of a run, also those that pass
	Full    bool // every line of a plan and of its progress
	Color   bool // where there is a terminal
	Asks    bool // somebody can answer a question
	// Pager shows what is longer than the terminal; nil to write it all at once.
	Pager func(words []string, text string, to io.Writer) error
	// Commands completes the commands of cicdctl that a text names, with what they need to be about
	// the same account. May be nil.
	Commands func(string) string

	in       *bufio.Reader
	Out, err stream
	wrote    bool // a result
	kept     kept
}

// stream is one way out. What is written to its Writer is not wrapped: documents, and what
// programs read.
type stream struct {
	io.Writer
	terminal bool
	width    func() int
	height   func() int // nil where nobody knows
	kept     *kept
}

// plainWidth is how long lines may get where there is no terminal.
const plainWidth = 200

// New makes a printer on the given streams, without a terminal.
func New(in io.Reader, out, err io.Writer) *Printer {
	width := func() int { return plainWidth }
	p := &Printer{Format: Text, Lang: English, in: bufio.NewReader(in)}
	p.Out, p.err = stream{Writer: out, width: width, kept: &p.kept}, stream{Writer: err, width: width, kept: &p.kept}
	return p
}

// OnTerminal makes the streams a terminal of so many columns.
func (p *Printer) OnTerminal(columns int) {
	for _, s := range []*stream{&p.Out, &p.err} {
		s.terminal, s.width = true, func() int { return columns }
	}
}

// Standard makes the printer of the process and finds out where a terminal is.
func Standard() *Printer {
	p := New(os.Stdin, os.Stdout, os.Stderr)
	p.Out, p.err = terminal(os.Stdout, &p.kept), terminal(os.Stderr, &p.kept)
	p.Asks = term.IsTerminal(int(os.Stdin.Fd())) && p.err.terminal
	p.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return p
}

func terminal(f *os.File, kept *kept) stream {
	fd := int(f.Fd())
	width := func() int {
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			return w
		}
		return plainWidth
	}
	height := func() int {
		_, h, err := term.GetSize(fd)
		if err != nil || h <= 0 {
			return math.MaxInt
		}
		return h
	}
	return stream{f, term.IsTerminal(fd), width, height, kept}
}

// Line writes one line of a result.
func (p *Printer) Line(format string, args ...any) error {
	_, err := fmt.Fprintln(p.Out, p.Lang.Sayf(format, args...))
	return err
}

// Says writes a result: a value for programs, or one line for people.
func (p *Printer) Says(v any, format string, args ...any) error {
	if p.Format == JSON {
		return p.WriteJSON(v)
	}
	return p.Line(format, args...)
}

// Raw writes a result as it is.
func (p *Printer) Raw(data []byte) error {
	p.wrote = true
	_, err := p.Out.Writer.Write(data)
	return err
}

// Document writes a result as JSON.
func (p *Printer) Document(v any) error { return p.WriteJSON(v) }

// Tell writes one line to the error stream: what is going on.
func (p *Printer) Tell(format string, args ...any) {
	p.TellLine(p.Lang.Sayf(format, args...))
}

// TellLine ignores errors: without an error stream there is nobody to tell them to.
func (p *Printer) TellLine(line string) { _, _ = fmt.Fprintln(p.err, p.Complete(line)) }

// Complete completes the commands that a text names.
func (p *Printer) Complete(text string) string {
	if p.Commands == nil {
		return text
	}
	return p.Commands(text)
}

// WriteJSON writes a value as indented JSON.
func (p *Printer) WriteJSON(v any) error {
	p.wrote = true
	e := json.NewEncoder(p.Out.Writer)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// WriteRecord writes a value as JSON on one line: one of many that come over time.
func (p *Printer) WriteRecord(v any) error {
	p.wrote = true
	e := json.NewEncoder(p.Out.Writer)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Visible is a text that somebody else wrote, fit for a terminal: characters that would
// move the cursor or change what is on the screen are shown instead of sent.
func Visible(text string) string {
	if !strings.ContainsFunc(text, steers) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if steers(r) {
			fmt.Fprintf(&b, `\x%02x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func steers(r rune) bool { return unicode.IsControl(r) && r != '\t' }

// Ask puts a question and returns the line that was typed, or the context's error.
func (p *Printer) Ask(ctx context.Context, format string, args ...any) (string, error) {
	_, _ = fmt.Fprint(p.err, p.Lang.Sayf(format, args...), " ")
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() { // it ends with the process when nobody answers
		line, err := p.in.ReadString('\n')
		typed <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case <-ctx.Done():
		p.TellLine("")
		return "", ctx.Err()
	case a := <-typed:
		if errors.Is(a.err, io.EOF) {
			p.TellLine("")
			a.err = nil
		}
		return a.line, a.err
	}
}

// Yes puts a question that only a clear yes answers.
func (p *Printer) Yes(ctx context.Context, format string, args ...any) (bool, error) {
	line, err := p.Ask(ctx, format+" [y/N]", args...)
	switch strings.ToLower(line) {
	case "y", "yes":
		return true, err
	case "o", "oui":
		return p.Lang == French, err
	default:
		return false, err
	}
}
