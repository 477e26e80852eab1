package document

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Sizes of a plot, in pixels of CSS.
const (
	plotWide, plotHigh   = 640.0, 240.0 // of the field in which the lines are
	plotTop, plotBelow   = 22.0, 30.0
	tickGap              = 8.0
	closest              = 15.0 // between the names of two lines
	mostTicks, gridLines = 6, 4
	kinds                = 4 // of lines that look different
)

// plotted is a plot with its scales.
type plotted struct {
	p           *page
	ruler       *ruler
	plot        *Plot
	from, to    time.Time
	low, high   float64
	step        float64 // between lines of the grid
	left, right float64
}

func (p *page) plot(l Plot) (*html.Node, error) {
	r, err := newRuler()
	if err != nil {
		return nil, err
	}
	d := &plotted{p: p, ruler: r, plot: &l}
	if err := d.scale(); err != nil {
		return nil, err
	}
	svg := p.svg(d.left+plotWide+d.right, plotTop+plotHigh+plotBelow)
	field := elem("g", attrs("transform", "translate("+num(d.left)+" "+num(plotTop)+")"))
	svg.AppendChild(field)
	d.grid(field)
	d.limits(field)
	d.lines(field)
	return p.figure("plot", l.Title, l.Description, svg), nil
}

// scale finds what the axes span, and the room beside them.
func (d *plotted) scale() error {
	most := 0.0
	value := func(v float64, of string) error {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%q has the value %v", of, v)
		}
		most, d.low = max(most, v), min(d.low, v)
		return nil
	}
	for _, s := range d.plot.Series {
		for _, at := range s.Points {
			if err := value(at.Value, s.Name); err != nil {
				return err
			}
			if d.from.IsZero() || at.At.Before(d.from) {
				d.from = at.At
			}
			if at.At.After(d.to) {
				d.to = at.At
			}
		}
		d.roomFor(s.Name)
	}
	for _, l := range d.plot.Limits {
		if err := value(l.Value, l.Name); err != nil {
			return err
		}
	}
	for _, l := range d.plot.Limits {
		d.roomFor(d.limitName(l))
	}
	d.right = max(d.right, 30)
	d.step = roundStep((most - d.low) / gridLines)
	d.low = math.Floor(d.low/d.step) * d.step
	d.high = d.low + d.step*math.Max(1, math.Ceil((most-d.low)/d.step-1e-9))
	for v := d.low; v <= d.high+d.step/2; v += d.step {
		d.left = max(d.left, d.ruler.width(d.p.words.number(v), lineSize, false)+2*tickGap)
	}
	return nil
}

// roomFor leaves room for a name behind the ends of the lines.
func (d *plotted) roomFor(name string) {
	for _, part := range lines([]string{name}) {
		d.right = max(d.right, d.ruler.width(part.text, lineSize, true)+20)
	}
}

// roundStep is the next of 1, 2, 5, 10, 20 … (and their tenths).
func roundStep(least float64) float64 {
	if least <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(least)))
	for _, of := range []float64{1, 2, 2.5, 5} {
		if of*unit >= least {
			return of * unit
		}
	}
	return 10 * unit
}

func (d *plotted) x(t time.Time) float64 {
	span := d.to.Sub(d.from)
	if span == 0 {
		return plotWide / 2
	}
	const edge = 14.0 // no point lies on the axis
	return edge + (plotWide-2*edge)*float64(t.Sub(d.from))/float64(span)
}

func (d *plotted) y(v float64) float64 { return plotHigh * (d.high - v) / (d.high - d.low) }

func (d *plotted) grid(field *html.Node) {
	for v := d.low; v <= d.high+d.step/2; v += d.step {
		y := d.y(v)
		field.AppendChild(elem("path", at("class", "grid", "d", "M0 "+num(y)+"H"+num(plotWide))))
		field.AppendChild(elem("text", at("class", "line", "x", -tickGap, "y", y+4, "text-anchor", "end"), text(d.p.words.number(v))))
	}
	if d.plot.Unit != "" {
		field.AppendChild(elem("text", at("class", "line", "x", -d.left, "y", -10.0), text(short(d.plot.Unit))))
	}
	for _, t := range d.ticks() {
		x := d.x(t)
		field.AppendChild(elem("path", at("class", "tick", "d", "M"+num(x)+" "+num(plotHigh)+"v5")))
		field.AppendChild(elem("text", at("class", "line", "x", x, "y", plotHigh+20, "text-anchor", "middle"), text(d.p.words.dayMonth(t, d.to.Sub(d.from)))))
	}
}

// ticks are days of points, as many as there is room for.
func (d *plotted) ticks() []time.Time {
	var days []time.Time
	for _, s := range d.plot.Series {
		for _, at := range s.Points {
			days = append(days, at.At)
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	var all []time.Time
	apart := plotWide / mostTicks
	for _, t := range days {
		if len(all) == 0 || d.x(t)-d.x(all[len(all)-1]) >= apart*0.9 {
			all = append(all, t)
		}
	}
	return all
}

func (d *plotted) limits(field *html.Node) {
	for _, l := range d.plot.Limits {
		field.AppendChild(elem("path", at("class", "limit", "d", "M0 "+num(d.y(l.Value))+"H"+num(plotWide))))
	}
}

func (d *plotted) limitName(l Limit) string {
	return l.Name + d.p.words.colon + d.p.words.number(l.Value) + d.unit()
}

func (d *plotted) unit() string {
	if d.plot.Unit == "" {
		return ""
	}
	return "\u00a0" + short(d.plot.Unit)
}

// lines draws the series, each with points of a form of its own, and the names of series and limits
// behind their ends.
func (d *plotted) lines(field *html.Node) {
	type name struct {
		class string
		lines []line
	}
	var names []name
	var heights, sizes []float64
	named := func(class, text string, y float64) {
		parts := lines([]string{text})
		names, heights, sizes = append(names, name{class, parts}), append(heights, y), append(sizes, float64(len(parts))*closest)
	}
	for i, s := range d.plot.Series {
		points := slices.Clone(s.Points)
		if len(points) == 0 {
			continue
		}
		slices.SortStableFunc(points, func(a, b Point) int { return a.At.Compare(b.At) })
		var way strings.Builder
		dots := elem("g", attrs("class", "dots"))
		for j, v := range points {
			x, y := d.x(v.At), d.y(v.Value)
			way.WriteString(map[bool]string{true: "M", false: "L"}[j == 0] + num(x) + " " + num(y))
			dots.AppendChild(d.dot(i, v, x, y))
		}
		series := fmt.Sprintf("series-%d", i%kinds+1)
		field.AppendChild(elem("g", attrs("class", series), elem("path", attrs("class", "way", "d", way.String())), dots))
		named("series-name "+series, s.Name, d.y(points[len(points)-1].Value))
	}
	for _, l := range d.plot.Limits {
		named("series-name limit-name", d.limitName(l), d.y(l.Value))
	}
	apart(heights, sizes)
	for i, n := range names {
		top := heights[i] - sizes[i]/2
		for j, part := range n.lines {
			field.AppendChild(elem("text", at("class", n.class, "x", plotWide+6, "y", top+closest*float64(j)+11.5), text(part.text)))
		}
	}
}

// dot is a point in the form of its series, or the sign of what is bad with its value.
func (d *plotted) dot(series int, v Point, x, y float64) *html.Node {
	told := elem("title", nil, text(d.p.words.moment(v.At)+d.p.words.colon+d.p.words.number(v.Value)+d.unit()))
	if v.Bad {
		return elem("g", nil, told, elem("circle", at("class", "under", "cx", x, "cy", y, "r", 8.5)), d.p.signAt(Bad, x-6.5, y-6.5),
			elem("text", attrs("class", "line bad-value", "x", num(x), "y", num(y-11), "text-anchor", "middle"), text(d.p.words.number(v.Value)+d.unit())))
	}
	form := []string{"M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "M-3.6-3.6h7.2v7.2h-7.2z", "M0-4.8 4.4 3.4h-8.8z", "M0-5 5 0 0 5-5 0z"}[series%kinds]
	return elem("path", attrs("class", "dot", "d", form, "transform", "translate("+num(x)+" "+num(y)+")"), told)
}

// apart moves places away from each other that are nearer than what is there is high.
func apart(places, sizes []float64) {
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case places[a] < places[b]:
			return -1
		case places[a] > places[b]:
			return 1
		}
		return 0
	})
	for range order {
		for i := 1; i < len(order); i++ {
			a, b := &places[order[i-1]], &places[order[i]]
			least := (sizes[order[i-1]] + sizes[order[i]]) / 2
			if gap := *b - *a; gap < least {
				*a -= (least - gap) / 2
				*b += (least - gap) / 2
			}
		}
	}
}
