package rules

import (
	"fmt"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// A clock may change in other months than January and July differ by: Morocco's
// goes back for Ramadan alone.
func TestWindowsConflictWheneverTheClocksMakeThem(t *testing.T) {
	for name, c := range map[string]struct{ zone, backup, maintenance, want string }{
		"Paris, in winter":                 {"Europe/Paris", "03:00-03:30", "sun:04:00-sun:04:30", "winter"},
		"Paris, in summer":                 {"Europe/Paris", "02:00-02:30", "sun:04:00-sun:04:30", "summer"},
		"Paris, never":                     {"Europe/Paris", "05:00-05:30", "sun:04:00-sun:04:30", ""},
		"Sydney, in its winter":            {"Australia/Sydney", "18:00-18:30", "mon:04:00-mon:04:30", "winter"},
		"Sydney, in its summer":            {"Australia/Sydney", "17:00-17:30", "mon:04:00-mon:04:30", "summer"},
		"Kathmandu, always":                {"Asia/Kathmandu", "22:00-22:30", "mon:04:00-mon:05:00", "all year"},
		"Casablanca, for most of the year": {"Africa/Casablanca", "03:00-03:30", "mon:04:00-mon:04:30", "most of the year"},
		"Casablanca, during Ramadan":       {"Africa/Casablanca", "04:00-04:30", "mon:04:00-mon:04:30", "a part of the year"},
	} {
		got, err := WindowConflicts(spec.Backup{Window: c.backup}, spec.Maintenance{Window: c.maintenance, Timezone: c.zone}, now)
		if err != nil {
			t.Fatal(err)
		}
		var season string
		if len(got) > 0 {
			season = got[0].Season
		}
		if len(got) > 1 || season != c.want {
			t.Errorf("%s: conflicts %v", name, got)
		}
	}
}

func TestReadingsOfTheMaintenanceWindow(t *testing.T) {
	for name, c := range map[string]struct{ window, zone, want string }{
		"Paris":                     {"sun:03:30-sun:05:00", "Europe/Paris", "[{winter sun:02:30-sun:04:00} {summer sun:01:30-sun:03:00}]"},
		"Paris, around the week":    {"sun:00:30-sun:01:30", "Europe/Paris", "[{winter sat:23:30-sun:00:30} {summer sat:22:30-sat:23:30}]"},
		"Kathmandu, without change": {"mon:04:00-mon:05:00", "Asia/Kathmandu", "[{all year sun:22:15-sun:23:15}]"},
	} {
		got, err := Readings(spec.Maintenance{Window: c.window, Timezone: c.zone}, now)
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, %v; want %s", name, got, err, c.want)
		}
	}
	if _, err := Readings(spec.Maintenance{Window: "sunday", Timezone: "Europe/Paris"}, now); err == nil {
		t.Error("a window that is none has readings")
	}
}

func TestTheNextMaintenance(t *testing.T) {
	for name, c := range map[string]struct{ window, zone, at, from, to string }{
		"days before":                    {"sun:03:30-sun:05:00", "Europe/Paris", "2026-11-24T12:00:00Z", "2026-11-29T03:30:00+01:00", "2026-11-29T05:00:00+01:00"},
		"the same day, before":           {"sun:03:30-sun:05:00", "Europe/Paris", "2026-11-29T02:29:00Z", "2026-11-29T03:30:00+01:00", "2026-11-29T05:00:00+01:00"},
		"while it is open":               {"sun:03:30-sun:05:00", "Europe/Paris", "2026-11-29T03:00:00Z", "2026-11-29T03:30:00+01:00", "2026-11-29T05:00:00+01:00"},
		"when it has closed":             {"sun:03:30-sun:05:00", "Europe/Paris", "2026-11-29T04:00:00Z", "2026-12-06T03:30:00+01:00", "2026-12-06T05:00:00+01:00"},
		"over Saturday midnight":         {"sat:23:30-sun:00:30", "Europe/Paris", "2026-11-28T23:10:00Z", "2026-11-28T23:30:00+01:00", "2026-11-29T00:30:00+01:00"},
		"another day here than in UTC":   {"sun:00:30-sun:01:30", "Europe/Paris", "2026-11-28T23:00:00Z", "2026-11-29T00:30:00+01:00", "2026-11-29T01:30:00+01:00"},
		"in summer":                      {"sun:03:30-sun:05:00", "Europe/Paris", "2026-07-01T00:00:00Z", "2026-07-05T03:30:00+02:00", "2026-07-05T05:00:00+02:00"},
		"the night on which clocks jump": {"sun:01:30-sun:04:00", "Europe/Paris", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00+01:00", "2026-03-29T04:00:00+02:00"},
		"over the end of the year":       {"thu:03:30-thu:05:00", "Europe/Paris", "2026-12-31T12:00:00Z", "2027-01-07T03:30:00+01:00", "2027-01-07T05:00:00+01:00"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		from, to, err := NextMaintenance(spec.Maintenance{Window: c.window, Timezone: c.zone}, at)
		if err != nil || from.Format(time.RFC3339) != c.from || to.Format(time.RFC3339) != c.to {
			t.Errorf("%s: %s to %s, %v; want %s to %s", name, from.Format(time.RFC3339), to.Format(time.RFC3339), err, c.from, c.to)
		}
	}
}
