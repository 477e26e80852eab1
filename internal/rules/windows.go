package rules

import (
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Season is one of the clocks of a zone.
type Season struct {
	Name   string // "winter" or "summer"; "all year" where the clock never changes
	Offset time.Duration
}

// Seasons returns the zone's offsets from UTC in the year of at.
func Seasons(loc *time.Location, at time.Time) []Season {
	offset := func(m time.Month, day int) time.Duration {
		_, seconds := time.Date(at.Year(), m, day, 12, 0, 0, 0, loc).Zone()
		return time.Duration(seconds) * time.Second
	}
	january, july := offset(time.January, 15), offset(time.July, 15)
	switch {
	case january == july:
		// Morocco's clock goes back for Ramadan, which is in another month every year.
		for day := 1; day <= 366; day++ {
			if other := offset(time.January, day); other != january {
				return []Season{{"most of the year", january}, {"a part of the year", other}}
			}
		}
		return []Season{{"all year", january}}
	case january < july:
		return []Season{{"winter", january}, {"summer", july}}
	default: // the southern hemisphere
		return []Season{{"winter", july}, {"summer", january}}
	}
}

// MaintenanceUTC is the maintenance window as RDS wants it, in UTC, with the
// clock that the zone has at the given time.
func MaintenanceUTC(m spec.Maintenance, at time.Time) (string, error) {
	w, loc, err := maintenance(m)
	if err != nil {
		return "", err
	}
	_, seconds := at.In(loc).Zone()
	return w.Shift(-time.Duration(seconds) * time.Second).String(), nil
}

// Reading is a window in UTC by one of the clocks of its zone.
type Reading struct {
	Season string `json:"season"`
	UTC    string `json:"utc"`
}

// Readings are what the maintenance window is in UTC, by each clock of its zone.
func Readings(m spec.Maintenance, at time.Time) ([]Reading, error) {
	w, loc, err := maintenance(m)
	if err != nil {
		return nil, err
	}
	var out []Reading
	for _, s := range Seasons(loc, at) {
		out = append(out, Reading{s.Name, w.Shift(-s.Offset).String()})
	}
	return out, nil
}

// NextMaintenance is the window that is open at the given time or opens next.
func NextMaintenance(m spec.Maintenance, at time.Time) (from, to time.Time, err error) {
	w, loc, err := maintenance(m)
	if err != nil {
		return from, to, err
	}
	today := at.In(loc)
	sunday := today.Day() - int(today.Weekday())
	// The week before has the window that runs over Saturday midnight.
	for week := -1; ; week++ {
		// Minutes and not lengths of time are added: a day may have 23 or 25 hours.
		moment := func(minutes int) time.Time {
			return time.Date(today.Year(), today.Month(), sunday+7*week, 0, minutes, 0, 0, loc)
		}
		start := int(w.Start.Minutes())
		from, to = moment(start), moment(start+int(w.Duration().Minutes()))
		if to.After(at) {
			return from, to, nil
		}
	}
}

func maintenance(m spec.Maintenance) (spec.WeeklyWindow, *time.Location, error) {
	w, err := spec.ParseWeeklyWindow(m.Window)
	if err != nil {
		return w, nil, err
	}
	loc, err := zone(m.Timezone)
	return w, loc, err
}

// zones are the time zones that were asked for. What the disk has of one does not
// change while a program runs, and there are a few hundred at most.
var zones sync.Map

func zone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	loc, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, loc)
	}
	return loc, err
}

// Conflict is a season in which the two windows overlap.
type Conflict struct {
	Season      string
	Backup      string // UTC
	Maintenance string // UTC
}

// WindowConflicts returns the seasons in which the daily backup window and the
// weekly maintenance window overlap: RDS refuses that (CreateDBCluster).
func WindowConflicts(b spec.Backup, m spec.Maintenance, at time.Time) ([]Conflict, error) {
	daily, err := spec.ParseDailyWindow(b.Window)
	if err != nil {
		return nil, err
	}
	weekly, loc, err := maintenance(m)
	if err != nil {
		return nil, err
	}
	var out []Conflict
	for _, s := range Seasons(loc, at) {
		if utc := weekly.Shift(-s.Offset); Overlap(daily, utc) {
			out = append(out, Conflict{s.Name, daily.String(), utc.String()})
		}
	}
	return out, nil
}

// Overlap compares the backup window of each day with the weekly window. Windows
// that only touch do not overlap.
func Overlap(d spec.DailyWindow, w spec.WeeklyWindow) bool {
	const week = 7 * 24 * time.Hour
	for day := range 7 {
		start := time.Duration(day)*24*time.Hour + d.Start
		// Distance from one start to the other, around the week.
		after := (w.Start - start + week) % week
		before := (start - w.Start + week) % week
		if after < d.Duration() || before < w.Duration() {
			return true
		}
	}
	return false
}

func (c Conflict) String() string {
	return lang.Sprintf("in %s: backup %s, maintenance %s UTC", lang.Say(c.Season), c.Backup, c.Maintenance)
}
