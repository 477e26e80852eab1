package lazyregexp_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Nothing else compiles an expression before the run that needs it: each must be right, and none
// may be compiled by the package regexp when the program starts.
func TestExpressionsAreRightAndCompiledLate(t *testing.T) {
	files := token.NewFileSet()
	found := 0
	for _, root := range []string{"../../cmd", "../../internal"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && calls(call, "lazyregexp", "New") {
					found++
					right(t, files, call)
				}
				return true
			})
			for _, decl := range file.Decls {
				if vars, ok := decl.(*ast.GenDecl); ok && vars.Tok == token.VAR {
					early(t, files, vars)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 100 {
		t.Errorf("only %d expressions were found", found)
	}
}

// right compiles the expression of a call.
func right(t *testing.T, files *token.FileSet, call *ast.CallExpr) {
	t.Helper()
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		t.Errorf("%s: the expression is not written out, so that no test compiles it", files.Position(call.Pos()))
		return
	}
	text, err := strconv.Unquote(literal.Value)
	if err == nil {
		_, err = regexp.Compile(text)
	}
	if err != nil {
		t.Errorf("%s: %v", files.Position(call.Pos()), err)
	}
}

// early reports what a variable of a package compiles when the program starts.
func early(t *testing.T, files *token.FileSet, vars *ast.GenDecl) {
	t.Helper()
	ast.Inspect(vars, func(n ast.Node) bool {
		if _, later := n.(*ast.FuncLit); later {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok && (calls(call, "regexp", "MustCompile") || calls(call, "regexp", "Compile")) {
			t.Errorf("%s: compiled whenever the program starts; use lazyregexp.New", files.Position(call.Pos()))
		}
		return true
	})
}

func calls(call *ast.CallExpr, pkg, name string) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != name {
		return false
	}
	x, ok := f.X.(*ast.Ident)
	return ok && x.Name == pkg
}
