// Package document is a document of sections and blocks in plain data, such as a client's
// dossier, and its forms: HTML in one file, and Markdown. It knows nothing of AWS.
package document

import "time"

// Document is what is written. All of its texts are in its language already.
type Document struct {
	Lang            string // of BCP 47: "en" or "fr"
	Title, Subtitle string
	Made            time.Time
	Sections        []Section
}

// Section is a part with a heading.
type Section struct {
	ID    string // the anchor: lower-case letters, digits and hyphens
	Title string
	AsOf  time.Time // when what it tells was read; zero where nothing was
	// Blocks are what stands in it, from the top.
	Blocks []Block
}

// Block is one of the types below.
type Block interface{ block() }

// Tone says how a text, a node or a line is meant; it is never told by colour alone.
type Tone string

// Tones.
const (
	Plain   Tone = ""
	Good    Tone = "good"
	Warning Tone = "warning"
	Bad     Tone = "bad"
	Muted   Tone = "muted"
)

// Span is a piece of text.
type Span struct {
	Text   string
	Code   bool // an identifier, a command, an address: set in monospace and never broken or hyphenated
	Strong bool
	Tone   Tone
	Href   string // a link: "#section" or "https://…"
}

// Text is what stands on a line or in a cell.
type Text []Span

// Heading is one below the section's.
type Heading struct{ Text string }

// Paragraph is running text.
type Paragraph struct{ Text Text }

// List is a list with bullets.
type List struct{ Items []Text }

// Notice is a paragraph that must be seen.
type Notice struct {
	Tone Tone
	Text Text
}

// Fact is a name with its value.
type Fact struct {
	Name  string
	Value Text
}

// Facts are names with their values.
type Facts struct{ Facts []Fact }

// Table has a heading in each column, and a row is headed by its first cell.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]Text
	Numbers []int // the columns that are set right, from 0
}

// Graph is a diagram of nodes in nested groups. Its place on the page is a layout library's.
type Graph struct {
	Title       string
	Description string // for those who do not see it: all that the diagram tells
	Across      bool   // from left to right, instead of from top to bottom
	Groups      []GraphGroup
	Nodes       []GraphNode
	Edges       []GraphEdge
}

// GraphGroup is a frame around nodes and other groups.
type GraphGroup struct {
	ID, Parent string // Parent is empty at the top
	Label      []string
	Tone       Tone
}

// GraphNode is one box.
type GraphNode struct {
	ID, Group string   // Group is empty where it stands outside of all
	Label     []string // lines; the first is its name
	Shape     Shape
	Tone      Tone
}

// Shape of a node.
type Shape string

// Shapes.
const (
	Box      Shape = ""
	Cylinder Shape = "cylinder" // a database, a bucket
	Cloud    Shape = "cloud"    // the internet, a site
	Person   Shape = "person"
)

// GraphEdge is an arrow.
type GraphEdge struct {
	From, To string
	Label    []string
	Tone     Tone
	Dashed   bool
}

// Plot is lines over time, with limits to hold.
type Plot struct {
	Title, Description string
	Unit               string // of the values, such as "min"
	Series             []Series
	Limits             []Limit
}

// Series is one line of a plot.
type Series struct {
	Name   string
	Points []Point
}

// Point is one value; Bad ones are marked.
type Point struct {
	At    time.Time
	Value float64
	Bad   bool
}

// Limit is a horizontal line.
type Limit struct {
	Name  string
	Value float64
}

// Calendar is weeks beside each other, one for each season.
type Calendar struct {
	Title, Description string
	Weeks              []Week
}

// Week is Monday to Sunday in local time.
type Week struct {
	Name  string // "winter (UTC+1)"
	Slots []Slot
}

// Slot is a time of a week; one over midnight or over the end of the week is one slot.
type Slot struct {
	Day      time.Weekday
	From     time.Duration // since midnight, local time
	Duration time.Duration
	Label    string
	Tone     Tone
}

func (Heading) block()   {}
func (Paragraph) block() {}
func (List) block()      {}
func (Notice) block()    {}
func (Facts) block()     {}
func (Table) block()     {}
func (Graph) block()     {}
func (Plot) block()      {}
func (Calendar) block()  {}
