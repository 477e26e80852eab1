package document

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// large has nested groups, 60 nodes and 120 edges.
func large() Graph {
	g := Graph{Title: "Large", Description: "A graph that is large."}
	for vpc := range 2 {
		g.Groups = append(g.Groups, GraphGroup{ID: fmt.Sprint("vpc", vpc), Label: []string{"VPC", "10.20.0.0/16"}})
		for zone := range 3 {
			id := fmt.Sprint("zone", vpc, zone)
			g.Groups = append(g.Groups, GraphGroup{ID: id, Parent: fmt.Sprint("vpc", vpc), Label: []string{"eu-west-3a"}})
			for i := range 10 {
				g.Nodes = append(g.Nodes, GraphNode{ID: fmt.Sprint("n", len(g.Nodes)), Group: id, Label: []string{"service", fmt.Sprint("10.20.0.", i)}, Shape: []Shape{Box, Cylinder, Cloud, Person}[i%4]})
			}
		}
	}
	for i := range 120 {
		g.Edges = append(g.Edges, GraphEdge{From: fmt.Sprint("n", i*7%60), To: fmt.Sprint("n", (i*13+5)%60), Label: []string{"443"}, Tone: []Tone{Plain, Bad, Muted}[i%3]})
	}
	return g
}

func inside(in, out rectangle) bool {
	return in.x >= out.x && in.y >= out.y && in.x+in.w <= out.x+out.w && in.y+in.h <= out.y+out.h
}

func apartFrom(a, b rectangle) bool {
	return a.x+a.w <= b.x || b.x+b.w <= a.x || a.y+a.h <= b.y || b.y+b.h <= a.y
}

func TestEverythingHasItsPlace(t *testing.T) {
	g := large()
	for _, across := range []bool{false, true} {
		g.Across = across
		l, err := layOut(&g)
		if err != nil {
			t.Fatal(err)
		}
		page := rectangle{0, 0, l.size.x, l.size.y}
		for i, group := range g.Groups {
			if out, ok := l.groups[group.Parent]; ok && !inside(l.groupAt[i], l.groupAt[out]) {
				t.Errorf("%s is not in %s", group.ID, group.Parent)
			}
			if !inside(l.groupAt[i], page) || l.groupAt[i].w < l.groupSize(group).x {
				t.Errorf("%s is not on the page, or too small for its label: %v", group.ID, l.groupAt[i])
			}
		}
		for i, n := range g.Nodes {
			if !inside(l.nodeAt[i], l.groupAt[l.groups[n.Group]]) {
				t.Errorf("%s is not in %s", n.ID, n.Group)
			}
			for j := range i {
				if !apartFrom(l.nodeAt[i], l.nodeAt[j]) {
					t.Errorf("%s lies on %s", n.ID, g.Nodes[j].ID)
				}
			}
		}
		for i, e := range g.Edges {
			to, tip := l.nodeAt[l.nodes[e.To]], l.edgeAt[i].tip
			near := rectangle{to.x - 2, to.y - 2, to.w + 4, to.h + 4}
			if !inside(rectangle{tip.x, tip.y, 0, 0}, near) {
				t.Errorf("the edge from %s to %s ends at %v, not at %v", e.From, e.To, tip, to)
			}
		}
	}
}

// Two seconds for a document with a large diagram are what one waits for without a word; a machine that
// does other things beside is given twice that.
func TestLargeDiagramsAreFast(t *testing.T) {
	d := Document{Lang: "en", Title: "T", Sections: []Section{{ID: "s", Title: "S", Blocks: []Block{large()}}}}
	begin := time.Now()
	if err := HTML(io.Discard, d); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("took %v, want less than 4 s", took)
	} else {
		t.Log(took)
	}
}

func TestSlotsAreSplitAtMidnight(t *testing.T) {
	h := time.Hour
	tests := map[string]struct {
		slot Slot
		want []bar
	}{
		"within a day":        {Slot{From: 2 * h, Duration: h}, []bar{{from: 2 * h, to: 3 * h}}},
		"until midnight":      {Slot{From: 22 * h, Duration: 2 * h}, []bar{{from: 22 * h, to: 24 * h}}},
		"over midnight":       {Slot{From: 23 * h, Duration: 3 * h}, []bar{{from: 23 * h, to: 24 * h, goesOn: true}, {from: 0, to: 2 * h, continued: true}}},
		"over two midnights":  {Slot{From: 23 * h, Duration: 26 * h}, []bar{{from: 23 * h, to: 24 * h, goesOn: true}, {from: 0, to: 24 * h, goesOn: true, continued: true}, {from: 0, to: h, continued: true}}},
		"of no time":          {Slot{From: 5 * h}, []bar{{from: 5 * h, to: 5 * h}}},
		"longer than a week":  {Slot{Duration: 900 * h}, slices.Concat([]bar{{to: 24 * h, goesOn: true}}, slices.Repeat([]bar{{to: 24 * h, goesOn: true, continued: true}}, 6))},
		"from after midnight": {Slot{From: 25 * h, Duration: h}, []bar{{from: h, to: 2 * h}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := test.slot.bars()
			for i := range got {
				got[i].slot = nil
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestSteps(t *testing.T) {
	for least, want := range map[float64]float64{0: 1, 0.3: 0.5, 1: 1, 1.1: 2, 18.5: 20, 21: 25, 26: 50, 51: 100, 1e9: 1e9} {
		if got := roundStep(least); got != want {
			t.Errorf("of at least %v: %v, want %v", least, got, want)
		}
	}
}

func TestNamesAreMovedApart(t *testing.T) {
	places := []float64{100, 102, 50, 101}
	apart(places, []float64{15, 15, 15, 15})
	for i := range places {
		for j := range i {
			if gap := max(places[i], places[j]) - min(places[i], places[j]); gap < 14.5 {
				t.Errorf("%v: %v and %v are %.1f apart", places, places[i], places[j], gap)
			}
		}
	}
	if places[2] != 50 {
		t.Errorf("what is far from others has moved to %v", places[2])
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64][2]string{0: {"0", "0"}, 22.5: {"22.5", "22,5"}, 74: {"74", "74"}, -3.14159: {"-3.14", "-3,14"}, 1200: {"1200", "1200"}} {
		if en, fr := english.number(v), french.number(v); en != want[0] || fr != want[1] {
			t.Errorf("%v is %s and %s, want %v", v, en, fr, want)
		}
	}
}

func TestLongLinesAreBroken(t *testing.T) {
	got := lines([]string{"a name of more words than there is room for", "to port 49156, 49157, 49158, 49159, 2121", "", strings.Repeat("x", 50) + " y"})
	want := []line{
		{text: "a name of more words than there is", name: true},
		{text: "room for", name: true},
		{text: "to port 49156, 49157, 49158, 49159,"},
		{text: "2121"},
		{text: short(strings.Repeat("x", 50)), full: strings.Repeat("x", 50)},
		{text: "y"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	long := "arn:aws:iam::123456789012:role/a-very-long-name-of-a-role"
	if got := short(long); len([]rune(got)) != longestLine || got[:10] != long[:10] || got[len(got)-5:] != long[len(long)-5:] {
		t.Errorf("got %q", got)
	}
	if got := short("ACME-lb-0123456789abcdef"); got != "ACME-lb-0123456789abcdef" {
		t.Errorf("got %q", got)
	}
}
