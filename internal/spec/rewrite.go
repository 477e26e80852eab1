package spec

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// set gives a value to the entry of a mapping that the keys lead to.
func (p *page) set(n ast.Node, keys []string, value any) error {
	if i, isItem := item(keys[0]); isItem {
		list, ok := n.(*ast.SequenceNode)
		if !ok || i >= len(list.Values) || len(keys) == 1 {
			return lang.New("the list has no such item")
		}
		return p.set(list.Values[i], keys[1:], value)
	}
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return lang.Errorf("%s does not stand in a block of keys", keys[0])
	}
	for _, entry := range m.Values {
		if entry.Key.GetToken() == nil || entry.Key.GetToken().Value != keys[0] {
			continue
		}
		switch _, null := entry.Value.(*ast.NullNode); {
		case null:
			return p.fill(entry, m.IsFlowStyle, keys[1:], value)
		case len(keys) > 1:
			return p.set(entry.Value, keys[1:], value)
		default:
			return p.replace(entry.Value, value)
		}
	}
	if slices.ContainsFunc(keys, func(key string) bool { _, isItem := item(key); return isItem }) {
		return lang.Errorf("it has no %s: write the list first, as cicdctl spec init shows it", keys[0])
	}
	if m.IsFlowStyle {
		return p.addInBraces(m, keys, value)
	}
	return p.addToBlock(m, keys, value)
}

// replace puts a value in another's place, with its quotes.
func (p *page) replace(n ast.Node, value any) error {
	from, to, err := p.span(n.GetToken())
	if err != nil {
		return err
	}
	old := string(p.text[from:to])
	var quote byte
	if old[0] == '\'' || old[0] == '"' {
		quote = old[0]
	}
	text := scalarText(value, quote)
	if s, ok := value.(string); ok && quote == 0 && clockPattern.MatchString(old) && !barePattern.MatchString(old) && clockPattern.MatchString(s) {
		text = s // the file has no quotes around such a value
	}
	p.edits = append(p.edits, edit{from, to, text})
	return nil
}

// fill gives a value to a key that has none.
func (p *page) fill(entry *ast.MappingValueNode, flow bool, keys []string, value any) error {
	if t := entry.Value.GetToken(); t.Type == token.NullType {
		from, to, err := p.span(t)
		if err != nil {
			return err
		}
		p.edits = append(p.edits, edit{from, to, inBraces(keys, value)})
		return nil
	}
	_, colon, err := p.span(entry.Start)
	if err != nil {
		return err
	}
	if p.text[colon-1] != ':' {
		return lang.New("a key has no colon")
	}
	if flow || p.flow || len(keys) == 0 {
		p.insert(colon, " "+inBraces(keys, value))
		return nil
	}
	at := entry.Key.GetToken().Position
	p.addLines(entry.Start.Position.Line, strings.Repeat(" ", at.Column-1+p.indent), keys, value)
	return nil
}

// addInBraces adds an entry at the end of a mapping in braces.
func (p *page) addInBraces(m *ast.MappingNode, keys []string, value any) error {
	entry := pair(keys, value)
	if len(m.Values) == 0 {
		_, after, err := p.span(m.Start)
		if err == nil {
			p.insert(after, entry)
		}
		return err
	}
	end := p.index(m.End)
	if end < 0 {
		return lang.New("a closing brace cannot be found safely")
	}
	last := end - 1
	for last > 0 && p.tokens[last].Type == token.CommentType {
		last--
	}
	_, after, err := p.span(p.tokens[last])
	if err != nil {
		return err
	}
	comma := p.tokens[last].Type == token.CollectEntryType
	line, key := p.tokens[last].Position.Line, m.Values[len(m.Values)-1].Key.GetToken().Position
	margin := p.line(key.Line)
	margin = margin[:len(margin)-len(strings.TrimLeft(margin, " "))]
	switch own := len(margin) == key.Column-1 && m.End.Position.Line > line; {
	case own && comma: // each entry has a line, and each line its comma
		p.insert(p.ends(line), p.newline(line)+margin+entry+",")
	case own:
		p.insert(after, ",")
		p.insert(p.ends(line), p.newline(line)+margin+entry)
	case comma:
		p.insert(after, " "+entry)
	default:
		p.insert(after, ", "+entry)
	}
	return nil
}

// addToBlock adds an entry after the last one of a block, and a section at the
// end of the file.
func (p *page) addToBlock(m *ast.MappingNode, keys []string, value any) error {
	key := m.Values[len(m.Values)-1].Key.GetToken()
	if p.index(key) < 0 {
		return lang.Errorf("the key in line %d cannot be found safely", key.Position.Line)
	}
	margin := strings.Repeat(" ", key.Position.Column-1)
	line := p.lastLine(key)
	if m != p.root || len(keys) == 1 {
		p.addLines(line, margin, keys, value)
		return nil
	}
	// Comments at the end of the file stay above. Where sections have blank lines
	// between them, or a comment would seem to speak of this one, so has this.
	apart := line < len(p.starts) && strings.TrimSpace(string(p.text[p.starts[line]:])) != ""
	for n := 1; n < line; n++ {
		apart = apart || strings.TrimSpace(p.line(n)) == ""
	}
	line = len(p.starts)
	if p.line(line) == "" {
		line-- // what follows the last line's end is no line
	}
	apart = apart && strings.TrimSpace(p.line(line)) != ""
	if apart {
		p.insert(p.ends(line), p.newline(line))
	}
	p.addLines(line, margin, keys, value)
	return nil
}

// addLines adds an entry below a line, nested blocks or braces for the keys within.
func (p *page) addLines(line int, margin string, keys []string, value any) {
	newline := p.newline(line)
	var b strings.Builder
	for len(keys) > 1 && !p.flow {
		b.WriteString(newline + margin + keys[0] + ":")
		margin, keys = margin+strings.Repeat(" ", p.indent), keys[1:]
	}
	b.WriteString(newline + margin + pair(keys, value))
	p.insert(p.ends(line), b.String())
}

// pair is an entry on one line: "archive: {every: none}".
func pair(keys []string, value any) string { return keys[0] + ": " + inBraces(keys[1:], value) }

// inBraces is a value, or the mapping that holds it: "{every: none}".
func inBraces(keys []string, value any) string {
	if len(keys) == 0 {
		return scalarText(value, 0)
	}
	return "{" + pair(keys, value) + "}"
}
