package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// speakers are the functions that are given texts, each with the places of those among its
// arguments; a method and a function of one name are given the same.
var speakers = map[string][]int{
	"Usagef": {0, 1}, "Refuse": {0, 1}, "Guardf": {0}, "importErrorf": {0}, // package session, cloud, provision
	"add": {1}, "report": {2}, "tell": {1}, // of problems in specs
	"fail": {0}, "row": {0, 1}, "each": {0}, "section": {0}, // of the configuration of sites
	"Say": {0}, "Sayf": {0}, "Sayn": {1, 2}, "Sprintf": {0}, "Errorf": {0}, "New": {0}, "Text": {0}, // package lang
	"Immutable": {3}, "Line": {0}, "Says": {1}, "Tell": {0}, "Yes": {1}, "Ask": {1}, "Lost": {1}, // package report, provision
	"unknown": {0}, // package isolation
	"both":    {0}, // package rules
}

// ofLang are the speakers whose names other packages have too.
var ofLang = []string{"Sprintf", "Errorf", "New", "Text"}

// only are the speakers whose names mean something else in other places, with those where they
// speak.
var only = map[string][]string{
	"add": {"spec/", "rules/check", "rules/places", "rules/transfer", "rules/vpn"}, "report": {"spec/"}, "tell": {"spec/"},
	"fail": {"vpn/config.go"}, "row": {"vpn/generic.go"}, "each": {"vpn/generic.go"}, "section": {"vpn/generic.go"},
}

// said is a text and where it is given to a speaker.
type said struct{ text, place string }

// texts reads the source for all that is said.
func texts(t *testing.T) []said {
	t.Helper()
	var out []said
	eachSource(t, func(path string, tree *ast.File) {
		consts := constants(path)
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := called(call)
			if slices.Contains(ofLang, name) && !inLang(path, call) {
				return true
			}
			if in := only[name]; in != nil && !slices.ContainsFunc(in, func(dir string) bool { return strings.HasPrefix(path, "../../internal/"+dir) }) {
				return true
			}
			for _, i := range speakers[name] {
				if i < len(call.Args) {
					if text, ok := constant(call.Args[i], consts); ok && text != "" {
						out = append(out, said{text, path})
					}
				}
			}
			return true
		})
	})
	if len(out) < 300 {
		t.Fatalf("only %d texts were found", len(out))
	}
	return out
}

// inLang reports whether what is called is of package lang.
func inLang(path string, call *ast.CallExpr) bool {
	if f, ok := call.Fun.(*ast.SelectorExpr); ok {
		of, ok := f.X.(*ast.Ident)
		return ok && of.Name == "lang"
	}
	return strings.Contains(path, "internal/lang/")
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

// constants are those of a file's package that are texts.
func constants(path string) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	var decls []ast.Decl
	for other, tree := range sources {
		if filepath.Dir(other) == filepath.Dir(path) {
			decls = append(decls, tree.Decls...)
		}
	}
	for _, d := range decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if i < len(spec.Values) {
					out[name.Name] = spec.Values[i]
				}
			}
		}
	}
	return out
}

// constant is the text that an expression always is.
func constant(e ast.Expr, consts map[string]ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return literal(e)
	case *ast.Ident:
		value, known := consts[e.Name]
		if !known {
			return "", false
		}
		return constant(value, consts)
	case *ast.ParenExpr:
		return constant(e.X, consts)
	case *ast.BinaryExpr:
		left, ok := constant(e.X, consts)
		right, also := constant(e.Y, consts)
		return left + right, ok && also && e.Op == token.ADD
	default:
		return "", false
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// sources are what operators may come to read, parsed once.
var sources = map[string]*ast.File{}

func eachSource(t *testing.T, f func(path string, tree *ast.File)) {
	t.Helper()
	if len(sources) == 0 {
		for _, root := range []string{"../../internal", "../../cmd"} {
			err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/sandbox/") || strings.Contains(path, "test/") {
					return err
				}
				sources[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for path, tree := range sources {
		f(path, tree)
	}
}
