package documenttest

import (
	"fmt"
	"strings"
	"time"

	d "gitlab.com/cicd/cicdctl/internal/document"
)

// Hostile are names such as somebody could give a resource.
var Hostile = []string{
	`<script>alert(1)</script>`,
	`</style><script>alert(1)</script>`,
	`</title></svg><img src=x onerror=alert(1)>`,
	`"><img src="https://evil.example/x.png">`,
	`' onmouseover='alert(1)`,
	`--><!-- <![CDATA[ ]]>`,
	`&lt;script&gt; &#x3c;`,
	"a|b\\|c `code` ``` **bold** [x](javascript:alert(1)) ![i](https://evil.example/i.png)",
	"\u202egnp.exe\u202c \u2066x\u2069 \u200b\ufeff",
	"nul\x00 bell\x07 escape\x1b[31m \xff\xfe",
	"line\nbreak\r\n# heading\n\n- item",
	"שלום עולם مرحبا",
	"\"} digraph { x -> y [label=\"\\N\"]",
	"@all #1 !1 $1 ~bug %v1 :tada: https://evil.example www.evil.example",
	strings.Repeat("a", 600),
	"arn:aws:iam::123456789012:role/" + strings.Repeat("Very-long_name.", 40),
	"日本語の名前 🎉 ＡＢＣ",
	"",
	" ",
}

// HostileLinks lead where no document may lead.
var HostileLinks = []string{
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", " https://evil.example", "http://evil.example", "//evil.example", "data:text/html,x",
	"file:///etc/passwd", "https://", "https://x\" onclick=\"alert(1)", "#nowhere", "#", "https://evil.example/a b", "https:evil.example", "\x01javascript:alert(1)",
}

// Traps is a document in which every text is hostile.
func Traps() d.Document {
	at := time.Date(2026, time.July, 1, 0, 0, 0, 0, time.FixedZone("", 5*3600+1800))
	doc := d.Document{Lang: "en", Title: Hostile[0] + Hostile[1], Subtitle: Hostile[2], Made: at}
	for i, h := range Hostile {
		spans := d.Text{{Text: h}, {Text: h, Code: true}, {Text: h, Strong: true, Tone: d.Bad}, {Text: h, Href: HostileLinks[i%len(HostileLinks)]}, {Text: "x", Tone: d.Tone(h)}}
		doc.Sections = append(doc.Sections, d.Section{
			ID: fmt.Sprintf("trap-%d", i), Title: "T" + h, AsOf: at, Blocks: []d.Block{
				d.Heading{Text: "H" + h},
				d.Paragraph{Text: spans},
				d.List{Items: []d.Text{spans}},
				d.Notice{Tone: d.Warning, Text: spans},
				d.Facts{Facts: []d.Fact{{Name: h, Value: spans}}},
				d.Table{Caption: "C" + h, Head: []string{"N" + h, "V" + h}, Rows: [][]d.Text{{{{Text: h, Code: true}}, spans}}, Numbers: []int{1, 7}},
				trapGraph(h),
				d.Plot{Title: "P" + h, Description: "This is the plot of a trap: " + h, Unit: h, Series: []d.Series{{Name: h, Points: []d.Point{{At: at, Value: 1e9}, {At: at, Value: -3, Bad: true}}}}, Limits: []d.Limit{{Name: h, Value: 2}}},
				d.Calendar{Title: "W" + h, Description: "This is the calendar of a trap: " + h, Weeks: []d.Week{{Name: h, Slots: []d.Slot{
					{Day: time.Saturday, From: 30 * time.Hour, Duration: 200 * time.Hour, Label: h, Tone: d.Bad}, {Day: time.Saturday, Label: h},
				}}}},
			},
		})
	}
	doc.Sections = append(doc.Sections, d.Section{ID: "empty", Title: "Nothing", Blocks: []d.Block{
		d.Paragraph{},
		d.List{},
		d.Facts{},
		d.Table{Caption: "Empty", Head: []string{"A"}},
		d.Graph{Title: "Empty graph", Description: "There is nothing in this graph."},
		d.Plot{Title: "Empty plot", Description: "There is nothing in this plot."},
		d.Calendar{Title: "Empty calendar", Description: "There is nothing in this calendar."},
	}})
	return doc
}

func trapGraph(h string) d.Graph {
	return d.Graph{
		Title: "G" + h, Description: "This is the graph of a trap: " + h, Across: true,
		Groups: []d.GraphGroup{{ID: "g" + h, Label: []string{h}, Tone: d.Warning}, {ID: "h" + h, Parent: "g" + h, Label: []string{h, h}}, {ID: "empty", Parent: "g" + h}},
		Nodes: []d.GraphNode{
			{ID: "a" + h, Group: "h" + h, Label: []string{h, h}, Shape: d.Cloud, Tone: d.Bad},
			{ID: "b" + h, Label: []string{h}, Shape: d.Cylinder},
			{ID: "c" + h, Label: nil, Shape: d.Shape(h)},
		},
		Edges: []d.GraphEdge{{From: "a" + h, To: "b" + h, Label: []string{h, h}, Tone: d.Bad}, {From: "b" + h, To: "b" + h, Label: []string{h}}, {From: "a" + h, To: "c" + h, Dashed: true}},
	}
}

// Long has a table of so many rows.
func Long(rows int) d.Document {
	table := d.Table{Caption: "Rows", Head: []string{"ID", "What", "Where"}}
	for i := range rows {
		table.Rows = append(table.Rows, []d.Text{
			{{Text: fmt.Sprintf("i-%017x", i), Code: true}}, {{Text: fmt.Sprintf("number %d of a table that goes on over many pages, with a text that takes more than a line", i)}}, {{Text: "eu-west-3a", Code: true}},
		})
	}
	return d.Document{Lang: "en", Title: "Long", Made: time.Date(2026, time.November, 30, 14, 5, 0, 0, time.UTC), Sections: []d.Section{{ID: "rows", Title: "All rows", Blocks: []d.Block{table}}}}
}
