package rules

import (
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// CopyPrefix begins the names of the copies of a client's database: their log
// groups are found, and encrypted with the client's key, by it.
func CopyPrefix(client string) string { return DatabaseName(client) + "-" }

// compact is a moment as names of RDS can hold it: "20261124t101500".
const compact = "20060102t150405"

// copyTimes are all such moments of this century, as a pattern of IAM.
const copyTimes = "20??????t??????"

// RestoredName is the copy of the database as of a moment: "acme-20261124t101500".
func RestoredName(client string, at time.Time) string {
	return CopyPrefix(client) + at.UTC().Format(compact)
}

// RestoredTime is the moment that the name of a copy tells, if it tells one.
func RestoredTime(client, name string) (time.Time, bool) {
	rest, theirs := strings.CutPrefix(name, CopyPrefix(client))
	at, err := time.Parse(compact, rest)
	return at, theirs && err == nil
}

// DrillName is the copy that a restore drill makes: "acme-drill-20261124t101500".
func DrillName(client string, at time.Time) string {
	return CopyPrefix(client) + "drill-" + at.UTC().Format(compact)
}

// DrillTime is when the restore drill began that a copy with that name is of.
func DrillTime(name string) (time.Time, bool) {
	at := strings.LastIndex(name, "-drill-")
	if at < 0 {
		return time.Time{}, false
	}
	begun, err := time.Parse(compact, name[at+len("-drill-"):])
	return begun, err == nil
}

// CheckCopyName says why a copy of the client's database cannot have a name, or
// returns nil. The names of its instances are longer by their number.
func CheckCopyName(client, name string) error {
	if !strings.HasPrefix(name, CopyPrefix(client)) {
		return lang.Errorf("%q does not begin with %s, which tells whose copy it is", name, CopyPrefix(client))
	}
	return checkName("database", name+"-15")
}

// SourceCopyName is the snapshot into which one of another region is copied:
// "acme-source-20261124t101500". RDS takes at most 63 letters.
func SourceCopyName(client string, taken time.Time) string {
	return CopyPrefix(client) + "source-" + taken.UTC().Format(compact)
}

// SourceWord is the word for a copy that AWS names by a long ARN or id: the kind, and the
// time at which the copy was made: "monthly-20261101t050000".
func SourceWord(kind CopyKind, at time.Time) string {
	return string(kind) + "-" + at.UTC().Format(compact)
}

const asOf = " as of "

// RestoredFrom says in a tag what a copy was made from: "acme as of
// 2026-11-24T10:15:00Z", or "acme as of the latest moment" for the zero time.
func RestoredFrom(database string, at time.Time) string {
	if at.IsZero() {
		return database + asOf + latestMoment
	}
	return database + asOf + at.UTC().Format(time.RFC3339Nano)
}

const latestMoment = "the latest moment"

// FromLatest reports whether the copy with that tag was made from the latest
// moment that there was.
func FromLatest(tag string) bool { return strings.HasSuffix(tag, asOf+latestMoment) }

// RestoredOf is what the tag of a copy says that it was made from: the database, or the
// backup that restores name.
func RestoredOf(tag string) string {
	of, _, _ := strings.Cut(tag, asOf)
	return of
}

// RestoredAt is the moment that the tag of a copy tells, if it tells one.
func RestoredAt(tag string) (time.Time, bool) {
	_, moment, _ := strings.Cut(tag, asOf)
	at, err := time.Parse(time.RFC3339Nano, moment)
	return at, err == nil
}

// DrillHistory begins the names of the objects in the admin bucket that tell how a
// client's restore drills went.
func DrillHistory(client, region string) string { return "drills/" + region + "/" + client + "/" }

// DrillObject is the one of the drill that began at a time.
func DrillObject(client, region string, at time.Time) string {
	return DrillHistory(client, region) + at.UTC().Format("20060102T150405Z") + ".json"
}
