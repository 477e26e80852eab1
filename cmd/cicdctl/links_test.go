package main

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// TestDocumentsLinkToWhatIsThere follows the links of all documents within the repository, to files
// and to their headings.
func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	links, headings := map[string][]string{}, map[string]map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != root):
			return fs.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		headings[path] = map[string]bool{}
		document := goldmark.New(goldmark.WithParserOptions(parser.WithAutoHeadingID())).Parser().Parse(text.NewReader(data))
		return ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch n := n.(type) {
			case *ast.Heading:
				if id, ok := n.AttributeString("id"); ok {
					headings[path][string(id.([]byte))] = true
				}
			case *ast.Link:
				links[path] = append(links[path], string(n.Destination))
			case *ast.Image:
				links[path] = append(links[path], string(n.Destination))
			}
			return ast.WalkContinue, nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(links) < 50 {
		t.Errorf("%d documents have links", len(links))
	}
	for path, all := range links {
		for _, link := range all {
			to, err := url.Parse(link)
			if err != nil || to.Scheme != "" || strings.Contains(link, "@gitlab@") {
				continue
			}
			file := path
			if to.Path != "" {
				file = filepath.Join(filepath.Dir(path), filepath.FromSlash(to.Path))
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %s is not there", path, link)
			} else if to.Fragment != "" && filepath.Ext(file) == ".md" && !headings[file][to.Fragment] {
				t.Errorf("%s: %s: there is no such heading", path, link)
			}
		}
	}
}
