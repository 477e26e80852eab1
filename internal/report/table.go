package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// leastCell is how narrow a cell of several words may become before a column leaves the line.
const leastCell = 24

// Table is records in columns. Without a terminal each record is one line, whatever its length.
// On a terminal no line is wider than it: cells of several words are wrapped inside their column,
// and where that is not enough, columns leave the line for a second one below it, indented.
type Table struct {
	s       stream
	header  []string
	rows    [][]string
	columns int
	details []int
}

// Table starts a table: boxed on a terminal where it fits, plain columns elsewhere.
func (p *Printer) Table(s stream, header ...any) *Table {
	return &Table{s: s, header: cells(header), columns: len(header)}
}

func cells(row []any) []string {
	out := make([]string, len(row))
	for i, each := range row {
		out[i] = fmt.Sprint(each)
	}
	return out
}

// Details names the columns, counted from 0, that leave the line first where it is too narrow,
// the last one before the others. Without a header they belong together and leave together, as
// "name: value".
func (t *Table) Details(columns ...int) *Table {
	t.details = columns
	return t
}

// AppendRow adds a record.
func (t *Table) AppendRow(row []any) {
	t.rows = append(t.rows, cells(row))
	t.columns = max(t.columns, len(row))
}

// Length is the number of records.
func (t *Table) Length() int { return len(t.rows) }

// Render is the table as text, without the last line's end.
func (t *Table) Render() string {
	line := make([]int, t.columns)
	for i := range line {
		line[i] = i
	}
	if !t.s.terminal || t.columns == 0 {
		return t.grid(nil)
	}
	width := max(t.s.width(), leastWidth)
	if widths, fits := t.fit(line, width-3*len(line)-1); fits { // a line between columns, and a space at both sides of each
		return t.grid(widths)
	}
	// The last resort is to leave on the line what the record is called.
	leave := slices.DeleteFunc(slices.Clone(line[min(1, len(line)):]), func(i int) bool { return slices.Contains(t.details, i) })
	for _, gone := range slices.Backward(append(leave, t.details...)) {
		line = slices.DeleteFunc(line, func(i int) bool { return i == gone })
		if len(t.header) == 0 && len(t.details) > 0 && gone != t.details[0] && slices.Contains(t.details, gone) {
			continue
		}
		if widths, fits := t.fit(line, width-2*(len(line)-1)); fits { // two spaces between columns
			return t.records(line, widths, width)
		}
	}
	return t.records(line, []int{width}, width)
}

func (t *Table) cell(row []string, column int) string {
	if column < len(row) {
		return row[column]
	}
	return ""
}

// fit gives the columns of a line their widths, or reports that they are too many.
func (t *Table) fit(line []int, width int) (widths []int, fits bool) {
	natural, least := make([]int, len(line)), make([]int, len(line))
	for i, column := range line {
		for _, row := range t.rows {
			cell := t.cell(row, column)
			natural[i] = max(natural[i], displayed(cell))
			least[i] = max(least[i], t.longest(cell), min(displayed(cell), leastCell))
		}
		if head := t.cell(t.header, column); head != "" {
			natural[i] = max(natural[i], displayed(head))
			least[i] = max(least[i], t.longest(head))
		}
	}
	for limit := slices.Max(natural); limit >= 0; limit-- {
		widths = make([]int, len(line))
		for i := range line {
			widths[i] = min(natural[i], max(least[i], limit))
		}
		if sum(widths) <= width {
			return widths, true
		}
	}
	return nil, false
}

func (t *Table) longest(cell string) int {
	longest := 0
	for _, w := range t.s.kept.words(cell) {
		longest = max(longest, w.width)
	}
	return longest
}

// grid draws all columns: plain ones without widths, and otherwise a box.
func (t *Table) grid(widths []int) string {
	w := table.NewWriter()
	style := table.StyleRounded
	if widths == nil {
		style = table.StyleDefault
		style.Box = table.BoxStyle{PaddingRight: "  "}
		style.Options = table.OptionsNoBordersAndSeparators
	}
	style.Format.Header = 0 // as written: cases carry meaning here
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	folded := func(row []string, hang int) table.Row {
		out := make(table.Row, len(row))
		for i, cell := range row {
			if widths != nil {
				cell = strings.Join(t.s.kept.fold(cell, widths[i], hang), "\n")
			}
			out[i] = cell
		}
		return out
	}
	if len(t.header) > 0 {
		w.AppendHeader(folded(t.header, 0))
	}
	for _, row := range t.rows {
		w.AppendRow(folded(row, 2))
	}
	return w.Render()
}

// records draws some columns, and what the others say of a record below it, or beside it where
// they have no header to say what they are and it fits.
func (t *Table) records(line, widths []int, width int) string {
	var out []string
	if len(t.header) > 0 {
		out = t.part(t.header, line, widths, 0)
	}
	for _, row := range t.rows {
		main, more := t.part(row, line, widths, 2), t.rest(row, line)
		switch {
		case more == "":
			out = append(out, main...)
		case len(main) == 1 && len(t.header) == 0 && len(row) > 0 && sum(widths)+2*len(widths)+displayed(more) <= width:
			out = append(out, padded(main[0], sum(widths)+2*len(widths))+more)
		default:
			out = append(append(out, main...), t.s.kept.wrap("  "+more, width)...)
		}
	}
	return strings.Join(out, "\n")
}

// part draws some columns of a record side by side.
func (t *Table) part(row []string, line, widths []int, hang int) []string {
	height, folded := 0, make([][]string, len(line))
	for i, column := range line {
		folded[i] = t.s.kept.fold(t.cell(row, column), widths[i], hang)
		height = max(height, len(folded[i]))
	}
	var out []string
	for n := range height {
		var b strings.Builder
		for i := range line {
			b.WriteString(padded(t.cell(folded[i], n), widths[i]+2))
		}
		if text := strings.TrimRight(b.String(), " "); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// rest is what the columns say that are not on the line.
func (t *Table) rest(row []string, line []int) string {
	var parts []string
	for i, cell := range row {
		switch {
		case slices.Contains(line, i) || cell == "":
		case len(t.header) > 0:
			parts = append(parts, t.header[i]+": "+cell)
		default:
			parts = append(parts, cell)
		}
	}
	if len(t.header) > 0 {
		return strings.Join(parts, " · ")
	}
	return strings.Join(parts, ": ")
}

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(width-displayed(s), 0))
}

func sum(widths []int) int {
	total := 0
	for _, w := range widths {
		total += w
	}
	return total
}
