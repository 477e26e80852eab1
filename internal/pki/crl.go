package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

const (
	// listDays is how long a revocation list is valid, and renewDays how long before its
	// end it is time for the next one. Once it has ended nobody can connect, and no
	// operation of AWS takes a list away again: each one makes the next one necessary.
	listDays  = 180
	renewDays = 90
	// maxRevoked is how many entries Client VPN takes (administrator guide, "Quotas"; fixed).
	maxRevoked = 20_000
	// afterExpiry is how long an expired certificate stays in the list. It would be refused
	// without, unless our clock runs before the server's.
	afterExpiry = 24 * time.Hour
)

// Why a revocation list must not be imported. OpenVPN, which Client VPN runs, does not
// refuse the list: over one that is unreadable, forged or out of date it refuses everybody,
// and over another authority's it lets everybody in, whoever is revoked.
var (
	ErrListUnreadable = lang.New("not a revocation list")
	ErrListIssuer     = lang.New("the revocation list is another authority's")
	ErrListSignature  = lang.New("the signature of the revocation list is wrong")
	ErrListFuture     = lang.New("the revocation list is not valid yet")
	ErrListExpired    = lang.New("the revocation list has expired")
)

// Revoked is a certificate that is not to be let in any more.
type Revoked struct {
	Serial  *big.Int
	At      time.Time
	Expires time.Time // of the certificate
}

// List is a revocation list.
type List struct {
	Number     *big.Int
	ThisUpdate time.Time
	NextUpdate time.Time
	Serials    []*big.Int // ascending
}

// Due reports whether it is time for the next list.
func (l List) Due(now time.Time) bool { return !now.Before(l.NextUpdate.AddDate(0, 0, -renewDays)) }

// Has reports whether the list names a serial number.
func (l List) Has(serial *big.Int) bool {
	_, found := slices.BinarySearchFunc(l.Serials, serial, (*big.Int).Cmp)
	return found
}

// Lacks are the certificates that are revoked, have not ended, and that the list does not name.
func (l List) Lacks(revoked []Revoked, now time.Time) []Revoked {
	return slices.DeleteFunc(slices.Clone(revoked), func(r Revoked) bool { return !now.Before(r.Expires) || l.Has(r.Serial) })
}

// RevocationList signs the list of what is revoked and has not expired, in the order of
// serial numbers. What it returns was read again as [ParseRevocationList] does: Client VPN
// takes any list, and lets nobody in over a wrong one.
func (a *Authority) RevocationList(revoked []Revoked, number *big.Int, now time.Time) ([]byte, error) {
	if !isSerial(number) {
		return nil, lang.Errorf("revocation list: %v is not a number that a list can have", number)
	}
	now = seconds(now)
	template := &x509.RevocationList{
		Number: number, SignatureAlgorithm: x509.SHA256WithRSA, ThisUpdate: now.Add(-skew), NextUpdate: now.AddDate(0, 0, listDays),
	}
	for _, r := range revoked {
		if !isSerial(r.Serial) {
			return nil, lang.Errorf("revocation list: %v is not a serial number", r.Serial)
		}
		if now.Before(r.Expires.Add(afterExpiry)) {
			template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: r.Serial, RevocationTime: seconds(r.At)})
		}
	}
	entries := template.RevokedCertificateEntries
	slices.SortFunc(entries, func(x, y x509.RevocationListEntry) int {
		if order := x.SerialNumber.Cmp(y.SerialNumber); order != 0 {
			return order
		}
		return x.RevocationTime.Compare(y.RevocationTime) // the first time counts
	})
	entries = slices.CompactFunc(entries, func(x, y x509.RevocationListEntry) bool { return x.SerialNumber.Cmp(y.SerialNumber) == 0 })
	if len(entries) > maxRevoked {
		return nil, lang.Errorf("revocation list: %d revoked certificates that have not expired; AWS Client VPN takes %d", len(entries), maxRevoked)
	}
	template.RevokedCertificateEntries = entries
	der, err := x509.CreateRevocationList(rand.Reader, template, a.Certificate, a.signer)
	if err != nil {
		return nil, lang.Errorf("sign the revocation list: %w", err)
	}
	text := encode(pemList, der)
	made, err := ParseRevocationList(text, a.Certificate, now)
	if err != nil {
		return nil, lang.Errorf("a revocation list that was made just now: %w", err)
	}
	if len(made.Lacks(revoked, now)) > 0 {
		return nil, lang.New("a revocation list that was made just now lacks revoked certificates")
	}
	return text, nil
}

// ParseRevocationList reads a list and checks that it is fit to be imported: of this
// authority, whole, and valid now. With [ErrListExpired] and [ErrListFuture] the list is
// returned as well, for whoever only wants to know what it says.
func ParseRevocationList(text []byte, ca *x509.Certificate, now time.Time) (List, error) {
	der, err := decode(pemList, text)
	if err != nil {
		return List{}, lang.Errorf("%w: %w", ErrListUnreadable, err)
	}
	parsed, err := x509.ParseRevocationList(der)
	if err != nil {
		return List{}, lang.Errorf("%w: %w", ErrListUnreadable, err)
	}
	// CheckSignatureFrom looks at neither.
	if !bytes.Equal(parsed.RawIssuer, ca.RawSubject) || !bytes.Equal(parsed.AuthorityKeyId, ca.SubjectKeyId) {
		return List{}, lang.Errorf("%w: it is of %q with key %x, not of %q with key %x", ErrListIssuer, parsed.Issuer.CommonName, parsed.AuthorityKeyId, ca.Subject.CommonName, ca.SubjectKeyId)
	}
	if err := parsed.CheckSignatureFrom(ca); err != nil {
		return List{}, lang.Errorf("%w: %w", ErrListSignature, err)
	}
	for _, e := range parsed.Extensions {
		if e.Critical { // such as that of a delta, which is only half of a list
			return List{}, lang.Errorf("%w: it has the critical extension %s", ErrListUnreadable, e.Id)
		}
	}
	if !isSerial(parsed.Number) {
		return List{}, lang.Errorf("%w: it has no number", ErrListUnreadable)
	}
	if parsed.NextUpdate.IsZero() {
		return List{}, lang.Errorf("%w: it does not say when the next one comes", ErrListUnreadable)
	}
	list := List{Number: parsed.Number, ThisUpdate: parsed.ThisUpdate, NextUpdate: parsed.NextUpdate}
	for _, e := range parsed.RevokedCertificateEntries {
		list.Serials = append(list.Serials, e.SerialNumber)
	}
	slices.SortFunc(list.Serials, (*big.Int).Cmp)
	switch {
	case now.Before(list.ThisUpdate):
		return list, lang.Errorf("%w: it is from %s", ErrListFuture, list.ThisUpdate.Format(time.RFC3339))
	case !now.Before(list.NextUpdate):
		return list, lang.Errorf("%w: on %s", ErrListExpired, list.NextUpdate.Format(time.RFC3339))
	}
	return list, nil
}

// isSerial reports whether a number may be that of a certificate or of a list: positive,
// and of 20 bytes at most (RFC 5280, 4.1.2.2 and 5.2.3).
func isSerial(n *big.Int) bool { return n != nil && n.Sign() > 0 && n.BitLen() < 160 }
