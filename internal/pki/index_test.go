package pki

import (
	"bytes"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func reserve(t testing.TB, x *Index, person string, days int, at time.Time) Entry {
	t.Helper()
	e, err := x.Reserve(person, days, at)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func issued(t testing.TB, x *Index, person string, days int, at time.Time) Entry {
	t.Helper()
	e := reserve(t, x, person, days, at)
	if err := x.Issued(e.Serial); err != nil {
		t.Fatal(err)
	}
	return e
}

var ints = cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })

func TestIndexIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	x := &Index{CRLNumber: 12}
	issued(t, x, "jane", 30, noon.Add(time.Hour+time.Millisecond))
	reserve(t, x, "joe", 825, noon)
	issued(t, x, "jim", 1, noon.In(time.FixedZone("CET", 3600)))
	x.Revoke("jim", noon.Add(time.Minute))
	data, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeIndex(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(x, again, ints); diff != "" {
		t.Error(diff)
	}
	second, err := again.Encode()
	if err != nil || !bytes.Equal(data, second) {
		t.Errorf("it is written in two ways (%v):\n%s\n%s", err, data, second)
	}
}

const document1 = `{
  "format": 1,
  "crl_number": 3,
  "certificates": [
    {
      "serial": "4f",
      "person": "jane",
      "issued": "2026-11-30T12:00:00Z",
      "expires": "2027-11-30T12:00:00Z",
      "state": "issued"
    },
    {
      "serial": "5a",
      "person": "joe",
      "issued": "2026-11-30T12:00:00Z",
      "expires": "2027-11-30T12:00:00Z",
      "revoked": "2026-12-01T12:00:00Z",
      "state": "revoked"
    }
  ]
}
`

func TestIndexOfVersion1(t *testing.T) {
	t.Parallel()
	x, err := DecodeIndex([]byte(document1))
	if err != nil {
		t.Fatal(err)
	}
	want := &Index{CRLNumber: 3, Entries: []Entry{
		{Serial: big.NewInt(0x4f), Person: "jane", Issued: noon, Expires: noon.AddDate(1, 0, 0), State: StateIssued},
		{Serial: big.NewInt(0x5a), Person: "joe", Issued: noon, Expires: noon.AddDate(1, 0, 0), Revoked: noon.AddDate(0, 0, 1), State: StateRevoked},
	}}
	if diff := cmp.Diff(want, x, ints); diff != "" {
		t.Error(diff)
	}
	if data, err := x.Encode(); err != nil || string(data) != document1 {
		t.Errorf("written again (%v):\n%s", err, data)
	}
	if _, err := DecodeIndex([]byte(strings.ReplaceAll(document1, "  ", "\t"))); err != nil {
		t.Errorf("with other white space: %v", err)
	}
}

func TestIndexRefuses(t *testing.T) {
	t.Parallel()
	with := func(old, replacement string) string {
		if !strings.Contains(document1, old) {
			t.Fatalf("%q is not in the document", old)
		}
		return strings.Replace(document1, old, replacement, 1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                           {"", "unexpected end"},
		"a later format":                    {with(`"format": 1`, `"format": 2`), "its format is 2"},
		"no format":                         {with(`"format": 1,`, ``), "its format is 0"},
		"a field that it does not know":     {with(`"person"`, `"note": "x", "person"`), `unknown field "note"`},
		"a field twice":                     {with(`"crl_number": 3,`, `"crl_number": 3, "crl_number": 3,`), "not written as"},
		"a field in other letters":          {with(`"crl_number"`, `"CRL_number"`), "not written as"},
		"a list that is missing":            {`{"format": 1, "crl_number": 3}`, "not written as"},
		"something after it":                {document1 + "{}", "after top-level value"},
		"a serial number that is none":      {with(`"4f"`, `"4g"`), `"4g" is not a serial number`},
		"a serial number that is negative":  {with(`"4f"`, `"-4f"`), "not a serial number"},
		"a serial number in capitals":       {with(`"4f"`, `"4F"`), "not written as"},
		"a serial number with a prefix":     {with(`"4f"`, `"0x4f"`), "not a serial number"},
		"a serial number of too many bytes": {with(`"4f"`, `"`+strings.Repeat("f", 41)+`"`), "not a serial number"},
		"a serial number twice":             {with(`"5a"`, `"4f"`), "serial 4f is there twice"},
		"a name that is none":               {with(`"jane"`, `"ja ne"`), "is not a name"},
		"a time with parts of a second":     {with(`12:00:00Z`, `12:00:00.5Z`), "whole seconds"},
		"a time in a zone":                  {with(`12:00:00Z`, `13:00:00+01:00`), "in UTC"},
		"an end before the beginning":       {with(`2027-11-30`, `2026-11-30`), "cannot expire"},
		"an end after 20 years":             {with(`2027-11-30`, `2046-11-30`), "cannot expire"},
		"a state that is none": {with(`"issued"
    }`, `"lost"
    }`), `"lost" is not a state`},
		"revoked without a time": {with(`      "revoked": "2026-12-01T12:00:00Z",
`, ""), "whole seconds"},
		"issued with a time of revocation": {with(`"state": "revoked"`, `"state": "issued"`), "was revoked on"},
		"another order":                    {with(`2026-11-30T12:00:00Z`, `2026-12-30T12:00:00Z`), "not written as"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := DecodeIndex([]byte(c.text))
			refused(t, err, c.want)
		})
	}
}

func TestReserve(t *testing.T) {
	t.Parallel()
	x := &Index{}
	seen := map[string]bool{}
	for range 200 {
		e := reserve(t, x, "jane", DefaultDays, noon)
		if e.Serial.BitLen() != 127 || seen[hexSerial(e.Serial)] || e.State != StatePending || !e.Expires.Equal(noon.AddDate(0, 0, 365)) {
			t.Fatalf("got %+v", e)
		}
		seen[hexSerial(e.Serial)] = true
	}
	for name, c := range map[string]struct {
		person string
		days   int
		want   string
	}{
		"for no day":             {"jane", 0, "0 days are not within 1-825"},
		"for days that are past": {"jane", -1, "-1 days are not within"},
		"for too many days":      {"jane", 826, "826 days are not within"},
		"for nobody":             {"", 1, "is not a name"},
		"for a name of markup":   {"<b>", 1, "is not a name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := &Index{}
			_, err := x.Reserve(c.person, c.days, noon)
			refused(t, err, c.want)
			if len(x.Entries) != 0 {
				t.Errorf("there are %d entries", len(x.Entries))
			}
		})
	}
}

func TestIssued(t *testing.T) {
	t.Parallel()
	x := &Index{}
	e := reserve(t, x, "jane", 1, noon)
	for range 2 { // the second time, because the first answer was lost
		if err := x.Issued(e.Serial); err != nil || x.Entries[0].State != StateIssued {
			t.Errorf("got %v, %v", x.Entries, err)
		}
	}
	refused(t, x.Issued(big.NewInt(1)), "serial 1 was never reserved")
	refused(t, x.Issued(nil), "never reserved")
	e = reserve(t, x, "jane", 1, noon)
	x.Revoke("jane", noon)
	refused(t, x.Issued(e.Serial), "before it was issued")
}

func TestRevokeTakesAllOfAPerson(t *testing.T) {
	t.Parallel()
	x := &Index{}
	expired := issued(t, x, "jane", 1, noon.AddDate(0, 0, -30))
	pending := reserve(t, x, "jane", 30, noon)
	valid := issued(t, x, "jane", 30, noon)
	issued(t, x, "joe", 30, noon)
	gone := x.Revoke("jane", noon)
	if len(gone) != 2 || gone[0].Serial != pending.Serial && gone[1].Serial != pending.Serial {
		t.Errorf("revoked %v", gone)
	}
	if again := x.Revoke("jane", noon.Add(time.Hour)); len(again) != 0 {
		t.Errorf("once more: %v", again)
	}
	if len(x.Revoke("nobody", noon)) != 0 {
		t.Error("somebody who has none")
	}
	var listed []string
	for _, r := range x.Revoked() {
		listed = append(listed, hexSerial(r.Serial))
		if !r.At.Equal(noon) {
			t.Errorf("revoked at %s", r.At)
		}
	}
	if len(listed) != 2 || strings.Contains(strings.Join(listed, " "), hexSerial(expired.Serial)) || !strings.Contains(strings.Join(listed, " "), hexSerial(valid.Serial)) {
		t.Errorf("the next list names %v", listed)
	}
}

func TestRenew(t *testing.T) {
	t.Parallel()
	x := &Index{}
	_, _, err := x.Renew("jane", 30, noon)
	refused(t, err, "no certificate to renew")
	old := issued(t, x, "jane", 30, noon)
	if _, _, err := x.Renew("jane", 1000, noon); err == nil || x.Entries[0].State != StateIssued || len(x.Entries) != 1 {
		t.Errorf("for too many days: %v, %v", err, x.Entries)
	}
	e, revoked, err := x.Renew("jane", 30, noon.Add(time.Hour))
	if err != nil || len(revoked) != 1 || revoked[0].Serial != old.Serial || e.State != StatePending || len(x.ByPerson("jane")) != 2 {
		t.Errorf("got %v, %v, %v", e, revoked, err)
	}
	if _, revoked, err = x.Renew("jane", 30, noon.AddDate(1, 0, 0)); err != nil || len(revoked) != 0 {
		t.Errorf("one that has expired: %v, %v", revoked, err)
	}
	y := &Index{}
	issued(t, y, "joe", 30, noon)
	y.Revoke("joe", noon)
	_, _, err = y.Renew("joe", 30, noon) // who was shut out is let in by nobody's renewal
	refused(t, err, "no certificate to renew")
}

func TestPurge(t *testing.T) {
	t.Parallel()
	x := &Index{}
	issued(t, x, "jane", 1, noon)
	kept := issued(t, x, "joe", 30, noon)
	if gone := x.Purge(noon.AddDate(0, 0, 366)); len(gone) != 0 {
		t.Errorf("within a year: %v", gone)
	}
	if gone := x.Purge(noon.AddDate(0, 0, 367)); len(gone) != 1 || gone[0].Person != "jane" || len(x.Entries) != 1 || x.Entries[0].Serial != kept.Serial {
		t.Errorf("after a year: %v, left %v", gone, x.Entries)
	}
}

func TestNextNumber(t *testing.T) {
	t.Parallel()
	x := &Index{}
	if first, second := x.NextNumber(), x.NextNumber(); first.Int64() != 1 || second.Int64() != 2 || x.CRLNumber != 2 {
		t.Errorf("got %v, %v", first, second)
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(document1))
	f.Add([]byte(`{"format":1,"crl_number":0,"certificates":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := DecodeIndex(data)
		if err != nil {
			return
		}
		first, err := x.Encode()
		if err != nil {
			t.Fatal(err)
		}
		y, err := DecodeIndex(first)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(x, y, ints); diff != "" {
			t.Error(diff)
		}
	})
}
