package fleet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// composer puts a report into the blocks of a document, in a language.
type composer struct {
	lang.Lang
	r *Report
}

// ComposeReport is the document of a night, in a language. What audits found is in the language that
// their jobs spoke.
func ComposeReport(r *Report, l lang.Lang) document.Document {
	c := &composer{l, r}
	out := document.Document{
		Lang: string(l), Title: c.Sayf("Audit of the night of %s", r.Night), Made: r.Audit.At,
		Subtitle: c.Sayf("AWS, from what it holds, read by cicdctl %s", r.Cicdctl),
	}
	for _, s := range []struct {
		id, title string
		blocks    []document.Block
	}{
		{"verdict", c.Say("Verdict"), c.verdict()},
		{"not-audited", c.Say("Not audited"), c.notAudited()},
		{"findings", c.Say("Findings"), c.findings()},
		{"accepted", c.Say("Accepted for a time"), c.accepted()},
		{"parts", c.Say("Accounts and regions"), c.parts()},
		{"isolation", c.Say("Isolation of clients"), c.isolation()},
		{"trend", c.Say("Trend"), c.trend()},
	} {
		if len(s.blocks) > 0 {
			out.Sections = append(out.Sections, document.Section{ID: s.id, Title: s.title, Blocks: s.blocks})
		}
	}
	return out
}

func words(text string) document.Text { return document.Text{{Text: text}} }
func code(text string) document.Text  { return document.Text{{Text: text, Code: text != ""}} }

func toned(text string, tone document.Tone) document.Text {
	return document.Text{{Text: text, Tone: tone}}
}

// number is a count, muted where it is nothing.
func number(n int, tone document.Tone) document.Text {
	if n == 0 {
		tone = document.Muted
	}
	return toned(strconv.Itoa(n), tone)
}

func (c *composer) verdict() []document.Block {
	n, tone := c.r.Audit.Counts, document.Good
	switch {
	case n.High > 0 || n.NotAudited > 0:
		tone = document.Bad
	case n.Findings() > 0:
		tone = document.Warning
	}
	facts := []document.Fact{
		{Name: c.Say("clients"), Value: words(strconv.Itoa(len(c.r.Audit.Clients)))},
		{Name: c.Say("regions"), Value: words(strings.Join(c.r.Audit.Regions, ", "))},
		{Name: c.Say("begun"), Value: words(report.Clock(c.r.Audit.At) + " UTC")},
		{Name: c.Say("calls to AWS"), Value: words(strconv.Itoa(c.r.Audit.Calls))},
	}
	if named := slices.DeleteFunc(c.r.accounts(), func(name string) bool { return name == "" }); len(named) > 0 {
		facts = append([]document.Fact{{Name: c.Say("accounts"), Value: words(strings.Join(named, ", "))}}, facts...)
	}
	out := []document.Block{document.Notice{Tone: tone, Text: words(c.r.verdict(c.Lang))}}
	for _, note := range c.r.Audit.Notes {
		out = append(out, document.Notice{Tone: document.Warning, Text: words(note)})
	}
	return append(out, document.Facts{Facts: facts})
}

// account is the name of an account in a table.
func (c *composer) account(name string) document.Text {
	if name == "" {
		return words(c.Say("of the credentials"))
	}
	return words(name)
}

func (c *composer) notAudited() []document.Block {
	all := c.r.Audit.NotAudited
	if len(all) == 0 {
		return nil
	}
	t := document.Table{Head: []string{c.Say("what"), c.Say("account"), c.Say("region"), c.Say("why"), c.Say("what to do")}}
	for _, n := range all {
		t.Rows = append(t.Rows, []document.Text{toned(n.What, document.Bad), c.account(n.Account), code(n.Region), words(report.FirstLine(n.Why)), words(n.Fix)})
	}
	return []document.Block{document.Notice{Tone: document.Bad, Text: words(c.Say("What follows was not looked at, so that it may be in order or not."))}, t}
}

func (c *composer) findings() []document.Block {
	all := c.r.Audit.Findings
	if len(all) == 0 {
		text := c.Say("Nothing was found.")
		if len(c.r.Audit.NotAudited) > 0 {
			text = c.Say("Nothing was found in what could be looked at.")
		}
		return []document.Block{document.Paragraph{Text: words(text)}}
	}
	t := document.Table{Head: []string{c.Say("severity"), c.Say("client"), c.Say("account"), c.Say("region"), c.Say("rule"), c.Say("resource"), c.Say("is → should be"), c.Say("what to do")}}
	for _, f := range all {
		t.Rows = append(t.Rows, []document.Text{
			toned(c.Say(string(f.Severity)), severe(f.Severity)), c.client(f), c.account(f.Account), code(f.Region),
			{{Text: f.ID, Code: true}, {Text: " " + f.Title}},
			code(f.Resource), words(c.Value(f.Is) + " → " + c.Value(f.Should)), words(f.Fix),
		})
	}
	return []document.Block{t}
}

func (c *composer) client(f judge.Finding) document.Text {
	if f.Client == "" {
		return words(c.Say("what clients share"))
	}
	return document.Text{{Text: f.Client, Strong: true}}
}

func severe(s rules.Severity) document.Tone {
	return map[rules.Severity]document.Tone{rules.High: document.Bad, rules.Medium: document.Warning}[s]
}

func (c *composer) accepted() []document.Block {
	all := c.r.Audit.Excepted
	if len(all) == 0 {
		return nil
	}
	t := document.Table{Head: []string{c.Say("client"), c.Say("account"), c.Say("region"), c.Say("rule"), c.Say("resource"), c.Say("until"), c.Say("reason")}}
	for _, e := range all {
		t.Rows = append(t.Rows, []document.Text{c.client(e.Finding), c.account(e.Account), code(e.Region), code(e.ID), code(e.Resource), words(e.Until.Format(day)), words(e.Reason)})
	}
	return []document.Block{t}
}

// parts are the shards, with what was found of their clients. What the account's regions share is in
// each region's audit, and counted where its region is.
func (c *composer) parts() []document.Block {
	t := document.Table{
		Head:    []string{c.Say("account"), c.Say("region"), c.Say("clients"), c.Say("high"), c.Say("medium"), c.Say("low"), c.Say("accepted for a time"), c.Say("not audited"), c.Say("begun (UTC)"), c.Say("took")},
		Numbers: []int{2, 3, 4, 5, 6, 7, 9},
	}
	for _, s := range c.r.Shards {
		here := func(account, region string) bool { return account == s.Account && region == s.Region }
		var n audit.AuditCounts
		for _, f := range c.r.Audit.Findings {
			if here(f.Account, f.Region) {
				*map[rules.Severity]*int{rules.High: &n.High, rules.Medium: &n.Medium, rules.Low: &n.Low}[f.Severity]++
			}
		}
		for _, e := range c.r.Audit.Excepted {
			if here(e.Account, e.Region) {
				n.Excepted++
			}
		}
		for _, a := range c.r.Audit.NotAudited {
			if here(a.Account, a.Region) {
				n.NotAudited++
			}
		}
		begun, took := toned(c.Say("not delivered"), document.Bad), document.Text(nil)
		clients := s.Clients
		if s.Delivered {
			begun, took = words(report.Clock(s.At)), words(fmt.Sprintf("%.0f s", s.Seconds))
			clients = count(c.r.Audit.Clients, func(a audit.AuditedClient) bool { return here(a.Account, a.Region) })
		}
		t.Rows = append(t.Rows, []document.Text{
			c.account(s.Account), code(s.Region), words(strconv.Itoa(clients)), number(n.High, document.Bad), number(n.Medium, document.Warning), number(n.Low, document.Plain),
			number(n.Excepted, document.Plain), number(n.NotAudited, document.Bad), begun, took,
		})
	}
	return []document.Block{t}
}

func count[T any](all []T, is func(T) bool) int {
	n := 0
	for _, one := range all {
		if is(one) {
			n++
		}
	}
	return n
}

func (c *composer) isolation() []document.Block {
	if len(c.r.Audit.Isolation) == 0 {
		return nil
	}
	t := document.Table{Head: []string{c.Say("account"), c.Say("region"), c.Say("clients"), c.Say("pairs"), c.Say("no client reaches another"), c.Say("what there is to say")}, Numbers: []int{2, 3}}
	for _, i := range c.r.Audit.Isolation {
		proved := toned(c.Say("proved"), document.Good)
		if !i.Isolated {
			proved = toned(c.Say("clients reach each other"), document.Bad)
		}
		said := slices.Clone(i.Lines)
		for _, unknown := range i.Unknown {
			said = append(said, c.Sayf("not read, taken as open: %s", unknown))
		}
		t.Rows = append(t.Rows, []document.Text{c.account(i.Account), code(i.Region), words(strconv.Itoa(i.Clients)), words(strconv.Itoa(i.Pairs)), proved, words(strings.Join(said, "; "))})
	}
	return []document.Block{t}
}

// trend is drawn, and in a table: what a night did not audit makes its other numbers too low.
func (c *composer) trend() []document.Block {
	var out []document.Block
	if c.r.HistoryLost != "" {
		out = append(out, document.Notice{Tone: document.Warning, Text: words(c.Sayf("The earlier report cannot be read, so that the trend starts anew: %s", c.r.HistoryLost))})
	}
	if len(c.r.History) < 2 {
		return append(out, document.Paragraph{Text: words(c.Say("The trend begins with this night."))})
	}
	lines := []struct {
		name string
		of   func(Night) int
		bad  bool
	}{
		{c.Say("high"), func(n Night) int { return n.High }, false},
		{c.Say("medium"), func(n Night) int { return n.Medium }, false},
		{c.Say("low"), func(n Night) int { return n.Low }, false},
		{c.Say("not audited"), func(n Night) int { return n.NotAudited }, true},
	}
	plot := document.Plot{Title: c.Say("Findings by night")}
	t := document.Table{Head: []string{c.Say("night"), c.Say("high"), c.Say("medium"), c.Say("low"), c.Say("not audited"), c.Say("accepted for a time"), c.Say("clients")}, Numbers: []int{1, 2, 3, 4, 5, 6}}
	for _, line := range lines {
		s := document.Series{Name: line.name}
		for _, n := range c.r.History {
			at, err := time.Parse(day, n.Night)
			if err != nil {
				panic(err)
			}
			v := line.of(n)
			s.Points = append(s.Points, document.Point{At: at, Value: float64(v), Bad: line.bad && v > 0})
		}
		plot.Series = append(plot.Series, s)
	}
	for _, n := range slices.Backward(c.r.History) {
		t.Rows = append(t.Rows, []document.Text{
			words(n.Night), number(n.High, document.Plain), number(n.Medium, document.Plain), number(n.Low, document.Plain), number(n.NotAudited, document.Bad), number(n.Excepted, document.Plain), words(strconv.Itoa(n.Clients)),
		})
	}
	first, last := c.r.History[0], c.r.History[len(c.r.History)-1]
	plot.Description = c.Sayf("From %s to %s, findings went from %d to %d (high), from %d to %d (medium) and from %d to %d (low). The table below has every night.",
		first.Night, last.Night, first.High, last.High, first.Medium, last.Medium, first.Low, last.Low)
	return append(out, plot, document.Paragraph{Text: words(c.Say("What a night did not audit may have had findings: its numbers are lower than they would be."))}, t)
}
