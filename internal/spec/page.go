package spec

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// page is the text of a file together with what the parser sees in it. Places are
// found by line and column and then held against the text: the parser's offsets
// count neither bytes nor line ends of Windows.
type page struct {
	text   []byte
	starts []int // of each line
	tokens token.Tokens
	root   ast.Node
	indent int  // of a block within a block
	flow   bool // sections are written in braces
	edits  []edit
}

// edit puts text in the place of another.
type edit struct {
	from, to int
	text     string
}

func newPage(text []byte) (*page, error) {
	lines := unixLines(text)
	if bytes.ContainsRune(lines, '\r') {
		return nil, lang.New("a carriage return stands within a line")
	}
	tree, err := parser.ParseBytes(lines, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	bodies := documents(tree)
	if len(bodies) != 1 {
		return nil, lang.New("it does not hold exactly one document")
	}
	p := &page{text: text, starts: []int{0}, tokens: lexer.Tokenize(string(lines)), root: bodies[0], indent: 2}
	for i, b := range text {
		if b == '\n' {
			p.starts = append(p.starts, i+1)
		}
	}
	p.style()
	return p, nil
}

// style looks at how the file's sections are written.
func (p *page) style() {
	root, ok := p.root.(*ast.MappingNode)
	if !ok {
		return
	}
	blocks, braces := 0, 0
	for _, entry := range root.Values {
		section, ok := entry.Value.(*ast.MappingNode)
		switch {
		case !ok || len(section.Values) == 0:
		case section.IsFlowStyle:
			braces++
		default:
			if blocks++; blocks == 1 {
				p.indent = max(column(section)-column(root), 1)
			}
		}
	}
	p.flow = blocks == 0 && braces > 0
}

// column is that of a block's keys.
func column(m *ast.MappingNode) int { return m.Values[0].Key.GetToken().Position.Column }

// result is the text with the edits in it.
func (p *page) result() []byte {
	slices.SortStableFunc(p.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out []byte
	at := 0
	for _, e := range p.edits {
		out = append(append(out, p.text[at:e.from]...), e.text...)
		at = e.to
	}
	return append(out, p.text[at:]...)
}

func (p *page) insert(at int, text string) { p.edits = append(p.edits, edit{at, at, text}) }

// line is the text of a line, from 1, without its end.
func (p *page) line(n int) string {
	from, to := p.starts[n-1], len(p.text)
	if n < len(p.starts) {
		to = p.starts[n] - 1
	}
	return strings.TrimSuffix(string(p.text[from:to]), "\r")
}

// ends is where the text of a line ends.
func (p *page) ends(n int) int { return p.starts[n-1] + len(p.line(n)) }

// newline is how lines end here.
func (p *page) newline(n int) string {
	if n >= len(p.starts) { // the last line has none of its own
		n = 1
	}
	if n < len(p.starts) && p.starts[n]-p.ends(n) == 2 {
		return "\r\n"
	}
	return "\n"
}

// begin is where a token begins.
func (p *page) begin(t *token.Token) (int, error) {
	if t == nil || t.Position == nil || t.Position.Line < 1 || t.Position.Line > len(p.starts) || t.Position.Column < 1 {
		return 0, lang.New("the parser does not say where the value is")
	}
	line := p.line(t.Position.Line)
	at := 0
	for range t.Position.Column - 1 {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	begins := t.Value
	switch t.Type {
	case token.SingleQuoteType:
		begins = "'"
	case token.DoubleQuoteType:
		begins = `"`
	default:
	}
	if begins == "" || !strings.HasPrefix(line[at:], begins) {
		return 0, lang.Errorf("the value in line %d cannot be found safely", t.Position.Line)
	}
	return p.starts[t.Position.Line-1] + at, nil
}

// span is where a token begins and ends, which it does on one line.
func (p *page) span(t *token.Token) (from, to int, err error) {
	if from, err = p.begin(t); err != nil {
		return 0, 0, err
	}
	line := string(p.text[from:p.ends(t.Position.Line)])
	switch t.Type {
	case token.SingleQuoteType:
		to = closing(line, '\'')
	case token.DoubleQuoteType:
		to = closing(line, '"')
	case token.LiteralType, token.FoldedType:
	default:
		to = len(t.Value)
	}
	if to <= 0 {
		return 0, 0, lang.Errorf("the value in line %d goes over several lines", t.Position.Line)
	}
	return from, from + to, nil
}

// closing is where text in quotes ends, or 0 when it does not end here.
func closing(line string, quote byte) int {
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] == '\\' && quote == '"':
			i++
		case line[i] == quote && quote == '\'' && i+1 < len(line) && line[i+1] == quote:
			i++
		case line[i] == quote:
			return i + 1
		}
	}
	return 0
}

// index finds a token of the tree among all tokens.
func (p *page) index(t *token.Token) int {
	return slices.IndexFunc(p.tokens, func(other *token.Token) bool {
		return other.Position.Line == t.Position.Line && other.Position.Column == t.Position.Column && other.Type == t.Type
	})
}

// lastLine is the last line of the block entry with this key, comments after it
// left out.
func (p *page) lastLine(key *token.Token) int {
	depth, last := 0, len(p.starts)
	for _, t := range p.tokens[p.index(key)+1:] {
		at := t.Position
		item := t.Type == token.SequenceEntryType && at.Column == key.Position.Column
		if depth == 0 && t.Type != token.CommentType && at.Line > key.Position.Line && 0 < at.Column && at.Column <= key.Position.Column && !item {
			last = at.Line - 1
			break
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		default:
		}
	}
	for ; last > key.Position.Line; last-- {
		if text := strings.TrimSpace(p.line(last)); text != "" && text[0] != '#' {
			break
		}
	}
	return last
}
