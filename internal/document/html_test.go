package document_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/document/documenttest"
)

func inHTML(t *testing.T, d document.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := document.HTML(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func inMarkdown(t *testing.T, d document.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := document.Markdown(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheSameDocumentHasTheSameBytes(t *testing.T) {
	for _, lang := range documenttest.Langs {
		for form, write := range map[string]func(*testing.T, document.Document) string{"HTML": inHTML, "Markdown": inMarkdown} {
			first, second := write(t, documenttest.Sample(lang)), write(t, documenttest.Sample(lang))
			if first != second {
				t.Errorf("%s: %s differs", lang, form)
			}
		}
	}
}

// Whatever a name holds, a parser of HTML finds it as a text, and no element, attribute or link that
// is not ours.
func TestTrapsAreTexts(t *testing.T) {
	written := inHTML(t, documenttest.Traps())
	root, err := html.Parse(strings.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	known := regexp.MustCompile(`^(a|body|caption|circle|code|dd|desc|details|div|dl|dt|figcaption|figure|g|h[123]|head|header|html|li|link|main|meta|nav|ol|p|path|rect|section|span|strong|style|summary|svg|table|tbody|td|text|th|thead|time|title|tr|ul|wbr)$`)
	var texts strings.Builder
	for n := range root.Descendants() {
		switch n.Type {
		case html.TextNode:
			texts.WriteString(n.Data)
		case html.CommentNode:
			t.Errorf("a comment: %s", n.Data)
		case html.ElementNode:
			if !known.MatchString(n.Data) {
				t.Errorf("an element <%s>", n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || a.Key == "src" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s> has the attribute %s=%q", n.Data, a.Key, a.Val)
				}
				if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && n.Data != "link" {
					t.Errorf("a link to %q", a.Val)
				}
			}
		}
	}
	for _, want := range []string{"<script>alert(1)</script>", "</style><script>", "<img src=x onerror=alert(1)>", "&lt;script&gt;", "שלום עולם", "日本語の名前 🎉"} {
		if !strings.Contains(texts.String(), want) {
			t.Errorf("the text %q is not shown", want)
		}
	}
	for _, r := range "\u202e\u2066\u200b\x00\x07\x1b\ufeff" {
		if strings.ContainsRune(written, r) {
			t.Errorf("the character %U is there", r)
		}
	}
}

func TestLinks(t *testing.T) {
	for href, linked := range map[string]bool{"https://aws.amazon.com/": true, "https://x.example/a?b=c&d#e": true, "#here": true} {
		d := document.Document{Lang: "en", Title: "T", Sections: []document.Section{{ID: "here", Title: "S", Blocks: []document.Block{document.Paragraph{Text: document.Text{{Text: "there", Href: href}}}}}}}
		if got := strings.Contains(inHTML(t, d), `<p><a href="`+html.EscapeString(href)+`"`); got != linked {
			t.Errorf("%q is a link: %t, want %t", href, got, linked)
		}
	}
	for _, href := range documenttest.HostileLinks {
		d := document.Document{Lang: "en", Title: "T", Sections: []document.Section{{ID: "here", Title: "S", Blocks: []document.Block{document.Paragraph{Text: document.Text{{Text: "there", Href: href}}}}}}}
		if got := inHTML(t, d); !strings.Contains(got, "<p>there</p>") {
			t.Errorf("%q is a link in HTML", href)
		}
		if got := inMarkdown(t, d); !strings.HasSuffix(got, "\nthere\n") {
			t.Errorf("%q is a link in Markdown: %s", href, got)
		}
	}
}

// The policy lets in the style sheet of the page, and nothing else.
func TestPolicy(t *testing.T) {
	written := inHTML(t, documenttest.Sample("fr"))
	_, css, _ := strings.Cut(written, "<style>")
	css, _, _ = strings.Cut(css, "</style>")
	sum := sha256.Sum256([]byte(css))
	want := "default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"
	if !strings.Contains(written, want) {
		t.Errorf("no policy %s", want)
	}
	for _, outside := range []string{"url(", "@import", "src=", "http://"} {
		if strings.Contains(strings.ReplaceAll(css, "data:", ""), outside) {
			t.Errorf("the style sheet has %q", outside)
		}
	}
}

func TestWhatNoDocumentMayHold(t *testing.T) {
	section := func(id string, blocks ...document.Block) document.Section {
		return document.Section{ID: id, Title: "Network", Blocks: blocks}
	}
	node := document.GraphNode{ID: "a", Label: []string{"a"}}
	tests := map[string]struct {
		sections []document.Section
		want     string
	}{
		"an anchor with a space": {[]document.Section{section("a b")}, `section "Network": the ID "a b" is not made of lower-case letters, digits and hyphens`},
		"an anchor like ours":    {[]document.Section{section("table--1")}, `the ID "table--1" is not made of`},
		"two sections of one ID": {[]document.Section{section("a"), section("a")}, `section "Network": the ID "a" is another section's too`},
		"a row that is too short": {
			[]document.Section{section("a", document.Table{Caption: "Ports", Head: []string{"A", "B"}, Rows: [][]document.Text{{nil}}})},
			`section "Network", table "Ports": row 1 has another width than its head: 1, not 2`,
		},
		"an edge to nowhere": {
			[]document.Section{section("a", document.Graph{Title: "G", Nodes: []document.GraphNode{node}, Edges: []document.GraphEdge{{From: "a", To: "b"}}})},
			`section "Network": diagram "G": an edge from "a" to "b": there is no node "b"`,
		},
		"two nodes of one ID":       {[]document.Section{section("a", document.Graph{Title: "G", Nodes: []document.GraphNode{node, node}})}, `the node "a" is there twice, or has no ID`},
		"a node in no group":        {[]document.Section{section("a", document.Graph{Title: "G", Nodes: []document.GraphNode{{ID: "a", Group: "g"}}})}, `the node "a" is in the group "g", which is not there`},
		"a group that holds itself": {[]document.Section{section("a", document.Graph{Title: "G", Groups: []document.GraphGroup{{ID: "g", Parent: "g"}}})}, `the group "g" is in "g", which does not come before it`},
		"a value that is none":      {[]document.Section{section("a", document.Plot{Title: "P", Series: []document.Series{{Name: "s", Points: []document.Point{{Value: nan}}}}})}, `section "Network": plot "P": "s" has the value NaN`},
		"no block":                  {[]document.Section{section("a", nil)}, `section "Network": a block of type <nil> cannot be written`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := document.Document{Lang: "en", Title: "T", Sections: test.sections}
			if err := document.HTML(io.Discard, d); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	if err := document.HTML(io.Discard, document.Document{Title: "T"}); err == nil {
		t.Error("a document may have no language")
	}
}

func TestMoments(t *testing.T) {
	tests := map[string]struct {
		lang string
		at   time.Time
		want string
	}{
		"winter in Paris":             {"en", time.Date(2026, 11, 30, 14, 5, 0, 0, time.FixedZone("CET", 3600)), "30 November 2026, 14:05\u00a0(CET, UTC+1)"},
		"the first of a month":        {"fr", time.Date(2026, 8, 1, 9, 0, 0, 0, time.FixedZone("CEST", 7200)), "1er\u00a0août 2026, 09:00\u00a0(CEST, UTC+2)"},
		"another variety of French":   {"fr-CA", time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC), "3\u00a0février 2026, 00:00\u00a0(UTC)"},
		"a zone of half an hour":      {"en", time.Date(2026, 1, 2, 3, 4, 0, 0, time.FixedZone("+0530", 19800)), "2 January 2026, 03:04\u00a0(UTC+5:30)"},
		"a zone behind by half hours": {"en", time.Date(2026, 1, 2, 3, 4, 0, 0, time.FixedZone("NST", -12600)), "2 January 2026, 03:04\u00a0(NST, UTC-3:30)"},
		"a zone less than an hour":    {"en", time.Date(2026, 1, 2, 3, 4, 0, 0, time.FixedZone("", -1800)), "2 January 2026, 03:04\u00a0(UTC-0:30)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := document.Document{Lang: test.lang, Title: "T", Made: test.at}
			if got := inHTML(t, d); !strings.Contains(got, ">"+test.want+"</time>") {
				_, got, _ = strings.Cut(got, "<time")
				t.Errorf("want %s in %.90s", test.want, got)
			}
		})
	}
}
