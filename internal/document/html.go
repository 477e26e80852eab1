package document

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

//go:embed style.css
var style string

// favicon is there so that no browser asks for one.
const favicon = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
	"%3Crect width='16' height='16' rx='3' fill='%231f4e79'/%3E%3Cpath d='M4 4h8M4 8h8M4 12h5' stroke='%23fff' stroke-width='1.6'/%3E%3C/svg%3E"

// HTML writes the document as one file that asks nothing of any server and runs no script, for
// screens and for A4. Texts are escaped whatever they hold. It fails on a document whose sections
// have no or the same anchors, on a table whose rows do not fit its head, and on a diagram that
// cannot be laid out.
func HTML(w io.Writer, d Document) error {
	if err := d.check(); err != nil {
		return err
	}
	p := &page{doc: d, words: wordsOf(d.Lang), anchors: map[string]bool{}}
	for _, s := range d.Sections {
		p.anchors["#"+s.ID] = true
	}
	body, err := p.body()
	if err != nil {
		return err
	}
	css := style + p.css.String() + pageFooter(clean(d.Title), p.words.moment(d.Made))
	root := &html.Node{Type: html.DocumentNode}
	root.AppendChild(&html.Node{Type: html.DoctypeNode, Data: "html"})
	root.AppendChild(elem("html", attrs("lang", d.Lang),
		elem("head", nil,
			elem("meta", attrs("charset", "utf-8")),
			// The hash lets in this style sheet and no other; nothing is let in from outside.
			elem("meta", attrs("http-equiv", "Content-Security-Policy", "content",
				"default-src 'none'; img-src data:; style-src 'sha256-"+hash(css)+"'; base-uri 'none'; form-action 'none'")),
			elem("meta", attrs("name", "viewport", "content", "width=device-width, initial-scale=1")),
			elem("meta", attrs("name", "color-scheme", "content", "light dark")),
			elem("meta", attrs("name", "referrer", "content", "no-referrer")),
			elem("link", attrs("rel", "icon", "href", favicon)),
			elem("title", nil, text(d.Title)),
			elem("style", nil, &html.Node{Type: html.TextNode, Data: css}),
		),
		body))
	return html.Render(w, root)
}

func hash(css string) string {
	sum := sha256.Sum256([]byte(css))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// pageFooter is what stands at the foot of each printed page but the first.
func pageFooter(title, made string) string {
	return "@page{@bottom-left{content:" + cssString(title+" · "+made) + "}}\n"
}

// cssString is a string of CSS in which all but letters and digits of ASCII is written as its number,
// so that nothing ends the string or the style sheet.
func cssString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if r < 128 && (r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\%06x", r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

var anchor = lazyregexp.New(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// check finds what a document must not hold.
func (d *Document) check() error {
	if d.Lang == "" || d.Title == "" {
		return fmt.Errorf("document %q: Lang and Title are required", d.Title)
	}
	seen := map[string]bool{}
	for _, s := range d.Sections {
		if !anchor.MatchString(s.ID) {
			return fmt.Errorf("section %q: the ID %q is not made of lower-case letters, digits and hyphens", s.Title, s.ID)
		}
		if seen[s.ID] {
			return fmt.Errorf("section %q: the ID %q is another section's too", s.Title, s.ID)
		}
		seen[s.ID] = true
		for _, b := range s.Blocks {
			table, ok := b.(Table)
			if !ok {
				continue
			}
			for i, row := range table.Rows {
				if len(row) != len(table.Head) {
					return fmt.Errorf("section %q, table %q: row %d has another width than its head: %d, not %d", s.Title, table.Caption, i+1, len(row), len(table.Head))
				}
			}
		}
	}
	return nil
}

// page is one document being written.
type page struct {
	doc     Document
	words   words
	anchors map[string]bool // what links inside may lead to
	heading string          // the anchor of the heading that what is being written stands below
	ids     int             // how many anchors were made

	pictures int
	css      strings.Builder // rules for single pictures
}

// id is an anchor of its own, of a table or a diagram.
func (p *page) id(of string) string {
	p.ids++
	return of + "--" + strconv.Itoa(p.ids) // no section's has two hyphens
}

func (p *page) body() (*html.Node, error) {
	toc := elem("ol", nil)
	main := elem("main", nil)
	for _, s := range p.doc.Sections {
		toc.AppendChild(elem("li", nil, elem("a", attrs("href", "#"+s.ID), text(s.Title))))
		p.heading = s.ID + "--title"
		section := elem("section", attrs("id", s.ID, "aria-labelledby", s.ID+"--title"),
			elem("h2", attrs("id", s.ID+"--title"), text(s.Title)))
		if !s.AsOf.IsZero() {
			section.AppendChild(elem("p", attrs("class", "asof"), text(p.words.asOf+" "), p.time(s.AsOf)))
		}
		for _, b := range s.Blocks {
			nodes, err := p.block(b)
			if err != nil {
				return nil, fmt.Errorf("section %q: %w", s.Title, err)
			}
			add(section, nodes...)
			withHeadings(section.LastChild)
		}
		main.AppendChild(section)
	}
	cover := elem("header", attrs("class", "cover"), elem("h1", nil, text(p.doc.Title)))
	if p.doc.Subtitle != "" {
		cover.AppendChild(elem("p", attrs("class", "subtitle"), text(p.doc.Subtitle)))
	}
	cover.AppendChild(elem("p", attrs("class", "made"), p.time(p.doc.Made)))
	nav := elem("nav", attrs("aria-labelledby", "contents--title"),
		elem("h2", attrs("id", "contents--title"), text(p.words.contents)), toc)
	return elem("body", nil, cover, nav, main), nil
}

// withHeadings takes the headings before a picture that lies across with it to its page.
func withHeadings(picture *html.Node) {
	if picture.Data != "figure" || !strings.HasSuffix(picture.Attr[0].Val, " across") {
		return
	}
	for n := picture.PrevSibling; n != nil && (n.Data == "h2" || n.Data == "h3" || n.Data == "p" && len(n.Attr) > 0); n = n.PrevSibling {
		if n.Data == "p" { // the date of the section
			n.Attr[0].Val += " across"
			continue
		}
		n.Attr = append(n.Attr, attrs("class", "across")...)
	}
}

func (p *page) time(t time.Time) *html.Node {
	return elem("time", attrs("datetime", t.Format(time.RFC3339)), text(p.words.moment(t)))
}

// elem is an element with its children. Those that are nil are left out.
func elem(name string, attr []html.Attribute, children ...*html.Node) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name)), Attr: attr}
	add(n, children...)
	return n
}

func add(n *html.Node, children ...*html.Node) {
	for _, c := range children {
		if c != nil {
			n.AppendChild(c)
		}
	}
}

// attrs are attributes: names and values in turn.
func attrs(pairs ...string) []html.Attribute {
	all := make([]html.Attribute, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, html.Attribute{Key: pairs[i], Val: clean(pairs[i+1])})
	}
	return all
}

// text is a text as it may be shown.
func text(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: clean(s)} }
