package document

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// block is a block in HTML.
func (p *page) block(b Block) ([]*html.Node, error) {
	one := func(n *html.Node) ([]*html.Node, error) { return []*html.Node{n}, nil }
	switch b := b.(type) {
	case Heading:
		p.heading = p.id("heading")
		return one(elem("h3", attrs("id", p.heading), text(b.Text)))
	case Paragraph:
		return one(elem("p", nil, p.text(b.Text)...))
	case List:
		list := elem("ul", nil)
		for _, item := range b.Items {
			list.AppendChild(elem("li", nil, p.text(item)...))
		}
		return one(list)
	case Notice:
		return one(elem("div", attrs("class", class("notice", b.Tone), "role", "note"),
			p.sign(b.Tone), elem("p", nil, p.text(b.Text)...)))
	case Facts:
		list := elem("dl", nil)
		for _, f := range b.Facts {
			list.AppendChild(elem("div", nil, elem("dt", nil, prose(f.Name)...), elem("dd", nil, p.text(f.Value)...)))
		}
		return one(list)
	case Table:
		return one(p.table(b))
	case Graph:
		return drawn("diagram", b.Title, b, p.graph)
	case Plot:
		return drawn("plot", b.Title, b, p.plot)
	case Calendar:
		return drawn("calendar", b.Title, b, p.calendar)
	}
	return nil, fmt.Errorf("a block of type %T cannot be written", b)
}

func drawn[B Block](kind, title string, b B, draw func(B) (*html.Node, error)) ([]*html.Node, error) {
	picture, err := draw(b)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", kind, title, err)
	}
	return []*html.Node{picture}, nil
}

// text are the nodes of a text.
func (p *page) text(t Text) []*html.Node {
	var all []*html.Node
	for _, s := range t {
		all = append(all, p.span(s)...)
	}
	return all
}

func (p *page) span(s Span) []*html.Node {
	nodes := prose(s.Text)
	if s.Code {
		nodes = []*html.Node{code(clean(s.Text))}
	}
	within := func(name string, attr []html.Attribute) { nodes = []*html.Node{elem(name, attr, nodes...)} }
	if s.Strong {
		within("strong", nil)
	}
	if s.Tone != Plain {
		kind := class("tone", s.Tone)
		if len([]rune(s.Text)) <= longest {
			kind += " short" // its sign stays with it
		}
		if sign := p.sign(s.Tone); sign != nil {
			nodes = append([]*html.Node{sign}, nodes...)
		}
		within("span", attrs("class", kind))
	}
	switch {
	case s.Href == "":
	case p.anchors[s.Href]:
		within("a", attrs("href", s.Href))
	case outside(s.Href):
		attr := attrs("href", s.Href, "rel", "noopener noreferrer")
		if s.Text != "" && strings.Contains(s.Href, s.Text) {
			attr = append(attr, attrs("class", "bare")...) // says on paper too where it leads
		}
		within("a", attr)
	}
	return nodes
}

// longestWord is the longest word that is kept on one line of running text. No word of English or
// French is longer; what is comes from AWS, and would reach beyond the paper.
const longestWord = 30

// prose is a text in which what is no word may be broken anywhere.
func prose(s string) []*html.Node {
	s = clean(s)
	var all []*html.Node
	plain := 0 // where what stays as it is begins
	for from := 0; from < len(s); {
		to := len(s)
		if i := strings.IndexByte(s[from:], ' '); i >= 0 {
			to = from + i
		}
		if len([]rune(s[from:to])) > longestWord {
			if plain < from {
				all = append(all, text(s[plain:from]))
			}
			all = append(all, elem("span", attrs("class", "long"), text(s[from:to])))
			plain = to
		}
		from = to + 1
	}
	if plain < len(s) {
		all = append(all, text(s[plain:]))
	}
	return all
}

// outside reports whether a link leads to a place on the web and does nothing else.
func outside(href string) bool {
	rest, ok := strings.CutPrefix(href, "https://")
	return ok && rest != "" && !strings.ContainsFunc(href, func(r rune) bool { return r <= ' ' || r == '"' || r == '<' || r == '>' || r == '\\' })
}

// longest is the longest piece of an identifier that stays on one line: what AWS numbers itself has
// at most 26 characters (subnet-0123456789abcdef0 and the like).
const longest = 26

// code is an identifier. It is never hyphenated; what is longer than a line goes on to the next one
// behind a character that divides it, and anywhere only where no such character is.
func code(s string) *html.Node {
	n := elem("code", nil)
	for i, piece := range pieces(s) {
		if i > 0 {
			n.AppendChild(elem("wbr", nil))
		}
		part := text(piece)
		if len([]rune(piece)) <= longest {
			part = elem("span", nil, part)
		}
		n.AppendChild(part)
	}
	return n
}

// pieces divides an identifier behind what divides its parts, if it is long.
func pieces(s string) []string {
	if len([]rune(s)) <= longest {
		return []string{s}
	}
	var all []string
	from := 0
	for i, r := range s {
		if strings.ContainsRune(":/,;=&?. ", r) && i+1-from > 3 {
			all = append(all, s[from:i+1])
			from = i + 1
		}
	}
	if from < len(s) {
		all = append(all, s[from:])
	}
	return all
}

// table is a table that scrolls by itself where it is wider than the page.
func (p *page) table(t Table) *html.Node {
	id := p.id("table")
	number := func(column int) []html.Attribute {
		if slices.Contains(t.Numbers, column) {
			return attrs("class", "number")
		}
		return nil
	}
	head := elem("tr", nil)
	for i, name := range t.Head {
		head.AppendChild(elem("th", append(attrs("scope", "col"), number(i)...), prose(name)...))
	}
	body := elem("tbody", nil)
	for _, cells := range t.Rows {
		row := elem("tr", nil)
		for i, cell := range cells {
			name, attr := "td", number(i)
			if i == 0 {
				name, attr = "th", append(attrs("scope", "row"), attr...)
			}
			row.AppendChild(elem(name, attr, p.text(cell)...))
		}
		body.AppendChild(row)
	}
	kind := "table"
	switch {
	case len(t.Head) > 5:
		kind = "table wide"
	case len(t.Head) > 2:
		kind = "table middling"
	}
	table := elem("table", nil)
	if strings.TrimSpace(t.Caption) == "" { // the heading above names it
		id = p.heading
		table.Attr = attrs("aria-labelledby", id)
	} else {
		table.AppendChild(elem("caption", attrs("id", id), prose(t.Caption)...))
	}
	add(table, elem("thead", nil, head), body)
	return elem("div", attrs("class", kind, "role", "region", "tabindex", "0", "aria-labelledby", id), table)
}

// figure is a picture with its title, and with what it tells in words.
func (p *page) figure(kind, title, description string, picture *html.Node, legend ...*html.Node) *html.Node {
	id := p.id("figure")
	picture.Attr = append(picture.Attr, attrs("role", "img", "aria-labelledby", id+"-title", "aria-describedby", id+"-desc")...)
	first := picture.FirstChild
	picture.InsertBefore(elem("title", attrs("id", id+"-title"), text(title)), first)
	picture.InsertBefore(elem("desc", attrs("id", id+"-desc"), text(description)), first)
	caption := elem("figcaption", attrs("id", id), elem("strong", nil, text(title)))
	add(caption, legend...)
	return elem("figure", attrs("class", kind), caption,
		elem("div", attrs("class", "picture", "role", "region", "tabindex", "0", "aria-labelledby", id), picture),
		elem("details", nil, elem("summary", nil, text(p.words.inWords)), elem("p", nil, text(description))))
}

// class are the classes of what has a tone.
func class(name string, t Tone) string {
	switch t {
	case Good, Warning, Bad, Muted:
		return name + " " + string(t)
	}
	return name
}

// marks are the signs of tones, which differ in their shapes, in a square of 16. What is muted needs
// none: it is set in italics.
var marks = map[Tone]string{
	Good:    "M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8ZM6.9 11.6 3.6 8.3l1.3-1.3 2 2 4.2-4.3 1.3 1.3Z",
	Warning: "M8 .9.4 14.7h15.2ZM7.1 5.8h1.8v4.6H7.1Zm0 5.7h1.8v1.8H7.1Z",
	Bad:     "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5ZM5.9 4.6 4.6 5.9 6.7 8l-2.1 2.1 1.3 1.3L8 9.3l2.1 2.1 1.3-1.3L9.3 8l2.1-2.1-1.3-1.3L8 6.7Z",
}

// sign is what says a tone beside its colour.
func (p *page) sign(t Tone) *html.Node {
	d, ok := marks[t]
	if !ok {
		return nil
	}
	return elem("svg", attrs("class", "sign", "viewBox", "0 0 16 16", "role", "img", "aria-label", p.words.tones[t]),
		elem("title", nil, text(p.words.tones[t])), elem("path", attrs("d", d, "fill-rule", "evenodd")))
}
