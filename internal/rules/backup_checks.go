package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What each rule on backups looks at.

func checkRetention(s sight) []miss {
	want := s.spec.Backup.RetentionDays
	switch {
	case s.Database == nil:
		return []miss{{resource: s.cluster(), is: "no database", should: "a database with backups of " + dayCount(want), fix: s.repair()}}
	case s.Database.Retention < want:
		return []miss{{resource: s.cluster(), is: dayCount(s.Database.Retention), should: dayCount(want), fix: s.repair()}}
	case s.Database.Retention > want:
		return []miss{{severity: Low, resource: s.cluster(), is: dayCount(s.Database.Retention), should: dayCount(want), fix: s.repair()}}
	default:
		return nil
	}
}

func checkLag(s sight) []miss {
	d := s.Database
	if d == nil || d.Latest.IsZero() && s.age(d.Made) < settling {
		return nil
	}
	is := "AWS tells no restorable moment"
	if !d.Latest.IsZero() {
		if s.age(d.Latest) <= restorableLag {
			return nil
		}
		is = fmt.Sprintf("%s, %s ago", stamp(d.Latest), s.age(d.Latest).Round(time.Minute))
	}
	return []miss{{resource: s.cluster(), is: is, should: "less than 15 minutes ago", fix: "backup list " + s.spec.Client}}
}

// onceAMonth is a cron expression of EventBridge Scheduler for one day of every month.
var onceAMonth = regexp.MustCompile(`^cron\(\S+ \S+ (\d{1,2}|L) \* \? \*\)$`)

func checkArchiveSchedule(s sight) []miss {
	if !s.archives() {
		return nil
	}
	m := miss{resource: "scheduler/group " + ScheduleGroupName(s.spec.Client) + " " + ArchiveSchedule, should: "enabled, once a month", fix: s.repair()}
	switch {
	case s.Archive == nil:
		m.is = "missing"
	case !s.Archive.Enabled:
		m.is = "disabled"
	case !onceAMonth.MatchString(s.Archive.Expression):
		m.is = s.Archive.Expression
	default:
		return nil
	}
	return []miss{m}
}

// checkArchiveAge misses nothing before the first archive is due: a month after
// the database, and its schedule, were made.
func checkArchiveAge(s sight) []miss {
	if !s.archives() || s.Database == nil {
		return nil
	}
	since := s.Database.Made
	if s.Archive != nil && s.Archive.Made.After(since) {
		since = s.Archive.Made
	}
	is := "no archive"
	if last := lastArchive(s.Exports); last != nil {
		since, is = last.End, "made on "+stamp(last.End)
	}
	if s.age(since) <= monthly {
		return nil
	}
	return []miss{{resource: "archive of " + DatabaseName(s.spec.Client), is: is, should: "at most 35 days old", fix: s.again()}}
}

func checkLifecycle(s sight) []miss {
	if !s.archives() {
		return nil
	}
	days := ArchiveDays(s.spec.Backup.Archive.KeepMonths)
	m := miss{resource: "s3/bucket archive", should: fmt.Sprintf("in S3 Glacier for %d days", days), fix: s.repair()}
	b := s.Bucket
	switch {
	case b == nil:
		m.is = "no bucket"
	case b.Expires > 0 && b.Expires < days:
		m.is = "deleted after " + dayCount(b.Expires)
	case !b.Glacier:
		m.severity, m.is = Medium, "not moved to S3 Glacier"
	case !b.Whole:
		m.severity, m.is = Low, "never deleted"
	case b.Expires > days:
		m.severity, m.is = Low, "deleted after "+dayCount(b.Expires)
	default:
		return nil
	}
	return []miss{m}
}

// checkMonthly misses nothing before the first copy is due.
func checkMonthly(s sight) []miss {
	if !s.spec.Backup.RestorableMonthly || s.Database == nil {
		return nil
	}
	m := miss{resource: "backup/vault " + MonthlyName, is: "no copy", should: "a copy that is at most 35 days old", fix: s.repair()}
	since := s.Database.Made
	if last := newest(s.Monthly); last != nil {
		since, m.is = last.Made, "made on "+stamp(last.Made)
	}
	if s.age(since) <= monthly {
		return nil
	}
	return []miss{m}
}

func checkWindows(s sight) []miss {
	want, err := MaintenanceUTC(s.spec.Maintenance, s.now)
	if err != nil || s.Database == nil { // a spec with such a window is not valid
		return nil
	}
	var out []miss
	if got := s.Database.Backup; got != s.spec.Backup.Window {
		out = append(out, miss{resource: s.cluster(), is: "backup at " + got + " UTC", should: s.spec.Backup.Window + " UTC", fix: s.repair()})
	}
	if got := s.Database.Maintenance; got != want {
		out = append(out, miss{resource: s.cluster(), is: "maintenance at " + got + " UTC", should: want + " UTC", fix: s.repair()})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Database.Instances)) {
		if got := s.Database.Instances[name]; got != want {
			out = append(out, miss{resource: "rds/instance " + name, is: "maintenance at " + got + " UTC", should: want + " UTC", fix: s.repair()})
		}
	}
	return out
}

func checkOverlap(s sight) []miss {
	if s.Database == nil {
		return nil
	}
	backup, err := spec.ParseDailyWindow(s.Database.Backup)
	if err != nil { // no such window: AWS keeps none
		return nil
	}
	windows := maps.Clone(s.Database.Instances)
	if windows == nil {
		windows = map[string]string{}
	}
	windows[""] = s.Database.Maintenance
	var out []miss
	for _, name := range slices.Sorted(maps.Keys(windows)) {
		weekly, err := spec.ParseWeeklyWindow(windows[name])
		if err != nil || !overlap(backup, weekly) {
			continue
		}
		m := miss{resource: s.cluster(), is: fmt.Sprintf("backup %s, maintenance %s UTC", backup, weekly), should: "windows apart from each other", fix: s.repair()}
		if name != "" {
			m.resource = "rds/instance " + name
		}
		out = append(out, m)
	}
	return out
}

func checkKeys(s sight) []miss {
	var out []miss
	for _, key := range []struct {
		alias, state string
		wanted       bool
	}{
		{KeyAlias(s.spec.Client), s.ClientKey, s.Database != nil},
		{ArchiveKeyAlias(s.spec.Client), s.ArchiveKey, s.archives() && s.Database != nil},
	} {
		is := key.state
		switch {
		case key.state == "Enabled", key.state == "" && !key.wanted:
			continue
		case key.state == "":
			is = "missing"
		case key.state == "PendingDeletion":
			is = "waits for its deletion"
		}
		out = append(out, miss{resource: "kms/key " + key.alias, is: strings.ToLower(is), should: "enabled", fix: s.repair()})
	}
	return out
}

func checkDrill(s sight) []miss {
	if s.Database == nil {
		return nil
	}
	last, is := s.Database.Made, "never"
	if d, err := ParseDrill(s.Database.Drill); err == nil {
		last, is = d.At, "on "+stamp(d.At)
	}
	if s.age(last) <= drillAge {
		return nil
	}
	return []miss{{resource: s.cluster(), is: is, should: "within half a year", fix: "backup drill " + s.spec.Client}}
}

func checkRefresh(s sight) []miss {
	want, err := RefreshCron(s.spec.Maintenance)
	if err != nil { // a spec with such a window is not valid
		return nil
	}
	m := miss{resource: "scheduler/group " + ScheduleGroupName(s.spec.Client) + " " + RefreshSchedule, should: want + " " + s.spec.Maintenance.Timezone, fix: s.repair()}
	switch r := s.Refresh; {
	case r == nil:
		m.is = "missing"
	case !r.Enabled:
		m.is = "disabled"
	case r.Expression != want || r.TimeZone != s.spec.Maintenance.Timezone:
		m.is = strings.TrimSpace(r.Expression + " " + r.TimeZone)
	default:
		return nil
	}
	return []miss{m}
}

func dayCount(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// stamp is a moment as people read it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
