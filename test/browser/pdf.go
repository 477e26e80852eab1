package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/chromedp/chromedp"
)

// row is one of a table.
type row struct {
	Head, Cells []string
	Caption     string
	First       bool
}

// Printed is a document on paper.
type Printed struct {
	page  *Page
	Bytes []byte
	Pages []string // the text of each page, in the order in which it is read
}

// Print prints the page as its own style sheet wants it.
func (p *Page) Print() *Printed {
	p.t.Helper()
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground(), chromedp.PDFOutlineAndTagged()))
	p.must(err)
	file := filepath.Join(p.t.TempDir(), "document.pdf")
	p.must(os.WriteFile(file, pdf, 0o600))
	out, err := exec.CommandContext(p.ctx, "pdftotext", "-raw", file, "-").Output()
	p.must(err)
	pages := strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
	return &Printed{page: p, Bytes: pdf, Pages: pages}
}

// Overflow are what reaches beyond the paper: as wide as A4 between the margins of the style sheet.
func (p *Page) Overflow() []string {
	p.t.Helper()
	const between = 658 // 174 mm at 96 dpi
	p.must(chromedp.Do(p.ctx, chromedp.EmulateViewport(between, 1000)))
	p.emulate("print", false)
	var all []string
	p.eval(&all, `[...document.querySelectorAll('body *:not(svg *)')].filter((n) => !n.closest('.across') && n.checkVisibility() && n.getClientRects().length &&
		(n.getBoundingClientRect().right > innerWidth + 1 || n.getBoundingClientRect().left < -1)).map((n) => 'reaches beyond the paper: ' + n.outerHTML.slice(0, 160))`)
	return all
}

// Problems are what is wrong on paper.
func (d *Printed) Problems() []string {
	d.page.t.Helper()
	var doc struct {
		Title    string
		Headings []string
		Rows     []row
	}
	d.page.eval(&doc, `({
		title: document.querySelector('h1').textContent,
		headings: [...document.querySelectorAll('main h2, main h3')].map((h) => h.textContent),
		rows: [...document.querySelectorAll('tbody tr')].map((r) => ({
			head: [...r.closest('table').tHead.rows[0].cells].map((c) => c.textContent),
			cells: [...r.cells].map((c) => { const d = c.cloneNode(true); d.querySelectorAll('svg').forEach((s) => s.remove());
				d.querySelectorAll('a[href^="https:"]:not(.bare)').forEach((a) => a.append(' (' + a.getAttribute('href') + ')')); return d.textContent; }),
			caption: (r.closest('table').caption || { textContent: '' }).textContent,
			first: !r.previousElementSibling,
		})),
	})`)
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	squeezed := make([]string, len(d.Pages))
	for i, text := range d.Pages {
		squeezed[i] = squeeze(text)
	}
	if !strings.Contains(squeezed[0], squeeze(doc.Title)) {
		say("the first page does not show %q", doc.Title)
	}
	for i, text := range d.Pages {
		number := fmt.Sprintf("%d / %d", i+1, len(d.Pages))
		if i > 0 && !strings.Contains(text, number) {
			say("page %d has no number %q", i+1, number)
		}
		body := strings.TrimSpace(strings.NewReplacer(number, "").Replace(text))
		lines := strings.Split(body, "\n")
		for _, h := range doc.Headings {
			if last := lines[len(lines)-1]; i > 0 && squeeze(last) == squeeze(h) {
				say("page %d ends with the heading %q", i+1, h)
			}
		}
	}
	whole := strings.Join(squeezed[1:], "") // the first has the table of contents
	for _, h := range doc.Headings {
		if !strings.Contains(whole, squeeze(h)) {
			say("the heading %q is on no page", h)
		}
	}
	for _, r := range doc.Rows {
		cells := squeeze(strings.Join(r.Cells, ""))
		var on []string // the pages with it; another table may have the same row
		for _, text := range squeezed {
			if strings.Contains(text, cells) {
				on = append(on, text)
			}
		}
		head := squeeze(strings.Join(r.Head, ""))
		switch {
		case len(on) == 0:
			say("table %q: a row is cut, or is on no page: %q", r.Caption, r.Cells)
		case !slices.ContainsFunc(on, func(text string) bool { return strings.Contains(text, head) }):
			say("table %q: a page has rows without its head: %q", r.Caption, r.Cells)
		case r.First && !slices.ContainsFunc(on, func(text string) bool { return strings.Contains(text, squeeze(r.Caption)+head) }):
			say("table %q: its head is on a page without a row", r.Caption)
		}
	}
	return all
}

// squeeze leaves out what differs between a page and its text: white space, which lines are broken at.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' {
			return -1
		}
		return r
	}, s)
}
