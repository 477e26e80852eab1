package document

import (
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Sizes of a calendar, in pixels of CSS: a day is a row, an hour a column.
const (
	hourWide           = 26.0
	laneHigh, laneGap  = 22.0, 3.0
	weekTop, weekBelow = 44.0, 18.0 // for the name of the week and the hours
	barPad             = 6.0
)

// bar is the part of a slot that lies on one day.
type bar struct {
	slot      *Slot
	from, to  time.Duration // since midnight
	goesOn    bool          // into the next day
	continued bool          // from the day before
}

// placed is a bar with its label: inside, behind or before it.
type placed struct {
	bar
	lane         int
	x, w         float64
	text         string
	textX, textW float64
}

func (p *page) calendar(c Calendar) (*html.Node, error) {
	r, err := newRuler()
	if err != nil {
		return nil, err
	}
	left := 0.0
	for _, name := range p.words.days {
		left = max(left, r.width(name, lineSize, false)+10)
	}
	top, weeks := 0.0, []*html.Node{}
	for _, w := range c.Weeks {
		node, high := p.week(w, r)
		node.Attr = attrs("transform", "translate("+num(left)+" "+num(top)+")")
		weeks = append(weeks, node)
		top += high
	}
	svg := p.svg(left+24*hourWide+22, max(top, 1)) // 24:00 is written around the last line
	add(svg, weeks...)
	return p.figure("calendar", c.Title, c.Description, svg), nil
}

// week draws the days below each other and says how high that is.
func (p *page) week(w Week, r *ruler) (drawn *html.Node, high float64) {
	g := elem("g", nil, elem("text", at("class", "name", "x", 0.0, "y", 16.0), text(short(w.Name))))
	var days [7][]bar
	for i := range w.Slots {
		s := &w.Slots[i]
		for on, b := range s.bars() {
			day := (weekday(s.Day) + on) % 7
			days[day] = append(days[day], b)
		}
	}
	y := weekTop
	rows, bars := elem("g", nil), elem("g", nil)
	for day, name := range p.words.days {
		placed, lanes := p.place(days[day], r)
		height := float64(lanes)*(laneHigh+laneGap) + laneGap
		kind := "day"
		if day%2 == 1 {
			kind = "day odd"
		}
		add(rows, elem("rect", at("class", kind, "x", 0.0, "y", y, "width", 24*hourWide, "height", height)),
			elem("text", at("class", "line", "x", -8.0, "y", y+height/2+4, "text-anchor", "end"), text(name)))
		for _, b := range placed {
			bars.AppendChild(p.bar(b, y+laneGap+float64(b.lane)*(laneHigh+laneGap)))
		}
		y += height
	}
	g.AppendChild(rows)
	for hour := 0; hour <= 24; hour += 2 {
		x := float64(hour) * hourWide
		kind := "grid"
		if hour%6 == 0 {
			kind = "grid strong"
			g.AppendChild(elem("text", at("class", "line", "x", x, "y", weekTop-7, "text-anchor", "middle"), text(clock(time.Duration(hour)*time.Hour))))
		}
		g.AppendChild(elem("path", at("class", kind, "d", "M"+num(x)+" "+num(weekTop)+"V"+num(y))))
	}
	g.AppendChild(bars)
	return g, y + weekBelow
}

// bars are the parts of a slot, one a day.
func (s *Slot) bars() []bar {
	var all []bar
	from, left := s.From%day, s.Duration
	for left > 0 || len(all) == 0 {
		to := min(from+left, day)
		all = append(all, bar{slot: s, from: from, to: to, continued: len(all) > 0, goesOn: from+left > day})
		left -= to - from
		if len(all) == 7 {
			break
		}
		from = 0
	}
	return all
}

// place finds lanes in which neither bars nor labels of a day lie on each other.
func (p *page) place(bars []bar, r *ruler) (all []placed, lanes int) {
	type span struct{ from, to float64 }
	var taken [][]span
	for _, b := range bars {
		q := placed{bar: b, x: b.from.Hours() * hourWide}
		q.w = max((b.to-b.from).Hours()*hourWide, 3)
		q.text = short(b.slot.Label + " " + clock(b.slot.From%day) + "–" + clock((b.slot.From+b.slot.Duration)%day))
		if b.continued {
			q.text = "… " + short(b.slot.Label)
		}
		q.textW = r.width(q.text, lineSize, false)
		if _, ok := marks[b.slot.Tone]; ok {
			q.textW += signRoom
		}
		s := span{q.x, q.x + q.w}
		switch {
		case q.w >= q.textW+2*barPad:
			q.textX = q.x + barPad
		case s.to+q.textW+barPad <= 24*hourWide:
			q.textX = s.to + barPad
			s.to = q.textX + q.textW
		default:
			q.textX = max(q.x-barPad-q.textW, 0)
			s.from = q.textX
		}
		for q.lane = 0; q.lane < len(taken); q.lane++ {
			free := true
			for _, t := range taken[q.lane] {
				free = free && (s.to+barPad <= t.from || t.to+barPad <= s.from)
			}
			if free {
				break
			}
		}
		if q.lane == len(taken) {
			taken = append(taken, nil)
		}
		taken[q.lane] = append(taken[q.lane], s)
		all = append(all, q)
	}
	return all, max(len(taken), 1)
}

// bar draws a part of a slot. It is open on the side on which the slot goes on.
func (p *page) bar(b placed, y float64) *html.Node {
	const round = 4.0
	left, right := round, round
	if b.continued {
		left = 0
	}
	if b.goesOn {
		right = 0
	}
	left, right = min(left, b.w/2), min(right, b.w/2)
	var d strings.Builder
	d.WriteString("M" + num(b.x+b.w-right) + " " + num(y))
	corner := func(r float64, by string) {
		if r > 0 {
			d.WriteString("a" + num(r) + " " + num(r) + " 0 0 1 " + by)
		}
	}
	corner(right, num(right)+" "+num(right))
	move := "v"
	if b.goesOn {
		move = "m0 " // the side is open
		d.WriteString(move + num(laneHigh))
	} else {
		d.WriteString(move + num(laneHigh-2*right))
	}
	corner(right, num(-right)+" "+num(right))
	d.WriteString("h" + num(-(b.w - left - right)))
	corner(left, num(-left)+" "+num(-left))
	if b.continued {
		d.WriteString("m0 " + num(-laneHigh))
	} else {
		d.WriteString("v" + num(-(laneHigh - 2*left)))
	}
	corner(left, num(left)+" "+num(-left))
	d.WriteString("h" + num(b.w-left-right))
	g := elem("g", attrs("class", class("slot", b.slot.Tone)),
		elem("rect", at("class", "slot-ground", "x", b.x, "y", y, "width", b.w, "height", laneHigh, "rx", min(left, right))),
		elem("path", at("class", "slot-edge", "d", d.String())))
	x := b.textX
	if _, ok := marks[b.slot.Tone]; ok {
		g.AppendChild(p.signAt(b.slot.Tone, x, y+(laneHigh-13)/2))
		x += signRoom
	}
	kind := "slot-name"
	if b.textX < b.x || b.textX > b.x+b.w {
		kind += " outside"
	}
	g.AppendChild(elem("text", at("class", kind, "x", x, "y", y+laneHigh/2+4), text(b.text)))
	return g
}
