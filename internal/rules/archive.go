package rules

import "time"

// ArchiveDays is how long, in days, an archive is kept to be kept for a number of
// months (1 to 120) wherever in the calendar they begin: 366 for 12, because a
// year may hold a 29 February.
func ArchiveDays(months int) int {
	longest := 0
	// Four years hold every way in which months can follow each other.
	for begin := range 48 {
		start := time.Date(2024, time.Month(1+begin), 1, 0, 0, 0, 0, time.UTC)
		longest = max(longest, int(start.AddDate(0, months, 0).Sub(start)/(24*time.Hour)))
	}
	return longest
}

// MonthlyDays is how long AWS Backup keeps the restorable copy of a month: the
// document's twelve months.
const MonthlyDays = 366
