package dossier

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// TargetRPO is what the continuous backup of Aurora promises, in seconds: "the latest restorable time
// for a DB cluster is typically within 5 minutes of the current time" (Amazon Aurora user guide,
// "Overview of backing up and restoring an Aurora DB cluster").
const TargetRPO = 300

// recovery tells what restore drills have measured.
func (l *look) recovery() Recovery {
	r := Recovery{Told: l.told("rds/cluster", askedDrills, askedCopies), Drills: []Drill{}, TargetRPO: TargetRPO}
	r.Database = slices.ContainsFunc(l.own["rds/cluster"], func(c seenThing) bool { return c.Role == databaseRole })
	for _, d := range l.history {
		r.Drills = append(r.Drills, Drill{At: d.At, From: l.names.other(d.From), Restored: d.Restored, RPO: d.RPO, RTO: d.RTO, OK: d.OK, Reason: l.names.other(d.Reason)})
	}
	if l.points != nil && l.points.Protection.Database != nil && l.points.Protection.Database.Drill != "" {
		last, err := rules.ParseDrill(l.points.Protection.Database.Drill)
		if err != nil {
			r.NotRead = append(r.NotRead, NotRead{What: askedDrills, Why: err.Error()})
			return r
		}
		restored := last.Restored
		r.Last = &Drill{At: last.At, Restored: &restored, RPO: int(last.RPO.Seconds()), RTO: int(last.RTO.Seconds()), OK: true}
	}
	return r
}

// backups tells what the database can be brought back from.
func (l *look) backups() Backups {
	b := Backups{Told: l.told(askedCopies), Points: []Backup{}, Copies: []RestoredCopy{}}
	if l.points == nil {
		return b
	}
	b.AsOf = l.points.At
	for _, what := range (judge.Protection{Unknown: l.points.Unknown}).Looks() {
		b.NotRead = append(b.NotRead, NotRead{What: string(what), Why: l.points.Unknown[what]})
	}
	for _, p := range l.points.Points {
		name := p.Source
		if name == "" || l.Identifiers {
			name = p.ID
		}
		b.Points = append(b.Points, Backup{
			Kind: string(p.Kind), Name: name, At: p.At, Since: p.Since, Until: p.Until, Days: p.Days, Status: p.Status, Restorable: p.Restorable, Note: l.names.other(p.Note),
		})
	}
	for _, c := range l.points.Copies {
		b.Copies = append(b.Copies, RestoredCopy{Name: c.Name, Drill: c.Drill, From: l.names.other(c.From), Made: c.Made, Expires: c.Expires, Status: c.Status})
	}
	return b
}

// What windows are for.
const (
	WindowDatabase = "maintenance of the database"
	WindowBackup   = "backup of the database"
	WindowHosts    = "renewal of the hosts"
	WindowArchive  = "archive of the database"
)

const utc = "UTC"

// maintenance tells when AWS and the client's schedules may interrupt something.
func (l *look) maintenance() Maintenance {
	m := Maintenance{Told: l.told("rds/cluster", "rds/instance", "scheduler/group"), Zone: utc, Windows: []Window{}, Other: []string{}}
	for _, c := range l.own["rds/cluster"] {
		if c.Role == databaseRole {
			m.weekly(WindowDatabase, c.ID, text(&c, "maintenance window"))
			m.daily(WindowBackup, c.ID, text(&c, "backup window"))
		}
	}
	for _, i := range l.own["rds/instance"] {
		if !strings.ContainsFunc(i.Role, func(r rune) bool { return r < '0' || r > '9' }) {
			m.weekly(WindowDatabase, i.ID, text(&i, "maintenance window"))
		}
	}
	for _, g := range l.own["scheduler/group"] {
		for _, each := range []struct{ attribute, what string }{{"host refresh schedule", WindowHosts}, {"archive schedule", WindowArchive}} {
			expression, zone := setting(&g, each.attribute, "expression"), setting(&g, each.attribute, "time zone")
			if expression == "" || setting(&g, each.attribute, "state") != "ENABLED" {
				continue
			}
			if each.what == WindowHosts { // the schedule that is in the client's own time
				m.Zone = zone
			}
			if w, ok := cron(expression); ok {
				w.What, w.Of, w.Text, w.Zone = each.what, g.ID, expression, zone
				m.Windows = append(m.Windows, w)
			} else {
				m.Other = append(m.Other, each.what+": "+expression+" "+zone)
			}
		}
	}
	return m
}

func (m *Maintenance) weekly(what, of, text string) {
	w, err := spec.ParseWeeklyWindow(text)
	if err != nil {
		m.odd(what, text)
		return
	}
	m.Windows = append(m.Windows, Window{What: what, Of: of, Text: text, Zone: utc, Day: int(w.Start / (24 * time.Hour)), Start: minutes(w.Start % (24 * time.Hour)), Minutes: minutes(w.Duration())})
}

func (m *Maintenance) daily(what, of, text string) {
	w, err := spec.ParseDailyWindow(text)
	if err != nil {
		m.odd(what, text)
		return
	}
	m.Windows = append(m.Windows, Window{What: what, Of: of, Text: text, Zone: utc, Day: -1, Start: minutes(w.Start), Minutes: minutes(w.Duration())})
}

// odd keeps a window that is none of the known forms: it is not left out.
func (m *Maintenance) odd(what, text string) {
	if text != "" {
		m.Other = append(m.Other, what+": "+text+" "+utc)
	}
}

func minutes(d time.Duration) int { return int(d / time.Minute) }

// cron reads an expression of EventBridge Scheduler for one day of the week, or for every day:
// "cron(30 3 ? * SUN *)" (EventBridge Scheduler user guide, "Cron-based schedules").
func cron(expression string) (w Window, ok bool) {
	inner, ok := strings.CutPrefix(expression, "cron(")
	fields := strings.Fields(strings.TrimSuffix(inner, ")"))
	if !ok || len(fields) != 6 || fields[3] != "*" || fields[5] != "*" || fields[2] != "?" && fields[2] != "*" {
		return w, false
	}
	minute, err := strconv.Atoi(fields[0])
	if err != nil || minute > 59 {
		return w, false
	}
	hour, err := strconv.Atoi(fields[1])
	if err != nil || hour > 23 {
		return w, false
	}
	day := slices.Index([]string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, fields[4])
	if day < 0 && fields[4] != "?" && fields[4] != "*" {
		return w, false
	}
	return Window{Day: day, Start: hour*60 + minute}, true
}
