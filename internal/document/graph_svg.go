package document

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// frame is the room around a diagram.
const frame = 8.0

// graph draws a graph where the layout says.
func (p *page) graph(g Graph) (*html.Node, error) {
	l, err := layOut(&g)
	if err != nil {
		return nil, err
	}
	svg := p.svg(l.size.x+2*frame, l.size.y+2*frame)
	all := elem("g", attrs("transform", "translate("+num(frame)+" "+num(frame)+")"))
	svg.AppendChild(all)
	for i, group := range g.Groups {
		all.AppendChild(p.group(group, l.groupAt[i], l.depth[i]))
	}
	for i, e := range g.Edges {
		all.AppendChild(p.edge(e, &l.edgeAt[i]))
	}
	for i, n := range g.Nodes {
		all.AppendChild(p.node(n, l.nodeAt[i]))
	}
	for i, group := range g.Groups { // above all lines
		all.AppendChild(p.groupLabel(group, l.groupAt[i], l.depth[i]))
	}
	for i, e := range g.Edges {
		add(all, p.edgeLabel(e, l.edgeAt[i].label, l))
	}
	kind := "graph"
	if _, across := l.onPaper(); across {
		kind = "graph across"
	}
	return p.figure(kind, g.Title, g.Description, svg, p.key(&g)...), nil
}

// key says what the signs mean that are in the diagram.
func (p *page) key(g *Graph) []*html.Node {
	there := map[Tone]bool{}
	for _, n := range g.Nodes {
		there[n.Tone] = true
	}
	for _, e := range g.Edges {
		there[e.Tone] = true
	}
	for _, group := range g.Groups {
		there[group.Tone] = true
	}
	var all []*html.Node
	for _, t := range []Tone{Good, Warning, Bad} {
		if there[t] {
			all = append(all, elem("span", attrs("class", class("key", t)), p.sign(t), text(p.words.tones[t])))
		}
	}
	return all
}

// svg is an empty picture. On screens it may shrink to two thirds, what is wider then is scrolled.
func (p *page) svg(width, height float64) *html.Node {
	p.pictures++
	id := "picture--" + strconv.Itoa(p.pictures)
	p.css.WriteString("#" + id + "{min-width:" + num(width*2/3) + "px}\n")
	return elem("svg", attrs("id", id, "viewBox", "0 0 "+num(width)+" "+num(height), "width", num(width), "height", num(height)))
}

// num is a number without more digits than are seen.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

func at(pairs ...any) []html.Attribute {
	all := make([]html.Attribute, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		value := fmt.Sprint(pairs[i+1])
		if f, ok := pairs[i+1].(float64); ok {
			value = num(f)
		}
		all = append(all, html.Attribute{Key: fmt.Sprint(pairs[i]), Val: value})
	}
	return all
}

func (p *page) group(g GraphGroup, r rectangle, depth int) *html.Node {
	return elem("g", attrs("class", class("group", g.Tone)+" depth-"+strconv.Itoa(depth%2)),
		elem("rect", at("x", r.x, "y", r.y, "width", r.w, "height", r.h, "rx", 8.0)))
}

func (p *page) groupLabel(g GraphGroup, r rectangle, depth int) *html.Node {
	n := elem("g", attrs("class", "group-label depth-"+strconv.Itoa(depth%2)))
	x := r.x + 12
	if _, ok := marks[g.Tone]; ok && len(g.Label) > 0 {
		n.AppendChild(p.signAt(g.Tone, x, r.y+8))
		x += signRoom
	}
	add(n, label(g.Label, x, r.y+5, "start")...)
	return n
}

// label are lines below each other, the first of which is the name.
func label(given []string, x, top float64, anchor string) []*html.Node {
	var all []*html.Node
	for _, line := range lines(given) {
		kind, high := "line", lineHigh
		if line.name {
			kind, high = "name", nameHigh
		}
		top += high
		t := elem("text", at("class", kind, "x", x, "y", top-4.5, "text-anchor", anchor), text(line.text))
		if line.full != "" {
			t.InsertBefore(elem("title", nil, text(line.full)), t.FirstChild)
		}
		all = append(all, t)
	}
	return all
}

func (p *page) node(n GraphNode, r rectangle) *html.Node {
	top := r.y + padAbove
	g := elem("g", attrs("class", strings.TrimSpace(class("node", n.Tone)+" "+string(knownShape(n.Shape)))))
	switch n.Shape {
	case Cylinder:
		const lid = 7.0
		top += 2 * shapeRoom * 0.8
		g.AppendChild(elem("path", at("class", "shape", "d", fmt.Sprintf("M%s %sv%sa%s %s 0 0 0 %s 0v%sa%s %s 0 0 0 %s 0a%s %s 0 0 0 %s 0",
			num(r.x), num(r.y+lid), num(r.h-2*lid), num(r.w/2), num(lid), num(r.w), num(-(r.h-2*lid)),
			num(r.w/2), num(lid), num(-r.w), num(r.w/2), num(lid), num(r.w)))))
	case Cloud:
		top += shapeRoom / 2
		g.AppendChild(elem("path", at("class", "shape", "d", cloud(r))))
	case Person:
		top += 2 * shapeRoom
		middle := r.x + r.w/2
		g.AppendChild(elem("rect", at("class", "shape", "x", r.x, "y", r.y, "width", r.w, "height", r.h, "rx", 10.0)))
		g.AppendChild(elem("circle", at("class", "head", "cx", middle, "cy", r.y+11, "r", 4.5)))
		g.AppendChild(elem("path", at("class", "head", "d", fmt.Sprintf("M%s %sa9 9 0 0 1 18 0z", num(middle-9), num(r.y+26)))))
	default:
		g.AppendChild(elem("rect", at("class", "shape", "x", r.x, "y", r.y, "width", r.w, "height", r.h, "rx", 6.0)))
	}
	if _, ok := marks[n.Tone]; ok {
		g.AppendChild(p.signAt(n.Tone, r.x+r.w-signRoom-5, r.y+(r.h-13)/2))
	}
	add(g, label(n.Label, r.x+r.w/2, top, "middle")...)
	return g
}

func knownShape(s Shape) Shape {
	switch s {
	case Cylinder, Cloud, Person:
		return s
	}
	return Box
}

// cloud is a rectangle whose sides are bows.
func cloud(r rectangle) string {
	const bow, in = 26.0, 5.0
	x0, y0, x1, y1 := r.x+in, r.y+in, r.x+r.w-in, r.y+r.h-in
	var b strings.Builder
	fmt.Fprintf(&b, "M%s %s", num(x0), num(y0))
	side := func(fromX, fromY, toX, toY float64) {
		length := math.Hypot(toX-fromX, toY-fromY)
		count := math.Max(1, math.Round(length/bow))
		radius := length / count * 0.58
		for i := 1.0; i <= count; i++ {
			fmt.Fprintf(&b, "A%s %s 0 0 1 %s %s", num(radius), num(radius), num(fromX+(toX-fromX)*i/count), num(fromY+(toY-fromY)*i/count))
		}
	}
	side(x0, y0, x1, y0)
	side(x1, y0, x1, y1)
	side(x1, y1, x0, y1)
	side(x0, y1, x0, y0)
	return b.String() + "z"
}

// edge is a line with its arrow.
func (p *page) edge(e GraphEdge, c *curve) *html.Node {
	var d strings.Builder
	fmt.Fprintf(&d, "M%s %sC", num(c.points[0].x), num(c.points[0].y))
	for i, at := range c.points[1:] {
		if i > 0 {
			d.WriteByte(' ')
		}
		d.WriteString(num(at.x) + " " + num(at.y))
	}
	kind := class("edge", e.Tone)
	if e.Dashed {
		kind += " dashed"
	}
	end := c.points[len(c.points)-1]
	dx, dy := c.tip.x-end.x, c.tip.y-end.y
	length := math.Max(math.Hypot(dx, dy), 0.1)
	dx, dy = dx/length*4, dy/length*4
	return elem("g", attrs("class", kind),
		elem("path", at("class", "way", "d", d.String())),
		elem("path", at("class", "arrow", "d", fmt.Sprintf("M%s %sL%s %sL%s %sz",
			num(c.tip.x), num(c.tip.y), num(end.x-dy), num(end.y+dx), num(end.x+dy), num(end.y-dx)))))
}

// edgeLabel is what stands at an edge, with the sign of its tone.
func (p *page) edgeLabel(e GraphEdge, middle point, l *layout) *html.Node {
	size := l.edgeSize(e)
	if size.x == 0 {
		return nil
	}
	g := elem("g", attrs("class", class("edge-label", e.Tone)),
		elem("rect", at("class", "ground", "x", middle.x-size.x/2-2, "y", middle.y-size.y/2-1, "width", size.x+4, "height", size.y+2, "rx", 3.0)))
	x := middle.x
	if _, ok := marks[e.Tone]; ok {
		g.AppendChild(p.signAt(e.Tone, middle.x-size.x/2+1, middle.y-6.5))
		x += signRoom / 2
	}
	drawn := lines(e.Label)
	top := middle.y - float64(len(drawn))*lineHigh/2
	for i, line := range drawn {
		g.AppendChild(elem("text", at("class", "line", "x", x, "y", top+lineHigh*float64(i+1)-4, "text-anchor", "middle"), text(line.text)))
	}
	return g
}

// signAt is a sign in a diagram, 13 high, whose corner is there.
func (p *page) signAt(t Tone, x, y float64) *html.Node {
	return elem("path", at("class", class("mark", t), "fill-rule", "evenodd", "d", marks[t],
		"transform", "translate("+num(x)+" "+num(y)+") scale(.81)"))
}
