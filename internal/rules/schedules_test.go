package rules

import (
	"regexp"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestArchivesAreSpreadOverTheMonth(t *testing.T) {
	for name, c := range map[string]struct {
		slot int
		want string
	}{
		"the first place of a region":               {0, "cron(0 2 1 * ? *)"},
		"its neighbour, a day later":                {1, "cron(37 2 2 * ? *)"},
		"the last of the default pool":              {9, "cron(33 2 10 * ? *)"},
		"the last with a day for itself":            {27, "cron(39 2 28 * ? *)"},
		"the first day again, an hour later":        {28, "cron(16 3 1 * ? *)"},
		"the hours go around midnight":              {28 * 22, "cron(52 0 1 * ? *)"},
		"the last place of the largest VPC of AWS":  {499, "cron(43 19 24 * ? *)"},
		"the last that has an hour for itself":      {671, "cron(47 1 28 * ? *)"},
		"beyond, the first hour is shared with one": {672, "cron(24 2 1 * ? *)"},
	} {
		if got := ArchiveCron(c.slot); got != c.want {
			t.Errorf("%s: slot %d starts at %s, want %s", name, c.slot, got, c.want)
		}
	}
}

// AWS runs five exports of an account at a time; the document has four regions.
func TestNoTwoArchivesStartInTheSameHourOfARegion(t *testing.T) {
	expression := regexp.MustCompile(`^cron\([0-5]?\d (1?\d|2[0-3]) ([1-9]|1\d|2[0-8]) \* \? \*\)$`)
	taken := map[string]int{}
	for slot := range 672 {
		m := expression.FindStringSubmatch(ArchiveCron(slot))
		if m == nil {
			t.Fatalf("slot %d: %s is no expression of a day that every month has", slot, ArchiveCron(slot))
		}
		hour := m[2] + " " + m[1]
		if other, found := taken[hour]; found {
			t.Errorf("slots %d and %d both start in hour %s of day %s", other, slot, m[1], m[2])
		}
		taken[hour] = slot
	}
}

func TestHostsAreRenewedWhenTheWindowBegins(t *testing.T) {
	for name, c := range map[string]struct {
		window, zone, want string
		bad                bool
	}{
		"the document's window":       {"sun:03:30-sun:05:00", "Europe/Paris", "cron(30 3 ? * SUN *)", false},
		"midnight":                    {"mon:00:00-mon:00:30", "UTC", "cron(0 0 ? * MON *)", false},
		"the end of the week":         {"sat:23:45-sun:00:30", "Europe/London", "cron(45 23 ? * SAT *)", false},
		"capitals":                    {"WED:12:05-WED:13:00", "Asia/Kathmandu", "cron(5 12 ? * WED *)", false},
		"a window that is none":       {"sunday", "Europe/Paris", "", true},
		"a zone that there is not":    {"sun:03:30-sun:05:00", "Europe/Atlantis", "", true},
		"a window that is too short":  {"sun:03:30-sun:03:45", "Europe/Paris", "", true},
		"a day that there is not":     {"dim:03:30-dim:05:00", "Europe/Paris", "", true},
		"an hour that there is not":   {"sun:24:00-sun:25:00", "Europe/Paris", "", true},
		"a minute that there is not":  {"sun:03:60-sun:05:00", "Europe/Paris", "", true},
		"a window of more than a day": {"sun:03:30-mon:05:00", "Europe/Paris", "", true},
	} {
		got, err := RefreshCron(spec.Maintenance{Window: c.window, Timezone: c.zone})
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}
