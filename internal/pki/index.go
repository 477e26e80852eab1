package pki

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// State is where a certificate is in its life.
type State string

// The states. A pending one may have been issued or not: nobody knows after a crash.
const (
	StatePending State = "pending"
	StateIssued  State = "issued"
	StateRevoked State = "revoked"
)

// Entry is a user's certificate in the index.
type Entry struct {
	Serial  *big.Int
	Person  string
	Issued  time.Time // when it was reserved
	Expires time.Time
	Revoked time.Time // zero unless its state says so
	State   State
}

// Index is all certificates that a client's users have, and the number of the last
// revocation list. Certificates are kept nowhere, so that the index is the only place that
// knows which serial numbers a person has; nothing may be valid that is not in it.
//
// That holds whenever a run stops, because of the order in which things are done. A serial
// number is reserved, and that is saved, before the certificate with it is signed
// ([Index.Reserve]); and the certificate is handed out only after it was saved that it was
// issued ([Index.Issued]).
//
//   - Stopped before the reservation is saved: there is no certificate.
//   - Stopped before or after the signature: the entry stays pending. The certificate was
//     either never made, which harms nobody, or died with the process, which alone had its
//     key. It is revoked with its person all the same.
//   - Stopped after it was saved as issued: as if it had been lost by its person.
//   - Revoked by somebody else in between: Issued fails, and what was signed is thrown away;
//     it is in the revocation list already.
//
// An entry leaves the index only long after its certificate has expired ([Index.Purge]).
type Index struct {
	CRLNumber uint64  // of the last revocation list; 0 before the first
	Entries   []Entry // by the time of their reservation
}

// indexFormat is raised when older programs could not read the index, or would lose
// something by writing it.
const indexFormat = 1

// document is the index as JSON.
type document struct {
	Format       int             `json:"format"`
	CRLNumber    uint64          `json:"crl_number"`
	Certificates []documentEntry `json:"certificates"`
}

type documentEntry struct {
	Serial  string     `json:"serial"`
	Person  string     `json:"person"`
	Issued  time.Time  `json:"issued"`
	Expires time.Time  `json:"expires"`
	Revoked *time.Time `json:"revoked,omitempty"`
	State   State      `json:"state"`
}

// Encode is the index as JSON, always in the same way.
func (x *Index) Encode() ([]byte, error) {
	if err := x.check(); err != nil {
		return nil, lang.Errorf("write the index of certificates: %w", err)
	}
	x.sort()
	doc := document{Format: indexFormat, CRLNumber: x.CRLNumber, Certificates: []documentEntry{}}
	for _, e := range x.Entries {
		entry := documentEntry{Serial: hexSerial(e.Serial), Person: e.Person, Issued: e.Issued, Expires: e.Expires, State: e.State}
		if e.State == StateRevoked {
			entry.Revoked = &e.Revoked
		}
		doc.Certificates = append(doc.Certificates, entry)
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, lang.Errorf("write the index of certificates: %w", err)
	}
	return append(data, '\n'), nil
}

// DecodeIndex reads an index that [Index.Encode] has written, and nothing else: what is
// misread here would be missing from the next revocation list. Only white space may differ.
func DecodeIndex(data []byte) (*Index, error) {
	fail := func(err error) (*Index, error) { return nil, lang.Errorf("read the index of certificates: %w", err) }
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return fail(err)
	}
	if version.Format != indexFormat {
		return fail(lang.Errorf("its format is %d, and this program knows %d only", version.Format, indexFormat))
	}
	var doc document
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return fail(err)
	}
	x := &Index{CRLNumber: doc.CRLNumber}
	for i, c := range doc.Certificates {
		serial, ok := new(big.Int).SetString(c.Serial, 16)
		if !ok {
			return fail(lang.Errorf("certificate %d: %q is not a serial number", i+1, c.Serial))
		}
		e := Entry{Serial: serial, Person: c.Person, Issued: c.Issued, Expires: c.Expires, State: c.State}
		if c.Revoked != nil {
			e.Revoked = *c.Revoked
		}
		x.Entries = append(x.Entries, e)
	}
	again, err := x.Encode()
	if err != nil {
		return fail(err)
	}
	// Names that are given twice or in other letters, and times and numbers in other forms.
	if err := sameJSON(data, again); err != nil {
		return fail(err)
	}
	return x, nil
}

func sameJSON(a, b []byte) error {
	var plain [2]bytes.Buffer
	for i, data := range [][]byte{a, b} {
		if err := json.Compact(&plain[i], data); err != nil {
			return err
		}
	}
	if !bytes.Equal(plain[0].Bytes(), plain[1].Bytes()) {
		return lang.New("it is not written as this program writes it")
	}
	return nil
}

func (x *Index) sort() {
	slices.SortFunc(x.Entries, func(a, b Entry) int {
		if order := a.Issued.Compare(b.Issued); order != 0 {
			return order
		}
		return a.Serial.Cmp(b.Serial)
	})
}

func (x *Index) check() error {
	serials := map[string]bool{}
	for _, e := range x.Entries {
		if err := e.check(); err != nil {
			return err
		}
		serial := hexSerial(e.Serial)
		if serials[serial] {
			return lang.Errorf("serial %s is there twice", serial)
		}
		serials[serial] = true
	}
	return nil
}

// check says what makes an entry impossible.
func (e Entry) check() error {
	serial := hexSerial(e.Serial)
	switch {
	case !isSerial(e.Serial):
		return lang.Errorf("%s is not a serial number", serial)
	case !PersonPattern().MatchString(e.Person):
		return lang.Errorf("serial %s: %q is not a name: letters, digits and ._@-, at most %d", serial, e.Person, maxName)
	case !plainTime(e.Issued) || !plainTime(e.Expires) || e.State == StateRevoked && !plainTime(e.Revoked):
		return lang.Errorf("serial %s: its times must be of whole seconds, in UTC", serial)
	case !e.Expires.After(e.Issued), e.Expires.After(e.Issued.AddDate(0, 0, MaxDays)):
		return lang.Errorf("serial %s: reserved on %s, it cannot expire on %s", serial, e.Issued.Format(time.DateOnly), e.Expires.Format(time.DateOnly))
	case !slices.Contains([]State{StatePending, StateIssued, StateRevoked}, e.State):
		return lang.Errorf("serial %s: %q is not a state", serial, e.State)
	case e.State != StateRevoked && !e.Revoked.IsZero():
		return lang.Errorf("serial %s: it is %s, but was revoked on %s", serial, e.State, e.Revoked.Format(time.DateOnly))
	}
	return nil
}

func plainTime(t time.Time) bool {
	return t.Year() > 1 && t.Year() < 10_000 && t.Location() == time.UTC && t.Nanosecond() == 0
}

// hexSerial is a serial number as the index and people have it.
func hexSerial(serial *big.Int) string {
	if serial == nil {
		return "0"
	}
	return strings.ToLower(serial.Text(16))
}
