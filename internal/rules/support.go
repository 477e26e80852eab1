package rules

import "time"

// FieldExtendedSupport is the attribute of a database that keeps its major version after AWS's
// standard support.
const FieldExtendedSupport = "extended support"

// supportNotice is how long before the end of standard support of a major version it is told
// of. AWS announces it at least 12 months before ("Amazon Aurora major versions", Aurora user guide).
const supportNotice = 365 * 24 * time.Hour

// SupportEnding reports whether standard support ends within a year, or has ended. Of a zero
// time, which AWS did not tell, nothing is known.
func SupportEnding(until, now time.Time) bool {
	return !until.IsZero() && until.Sub(now) < supportNotice
}
