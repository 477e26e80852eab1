package spec

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// Lengths of windows, from the RDS API reference: at least 30 minutes.
const (
	minWindow = 30 * time.Minute
	day       = 24 * time.Hour
)

// DailyWindow is a span of the day, as offsets from midnight. End lies before
// Start when the window runs over midnight.
type DailyWindow struct{ Start, End time.Duration }

// WeeklyWindow is a span of the week, as offsets from Sunday midnight. End lies
// before Start when the window runs over Saturday midnight.
type WeeklyWindow struct{ Start, End time.Duration }

var (
	dailyPattern  = lazyregexp.New(`^(\d{2}):(\d{2})-(\d{2}):(\d{2})$`)
	weeklyPattern = lazyregexp.New(`^([a-z]{3}):(\d{2}):(\d{2})-([a-z]{3}):(\d{2}):(\d{2})$`)
	days          = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

// ParseDailyWindow reads "22:30-23:00": 24-hour clock, 30 minutes to under a day.
func ParseDailyWindow(s string) (DailyWindow, error) {
	m := dailyPattern.FindStringSubmatch(s)
	if m == nil {
		return DailyWindow{}, lang.Errorf("%q is not a daily window; write HH:MM-HH:MM, such as 22:30-23:00", s)
	}
	start, err := clock(m[1], m[2])
	if err != nil {
		return DailyWindow{}, lang.Errorf("%q: %w", s, err)
	}
	end, err := clock(m[3], m[4])
	if err != nil {
		return DailyWindow{}, lang.Errorf("%q: %w", s, err)
	}
	w := DailyWindow{start, end}
	if w.Duration() < minWindow {
		return DailyWindow{}, lang.Errorf("%q lasts %d {minute|minutes}; AWS wants at least 30", s, int(w.Duration().Minutes()))
	}
	return w, nil
}

// Duration is how long the window lasts, less than 24 hours.
func (w DailyWindow) Duration() time.Duration { return (w.End - w.Start + day) % day }

// String is the window as RDS writes it.
func (w DailyWindow) String() string { return hhmm(w.Start) + "-" + hhmm(w.End) }

// ParseWeeklyWindow reads "sun:03:30-sun:05:00": 30 minutes to under 24 hours.
func ParseWeeklyWindow(s string) (WeeklyWindow, error) {
	m := weeklyPattern.FindStringSubmatch(strings.ToLower(s))
	if m == nil {
		return WeeklyWindow{}, lang.Errorf("%q is not a weekly window; write ddd:HH:MM-ddd:HH:MM, such as sun:03:30-sun:05:00", s)
	}
	start, err := moment(m[1], m[2], m[3])
	if err != nil {
		return WeeklyWindow{}, lang.Errorf("%q: %w", s, err)
	}
	end, err := moment(m[4], m[5], m[6])
	if err != nil {
		return WeeklyWindow{}, lang.Errorf("%q: %w", s, err)
	}
	w := WeeklyWindow{start, end}
	switch {
	case w.Duration() < minWindow:
		return WeeklyWindow{}, lang.Errorf("%q lasts %d {minute|minutes}; AWS wants at least 30", s, int(w.Duration().Minutes()))
	case w.Duration() >= day:
		return WeeklyWindow{}, lang.Errorf("%q lasts %s; AWS wants less than 24 hours", s, w.Duration())
	}
	return w, nil
}

// Duration is how long the window lasts, less than a week.
func (w WeeklyWindow) Duration() time.Duration { return (w.End - w.Start + 7*day) % (7 * day) }

// Shift moves the window by d, around the week where needed.
func (w WeeklyWindow) Shift(d time.Duration) WeeklyWindow {
	week := 7 * day
	return WeeklyWindow{((w.Start+d)%week + week) % week, ((w.End+d)%week + week) % week}
}

// String is the window as RDS writes it.
func (w WeeklyWindow) String() string {
	at := func(d time.Duration) string { return days[d/day] + ":" + hhmm(d%day) }
	return at(w.Start) + "-" + at(w.End)
}

func hhmm(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

func clock(hour, minute string) (time.Duration, error) {
	h, err := strconv.Atoi(hour)
	if err != nil || h > 23 {
		return 0, lang.Errorf("hour %s is not within 00-23", hour)
	}
	m, err := strconv.Atoi(minute)
	if err != nil || m > 59 {
		return 0, lang.Errorf("minute %s is not within 00-59", minute)
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, nil
}

func moment(weekday, hour, minute string) (time.Duration, error) {
	for i, d := range days {
		if d == weekday {
			t, err := clock(hour, minute)
			return time.Duration(i)*day + t, err
		}
	}
	return 0, lang.Errorf("day %q is not one of %s", weekday, strings.Join(days, ", "))
}
