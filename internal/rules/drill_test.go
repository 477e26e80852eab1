package rules

import (
	"regexp"
	"testing"
	"time"
)

func TestDrillsAreReadBackAsTheyWereWritten(t *testing.T) {
	paris := time.FixedZone("", 2*60*60)
	d := Drill{
		At: time.Date(2026, 11, 24, 12, 0, 0, 0, paris), Restored: time.Date(2026, 11, 24, 9, 57, 0, 0, time.UTC),
		RPO: 180*time.Second + 400*time.Millisecond, RTO: 21 * time.Minute,
	}
	const want = "at=2026-11-24T10:00:00Z restored=2026-11-24T09:57:00Z rpo=180s rto=1260s"
	text := d.Encode()
	if text != want {
		t.Errorf("written as %q, want %q", text, want)
	}
	// RDS AddTagsToResource; 256 characters is every service's limit.
	if !regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$`).MatchString(text) {
		t.Errorf("%q is no value that a tag of RDS takes", text)
	}
	got, err := ParseDrill(text)
	if err != nil || !got.At.Equal(d.At) || !got.Restored.Equal(d.Restored) || got.RPO != 3*time.Minute || got.RTO != d.RTO {
		t.Errorf("read back as %+v, %v", got, err)
	}
}

func TestRecordsOfDrills(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		bad  bool
	}{
		"another order, and a key of a newer version": {"rto=1m rpo=0s engine=16.4 restored=2026-11-24T09:57:00Z at=2026-11-24T10:00:00Z", false},
		"nothing":           {"", true},
		"written by hand":   {"last tuesday", true},
		"no recovery time":  {"at=2026-11-24T10:00:00Z restored=2026-11-24T09:57:00Z rpo=180s", true},
		"less than no loss": {"at=2026-11-24T10:00:00Z restored=2026-11-24T09:57:00Z rpo=-1s rto=1s", true},
		"a day without one": {"at=2026-11-24 restored=2026-11-24T09:57:00Z rpo=1s rto=1s", true},
	} {
		if _, err := ParseDrill(c.text); (err != nil) != c.bad {
			t.Errorf("%s: %v", name, err)
		}
	}
}
