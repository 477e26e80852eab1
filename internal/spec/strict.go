package spec

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// YAML has corners that libraries read in different ways, and an editor that checks a
// spec reads it with another one than this program. What does not mean the same to all
// is refused here, before anybody relies on it: second_test.go holds the decoder against
// a second library.

// characters finds what is no text in YAML, or what ends a line for some libraries only.
// Editors do not show it.
func characters(data []byte) (problems []Problem) {
	line, column := 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		p := Problem{Line: line, Column: column}
		switch {
		case r == utf8.RuneError && size == 1:
			p.Message = lang.Say("this is not UTF-8; save the file in that encoding")
			return append(problems, p) // nor is the rest
		case r == '\n':
			line, column = line+1, 0
		case r == '\t':
		case r == '\r':
			p.Message = lang.Say("a carriage return stands within the line; remove it")
		case r < ' ', r >= 0x7f && r <= 0x9f, r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff':
			p.Message = lang.Sprintf("an invisible character, %U, stands here; remove it", r)
		}
		if p.Message != "" {
			problems = append(problems, p)
		}
		data = data[size:]
		column++
	}
	return problems
}

// numeric is text that is a number for YAML 1.1 or 1.2 when it is not in quotes.
var numeric = lazyregexp.New(`^[-+]?(0[box])?([0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)([eE][-+]?[0-9]+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$`)

// octal is a number that is 8 for YAML 1.1 and 10 for YAML 1.2.
var octal = lazyregexp.New(`^[-+]?0[0-9_]+$`)

// blockHeader begins text in lines of its own.
var blockHeader = lazyregexp.New(`^[|>]([-+]?[1-9]?|[1-9][-+])$`)

// coded is a character by its number.
var coded = lazyregexp.New(`\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`)

// surrogate is one half of a character, as JSON has it.
var surrogate = lazyregexp.New(`\\u[dD][89a-fA-F][0-9a-fA-F]{2}`)

const (
	indicators = "?:,[]{}#&*!|>@`%=\"'"
	blank      = " \t\n"
)

// unclear finds what is read differently although it is text: what the tokens of a file
// have in them, and how they stand to each other.
func unclear(data []byte, tokens token.Tokens) []Problem {
	c := &clarity{colons: map[int]bool{}}
	for _, t := range tokens {
		c.token(t)
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		c.line(line, i+1)
	}
	if c.last != nil && !bytes.HasSuffix(data, []byte("\n")) {
		c.tell(c.last, "the last line has no end; add an empty line")
	}
	return c.problems
}

// clarity goes through the tokens of a file.
type clarity struct {
	flow     int          // how deep in braces and brackets
	pair     bool         // there was a colon since the last comma
	colons   map[int]bool // lines with one, out of braces
	headers  int          // of documents
	block    *token.Token // the header of text in lines of its own that has to follow
	last     *token.Token // such text, when nothing has come after it
	problems []Problem
}

func (c *clarity) tell(t *token.Token, message string) {
	if message != "" {
		c.problems = append(c.problems, Problem{Message: lang.Say(message), Line: t.Position.Line, Column: t.Position.Column})
	}
}

// tabs at the beginning of a line, or behind its dashes.
var tabs = lazyregexp.New(`^ *(- *)*\t`)

func (c *clarity) line(line []byte, number int) {
	add := func(at int, format string, args ...any) {
		c.problems = append(c.problems, Problem{Message: lang.Sprintf(format, args...), Line: number, Column: utf8.RuneCount(line[:at]) + 1})
	}
	if at := tabs.FindIndex(line); at != nil {
		add(at[1]-1, "a tab stands at the beginning of the line; write blanks instead")
	}
	if at := surrogate.FindIndex(line); at != nil {
		add(at[0], "%s is half a character; write the character itself", line[at[0]:at[1]])
	}
}

// unexpected finds what the parser passes over: the first character that is in no token,
// such as a quote too many.
func unexpected(data []byte, tokens token.Tokens) (problems []Problem) {
	add := func(what string, line, column int) {
		problems = append(problems, Problem{Message: lang.Sprintf("%q is not expected here; remove it, or put the text in quotes", what), Line: line, Column: column})
	}
	var origin strings.Builder
	for _, t := range tokens {
		origin.WriteString(t.Origin)
		if t.Type == token.InvalidType {
			add(strings.Trim(t.Origin, blank), t.Position.Line, t.Position.Column)
		}
	}
	uncoded := func(text string) string { // the parser leaves these out of what it has read
		return coded.ReplaceAllStringFunc(text, func(code string) string { return `\` + strings.Repeat(" ", len(code)-1) })
	}
	rest := strings.NewReplacer(" ", "", "\t", "", "\n", "").Replace(uncoded(origin.String()))
	line, column := 1, 0
	for _, r := range uncoded(string(data)) {
		column++
		switch {
		case r == '\n':
			line, column = line+1, 0
		case r == ' ', r == '\t':
		case strings.HasPrefix(rest, string(r)):
			rest = rest[utf8.RuneLen(r):]
		default:
			add(string(r), line, column)
			return problems
		}
	}
	return problems
}

func (c *clarity) token(t *token.Token) {
	c.last = nil
	switch t.Type {
	case token.MappingStartType, token.SequenceStartType:
		c.flow, c.pair = c.flow+1, false
	case token.MappingEndType, token.SequenceEndType:
		c.flow, c.pair = c.flow-1, true // what comes behind is in the same entry
	case token.CollectEntryType:
		c.pair = false
		if t.Prev != nil && opens(t.Prev) {
			c.tell(t, "nothing stands before the comma; remove it")
		}
	case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType:
		c.tell(t, notUnderstood)
	case token.DirectiveType, token.MappingKeyType:
		c.tell(t, `this notation is not understood here; write "key: value"`)
	case token.DocumentHeaderType:
		if c.headers++; c.headers > 1 {
			c.tell(t, "a second document; one file describes one client")
		}
	case token.LiteralType, token.FoldedType:
		c.block = t
		c.tell(t, unclearHeader(t))
	case token.CommentType:
	case token.DocumentEndType:
		if t.Prev == nil || t.Next != nil {
			c.tell(t, `"..." ends the file; remove it`)
		}
	case token.SingleQuoteType, token.DoubleQuoteType:
		c.tell(t, unclearQuotes(t))
	case token.MappingValueType:
		c.colon(t)
	case token.SequenceEntryType:
		c.tell(t, unclearPlace(t, t))
	default:
		if c.block != nil {
			c.tell(c.block, unclearBlock(t))
			c.block, c.last = nil, c.block
		} else if plain(t) {
			c.tell(t, unclearPlain(t, c.flow > 0))
		}
	}
}

func (c *clarity) colon(t *token.Token) {
	next, prev := t.Next, t.Prev
	switch {
	case prev == nil:
	case c.flow > 0 && next != nil && plain(prev) && adjacent(t, next):
		c.tell(t, "a colon has to have a blank behind it; write one, or put the text around it in quotes")
	case c.flow > 0 && c.pair, c.flow == 0 && c.colons[t.Position.Line]:
		c.tell(t, "a second colon; put text that has one in quotes")
	default:
		c.tell(t, unclearPlace(t, prev))
	}
	if c.flow > 0 {
		c.pair = true
	} else {
		c.colons[t.Position.Line] = true
	}
}

// plain is text, or a number, without quotes.
func plain(t *token.Token) bool {
	return !slices.Contains([]token.Type{token.SingleQuoteType, token.DoubleQuoteType, token.LiteralType, token.FoldedType, token.CommentType}, t.Type) &&
		t.CharacterType == token.CharacterTypeMiscellaneous
}

// scalar is text or a number in any notation.
func scalar(t *token.Token) bool {
	return plain(t) || t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType || t.Type == token.LiteralType || t.Type == token.FoldedType
}

func adjacent(t, next *token.Token) bool {
	return next.Position.Line == t.Position.Line && next.Position.Column == t.Position.Column+1
}

// columnOf is where a token begins that is the first in its line. The parser is one too
// far when the line before ends in a blank.
func columnOf(t *token.Token) int {
	blanks := t.Origin[:len(t.Origin)-len(strings.TrimLeft(t.Origin, blank))]
	if at := strings.LastIndexByte(blanks, '\n'); at >= 0 {
		return len(blanks) - at
	}
	return t.Position.Column
}

// unclearPlace looks at the value behind a colon or a dash, which stands in a line below.
func unclearPlace(t, key *token.Token) string {
	next := t.Next
	for next != nil && next.Type == token.CommentType {
		next = next.Next
	}
	if next == nil || next.Position.Line == t.Position.Line || columnOf(next) > key.Position.Column {
		return ""
	}
	if t.Type == token.SequenceEntryType {
		return lang.Say(`nothing belongs to "-"; remove it, or write the value on its line`)
	}
	if !scalar(next) || next.Next != nil && next.Next.Type == token.MappingValueType {
		return ""
	}
	return lang.Say("the value in a line below has to stand further to the right")
}

func opens(t *token.Token) bool {
	return t.Type == token.MappingStartType || t.Type == token.SequenceStartType || t.Type == token.CollectEntryType
}

func unclearHeader(t *token.Token) string {
	if !blockHeader.MatchString(t.Value) || t.Next != nil && t.Next.Type == token.CommentType && !strings.HasSuffix(t.Origin, " ") {
		return lang.Sprintf("%q does not begin text in lines of its own; write | or >", t.Value)
	}
	return ""
}

func unclearBlock(t *token.Token) string {
	text := t.Origin
	if at := strings.LastIndexByte(text, '\n'); at >= 0 && strings.Trim(text[at:], blank) == "" {
		text = text[:at] // up to the indentation of what follows
	}
	text = strings.TrimRight(text, "\n")
	begins := strings.TrimLeft(text, blank)
	before := text[:len(text)-len(begins)]
	before = before[:strings.LastIndexByte(before, '\n')+1] // the empty lines
	switch {
	case begins == "":
		return lang.Say("there is no text; remove the key, or write it")
	case strings.Trim(before, "\n") != "":
		return lang.Say("blanks stand in an empty line; remove them")
	case strings.HasSuffix(text, " "), strings.HasSuffix(text, "\t"):
		return lang.Say("blanks end the last line; remove them")
	}
	return ""
}

// unclearQuotes looks at text in quotes. Over several lines it is read alike only when it
// has nothing special in it.
func unclearQuotes(t *token.Token) string {
	text := strings.Trim(t.Origin, blank)
	several := strings.Contains(text, "\n")
	inner := text[min(1, len(text)):max(len(text)-1, 0)]
	switch {
	case strings.Contains(text, "\t"):
		return lang.Say(`a tab stands within the text; write a blank instead, or \t in double quotes`)
	case several && (strings.Contains(text, "\n---") || strings.Contains(text, "\n...")):
		return lang.Say("a line begins with the end of the file; indent it")
	case several && t.Type == token.SingleQuoteType && strings.Contains(inner, "'"):
		return lang.Say("a quote stands in text that goes over several lines; write the text behind > instead")
	case t.Type == token.SingleQuoteType:
		return ""
	}
	for {
		at := strings.IndexByte(text, '\\')
		if at < 0 || at+1 == len(text) {
			return ""
		}
		after := text[at+1:]
		switch {
		case after[0] == '/':
			return lang.Say(`a backslash stands before a slash; write "/" without it`)
		case several && (after[0] != '\n' || strings.HasPrefix(strings.TrimLeft(after[1:], " "), "\n")):
			return lang.Say("a backslash stands in text that goes over several lines; write the text behind > instead")
		}
		text = after[1:]
	}
}

func unclearPlain(t *token.Token, flow bool) string {
	text := strings.Trim(t.Origin, blank)
	lines := strings.Split(text, "\n")
	switch {
	case strings.Contains(text, "\t"):
		return lang.Say(`a tab stands within the text; write a blank instead, or \t in double quotes`)
	case strings.ContainsAny(text[:min(len(text), 1)], indicators), text == "<<":
		return lang.Sprintf("text that begins with %q has to be in quotes", text[:1])
	case strings.Contains(text, ": "), strings.HasSuffix(text, ":"):
		return lang.Say("text with a colon has to be in quotes")
	case flow && strings.ContainsAny(text, "?[]{}"):
		return lang.Say("text with one of ?[]{} has to be in quotes within braces or brackets")
	}
	for _, line := range lines[1:] {
		line = strings.Trim(line, blank)
		if line == "" || strings.ContainsAny(line[:min(len(line), 1)], indicators+"-") || strings.Contains(line, " #") {
			return lang.Say("text that goes over several lines has to be in quotes, or behind >")
		}
	}
	return ""
}
