package rules

import (
	"fmt"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Drill is what a restore drill measured. It is kept as a tag of the client's
// database, so that whoever asks for the recovery times gets those last seen.
type Drill struct {
	At       time.Time     // when the drill began
	Restored time.Time     // the moment whose data came back
	RPO      time.Duration // how much younger than that the live data was
	RTO      time.Duration // from the beginning until the copy could be used
}

// Encode is the text of the tag: "at=2026-11-24T10:00:00Z
// restored=2026-11-24T09:57:00Z rpo=180s rto=1260s". Tags of RDS take letters,
// digits, spaces and _.:/=+-@ (AddTagsToResource), and 256 characters.
func (d Drill) Encode() string {
	return fmt.Sprintf("at=%s restored=%s rpo=%ds rto=%ds",
		d.At.UTC().Format(time.RFC3339), d.Restored.UTC().Format(time.RFC3339), int(d.RPO.Seconds()), int(d.RTO.Seconds()))
}

// ParseDrill reads what Encode wrote. Keys that it does not know are those of a
// newer version and are passed over; those it knows must be there.
func ParseDrill(text string) (Drill, error) {
	values := map[string]string{}
	for word := range strings.FieldsSeq(text) {
		key, value, _ := strings.Cut(word, "=")
		values[key] = value
	}
	var d Drill
	var err error
	for _, each := range []struct {
		key string
		to  *time.Time
	}{{"at", &d.At}, {"restored", &d.Restored}} {
		if *each.to, err = time.Parse(time.RFC3339, values[each.key]); err != nil {
			return Drill{}, lang.Errorf("%q is not the record of a restore drill: %s is not a time", text, each.key)
		}
	}
	for _, each := range []struct {
		key string
		to  *time.Duration
	}{{"rpo", &d.RPO}, {"rto", &d.RTO}} {
		if *each.to, err = time.ParseDuration(values[each.key]); err != nil || *each.to < 0 {
			return Drill{}, lang.Errorf("%q is not the record of a restore drill: %s is not a length of time", text, each.key)
		}
	}
	return d, nil
}
