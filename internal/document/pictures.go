package document

import (
	"fmt"

	"golang.org/x/net/html"
)

func (p *page) graph(g Graph) (*html.Node, error) {
	var lines []string
	for _, n := range g.Nodes {
		lines = append(lines, fmt.Sprint(n.Label))
	}
	return p.figure("graph", g.Title, g.Description, listed(lines)), nil
}

func (p *page) plot(l Plot) *html.Node {
	var lines []string
	for _, s := range l.Series {
		for _, at := range s.Points {
			lines = append(lines, fmt.Sprintf("%s %s %g %s", s.Name, p.words.moment(at.At), at.Value, l.Unit))
		}
	}
	return p.figure("plot", l.Title, l.Description, listed(lines))
}

func (p *page) calendar(c Calendar) *html.Node {
	var lines []string
	for _, w := range c.Weeks {
		for _, s := range w.Slots {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s", w.Name, p.words.days[weekday(s.Day)], clock(s.From), clock(s.From+s.Duration), s.Label))
		}
	}
	return p.figure("calendar", c.Title, c.Description, listed(lines))
}

// listed is a picture of lines.
func listed(lines []string) *html.Node {
	svg := elem("svg", attrs("viewBox", fmt.Sprintf("0 0 640 %d", 20*len(lines)+20)))
	for i, line := range lines {
		svg.AppendChild(elem("text", attrs("x", "10", "y", fmt.Sprint(20*i+20)), text(line)))
	}
	return svg
}
