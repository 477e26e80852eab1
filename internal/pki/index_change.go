package pki

import (
	"math/big"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// keepExpired is how long an expired certificate is still told about: a year later nobody
// asks any more who had access in the year before.
const keepExpired = 365 * 24 * time.Hour

// Reserve puts a serial number into the index for a certificate that is valid for a number
// of days from now. Save the index before the certificate is issued with [Authority.User].
func (x *Index) Reserve(person string, days int, now time.Time) (Entry, error) {
	if days < 1 || days > MaxDays {
		return Entry{}, lang.Errorf("certificate of %s: %d days are not within 1-%d", person, days, MaxDays)
	}
	serial, err := newSerial()
	if err != nil {
		return Entry{}, err
	}
	now = seconds(now)
	e := Entry{Serial: serial, Person: person, Issued: now, Expires: now.AddDate(0, 0, days), State: StatePending}
	if err := e.check(); err != nil {
		return Entry{}, lang.Errorf("certificate of %s: %w", person, err)
	}
	x.Entries = append(x.Entries, e)
	if err := x.check(); err != nil { // the same number twice; try again
		return Entry{}, err
	}
	return e, nil
}

// Issued notes that a certificate was issued. It fails when the certificate was revoked
// meanwhile; then it must not be handed out. Save the index before it is.
func (x *Index) Issued(serial *big.Int) error {
	for i := range x.Entries {
		e := &x.Entries[i]
		if serial == nil || e.Serial.Cmp(serial) != 0 {
			continue
		}
		if e.State == StateRevoked {
			return lang.Errorf("the certificate of %s with serial %s was revoked on %s, before it was issued", e.Person, hexSerial(serial), e.Revoked.Format(time.RFC3339))
		}
		e.State = StateIssued
		return nil
	}
	return lang.Errorf("serial %s was never reserved", hexSerial(serial))
}

// Revoke revokes every certificate of a person that has not expired, also those that may
// never have been issued, and returns them. None is no error: who asks wants them gone.
func (x *Index) Revoke(person string, now time.Time) []Entry {
	now = seconds(now)
	var revoked []Entry
	for i := range x.Entries {
		e := &x.Entries[i]
		if e.Person != person || !e.revocable(now) {
			continue
		}
		e.State, e.Revoked = StateRevoked, now
		revoked = append(revoked, *e)
	}
	return revoked
}

// revocable reports whether a certificate could still be let in, or may be before long: as
// in the list, it counts as expired a little later than it does.
func (e *Entry) revocable(now time.Time) bool {
	return e.State != StateRevoked && now.Before(e.Expires.Add(afterExpiry))
}

// Holders are the people whose certificates [Index.Revoke] would revoke, with the number of
// these of each.
func (x *Index) Holders(now time.Time) map[string]int {
	out := map[string]int{}
	for i := range x.Entries {
		if e := &x.Entries[i]; e.revocable(seconds(now)) {
			out[e.Person]++
		}
	}
	return out
}

// Renew reserves a new certificate for a person who has one or had one until it expired,
// and revokes those that the person has: a renewed certificate that stayed valid beside
// the new one would be a key that nobody keeps an eye on. Both are saved in one step. They
// are let in no more as soon as the next revocation list is in force.
func (x *Index) Renew(person string, days int, now time.Time) (Entry, []Entry, error) {
	if !slices.ContainsFunc(x.ByPerson(person), func(e Entry) bool { return e.State != StateRevoked }) {
		return Entry{}, nil, lang.Errorf("%s has no certificate to renew", person)
	}
	before := slices.Clone(x.Entries)
	revoked := x.Revoke(person, now)
	e, err := x.Reserve(person, days, now)
	if err != nil {
		x.Entries = before
		return Entry{}, nil, err
	}
	return e, revoked, nil
}

// ByPerson is all that is known of a person, oldest first.
func (x *Index) ByPerson(person string) []Entry {
	var out []Entry
	for _, e := range x.Entries {
		if e.Person == person {
			out = append(out, e)
		}
	}
	return out
}

// Revoked is what the next revocation list has to name; the list leaves out what has expired.
func (x *Index) Revoked() []Revoked {
	var out []Revoked
	for _, e := range x.Entries {
		if e.State == StateRevoked {
			out = append(out, Revoked{Serial: e.Serial, At: e.Revoked, Expires: e.Expires})
		}
	}
	return out
}

// NextNumber takes the number of the next revocation list. The index is saved before the
// list is imported; a number that was taken in vain leaves a gap, which lists may have.
func (x *Index) NextNumber() *big.Int {
	x.CRLNumber++
	return new(big.Int).SetUint64(x.CRLNumber)
}

// Purge forgets what has expired long ago, and returns it.
func (x *Index) Purge(now time.Time) []Entry {
	var gone []Entry
	x.Entries = slices.DeleteFunc(x.Entries, func(e Entry) bool {
		old := now.After(e.Expires.Add(keepExpired))
		if old {
			gone = append(gone, e)
		}
		return old
	})
	return gone
}
