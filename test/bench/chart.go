package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

// The chart is two small line charts beside each other. Its colours follow the reader's: it has no
// background of its own.

//go:embed chart.svg.tmpl
var chartText string

var chartTemplate = template.Must(template.New("chart").Parse(chartText))

// Sizes in the chart's own units.
const (
	panelWidth, panelHeight = 390.0, 220.0
	plotLeft, plotTop       = 48.0, 44.0
	plotRight, plotBottom   = 130.0, 46.0 // room for the names of the lines, and of the axis
	gridLines               = 4
	closest                 = 14.0 // between the names of two lines
)

type drawnPanel struct {
	X                        float64
	Title                    string
	Left, Right, Top, Bottom float64
	Middle, TickEnd          float64
	Grid, Ticks              []mark
	Lines                    []drawnLine
}

// mark is a text at a place of an axis.
type mark struct {
	At   float64
	Text string
}

type drawnLine struct {
	Class  string
	Points string
	Dots   []dot
	Name   string
	NameY  float64
}

type dot struct{ X, Y float64 }

func draw(panels ...panel) ([]byte, error) {
	drawn := make([]drawnPanel, len(panels))
	for i, p := range panels {
		drawn[i] = p.draw(float64(i) * panelWidth)
	}
	var out bytes.Buffer
	err := chartTemplate.Execute(&out, map[string]any{"Width": panelWidth * float64(len(panels)), "Height": panelHeight, "Panels": drawn})
	return out.Bytes(), err
}

func (p *panel) draw(x float64) drawnPanel {
	most, last := 0, p.at[len(p.at)-1]
	for _, l := range p.lines {
		for _, calls := range l.calls {
			most = max(most, calls)
		}
	}
	step := niceStep(most)
	top := step * gridLines
	d := drawnPanel{X: x, Title: p.title, Left: plotLeft, Right: panelWidth - plotRight, Top: plotTop, Bottom: panelHeight - plotBottom}
	d.Middle, d.TickEnd = (d.Left+d.Right)/2, d.Bottom+4
	across := func(n int) float64 { return d.Left + (d.Right-d.Left)*float64(n)/float64(last) }
	up := func(calls int) float64 { return d.Bottom - (d.Bottom-d.Top)*float64(calls)/float64(top) }
	for i := range gridLines + 1 {
		d.Grid = append(d.Grid, mark{up(i * step), fmt.Sprint(i * step)})
	}
	for _, n := range p.at {
		d.Ticks = append(d.Ticks, mark{across(n), fmt.Sprint(n)})
	}
	for i, l := range p.lines {
		line := drawnLine{Class: fmt.Sprintf("line%d", i+1)}
		var points []string
		for j, calls := range l.calls {
			at := dot{across(p.at[j]), up(calls)}
			line.Dots = append(line.Dots, at)
			points = append(points, fmt.Sprintf("%.1f,%.1f", at.X, at.Y))
		}
		line.Points = strings.Join(points, " ")
		end := l.calls[len(l.calls)-1]
		line.Name, line.NameY = fmt.Sprintf("%s: %d", l.name, end), up(end)+4
		d.Lines = append(d.Lines, line)
	}
	d.spread()
	return d
}

// spread moves names of lines apart that would lie on each other.
func (d *drawnPanel) spread() {
	for range d.Lines {
		for i := range d.Lines {
			for j := range d.Lines {
				a, b := &d.Lines[i], &d.Lines[j]
				if gap := b.NameY - a.NameY; i != j && gap >= 0 && gap < closest {
					a.NameY -= (closest - gap) / 2
					b.NameY += (closest - gap) / 2
				}
			}
		}
	}
}

// niceStep is a round distance of grid lines, so that the last is not below the most there is.
func niceStep(most int) int {
	for unit := 1; ; unit *= 10 {
		for _, of := range []int{1, 2, 3, 5} {
			if of*unit*gridLines >= most {
				return of * unit
			}
		}
	}
}
