package rules

import (
	"fmt"
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Where the archives of a region are spread over the month.
const (
	archiveHour   = 2  // UTC: night in all regions of the document
	archiveDays   = 28 // days that every month has
	archiveMinute = 37 // shares no factor with 60, so that neighbours start far apart
)

// ArchiveCron is when the monthly archive of the client in a slot starts: a cron
// expression of EventBridge Scheduler (minute, hour, day, month, weekday, year), UTC.
//
// AWS runs five exports of an account at a time. A slot therefore has a day for
// itself, and where there are more slots than days, an hour: 28 days of 24 hours
// are 672 slots without two in the same hour of a region.
func ArchiveCron(slot int) string {
	minute := slot * archiveMinute % 60
	hour := (archiveHour + slot/archiveDays) % 24
	return fmt.Sprintf("cron(%d %d %d * ? *)", minute, hour, 1+slot%archiveDays)
}

// RefreshCron is when the weekly renewal of a client's hosts starts: at the
// beginning of the maintenance window. The expression is in the window's own time
// zone, which the schedule must carry beside it (ScheduleExpressionTimezone).
//
// Scheduler leaves out a time that does not exist on the day on which clocks go
// forward, and does not repeat one that comes twice.
func RefreshCron(m spec.Maintenance) (string, error) {
	w, _, err := maintenance(m)
	if err != nil {
		return "", err
	}
	at := time.Time{}.Add(w.Start)
	weekday := []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}[int(w.Start.Hours())/24]
	return fmt.Sprintf("cron(%d %d ? * %s *)", at.Minute(), at.Hour(), weekday), nil
}
