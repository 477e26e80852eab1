package document

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/document/graphviz"
)

// Sizes of diagrams, in pixels of CSS, which is also the unit of the layout.
const (
	nameSize, lineSize  = 13.0, 11.5 // of the first line of a label, and of the others
	nameHigh, lineHigh  = 17.0, 15.0
	padAcross, padAbove = 12.0, 9.0
	shapeRoom           = 10.0 // more on each side, or above, for shapes that are no box
	signRoom            = 16.0
	perInch             = 72.0 // Graphviz takes the sizes of nodes in inches of 72 points
	// longestLine is cut to what the longest names that AWS makes itself have, such as the name of a load
	// balancer (32 characters); the whole label is shown to a mouse.
	longestLine = 36
)

// layout is a graph with its places.
type layout struct {
	ruler  *ruler
	graph  *Graph
	across bool
	groups map[string]int
	nodes  map[string]int
	depth  []int // of groups, from 0

	size    point
	groupAt []rectangle
	nodeAt  []rectangle
	edgeAt  []curve
}

type point struct{ x, y float64 }

type rectangle struct{ x, y, w, h float64 }

// curve is an edge: a Bézier curve, where its arrow ends, and the middle of its label.
type curve struct {
	points     []point
	tip, label point
}

// layOut checks a graph and has Graphviz find its places. A graph that would be printed too small in the
// direction that is asked for is turned, if it gets larger by that.
func layOut(g *Graph) (*layout, error) {
	asked, err := layOutIn(g, g.Across)
	if err != nil {
		return nil, err
	}
	scale, _ := asked.onPaper()
	if scale >= turnBelow {
		return asked, nil
	}
	turned, err := layOutIn(g, !g.Across)
	if err != nil {
		return nil, err
	}
	if better, _ := turned.onPaper(); better >= scale*1.15 {
		return turned, nil
	}
	return asked, nil
}

func layOutIn(g *Graph, across bool) (*layout, error) {
	r, err := newRuler()
	if err != nil {
		return nil, err
	}
	l := &layout{ruler: r, graph: g, across: across, groups: map[string]int{}, nodes: map[string]int{}}
	if err := l.check(); err != nil {
		return nil, err
	}
	out, err := graphviz.Layout(context.Background(), l.dot())
	if err != nil {
		return nil, err
	}
	return l, l.read(out)
}

// turnBelow is how small a diagram is printed at least before it is turned: letters of 11.5 px are
// then those of 6.5 pt, as in the small print of a form.
const turnBelow = 0.75

// onPaper says how large the diagram is on paper, of its size on screens, and whether that is on a page
// of its own that lies across. Pages are A4 without our margins and a heading, at 96 dpi. A page of its
// own tears the document apart, so it must be worth it.
func (l *layout) onPaper() (scale float64, across bool) {
	on := func(w, h float64) float64 { return min(w/(l.size.x+2*frame), h/(l.size.y+2*frame), 1) }
	upright, lying := on(658, 877), on(986, 548)*0.8
	return max(upright, lying), lying > upright
}

// check numbers groups and nodes and refuses what leads nowhere.
func (l *layout) check() error {
	for i, g := range l.graph.Groups {
		if _, twice := l.groups[g.ID]; twice || g.ID == "" {
			return fmt.Errorf("the group %q is there twice, or has no ID", g.ID)
		}
		depth := 0
		if g.Parent != "" {
			parent, ok := l.groups[g.Parent]
			if !ok {
				return fmt.Errorf("the group %q is in %q, which does not come before it", g.ID, g.Parent)
			}
			depth = l.depth[parent] + 1
		}
		l.groups[g.ID] = i
		l.depth = append(l.depth, depth)
	}
	for i, n := range l.graph.Nodes {
		_, twice := l.nodes[n.ID]
		if _, group := l.groups[n.ID]; twice || group || n.ID == "" {
			return fmt.Errorf("the node %q is there twice, or has no ID", n.ID)
		}
		if _, ok := l.groups[n.Group]; !ok && n.Group != "" {
			return fmt.Errorf("the node %q is in the group %q, which is not there", n.ID, n.Group)
		}
		l.nodes[n.ID] = i
	}
	for _, e := range l.graph.Edges {
		for _, end := range []string{e.From, e.To} {
			if _, ok := l.nodes[end]; !ok {
				return fmt.Errorf("an edge from %q to %q: there is no node %q", e.From, e.To, end)
			}
		}
	}
	return nil
}

// dot is the graph in Graphviz's language, with sizes in place of texts: no name reaches Graphviz.
func (l *layout) dot() string {
	var b strings.Builder
	direction := "TB"
	if l.across {
		direction = "LR"
	}
	fmt.Fprintf(&b, "digraph { rankdir=%s; nodesep=0.3; ranksep=0.5; node [shape=box fixedsize=true label=\"\"]\n", direction)
	l.level(&b, "")
	for i, e := range l.graph.Edges {
		fmt.Fprintf(&b, "n%d -> n%d [tooltip=%d %s]\n", l.nodes[e.From], l.nodes[e.To], i, room(l.edgeSize(e)))
	}
	b.WriteString("}\n")
	return b.String()
}

// level are the groups and nodes of one group.
func (l *layout) level(b *strings.Builder, parent string) {
	empty := true
	for i, g := range l.graph.Groups {
		if g.Parent == parent {
			empty = false
			fmt.Fprintf(b, "subgraph cluster_%d { margin=14 labeljust=l %s\n", i, room(l.groupSize(g)))
			l.level(b, g.ID)
			b.WriteString("}\n")
		}
	}
	for i, n := range l.graph.Nodes {
		if n.Group == parent {
			empty = false
			size := l.nodeSize(n)
			fmt.Fprintf(b, "n%d [width=%.3f height=%.3f]\n", i, size.x/perInch, size.y/perInch)
		}
	}
	if empty && parent != "" { // Graphviz leaves out a group in which nothing is
		fmt.Fprintf(b, "empty%d [style=invis width=0.5 height=0.1]\n", l.groups[parent])
	}
}

// room is a label that takes as much room: lines of letters that Graphviz knows to be 0.6 times as wide
// as the font is high, and its lines 1.2 times as high.
func room(size point) string {
	if size.x == 0 {
		return `label=""`
	}
	lines := math.Max(1, math.Round(size.y/lineHigh))
	high := size.y / lines / 1.2
	line := strings.Repeat("x", int(math.Ceil(size.x/(0.6*high))))
	return fmt.Sprintf("label=%q fontname=Courier fontsize=%.2f", strings.TrimPrefix(strings.Repeat("\n"+line, int(lines)), "\n"), high)
}

// line is one of a label as it is drawn: short, or the part of a longer one.
type line struct {
	text string
	name bool   // of the first line of the label
	full string // what was cut, if it was
}

// lines breaks what is too long for a diagram at spaces, and cuts what has none.
func lines(label []string) []line {
	var all []line
	for i, given := range label {
		part := ""
		for word := range strings.FieldsSeq(clean(given)) {
			if part != "" && len([]rune(part+" "+word)) > longestLine {
				all = append(all, line{text: part, name: i == 0})
				part = ""
			}
			if cut := short(word); cut != word {
				all = append(all, line{text: cut, name: i == 0, full: word})
			} else {
				part = strings.TrimPrefix(part+" "+word, " ")
			}
		}
		if part != "" {
			all = append(all, line{text: part, name: i == 0})
		}
	}
	return all
}

// labelSize is the room of a label.
func (l *layout) labelSize(label []string) point {
	var size point
	for _, line := range lines(label) {
		text, high := lineSize, lineHigh
		if line.name {
			text, high = nameSize, nameHigh
		}
		size.x = math.Max(size.x, l.ruler.width(line.text, text, line.name))
		size.y += high
	}
	return size
}

func (l *layout) nodeSize(n GraphNode) point {
	size := l.labelSize(n.Label)
	size.x += 2 * padAcross
	size.y += 2 * padAbove
	if _, ok := marks[n.Tone]; ok {
		size.x += 2 * signRoom
	}
	switch n.Shape {
	case Cylinder:
		size.y += 2 * shapeRoom
	case Cloud:
		size.x += 2 * shapeRoom
		size.y += shapeRoom
	case Person:
		size.y += 2 * shapeRoom
	}
	return point{math.Max(size.x, 90), size.y}
}

func (l *layout) groupSize(g GraphGroup) point {
	size := l.labelSize(g.Label)
	if _, ok := marks[g.Tone]; ok && size.x > 0 {
		size.x += signRoom
	}
	return size
}

func (l *layout) edgeSize(e GraphEdge) point {
	var size point
	for _, line := range lines(e.Label) {
		size.x = math.Max(size.x, l.ruler.width(line.text, lineSize, false))
		size.y += lineHigh
	}
	if _, ok := marks[e.Tone]; ok {
		size.x += signRoom
		size.y = math.Max(size.y, lineHigh)
	}
	return size
}

// short is a line that is not too long for a diagram.
func short(s string) string {
	runes := []rune(clean(s))
	if len(runes) <= longestLine {
		return string(runes)
	}
	head := longestLine/2 + 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(longestLine-head-1):])
}

// read takes the places from what Graphviz says: in points, from below.
func (l *layout) read(out []byte) error {
	var said struct {
		BB      string
		Objects []struct{ Name, BB, Pos string }
		Edges   []struct{ Tooltip, Pos, LP string }
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return fmt.Errorf("read the layout: %w", err)
	}
	page, err := numbers(said.BB, 4)
	if err != nil {
		return err
	}
	l.size = point{page[2], page[3]}
	flip := func(p []float64) point { return point{p[0], l.size.y - p[1]} }
	l.groupAt, l.nodeAt, l.edgeAt = make([]rectangle, len(l.graph.Groups)), make([]rectangle, len(l.graph.Nodes)), make([]curve, len(l.graph.Edges))
	for _, o := range said.Objects {
		if number, ok := strings.CutPrefix(o.Name, "cluster_"); ok {
			bb, err := numbers(o.BB, 4)
			if err != nil {
				return err
			}
			i, err := strconv.Atoi(number)
			if err != nil {
				return err
			}
			l.groupAt[i] = rectangle{bb[0], l.size.y - bb[3], bb[2] - bb[0], bb[3] - bb[1]}
		} else if number, ok := strings.CutPrefix(o.Name, "n"); ok {
			i, err := strconv.Atoi(number)
			if err != nil {
				return err
			}
			at, err := numbers(o.Pos, 2)
			if err != nil {
				return err
			}
			size, middle := l.nodeSize(l.graph.Nodes[i]), flip(at)
			l.nodeAt[i] = rectangle{middle.x - size.x/2, middle.y - size.y/2, size.x, size.y}
		}
	}
	for _, e := range said.Edges {
		i, err := strconv.Atoi(e.Tooltip)
		if err != nil {
			return err
		}
		if l.edgeAt[i], err = readCurve(e.Pos, e.LP, flip); err != nil {
			return err
		}
	}
	return nil
}

// readCurve reads the place of an edge: points, of which the one after "e," is the tip of its arrow.
func readCurve(pos, label string, flip func([]float64) point) (curve, error) {
	var c curve
	for word := range strings.FieldsSeq(pos) {
		place, tip := strings.CutPrefix(word, "e,")
		at, err := numbers(place, 2)
		if err != nil {
			return c, err
		}
		if tip {
			c.tip = flip(at)
		} else {
			c.points = append(c.points, flip(at))
		}
	}
	if len(c.points) < 4 || len(c.points)%3 != 1 {
		return c, fmt.Errorf("the layout has an edge at %q", pos)
	}
	if label != "" {
		at, err := numbers(label, 2)
		if err != nil {
			return c, err
		}
		c.label = flip(at)
	}
	return c, nil
}

func numbers(s string, want int) ([]float64, error) {
	words := strings.Split(s, ",")
	if len(words) != want {
		return nil, fmt.Errorf("the layout has %q, numbers wanted: %d", s, want)
	}
	all := make([]float64, want)
	for i, w := range words {
		var err error
		if all[i], err = strconv.ParseFloat(w, 64); err != nil {
			return nil, fmt.Errorf("the layout has %q, numbers wanted: %d: %w", s, want, err)
		}
	}
	return all, nil
}
