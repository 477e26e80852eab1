package rules

import (
	"testing"

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
