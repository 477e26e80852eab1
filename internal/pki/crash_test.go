package pki

import (
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// run is one program that gives a person a certificate, as far as it has come. It may
// stop for ever after every step.
type run struct {
	reserved Entry
	signed   bool
	shut     bool // its person was revoked after the reservation
	handed   bool
}

// world is a client's certificates in the hands of people whose programs crash.
type world struct {
	authority *Authority
	store     *memory
	now       time.Time
	runs      []*run
	number    *big.Int // of the last list
}

var errCrash = errors.New("crashed")

// Whatever is done in whatever order, and wherever programs stop: what is valid is in the
// index until it expires, and what a person had when the person was revoked is in the
// next list, also what was only on its way.
func TestNoCertificateIsForgotten(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	rapid.Check(t, func(t *rapid.T) {
		w := &world{authority: a, store: &memory{}, now: noon, number: new(big.Int)}
		w.store.fault = func() (before, after error) {
			each := []error{nil, nil, nil, ErrConflict, errCrash}
			if before = rapid.SampledFrom(each).Draw(t, "before"); before == nil {
				after = rapid.SampledFrom(each).Draw(t, "after")
			}
			return before, after
		}
		person := rapid.SampledFrom([]string{"jane", "joe"})
		days := rapid.IntRange(1, 40)
		t.Repeat(map[string]func(*rapid.T){
			"":        w.check,
			"publish": w.publish,
			"reserve": func(t *rapid.T) { w.reserve(t, person.Draw(t, "person"), days.Draw(t, "days")) },
			"sign":    w.sign,
			"hand":    w.hand,
			"revoke":  func(t *rapid.T) { w.revoke(t, person.Draw(t, "person")) },
			"renew":   func(t *rapid.T) { w.renew(t, person.Draw(t, "person"), days.Draw(t, "days")) },
			"purge": func(t *rapid.T) {
				w.update(t, func(x *Index) error { x.Purge(w.now); return nil })
			},
			"wait": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 500*24).Draw(t, "hours")) * time.Hour)
				if w.now.After(noon.AddDate(15, 0, 0)) {
					t.Skip("the authority ends")
				}
			},
		})
	})
}

// update reports whether the program has heard that its change was saved.
func (w *world) update(t *rapid.T, change func(*Index) error) bool {
	err := ErrConflict
	for try := 0; try < updateTries && errors.Is(err, ErrConflict); try++ { // as Update does, which waits in between
		err = update(t.Context(), w.store, change)
	}
	if err != nil && !errors.Is(err, errCrash) && !errors.Is(err, ErrConflict) {
		t.Fatal(err)
	}
	return err == nil
}

func (w *world) reserve(t *rapid.T, person string, days int) {
	var e Entry
	if w.update(t, func(x *Index) (err error) { e, err = x.Reserve(person, days, w.now); return err }) {
		w.runs = append(w.runs, &run{reserved: e})
	}
}

func (w *world) pick(t *rapid.T, which func(*run) bool) *run {
	var some []*run
	for _, r := range w.runs {
		if which(r) {
			some = append(some, r)
		}
	}
	if len(some) == 0 {
		t.Skip("none has come so far")
	}
	return rapid.SampledFrom(some).Draw(t, "run")
}

func (w *world) sign(t *rapid.T) {
	r := w.pick(t, func(r *run) bool { return !r.signed })
	text, _, err := w.authority.user(otherKey(), r.reserved)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := parseCertificate(text)
	if err != nil || certificate.SerialNumber.Cmp(r.reserved.Serial) != 0 || certificate.NotAfter.After(r.reserved.Expires) {
		t.Fatalf("signed %v (%v) for %v", certificate.SerialNumber, err, r.reserved)
	}
	r.signed = true
}

func (w *world) hand(t *rapid.T) {
	r := w.pick(t, func(r *run) bool { return r.signed && !r.handed && w.now.Before(r.reserved.Expires) })
	late := false
	saved := w.update(t, func(x *Index) error {
		late = x.Issued(r.reserved.Serial) != nil
		return nil
	})
	r.handed = saved && !late
	if r.handed && r.shut {
		t.Fatal("what was revoked is handed out")
	}
}

func (w *world) revoke(t *rapid.T, person string) {
	if w.update(t, func(x *Index) error { x.Revoke(person, w.now); return nil }) {
		w.shut(person, nil)
	}
}

func (w *world) renew(t *rapid.T, person string, days int) {
	var e Entry
	none := false
	saved := w.update(t, func(x *Index) error {
		var err error
		e, _, err = x.Renew(person, days, w.now)
		none = err != nil
		return nil
	})
	if saved && !none {
		w.shut(person, e.Serial)
		w.runs = append(w.runs, &run{reserved: e})
	}
}

// shut notes that a person was revoked, but for one certificate.
func (w *world) shut(person string, but *big.Int) {
	for _, r := range w.runs {
		if r.reserved.Person == person && r.reserved.Serial != but {
			r.shut = true
		}
	}
}

// valid are the certificates that would open the door if no list named them.
func (w *world) valid() []*run {
	return slices.DeleteFunc(slices.Clone(w.runs), func(r *run) bool { return !r.signed || w.now.After(r.reserved.Expires) })
}

func (w *world) check(t *rapid.T) {
	x, err := Read(t.Context(), w.store)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range w.valid() {
		if !slices.ContainsFunc(x.ByPerson(r.reserved.Person), func(e Entry) bool {
			return e.Serial.Cmp(r.reserved.Serial) == 0 && e.Expires.Equal(r.reserved.Expires) && (!r.shut || e.State == StateRevoked)
		}) {
			t.Fatalf("%s of %s is valid and not in the index as it should be", hexSerial(r.reserved.Serial), r.reserved.Person)
		}
	}
}

func (w *world) publish(t *rapid.T) {
	var number *big.Int
	var revoked []Revoked
	if !w.update(t, func(x *Index) error { number, revoked = x.NextNumber(), x.Revoked(); return nil }) {
		return
	}
	text, err := w.authority.RevocationList(revoked, number, w.now)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParseRevocationList(text, w.authority.Certificate, w.now)
	if err != nil {
		t.Fatal(err)
	}
	if l.Number.Cmp(w.number) <= 0 {
		t.Fatalf("list %v comes after list %v", l.Number, w.number)
	}
	w.number = l.Number
	for _, r := range w.valid() {
		if r.shut && !l.Has(r.reserved.Serial) {
			t.Fatalf("%s of %s is valid and in no list", hexSerial(r.reserved.Serial), r.reserved.Person)
		}
	}
}
