package spec

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// Problem is one thing wrong with a spec. Path names the value ("$.apps[0].name");
// Message says what is wrong with it, the values allowed, and the fix.
type Problem struct {
	Path, Message string
	Line, Column  int // from 1; 0 when the value is not in the file
}

// InvalidError is everything that is wrong with one file.
type InvalidError struct {
	File     string
	Problems []Problem
}

// Error has one "acme.yaml:3:9: apps[0].name: …" line for each problem.
func (e *InvalidError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
		}
		if path := strings.TrimPrefix(strings.TrimPrefix(p.Path, "$"), "."); path != "" {
			fmt.Fprintf(&b, ": %s", path)
		}
		fmt.Fprintf(&b, ": %s", p.Message)
	}
	return b.String()
}

// Check is an opinion on a spec whose shape is right. It gives paths; lines and
// columns are added here.
type Check func(*Spec) []Problem

// Load reads a client's file. The error wraps that of the file system, or is an
// *InvalidError with every problem.
func Load(path string, checks ...Check) (*Spec, error) {
	data, err := Read(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data, checks...)
}

// clientLine is how nearly all files say whose they are.
var clientLine = lazyregexp.New(`(?m)^client:[ \t]*["']?([A-Za-z0-9-]+)["']?[ \t]*(?:#.*)?\r?$`)

// ClientIn is the client that a file describes, whether it is valid or not; empty when it
// says none, or cannot be read.
func ClientIn(path string) string {
	data, err := Read(path)
	if err != nil {
		return ""
	}
	if m := clientLine.FindSubmatch(bytes.TrimPrefix(data, byteOrderMark)); m != nil {
		return string(m[1])
	}
	var s struct {
		Client string `yaml:"client"`
	}
	if err := yaml.Unmarshal(data, &s); err != nil {
		return ""
	}
	return s.Client
}

// Read reads a client's file as it is. The error wraps that of the file system.
func Read(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, lang.Errorf("read the client's spec: %w", err)
	}
	return data, nil
}

// Parse reads a spec. The error is an *InvalidError with every problem.
func Parse(file string, data []byte, checks ...Check) (*Spec, error) {
	s, d := read(data)
	s.complete()
	if len(d.problems) == 0 {
		d.problems = append(d.problems, d.locate(shape(s, d.given))...)
	}
	if len(d.problems) == 0 {
		for _, check := range checks {
			d.problems = append(d.problems, d.locate(check(s))...)
		}
	}
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, func(a, b Problem) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, &InvalidError{file, d.problems}
	}
	s.source = data
	return s, nil
}

// read decodes a file, or says why it cannot.
func read(data []byte) (*Spec, *decoder) {
	s, d := defaults(), &decoder{at: map[string]*token.Position{}}
	data = unixLines(bytes.TrimPrefix(data, byteOrderMark))
	ended := data // the parser loses what stands in a line without an end
	if len(data) > 0 && data[len(data)-1] != '\n' {
		ended = append(slices.Clone(data), '\n')
	}
	tokens := lexer.Tokenize(string(ended))
	odd := append(characters(data), unclear(data, tokens)...)
	tree, err := parser.ParseBytes(ended, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		syntax := syntaxProblem(err)
		// What is unclear up to there is the reason.
		d.problems = slices.DeleteFunc(odd, func(p Problem) bool { return syntax.Line > 0 && p.Line > syntax.Line })
		if len(d.problems) == 0 {
			d.problems = []Problem{syntax}
		}
		return s, d
	}
	switch bodies := documents(tree); len(bodies) {
	case 0: // the missing client and region are told by shape
	case 1:
		d.decode("$", bodies[0], reflect.ValueOf(s).Elem())
	default:
		d.report("$", bodies[1], lang.Say("a second document; one file describes one client"))
	}
	d.find(append(odd, unexpected(data, tokens)...))
	return s, d
}

// find adds problems that are known by their place only. They say more than another one
// that is there.
func (d *decoder) find(problems []Problem) {
	for _, p := range problems {
		d.problems = slices.DeleteFunc(d.problems, func(other Problem) bool {
			same := other.Line == p.Line && other.Column == p.Column
			if same {
				p.Path = other.Path
			}
			return same
		})
		if p.Path == "" {
			p.Path = d.pathAt(p.Line, p.Column)
		}
		d.problems = append(d.problems, p)
	}
}

// pathAt is that of the value that stands nearest before a place.
func (d *decoder) pathAt(line, column int) string {
	found, nearest := "$", token.Position{}
	for path, at := range d.at {
		before := at.Line < line || at.Line == line && at.Column <= column
		if later := cmp.Or(cmp.Compare(at.Line, nearest.Line), cmp.Compare(at.Column, nearest.Column), cmp.Compare(len(path), len(found))); before && later > 0 {
			found, nearest = path, *at
		}
	}
	return found
}

// byteOrderMark is what editors of Windows begin a file with: it is UTF-8.
var byteOrderMark = []byte("\ufeff")

// unixLines ends lines with one character. With the two of Windows, the parser
// counts a line twice that ends in a comment.
func unixLines(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }

// Default is what an absent file means.
func Default(client, region string, checks ...Check) (*Spec, error) {
	return DefaultIn(client, region, "", checks...)
}

// DefaultIn is what an absent file means for a client in one of the configuration's accounts.
func DefaultIn(client, region, account string, checks ...Check) (*Spec, error) {
	s, err := Parse("client "+client, New(client, region, account), checks...)
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		for i := range invalid.Problems { // there is no file to look into
			invalid.Problems[i].Line, invalid.Problems[i].Column = 0, 0
		}
	}
	return s, err
}

func documents(f *ast.File) []ast.Node {
	var out []ast.Node
	for _, doc := range f.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			out = append(out, doc.Body)
		}
	}
	return out
}

func syntaxProblem(err error) Problem {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) {
		return Problem{Message: err.Error()}
	}
	p := Problem{Message: lang.Sprintf("not YAML: %s", syntax.Message)}
	if syntax.Token != nil {
		p.Line, p.Column = syntax.Token.Position.Line, syntax.Token.Position.Column
	}
	return p
}

// given reports whether the file has a value at path.
func (d *decoder) given(path string) bool { return d.at[path] != nil }

// locate adds the position of the value, or of the nearest block around it.
func (d *decoder) locate(problems []Problem) []Problem {
	for i := range problems {
		p := &problems[i]
		for path := p.Path; p.Line == 0 && path != ""; path = parent(path) {
			if at := d.at[path]; at != nil {
				p.Line, p.Column = at.Line, at.Column
			}
		}
	}
	return problems
}

func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// defaults are those of the infrastructure document.
func defaults() *Spec {
	return &Spec{
		Network:  Network{NAT: NATPerAZ},
		Hosts:    Hosts{InstanceType: "m6i.large", Min: 3, Max: 6},
		Database: Database{Engine: AuroraPostgreSQL, Class: "db.r6g.large", Instances: 2},
		Backup: Backup{
			RetentionDays: 30, Window: "22:30-23:00",
			Archive: Archive{Every: "month", KeepMonths: 12}, RestorableMonthly: true,
		},
		Maintenance: Maintenance{Window: "sun:03:30-sun:05:00", Timezone: "Europe/Paris"},
	}
}

// complete fills the defaults that depend on other values.
func (s *Spec) complete() {
	s.VPN.complete()
	if len(s.Apps) == 0 {
		s.Apps = []App{{Name: "app", Services: []Service{{Name: "web", Runtime: Apache}}}}
	}
	for i := range s.Network.Allow {
		if s.Network.Allow[i].Protocol == "" {
			s.Network.Allow[i].Protocol = "tcp"
		}
	}
	for i := range s.Apps {
		app := &s.Apps[i]
		if app.Repository == "" && s.Client != "" {
			app.Repository = strings.ToLower(s.Client) + "/" + app.Name
		}
		if app.Branch == "" {
			app.Branch = "main"
		}
		for j := range app.Services {
			if svc := &app.Services[j]; svc.Runtime.HTTP() && svc.Path == "" {
				svc.Path = "/*"
			}
		}
	}
}
