package browser_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/document/documenttest"
	"gitlab.com/cicd/cicdctl/test/browser"
)

var policy = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)

// planted is the sample with a fault in it: without the policy, which lets no change through.
func planted(t *testing.T, before, after string) string {
	t.Helper()
	var b bytes.Buffer
	if err := document.HTML(&b, documenttest.Sample("en")); err != nil {
		t.Fatal(err)
	}
	html := policy.ReplaceAllString(b.String(), "")
	if html == b.String() || !strings.Contains(html, before) {
		t.Fatalf("the sample has no policy, or no %q", before)
	}
	return saved(t, []byte(strings.Replace(html, before, after, 1)))
}

// The checks find what they are for.
func TestFaultsAreFound(t *testing.T) {
	b := browser.Start(t)
	tests := map[string]struct{ before, after, want string }{
		"an image from outside":                {"<main>", `<main><img src="https://example.com/x.png" alt="">`, "request: https://example.com/x.png"},
		"a font from outside":                  {"<style>", `<style>@font-face{font-family:x;src:url(https://example.com/x.woff2)} h1{font-family:x !important}`, "request: https://example.com/x.woff2"},
		"an error on the console":              {"<main>", `<main><script>console.error("broken")</script>`, `console: error "broken"`},
		"an exception":                         {"<main>", `<main><script>throw new Error("broken")</script>`, "exception: "},
		"a page wider than the screen":         {"<main>", `<main><div style="width:2000px">wide</div>`, "on a screen of 1280"},
		"a text that is hardly seen":           {"--quiet: #556070", "--quiet: #98a2ad", "a text has a contrast of"},
		"a text in a diagram that is not seen": {".name { font-size: 13px;", ".name { fill: #cccccc; font-size: 13px;", "a text in a picture has a contrast of"},
		"a line that is hardly seen":           {"--edge: #6b7889", "--edge: #cfd6de", "a line has a contrast of"},
		"a label that leaves its box":          {">NAT gateway<", ">NAT gateway with a name that nobody measured<", "leaves its box"},
		"a group's label that leaves it":       {">Public subnets<", ">" + strings.Repeat("Public subnets", 9) + "<", "leaves its group"},
		"an anchor that is not there":          {`href="#backups"`, `href="#backup"`, "a link that leads nowhere"},
		"a link that runs a script":            {`href="https://aws`, `href="javascript:https://aws`, "a link that is not to the web"},
		"a heading that is left out":           {"<h3 ", "<h5 ", "a heading h5 behind h2"},
		"a table without a caption":            {">What is let in</caption>", "></caption>", "a table without a caption"},
		"a head without its scope":             {`<th scope="col">From`, `<th>From`, "a head without scope"},
		"a tone by colour alone":               {".sign {", ".sign { display: none;", "told by colour alone"},
		"a picture without words":              {`<desc id="figure`, `<desc data-id="figure`, "which is not there"},
		"an identifier that is hyphenated":     {"hyphens: none", "hyphens: auto", "an identifier that may be hyphenated"},
		"an identifier that is broken":         {"<code><span>acme-web", "<code><span>acme<br>web", "a broken identifier"},
		"an identifier beside its place":       {"hyphens: none; overflow-wrap: anywhere;", "hyphens: none; white-space: nowrap; position: relative; left: 1200px;", "an identifier leaves its place"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			problems := b.Open(t, planted(t, test.before, test.after), browser.Desk).Problems()
			if !strings.Contains(strings.Join(problems, "\n"), test.want) {
				t.Errorf("want a problem with %q, got %d:\n%s", test.want, len(problems), strings.Join(problems, "\n"))
			}
		})
	}
}

func TestFaultsOnPaperAreFound(t *testing.T) {
	b := browser.Start(t)
	tests := map[string]struct{ before, after, want string }{
		"no page numbers":          {"content: counter(page)", "content: none; --x: counter(page)", "has no number"},
		"rows that are cut":        {"  tr, dl > div,", "  tr { break-inside: auto } tbody td, tbody th { line-height: 60mm; orphans: 1; widows: 1 } dl > div,", "a row is cut"},
		"heads on one page only":   {"thead { display: table-header-group;", "thead { display: table-row-group;", "has rows without its head"},
		"a head without a row":     {"tbody tr:first-child { break-before: avoid; }", "#table--2-x, tbody tr:first-child { break-before: page; }", "its head is on a page without a row"},
		"a heading that is lonely": {"<h2 id=\"maintenance--title\"", "<h2 style=\"break-after: page\" id=\"maintenance--title\"", "ends with the heading"},
		"a section that is lost":   {"@media print {", "@media print { #maintenance { display: none }", "is on no page"},
		"what is too wide":         {".wide td code span", ".wide table { width: 300mm } .none", "reaches beyond the paper"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			page := b.Open(t, planted(t, test.before, test.after), browser.Desk)
			problems := append(page.Print().Problems(), page.Overflow()...)
			if !strings.Contains(strings.Join(problems, "\n"), test.want) {
				t.Errorf("want a problem with %q, got %d:\n%s", test.want, len(problems), strings.Join(problems, "\n"))
			}
		})
	}
}

// A document of hostile names shows them, runs nothing, asks for nothing, and stays on its pages.
func TestTrapsDoNothing(t *testing.T) {
	b := browser.Start(t)
	file := written(t, documenttest.Traps())
	for _, v := range []browser.View{browser.Phone, browser.Desk.InDark()} {
		for _, problem := range b.Open(t, file, v).Problems() {
			t.Error(v, problem)
		}
	}
	for _, problem := range b.Open(t, file, browser.Desk).Overflow() {
		t.Error("on paper:", problem)
	}
}

func TestLongTables(t *testing.T) {
	b := browser.Start(t)
	page := b.Open(t, written(t, documenttest.Long(2000)), browser.Phone)
	printed := page.Print()
	for _, problem := range append(page.Problems(), printed.Problems()...) {
		t.Error(problem)
	}
	if len(printed.Pages) < 40 {
		t.Errorf("%d pages for 2,000 rows", len(printed.Pages))
	}
}
