package document

import "strconv"

// points are the values of a plot as a table.
func (w *words) points(p Plot) Table {
	t := Table{Caption: p.Title, Head: []string{w.when, w.what, w.value}, Numbers: []int{2}}
	unit := ""
	if p.Unit != "" {
		unit = "\u00a0" + p.Unit
	}
	for _, s := range p.Series {
		for _, at := range s.Points {
			value := Span{Text: w.number(at.Value) + unit}
			if at.Bad {
				value.Tone = Bad
			}
			t.Rows = append(t.Rows, []Text{{{Text: w.moment(at.At)}}, {{Text: s.Name}}, {value}})
		}
	}
	for _, l := range p.Limits {
		t.Rows = append(t.Rows, []Text{{{Text: w.limit}}, {{Text: l.Name}}, {{Text: w.number(l.Value) + unit}}})
	}
	return t
}

// slots are the times of a week as a table.
func (w *words) slots(week Week) Table {
	t := Table{Caption: week.Name, Head: []string{w.from, w.until, w.what}}
	for _, s := range week.Slots {
		until := s.From + s.Duration
		last := (weekday(s.Day) + int(until/day)) % 7
		t.Rows = append(t.Rows, []Text{
			{{Text: w.days[weekday(s.Day)] + " " + clock(s.From)}},
			{{Text: w.days[last] + " " + clock(until%day)}},
			{{Text: s.Label, Tone: s.Tone}},
		})
	}
	return t
}

// number is a value with at most two decimals.
func (w *words) number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		return s[:len(s)-1]
	}
	if w.comma {
		for i := range s {
			if s[i] == '.' {
				return s[:i] + "," + s[i+1:]
			}
		}
	}
	return s
}
