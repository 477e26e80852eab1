package judge

import (
	"maps"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What each rule on backups looks at.

func checkRetention(s sight) []Verdict {
	want := s.spec.Backup.RetentionDays
	switch {
	case s.Database == nil:
		return []Verdict{{Resource: s.cluster(), Is: "no database", Should: lang.Sprintf("a database with backups of %s", dayCount(want))}}
	case s.Database.Retention < want:
		return []Verdict{{Resource: s.cluster(), Is: dayCount(s.Database.Retention), Should: dayCount(want)}}
	case s.Database.Retention > want:
		return []Verdict{{Severity: rules.Low, Resource: s.cluster(), Is: dayCount(s.Database.Retention), Should: dayCount(want)}}
	default:
		return nil
	}
}

func checkLag(s sight) []Verdict {
	d := s.Database
	if d == nil || d.Latest.IsZero() && s.age(d.Made) < settling {
		return nil
	}
	is := "AWS tells no restorable moment"
	if !d.Latest.IsZero() {
		if s.age(d.Latest) <= restorableLag {
			return nil
		}
		is = lang.Sprintf("%s, %s ago", stamp(d.Latest), s.age(d.Latest).Round(time.Minute))
	}
	return []Verdict{{Resource: s.cluster(), Is: is, Should: "less than 15 minutes ago", Fix: "cicdctl backup list " + s.spec.Client}}
}

// onceAMonth is a cron expression of EventBridge Scheduler for one day of every month.
var onceAMonth = lazyregexp.New(`^cron\(\S+ \S+ (\d{1,2}|L) \* \? \*\)$`)

func checkArchiveSchedule(s sight) []Verdict {
	if !s.archives() {
		return nil
	}
	m := Verdict{Resource: "scheduler/group " + rules.ScheduleGroupName(s.spec.Client) + " " + rules.ArchiveSchedule, Should: "enabled, once a month"}
	switch {
	case s.Archive == nil:
		m.Is = "missing"
	case !s.Archive.Enabled:
		m.Is = "disabled"
	case !onceAMonth.MatchString(s.Archive.Expression):
		m.Is = s.Archive.Expression
	default:
		return nil
	}
	return []Verdict{m}
}

// checkArchiveAge misses nothing before the first archive is due: a month after
// the database, and its schedule, were made.
func checkArchiveAge(s sight) []Verdict {
	if !s.archives() || s.Database == nil {
		return nil
	}
	since := s.Database.Made
	if s.Archive != nil && s.Archive.Made.After(since) {
		since = s.Archive.Made
	}
	is := "no archive"
	if last := lastArchive(s.Exports); last != nil {
		since, is = last.End, lang.Sprintf("made on %s", stamp(last.End))
	}
	if s.age(since) <= monthly {
		return nil
	}
	return []Verdict{{Resource: "archive of " + rules.DatabaseName(s.spec.Client), Is: is, Should: "at most 35 days old", Fix: s.again()}}
}

func checkLifecycle(s sight) []Verdict {
	if !s.archives() {
		return nil
	}
	days := rules.ArchiveDays(s.spec.Backup.Archive.KeepMonths)
	m := Verdict{Resource: "s3/bucket archive", Should: lang.Sprintf("in S3 Glacier for %d {day|days}", days)}
	b := s.Bucket
	switch {
	case b == nil:
		m.Is = "no bucket"
	case b.Expires > 0 && b.Expires < days:
		m.Is = lang.Sprintf("deleted after %s", dayCount(b.Expires))
	case !b.Glacier:
		m.Severity, m.Is = rules.Medium, "not moved to S3 Glacier"
	case !b.Whole:
		m.Severity, m.Is = rules.Low, "never deleted"
	case b.Expires > days:
		m.Severity, m.Is = rules.Low, lang.Sprintf("deleted after %s", dayCount(b.Expires))
	default:
		return nil
	}
	return []Verdict{m}
}

// checkMonthly misses nothing before the first copy is due.
func checkMonthly(s sight) []Verdict {
	if !s.spec.Backup.RestorableMonthly || s.Database == nil {
		return nil
	}
	m := Verdict{Resource: "backup/vault " + rules.MonthlyName, Is: "no copy", Should: "a copy that is at most 35 days old"}
	since := s.Database.Made
	if last := newest(s.Monthly); last != nil {
		since, m.Is = last.Made, lang.Sprintf("made on %s", stamp(last.Made))
	}
	if s.age(since) <= monthly {
		return nil
	}
	return []Verdict{m}
}

func checkWindows(s sight) []Verdict {
	want, err := rules.MaintenanceUTC(s.spec.Maintenance, s.now)
	if err != nil || s.Database == nil { // a spec with such a window is not valid
		return nil
	}
	var out []Verdict
	if got := s.Database.Backup; got != s.spec.Backup.Window {
		out = append(out, Verdict{Resource: s.cluster(), Is: lang.Sprintf("backup at %s UTC", got), Should: s.spec.Backup.Window + " UTC"})
	}
	if got := s.Database.Maintenance; got != want {
		out = append(out, Verdict{Resource: s.cluster(), Is: lang.Sprintf("maintenance at %s UTC", got), Should: want + " UTC"})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Database.Instances)) {
		if got := s.Database.Instances[name]; got != want {
			out = append(out, Verdict{Resource: "rds/instance " + name, Is: lang.Sprintf("maintenance at %s UTC", got), Should: want + " UTC"})
		}
	}
	return out
}

func checkOverlap(s sight) []Verdict {
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
	var out []Verdict
	for _, name := range slices.Sorted(maps.Keys(windows)) {
		weekly, err := spec.ParseWeeklyWindow(windows[name])
		if err != nil || !rules.Overlap(backup, weekly) {
			continue
		}
		m := Verdict{Resource: s.cluster(), Is: lang.Sprintf("backup %s, maintenance %s UTC", backup, weekly), Should: "windows apart from each other"}
		if name != "" {
			m.Resource = "rds/instance " + name
		}
		out = append(out, m)
	}
	return out
}

func checkKeys(s sight) []Verdict {
	var out []Verdict
	for _, key := range []struct {
		alias, state string
		wanted       bool
	}{
		{rules.KeyAlias(s.spec.Client), s.ClientKey, s.Database != nil},
		{rules.ArchiveKeyAlias(s.spec.Client), s.ArchiveKey, s.archives() && s.Database != nil},
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
		out = append(out, Verdict{Resource: "kms/key " + key.alias, Is: strings.ToLower(is), Should: "enabled"})
	}
	return out
}

func checkDrill(s sight) []Verdict {
	if s.Database == nil {
		return nil
	}
	last, is := s.Database.Made, "never"
	if d, err := rules.ParseDrill(s.Database.Drill); err == nil {
		last, is = d.At, lang.Sprintf("on %s", stamp(d.At))
	}
	if s.age(last) <= drillAge {
		return nil
	}
	return []Verdict{{Resource: s.cluster(), Is: is, Should: "within half a year", Fix: "cicdctl backup drill " + s.spec.Client}}
}

func checkRefresh(s sight) []Verdict {
	want, err := rules.RefreshCron(s.spec.Maintenance)
	if err != nil { // a spec with such a window is not valid
		return nil
	}
	m := Verdict{Resource: "scheduler/group " + rules.ScheduleGroupName(s.spec.Client) + " " + rules.RefreshSchedule, Should: want + " " + s.spec.Maintenance.Timezone}
	switch r := s.Refresh; {
	case r == nil:
		m.Is = "missing"
	case !r.Enabled:
		m.Is = "disabled"
	case r.Expression != want || r.TimeZone != s.spec.Maintenance.Timezone:
		m.Is = strings.TrimSpace(r.Expression + " " + r.TimeZone)
	default:
		return nil
	}
	return []Verdict{m}
}

func dayCount(n int) string {
	return lang.Sprintf("%d {day|days}", n)
}

// stamp is a moment as people read it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
