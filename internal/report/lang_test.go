package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// untranslated are sentences that are the same in both languages, or of commands
// that only machines read.
var untranslated = []string{"cicdctl %s (%s %s/%s)", ""}

// TestEverySentenceIsTranslated reads the source for what is said.
func TestEverySentenceIsTranslated(t *testing.T) {
	speakers := []string{"Sayf", "Say", "Sayn", "Tell", "Line", "Says", "Yes", "Ask", "Lost"}
	count := 0
	for _, pattern := range []string{"../*/*.go", "../provision/kinds/*/*.go", "../../cmd/cicdctl/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || !slices.Contains(speakers, called(call)) {
					return true
				}
				for _, arg := range call.Args {
					lit, ok := arg.(*ast.BasicLit)
					if !ok || lit.Kind != token.STRING {
						continue
					}
					text, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					count++
					if _, known := FrenchTexts[text]; !known && !slices.Contains(untranslated, text) {
						t.Errorf("%s says %q, which has no translation", file, text)
					}
					if called(call) != "Sayn" {
						return true // only the first text is the sentence
					}
				}
				return true
			})
		}
	}
	if count < 300 {
		t.Errorf("only %d sentences were found", count)
	}
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	default:
		return ""
	}
}
