package document

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Markdown writes the document as GitLab takes it. What Markdown, HTML or GitLab would read in a
// text is escaped. Diagrams are told in words. It fails as HTML does on what a document must not hold.
func Markdown(w io.Writer, d Document) error {
	if err := d.check(); err != nil {
		return err
	}
	m := &markdown{words: wordsOf(d.Lang), slugs: slugs(&d)}
	m.line("# " + plain(d.Title))
	if d.Subtitle != "" {
		m.line(plain(d.Subtitle))
	}
	m.line(plain(m.words.moment(d.Made)))
	m.line(bold(plain(m.words.contents)))
	var toc []string
	for _, s := range d.Sections {
		toc = append(toc, "- ["+plain(s.Title)+"]("+m.slugs["#"+s.ID]+")")
	}
	m.line(strings.Join(toc, "\n"))
	for _, s := range d.Sections {
		m.line("## " + plain(s.Title))
		if !s.AsOf.IsZero() {
			m.line("*" + plain(m.words.asOf+" "+m.words.moment(s.AsOf)) + "*")
		}
		for _, b := range s.Blocks {
			if err := m.block(b); err != nil {
				return fmt.Errorf("section %q: %w", s.Title, err)
			}
		}
	}
	_, err := io.WriteString(w, strings.TrimSuffix(m.out.String(), "\n"))
	return err
}

type markdown struct {
	out   strings.Builder
	words words
	slugs map[string]string // the anchor that GitLab gives a section, by ours
}

// line is a block of lines, with an empty one behind.
func (m *markdown) line(s string) { m.out.WriteString(s + "\n\n") }

func (m *markdown) block(b Block) error {
	switch b := b.(type) {
	case Heading:
		m.line("### " + plain(b.Text))
	case Paragraph:
		m.line(m.text(b.Text, false))
	case List:
		var items []string
		for _, item := range b.Items {
			items = append(items, "- "+m.text(item, false))
		}
		m.line(strings.Join(items, "\n"))
	case Notice:
		m.line("> " + m.toned(b.Tone, m.text(b.Text, false)))
	case Facts:
		var items []string
		for _, f := range b.Facts {
			items = append(items, "- "+bold(plain(f.Name))+m.words.colon+m.text(f.Value, false))
		}
		m.line(strings.Join(items, "\n"))
	case Table:
		m.table(b)
	case Graph:
		m.picture(b.Title, b.Description)
	case Plot:
		m.picture(b.Title, b.Description)
		m.table(m.words.points(b))
	case Calendar:
		m.picture(b.Title, b.Description)
		for _, w := range b.Weeks {
			m.table(m.words.slots(w))
		}
	default:
		return fmt.Errorf("a block of type %T cannot be written", b)
	}
	return nil
}

func (m *markdown) picture(title, description string) {
	m.line(bold(plain(title)))
	m.line(plain(description))
}

func (m *markdown) table(t Table) {
	var rows []string
	if t.Caption != "" {
		m.line(bold(plain(t.Caption)))
	}
	row := func(cells []string) { rows = append(rows, "| "+strings.Join(cells, " | ")+" |") }
	var head, rule []string
	for _, name := range t.Head {
		head, rule = append(head, plain(name)), append(rule, "---")
	}
	for _, n := range t.Numbers {
		if n < len(rule) {
			rule[n] = "---:"
		}
	}
	row(head)
	row(rule)
	for _, r := range t.Rows {
		var cells []string
		for _, cell := range r {
			cells = append(cells, m.text(cell, true))
		}
		row(cells)
	}
	m.line(strings.Join(rows, "\n"))
}

// text is a text, which in the cell of a table holds no bare pipe.
func (m *markdown) text(t Text, cell bool) string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(m.span(s, cell))
	}
	return b.String()
}

func (m *markdown) span(s Span, cell bool) string {
	out := plain(s.Text)
	if s.Code {
		out = inCode(s.Text, cell)
	}
	if s.Strong {
		out = bold(out)
	}
	switch slug, inside := m.slugs[s.Href]; {
	case inside:
		out = "[" + out + "](" + slug + ")"
	case outside(s.Href):
		out = "[" + out + "](<" + s.Href + ">)"
	}
	return m.toned(s.Tone, out)
}

// signs of tones; GitLab shows them in colour.
var signs = map[Tone]string{Good: "✅", Warning: "⚠️", Bad: "❌", Muted: "–"}

// toned is a text with the sign and, where it is one to act on, the word of its tone.
func (m *markdown) toned(t Tone, s string) string {
	sign, ok := signs[t]
	switch {
	case !ok, t == Muted:
		return s
	case t == Good:
		return sign + " " + s
	}
	return sign + " " + bold(plain(m.words.tones[t])) + m.words.colon + s
}

// bold is what stands out. Markdown takes marks with nothing or a space between them for something else.
func bold(s string) string {
	inner := strings.TrimSpace(s)
	if inner == "" {
		return s
	}
	return strings.Replace(s, inner, "**"+inner+"**", 1)
}

// plain is a text in which nothing is Markdown, HTML, a link or a reference of GitLab.
func plain(s string) string {
	var b strings.Builder
	runes := []rune(clean(s))
	for i, r := range runes {
		before, after := ' ', ' '
		if i > 0 {
			before = runes[i-1]
		}
		if i+1 < len(runes) {
			after = runes[i+1]
		}
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]#!|~$@^%", r),
			// A list, a rule or a heading at the beginning of a line.
			(r == '-' || r == '+' || r == '=') && strings.TrimSpace(string(runes[:i])) == "",
			// "1." at the beginning of a line, and "www.", which GitLab makes a link of.
			r == '.' && (before == 'w' || before == 'W' || strings.Trim(string(runes[:i]), " 0123456789") == ""),
			r == ')' && strings.Trim(string(runes[:i]), " 0123456789") == "",
			// "https://" and ":tada:", but not times.
			r == ':' && !unicode.IsSpace(after) && !(unicode.IsDigit(before) && unicode.IsDigit(after)):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// inCode is a text between as many backticks as it does not hold.
func inCode(s string, cell bool) string {
	s = clean(s)
	if s == "" {
		return ""
	}
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	if longest > 0 || s[0] == ' ' {
		s = " " + s + " "
	}
	if cell {
		s = strings.ReplaceAll(s, "|", "\\|")
	}
	fence := strings.Repeat("`", longest+1)
	return fence + s + fence
}

// slugs are the anchors that GitLab makes from headings (docs.gitlab.com, "GitLab Flavored Markdown:
// Heading IDs and links"): lower case, only letters, digits, underscores and hyphens, spaces are
// hyphens, and what is there already gets a number.
func slugs(d *Document) map[string]string {
	all, seen := map[string]string{}, map[string]int{}
	take := func(title string) string {
		slug := slugOf(title)
		n := seen[slug]
		seen[slug]++
		if n > 0 {
			slug += "-" + strconv.Itoa(n)
		}
		return "#" + slug
	}
	take(d.Title)
	for _, s := range d.Sections {
		all["#"+s.ID] = take(s.Title)
		for _, b := range s.Blocks {
			if h, ok := b.(Heading); ok {
				take(h.Text)
			}
		}
	}
	return all
}

func slugOf(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(clean(title)) {
		switch {
		case r == ' ' || r == '-':
			if !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '_':
			b.WriteRune(r)
		}
	}
	return b.String()
}
