package dossier

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

func (c *composer) recovery() []document.Block {
	r := c.d.Recovery
	if !r.Database && len(r.Drills) == 0 {
		return []document.Block{c.none(r.Told, c.Say("The client has no database, so that there is nothing to restore."))}
	}
	var out []document.Block
	if r.Last == nil {
		out = append(out, document.Notice{Tone: document.Warning, Text: words(c.Say("Not measured: no restore drill of the continuous backup has succeeded so far."))})
	} else {
		out = append(out, document.Facts{Facts: []document.Fact{
			{Name: c.Say("last measured"), Value: words(when(&r.Last.At) + " UTC")},
			{Name: c.Say("RPO: how much of the latest data was missing"), Value: words(span(r.Last.RPO))},
			{Name: c.Say("RTO: how long until the copy could be used"), Value: words(span(r.Last.RTO))},
		}})
	}
	plot := document.Plot{Title: c.Say("Restore drills"), Unit: "min", Limits: []document.Limit{{Name: c.Say("RPO that the continuous backup promises"), Value: float64(r.TargetRPO) / 60}}}
	rpo, rto := document.Series{Name: "RPO"}, document.Series{Name: "RTO"}
	t := document.Table{Head: []string{c.Say("drill (UTC)"), c.Say("from"), c.Say("restored to (UTC)"), "RPO", "RTO", c.Say("result")}, Numbers: []int{3, 4}}
	for _, d := range r.Drills {
		result := document.Text{toned(c.Say("succeeded"), document.Good)}
		cells := []document.Text{words(when(&d.At)), words(cmp.Or(d.From, c.Say("continuous backup"))), words(when(d.Restored)), words(span(d.RPO)), words(span(d.RTO))}
		if !d.OK {
			result = document.Text{toned(c.Say("failed"), document.Bad), plain(" " + c.spoken(d.Reason))}
			cells[3], cells[4] = words(c.Say("not measured")), words(c.Say("not measured"))
		} else {
			rto.Points = append(rto.Points, document.Point{At: d.At, Value: float64(d.RTO) / 60})
			if d.From == "" {
				rpo.Points = append(rpo.Points, document.Point{At: d.At, Value: float64(d.RPO) / 60, Bad: d.RPO > r.TargetRPO})
			}
		}
		t.Rows = append(t.Rows, append(cells, result))
	}
	slices.Reverse(rpo.Points) // the oldest first
	slices.Reverse(rto.Points)
	plot.Series = []document.Series{rpo, rto}
	if len(rto.Points) > 0 {
		plot.Description = c.Sayf("%d restore {drill|drills} measured, RPO and RTO in minutes over time; the values are in the table below.", len(rto.Points))
		out = append(out, plot)
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	return append(out, paragraph(c.Say("AWS records no target for the RTO: what counts is what was measured.")))
}

func (c *composer) backups() []document.Block {
	b := c.d.Backups
	t := document.Table{Caption: c.Say("What the database can be restored to, and what is kept"), Head: []string{c.Say("kind"), c.Say("name"), c.Say("as of (UTC)"), c.Say("kept until"), c.Say("state"), c.Say("can be restored")}}
	for _, p := range b.Points {
		at := when(&p.At)
		if p.Since != nil {
			at = c.Sayf("any moment from %s to %s", when(p.Since), when(&p.At))
		}
		kept := day(p.Until)
		if kept == "" && p.Days > 0 {
			kept = c.Sayf("%d {day|days} back", p.Days)
		}
		can := document.Text{toned(c.Say("yes"), document.Good)}
		if !p.Restorable {
			can = document.Text{toned(c.Say("no"), document.Muted)}
		}
		state := c.Say(p.Status)
		if p.Note != "" {
			state += " · " + p.Note
		}
		t.Rows = append(t.Rows, []document.Text{words(c.Say(p.Kind)), codes(p.Name), words(at), words(kept), words(state), can})
	}
	out := []document.Block{t}
	if len(t.Rows) == 0 {
		out = []document.Block{c.none(b.Told, c.Say("There is no backup."))}
	}
	t = document.Table{Caption: c.Say("Copies that were restored beside the database"), Head: []string{c.Say("copy"), c.Say("from"), c.Say("made (UTC)"), c.Say("removed after"), c.Say("state")}}
	for _, p := range b.Copies {
		t.Rows = append(t.Rows, []document.Text{words(p.Name), codes(p.From), words(when(&p.Made)), words(when(p.Expires)), words(c.Say(p.Status))})
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	return out
}

func (c *composer) maintenance() []document.Block {
	m := c.d.Maintenance
	loc, err := time.LoadLocation(m.Zone)
	if err != nil {
		return []document.Block{document.Notice{Tone: document.Bad, Text: words(c.Sayf("The time zone %s is not known here: %s", m.Zone, err))}}
	}
	if len(m.Windows) == 0 {
		return []document.Block{c.none(m.Told, c.Say("There is nothing that needs a maintenance window."))}
	}
	calendar := document.Calendar{Title: c.Sayf("Maintenance and backups in the client's time (%s)", m.Zone)}
	var told []string
	t := document.Table{Head: []string{c.Say("what"), c.Say("as AWS has it"), c.Say("time zone")}}
	for _, season := range rules.Seasons(loc, c.d.Made) {
		week := document.Week{Name: fmt.Sprintf("%s (%s)", c.Say(season.Name), offset(season.Offset))}
		for _, w := range c.windows() {
			for _, s := range slots(w.Window, season.Offset, loc, c.d.Made) {
				s.Label = w.label
				week.Slots = append(week.Slots, s)
			}
			first := slots(w.Window, season.Offset, loc, c.d.Made)[0]
			day := c.Say(first.Day.String())
			if w.Day < 0 {
				day = c.Say("every day")
			}
			told = append(told, c.Sayf("%s: %s, %s at %s", week.Name, w.label, day, clock(first)))
		}
		calendar.Weeks = append(calendar.Weeks, week)
	}
	for _, w := range c.windows() {
		t.Rows = append(t.Rows, []document.Text{words(w.label), codes(w.Text), codes(w.Zone)})
	}
	calendar.Description = strings.Join(told, "; ") + "."
	out := []document.Block{
		paragraph(c.Say("AWS has the windows of the database in UTC: when the clock changes they move by an hour in local time, until they are set anew. Schedules in the client's time zone follow the clock.")),
		calendar, t,
	}
	for _, other := range m.Other {
		what, when, _ := strings.Cut(other, ": ")
		out = append(out, paragraph(c.Sayf("Besides: %s", c.Say(what)+" "+when)))
	}
	return out
}

// labelled is a window with whom it is of.
type labelled struct {
	Window
	label string
}

// windows are those that differ: the instances of a database mostly have its own.
func (c *composer) windows() []labelled {
	var out []labelled
	var of []string
	for _, w := range c.d.Maintenance.Windows {
		i := slices.IndexFunc(out, func(have labelled) bool { return have.What == w.What && have.Text == w.Text && have.Zone == w.Zone })
		if i < 0 {
			out, of = append(out, labelled{Window: w}), append(of, w.Of)
			continue
		}
		of[i] += ", " + w.Of
	}
	for i := range out {
		out[i].label = c.Say(out[i].What) + " (" + of[i] + ")"
	}
	return out
}

// slots are the times of a window by a clock of the client's zone: one a week, or one a day.
func slots(w Window, season time.Duration, client *time.Location, year time.Time) []document.Slot {
	shift := time.Duration(0)
	if w.Zone != client.String() {
		shift = season - offsetIn(w.Zone, season, client, year)
	}
	days := []int{w.Day}
	if w.Day < 0 {
		days = []int{1, 2, 3, 4, 5, 6, 0}
	}
	const week = 7 * 24 * time.Hour
	var out []document.Slot
	for _, day := range days {
		at := (time.Duration(day)*24*time.Hour + time.Duration(w.Start)*time.Minute + shift + week) % week
		out = append(out, document.Slot{
			Day: time.Weekday(at / (24 * time.Hour)), From: at % (24 * time.Hour), Duration: max(time.Duration(w.Minutes)*time.Minute, mark),
		})
	}
	return out
}

// mark is how long a slot is drawn of which only the beginning is known.
const mark = 15 * time.Minute

// offsetIn is the offset of another zone while the client's clock has the season's.
func offsetIn(zone string, season time.Duration, client *time.Location, year time.Time) time.Duration {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC // AWS takes no zone that there is not; it is told beside as AWS has it
	}
	for _, month := range []time.Month{time.January, time.July} {
		at := time.Date(year.Year(), month, 15, 12, 0, 0, 0, client)
		if _, seconds := at.Zone(); time.Duration(seconds)*time.Second == season {
			_, theirs := at.In(loc).Zone()
			return time.Duration(theirs) * time.Second
		}
	}
	return 0
}

// offset is "UTC+1" or "UTC+5:30".
func offset(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	text := fmt.Sprintf("UTC%s%d", sign, int(d.Hours()))
	if m := int(d.Minutes()) % 60; m > 0 {
		text += fmt.Sprintf(":%02d", m)
	}
	return text
}

func clock(s document.Slot) string {
	return fmt.Sprintf("%02d:%02d", int(s.From.Hours()), int(s.From.Minutes())%60)
}
