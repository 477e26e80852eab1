package document_test

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/document/documenttest"
	"gitlab.com/cicd/cicdctl/internal/golden"
)

func TestMarkdown(t *testing.T) {
	for _, lang := range documenttest.Langs {
		t.Run(lang, func(t *testing.T) { golden.Match(t, inMarkdown(t, documenttest.Sample(lang))) })
	}
}

// What a parser of Markdown as GitLab's finds in a document of traps is its structure and no more.
func TestTrapsAreTextsInMarkdown(t *testing.T) {
	source := inMarkdown(t, documenttest.Traps())
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader([]byte(source)))
	count := map[ast.NodeKind]int{}
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		count[n.Kind()]++
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock, *ast.Image, *ast.AutoLink, *ast.FencedCodeBlock, *ast.CodeBlock, *ast.ThematicBreak, *extast.Strikethrough:
			t.Errorf("a %s: %q", n.Kind(), n.Text([]byte(source))) //nolint:staticcheck // for a message
		case *ast.Link:
			if !strings.HasPrefix(string(n.Destination), "#") {
				t.Errorf("a link to %q", n.Destination)
			}
		case *extast.TableRow:
			if n.ChildCount() != n.Parent().FirstChild().ChildCount() {
				t.Errorf("a row of %d cells under %d heads", n.ChildCount(), n.Parent().FirstChild().ChildCount())
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sections := len(documenttest.Hostile)
	// The title, and a section with a heading each, and the one of what is empty.
	if got, want := count[ast.KindHeading], 1+2*sections+1; got != want {
		t.Errorf("%d headings, want %d", got, want)
	}
	// A table, the values of the plot and the times of the week in each section; three empty ones have a
	// head, as the calendar without weeks has not.
	if got, want := count[extast.KindTable], 3*sections+2; got != want {
		t.Errorf("%d tables, want %d", got, want)
	}
}

func TestMarkdownEscapes(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a sentence stays readable": {"It is 14:05 (UTC+1), a-b, v1.2 & more.", "It is 14:05 (UTC+1), a-b, v1.2 &amp; more."},
		"a list":                    {"- item", `\- item`},
		"a numbered list":           {"1. item", `1\. item`},
		"a heading":                 {"# all", `\# all`},
		"a link":                    {"[x](javascript:y)", `\[x\](javascript\:y)`},
		"a web address":             {"https://evil.example", `https\://evil.example`},
		"a web address without one": {"www.evil.example", `www\.evil.example`},
		"HTML":                      {"<b onclick=x>", "&lt;b onclick=x&gt;"},
		"an entity":                 {"&lt;", "&amp;lt;"},
		"references of GitLab":      {"@all #1 !2 $3 ~b %v :tada:", `\@all \#1 \!2 \$3 \~b \%v \:tada:`},
		"a table":                   {"a|b", `a\|b`},
		"emphasis":                  {"**a** _b_ `c`", "\\*\\*a\\*\\* \\_b\\_ \\`c\\`"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := document.Document{Lang: "en", Title: "T", Sections: []document.Section{{ID: "s", Title: "S", Blocks: []document.Block{document.Paragraph{Text: document.Text{{Text: test.text}}}}}}}
			_, got, _ := strings.Cut(inMarkdown(t, d), "## S\n\n")
			if got != test.want+"\n" {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestCodeInMarkdown(t *testing.T) {
	for code, want := range map[string]string{"a": "`a`", "a`b": "`` a`b ``", "`": "`` ` ``", "": "", "a|b": "`a|b`"} {
		d := document.Document{Lang: "en", Title: "T", Sections: []document.Section{{ID: "s", Title: "S", Blocks: []document.Block{document.Paragraph{Text: document.Text{{Text: code, Code: true}}}}}}}
		_, got, _ := strings.Cut(inMarkdown(t, d), "## S\n\n")
		if strings.TrimSpace(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
