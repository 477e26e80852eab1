package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)

// keys are made once: each takes a while.
var (
	acmeKey  = sync.OnceValue(func() *rsa.PrivateKey { return newKey(2048) })
	otherKey = sync.OnceValue(func() *rsa.PrivateKey { return newKey(2048) })
)

func newKey(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

func authority(t testing.TB, key crypto.Signer, at time.Time) *Authority {
	t.Helper()
	a, err := NewAuthority(key, "ACME", "eu-west-3", at)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// user issues a certificate to a person who is in no index.
func user(t testing.TB, a *Authority, person string) (certificate *x509.Certificate, certPEM, keyPEM []byte) {
	t.Helper()
	e, err := new(Index).Reserve(person, DefaultDays, noon)
	if err == nil {
		certPEM, keyPEM, err = a.User(e)
	}
	if err == nil {
		certificate, err = parseCertificate(certPEM)
	}
	if err != nil {
		t.Fatal(err)
	}
	return certificate, certPEM, keyPEM
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

func TestAuthorityIsMadeAgainFromItsKey(t *testing.T) {
	t.Parallel()
	first := authority(t, acmeKey(), noon)
	if again := authority(t, acmeKey(), noon.AddDate(0, 0, -200)); !bytes.Equal(first.Certificate.Raw, again.Certificate.Raw) {
		t.Error("another one in the same year")
	}
	if got := first.Certificate.Subject.CommonName; got != "cicdctl VPN ACME eu-west-3" {
		t.Errorf("it is called %q", got)
	}
	certificate, _, _ := user(t, first, "jane")
	list, err := first.RevocationList([]Revoked{{certificate.SerialNumber, noon, certificate.NotAfter}}, big.NewInt(1), noon)
	if err != nil {
		t.Fatal(err)
	}
	nextYear := noon.AddDate(0, 2, 0)
	later := authority(t, acmeKey(), nextYear)
	if later.Certificate.SerialNumber.Cmp(first.Certificate.SerialNumber) == 0 {
		t.Error("two certificates have one serial number")
	}
	if !bytes.Equal(certificate.AuthorityKeyId, later.Certificate.SubjectKeyId) {
		t.Error("OpenSSL would not take the later one for the issuer")
	}
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool(later), CurrentTime: nextYear, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Errorf("a user under the later one: %v", err)
	}
	if _, err := ParseRevocationList(list, later.Certificate, nextYear); err != nil {
		t.Errorf("the list under the later one: %v", err)
	}
}

func pool(a *Authority) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate)
	return roots
}

func TestAuthorityIsValidFromTheYearItWasMadeIn(t *testing.T) {
	t.Parallel()
	for made, want := range map[string]string{
		"2026-01-01T00:00:01Z":      "2025-01-01 2044-12-31", // some clocks still say 2025
		"2026-01-02T00:00:00Z":      "2026-01-01 2045-12-31",
		"2026-12-31T23:59:59Z":      "2026-01-01 2045-12-31",
		"2027-01-02T01:00:00+02:00": "2025-01-01 2044-12-31",
	} {
		at, err := time.Parse(time.RFC3339, made)
		if err != nil {
			t.Fatal(err)
		}
		if made[:4] == "2027" { // still 2027-01-01 in UTC
			want = "2026-01-01 2045-12-31"
		}
		c := authority(t, acmeKey(), at).Certificate
		if got := c.NotBefore.Format(time.DateOnly) + " " + c.NotAfter.Format(time.DateOnly); got != want {
			t.Errorf("made at %s it is valid %s, want %s", made, got, want)
		}
	}
}

func TestAuthorityRefuses(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key            crypto.Signer
		client, region string
		want           string
	}{
		"a key of an elliptic curve, which Client VPN does not take": {curve, "ACME", "eu-west-3", "takes RSA keys only"},
		"a longer key, which Client VPN does not take":               {newKey(3072), "ACME", "eu-west-3", "RSA key of 3072 bits"},
		"a shorter key, which is weak":                               {newKey(1024), "ACME", "eu-west-3", "RSA key of 1024 bits"},
		"no key":                                                     {nil, "ACME", "eu-west-3", "there is no key"},
		"a name that is longer than common names":                    {acmeKey(), strings.Repeat("A", 43), "eu-west-3", "64 characters"},
		"no client": {acmeKey(), "", "eu-west-3", "must hold both"},
		"no region": {acmeKey(), "ACME", "", "must hold both"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewAuthority(c.key, c.client, c.region, noon)
			refused(t, err, c.want)
		})
	}
	if _, err := NewAuthority(acmeKey(), strings.Repeat("A", 42), "eu-west-3", noon); err != nil {
		t.Errorf("64 characters: %v", err)
	}
}

func TestLoadAuthority(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	loaded, err := LoadAuthority(acmeKey(), a.PEM())
	if err != nil || !loaded.Certificate.Equal(a.Certificate) {
		t.Fatalf("its own: %v", err)
	}
	_, leaf, _ := user(t, a, "jane")
	selfSigned := func(change func(*x509.Certificate)) []byte {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: a.Certificate.Subject, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0), SubjectKeyId: keyID(&acmeKey().PublicKey),
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true,
		}
		change(template)
		der, err := x509.CreateCertificate(rand.Reader, template, template, acmeKey().Public(), acmeKey())
		if err != nil {
			t.Fatal(err)
		}
		return encode(pemCertificate, der)
	}
	for name, c := range map[string]struct {
		key  crypto.Signer
		pem  []byte
		want string
	}{
		"another key":                         {otherKey(), a.PEM(), "is of another key"},
		"a user's certificate":                {otherKey(), leaf, "is of another key"},
		"no certificate":                      {acmeKey(), []byte("text"), "no PEM block"},
		"a key in its place":                  {acmeKey(), encode(pemKey, []byte{1}), `a PEM block "PRIVATE KEY"`},
		"two certificates":                    {acmeKey(), append(a.PEM(), a.PEM()...), "more than one PEM block"},
		"one that is not an authority's":      {acmeKey(), selfSigned(func(c *x509.Certificate) { c.IsCA = false }), "none of an authority"},
		"one that may sign no lists":          {acmeKey(), selfSigned(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }), "none of an authority"},
		"one under which nothing is found":    {acmeKey(), selfSigned(func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} }), "another key identifier"},
		"one that was cut off":                {acmeKey(), encode(pemCertificate, a.Certificate.Raw[:500]), "load the authority"},
		"one of which a byte of the key fell": {acmeKey(), encode(pemCertificate, append(bytes.Clone(a.Certificate.Raw[:len(a.Certificate.Raw)-1]), a.Certificate.Raw[len(a.Certificate.Raw)-1]^1)), "not signed by itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadAuthority(c.key, c.pem)
			refused(t, err, c.want)
		})
	}
}

// openssl asks OpenSSL, with which OpenVPN reads certificates, for a second opinion.
func openssl(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: nobody gives a second opinion")
	}
	out, err := exec.Command(program, arguments...).CombinedOutput()
	return string(out), err
}

func TestOpenSSLAgrees(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a, later := authority(t, acmeKey(), now), authority(t, acmeKey(), now.AddDate(-1, 0, 0))
	x := &Index{}
	file := func(name string, text []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	issue := func(person string) (string, Entry) {
		e, err := x.Reserve(person, DefaultDays, now)
		if err != nil {
			t.Fatal(err)
		}
		certificate, _, err := a.User(e)
		if err != nil {
			t.Fatal(err)
		}
		return file(person, certificate), e
	}
	jane, _ := issue("jane")
	joe, _ := issue("joe")
	x.Revoke("joe", now)
	text, err := a.RevocationList(x.Revoked(), x.NextNumber(), now)
	if err != nil {
		t.Fatal(err)
	}
	server, _, err := a.Server("acme.vpn.example", now, NewKey)
	if err != nil {
		t.Fatal(err)
	}
	list, root, again := file("list", text), file("ca", a.PEM()), file("later", later.PEM())
	for name, c := range map[string]struct {
		arguments []string
		want      string // in what it says; "" where all is well
	}{
		"a user":                                  {[]string{"-purpose", "sslclient", "-x509_strict", "-CAfile", root, jane}, ""},
		"a user under an authority made again":    {[]string{"-purpose", "sslclient", "-x509_strict", "-CAfile", again, jane}, ""},
		"a user beside a list":                    {[]string{"-purpose", "sslclient", "-crl_check", "-CRLfile", list, "-CAfile", root, jane}, ""},
		"a user who is revoked":                   {[]string{"-purpose", "sslclient", "-crl_check", "-CRLfile", list, "-CAfile", root, joe}, "revoked"},
		"the server":                              {[]string{"-purpose", "sslserver", "-x509_strict", "-verify_hostname", "acme.vpn.example", "-CAfile", root, file("server", server)}, ""},
		"the server in the place of a user":       {[]string{"-purpose", "sslclient", "-CAfile", root, file("server", server)}, "purpose"},
		"a user in the place of the server":       {[]string{"-purpose", "sslserver", "-CAfile", root, jane}, "purpose"},
		"a user under another client's authority": {[]string{"-purpose", "sslclient", "-CAfile", file("other", authority(t, otherKey(), now).PEM()), jane}, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := openssl(t, append([]string{"verify"}, c.arguments...)...)
			if (err == nil) != (c.want == "") || !strings.Contains(out, c.want) {
				t.Errorf("openssl says %s (%v), want %q", out, err, c.want)
			}
		})
	}
}
