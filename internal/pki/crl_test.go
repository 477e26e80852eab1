package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

func list(t testing.TB, a *Authority, revoked []Revoked, number int64, at time.Time) []byte {
	t.Helper()
	text, err := a.RevocationList(revoked, big.NewInt(number), at)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func serials(n ...int64) []*big.Int {
	var out []*big.Int
	for _, each := range n {
		out = append(out, big.NewInt(each))
	}
	return out
}

func TestRevocationListNamesWhatHasNotExpired(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	revoked := []Revoked{
		{big.NewInt(30), noon.AddDate(0, -1, 0), noon.AddDate(0, 5, 0)},
		{big.NewInt(10), noon, noon.AddDate(0, 0, 1)},
		{big.NewInt(20), noon.AddDate(0, -6, 0), noon.AddDate(0, 0, -2)},    // expired
		{big.NewInt(25), noon.AddDate(0, -6, 0), noon.Add(-23 * time.Hour)}, // by our clock only, perhaps
		{big.NewInt(10), noon.AddDate(0, 0, -3), noon.AddDate(0, 0, 1)},     // twice
	}
	text := list(t, a, revoked, 5, noon)
	got, err := ParseRevocationList(text, a.Certificate, noon)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(got.Serials, serials(10, 25, 30), func(x, y *big.Int) bool { return x.Cmp(y) == 0 }) {
		t.Errorf("it names %v", got.Serials)
	}
	if !got.Has(big.NewInt(25)) || got.Has(big.NewInt(20)) {
		t.Error("it has others than it names")
	}
	if got.Number.Int64() != 5 || !got.ThisUpdate.Equal(noon.Add(-time.Hour)) || !got.NextUpdate.Equal(noon.AddDate(0, 0, 180)) {
		t.Errorf("got %+v", got)
	}
	slices.Reverse(revoked)
	if !bytes.Equal(text, list(t, a, revoked, 5, noon)) {
		t.Error("it depends on the order of what is revoked")
	}
	der, err := decode(pemList, text)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseRevocationList(der)
	if err != nil || !bytes.Equal(parsed.AuthorityKeyId, a.Certificate.SubjectKeyId) || parsed.SignatureAlgorithm != x509.SHA256WithRSA {
		t.Errorf("got %+v, %v", parsed, err)
	}
	if at := parsed.RevokedCertificateEntries[0].RevocationTime; !at.Equal(noon.AddDate(0, 0, -3)) {
		t.Errorf("10 was revoked on %s", at)
	}
}

func TestRevocationListOfNothing(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	got, err := ParseRevocationList(list(t, a, nil, 1, noon), a.Certificate, noon)
	if err != nil || len(got.Serials) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestRevocationListDue(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	l, err := ParseRevocationList(list(t, a, nil, 1, noon), a.Certificate, noon)
	if err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]bool{0: false, 89: false, 90: true, 179: true, 400: true} {
		if got := l.Due(noon.AddDate(0, 0, days)); got != want {
			t.Errorf("after %d days: %v", days, got)
		}
	}
}

func TestRevocationListHasRoomFor20000(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	var revoked []Revoked
	for i := range int64(20_000) {
		revoked = append(revoked, Revoked{big.NewInt(i + 1), noon, noon.AddDate(0, 0, 1)}, Revoked{big.NewInt(i + 100_000), noon, noon.AddDate(0, 0, -7)})
	}
	if got, err := ParseRevocationList(list(t, a, revoked, 1, noon), a.Certificate, noon); err != nil || len(got.Serials) != 20_000 {
		t.Errorf("%d entries, %v", len(got.Serials), err)
	}
	_, err := a.RevocationList(append(revoked, Revoked{big.NewInt(50_000), noon, noon.AddDate(0, 0, 1)}), big.NewInt(1), noon)
	refused(t, err, "20001 revoked certificates")
}

func TestRevocationListRefuses(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	_, err := a.RevocationList(nil, nil, noon)
	refused(t, err, "not a number that a list can have")
	_, err = a.RevocationList(nil, new(big.Int), noon)
	refused(t, err, "not a number that a list can have")
	_, err = a.RevocationList([]Revoked{{nil, noon, noon.AddDate(1, 0, 0)}}, big.NewInt(1), noon)
	refused(t, err, "not a serial number")
}

func TestParseRevocationListRefuses(t *testing.T) {
	t.Parallel()
	a, other := authority(t, acmeKey(), noon), authority(t, otherKey(), noon)
	sound := list(t, a, []Revoked{{big.NewInt(7), noon, noon.AddDate(1, 0, 0)}}, 1, noon)
	der, err := decode(pemList, sound)
	if err != nil {
		t.Fatal(err)
	}
	tampered := bytes.Clone(der)
	tampered[len(tampered)-1] ^= 1
	// The same names and key identifiers, signed with another key.
	forger := &Authority{Certificate: &x509.Certificate{RawSubject: a.Certificate.RawSubject, SubjectKeyId: a.Certificate.SubjectKeyId, KeyUsage: x509.KeyUsageCRLSign, PublicKeyAlgorithm: x509.RSA, PublicKey: otherKey().Public()}, signer: otherKey()}
	by := func(change func(*x509.RevocationList)) []byte {
		template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon, NextUpdate: noon.AddDate(0, 1, 0)}
		change(template)
		der, err := x509.CreateRevocationList(rand.Reader, template, a.Certificate, acmeKey())
		if err != nil {
			t.Fatal(err)
		}
		return encode(pemList, der)
	}
	delta, err := asn1.Marshal(1)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text []byte
		at   time.Time
		is   error
		want string
	}{
		"nothing":                    {nil, noon, ErrListUnreadable, "no PEM block"},
		"text":                       {[]byte("text"), noon, ErrListUnreadable, "no PEM block"},
		"a certificate":              {a.PEM(), noon, ErrListUnreadable, `"CERTIFICATE"`},
		"one that was cut off":       {encode(pemList, der[:100]), noon, ErrListUnreadable, "not a revocation list"},
		"two lists":                  {append(bytes.Clone(sound), sound...), noon, ErrListUnreadable, "more than one"},
		"another authority's":        {list(t, other, nil, 1, noon), noon, ErrListIssuer, "another authority's"},
		"one that was tampered with": {encode(pemList, tampered), noon, ErrListSignature, "signature"},
		"one that was forged":        {list(t, forger, nil, 1, noon), noon, ErrListSignature, "signature"},
		"one that has expired":       {sound, noon.AddDate(0, 0, 180), ErrListExpired, "has expired: on 2027-05-29T12:00:00Z"},
		"one of the future":          {sound, noon.Add(-61 * time.Minute), ErrListFuture, "not valid yet: it is from 2026-11-30T11:00:00Z"},
		"half of one, which a delta is": {by(func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: delta}}
		}), noon, ErrListUnreadable, "critical extension 2.5.29.27"},
		"one that is number 0": {by(func(l *x509.RevocationList) { l.Number = new(big.Int) }), noon, ErrListUnreadable, "no number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseRevocationList(c.text, a.Certificate, c.at)
			refused(t, err, c.want)
			refused(t, err, c.is.Error())
			if strings.Contains(err.Error(), "PRIVATE") {
				t.Error("it tells of keys")
			}
		})
	}
	if expired, err := ParseRevocationList(sound, a.Certificate, noon.AddDate(1, 0, 0)); err == nil || !expired.Has(big.NewInt(7)) {
		t.Error("an expired list does not say what it names")
	}
}

func FuzzRevocationList(f *testing.F) {
	a := authority(f, acmeKey(), noon)
	f.Add(list(f, a, []Revoked{{big.NewInt(7), noon, noon.AddDate(1, 0, 0)}}, 1, noon))
	f.Add([]byte("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := ParseRevocationList(text, a.Certificate, noon)
		if err == nil && (l.Number == nil || noon.Before(l.ThisUpdate) || !noon.Before(l.NextUpdate) || !slices.IsSortedFunc(l.Serials, (*big.Int).Cmp)) {
			t.Errorf("it takes %+v", l)
		}
	})
}
