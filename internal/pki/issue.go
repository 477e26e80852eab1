package pki

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"regexp"
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

const (
	// serverDays is how long the server's certificate is valid. It is one of an endpoint that
	// nobody but our own users meets, so no rule of browsers binds it; but 398 days is what
	// the CA/Browser Forum's baseline requirements (6.3.2, until March 2026) let public ones
	// have, and some libraries hold private ones to it. Each renewal resets all sessions of
	// the endpoint (Client VPN administrator guide), so it is no shorter either.
	serverDays = 397
	// DefaultDays is how long a user's certificate is valid when nothing else is said.
	DefaultDays = 365
	// MaxDays is the longest: what easy-rsa, which AWS's guide shows, gives out by default.
	MaxDays = 825
	// serialBytes make a serial number that nobody guesses or draws twice. RFC 5280 allows
	// 20 bytes at most.
	serialBytes = 16
)

// PersonPattern is what a user's common name may be: of the characters that OpenVPN leaves
// as they are when it tells a name to logs and scripts, and that need no quotes.
var PersonPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`) })

// domain is a DNS name with at least two labels.
var domain = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$`)
})

// NewKey makes an RSA private key of so many bits.
func NewKey(bits int) (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, bits) }

// Server issues the certificate of the VPN's server for a DNS name with a domain; Client
// VPN refuses others from ACM ("does not have a domain"). The key is unencrypted, as ACM
// wants it; newKey makes it, [NewKey] or for tests a quicker one.
func (a *Authority) Server(dnsName string, now time.Time, newKey func(bits int) (*rsa.PrivateKey, error)) (certPEM, keyPEM []byte, err error) {
	if !domain().MatchString(dnsName) || len(dnsName) > maxName {
		return nil, nil, lang.Errorf("certificate of the server %q: not a DNS name with a domain, in lower case and of %d characters at most", dnsName, maxName)
	}
	serial, err := newSerial()
	if err != nil {
		return nil, nil, err
	}
	key, err := newKey(keyBits)
	if err != nil {
		return nil, nil, lang.Errorf("key of the server %s: %w", dnsName, err)
	}
	now = seconds(now)
	return a.issue(key, &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: dnsName},
		DNSNames:     []string{dnsName},
		NotBefore:    now.Add(-skew),
		NotAfter:     now.AddDate(0, 0, serverDays),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

// User issues the certificate that an entry of the index was reserved for. It is valid for
// as long as the entry says: a certificate that outlived its entry would lose its place in
// the revocation list while it still opens the door. The key is kept nowhere else.
func (a *Authority) User(reserved Entry) (certPEM, keyPEM []byte, err error) {
	if err := reserved.check(); err != nil {
		return nil, nil, lang.Errorf("certificate of %s: %w", reserved.Person, err)
	}
	if reserved.State != StatePending {
		return nil, nil, lang.Errorf("certificate of %s: serial %s is %s, not reserved", reserved.Person, hexSerial(reserved.Serial), reserved.State)
	}
	key, err := NewKey(keyBits)
	if err != nil {
		return nil, nil, lang.Errorf("key of %s: %w", reserved.Person, err)
	}
	return a.user(key, reserved)
}

func (a *Authority) user(key *rsa.PrivateKey, reserved Entry) (certPEM, keyPEM []byte, err error) {
	return a.issue(key, &x509.Certificate{
		SerialNumber: reserved.Serial,
		Subject:      pkix.Name{CommonName: reserved.Person},
		NotBefore:    reserved.Issued.Add(-skew),
		NotAfter:     reserved.Expires,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

func (a *Authority) issue(key *rsa.PrivateKey, template *x509.Certificate) (certPEM, keyPEM []byte, err error) {
	name := template.Subject.CommonName
	if ca := a.Certificate; template.NotAfter.After(ca.NotAfter) || template.NotBefore.Before(ca.NotBefore) {
		return nil, nil, lang.Errorf("certificate of %s: valid from %s to %s, but its authority only from %s to %s", name,
			template.NotBefore.Format(time.DateOnly), template.NotAfter.Format(time.DateOnly), ca.NotBefore.Format(time.DateOnly), ca.NotAfter.Format(time.DateOnly))
	}
	template.SignatureAlgorithm, template.BasicConstraintsValid = x509.SHA256WithRSA, true
	template.SubjectKeyId = keyID(&key.PublicKey)
	der, err := x509.CreateCertificate(rand.Reader, template, a.Certificate, &key.PublicKey, a.signer)
	if err != nil {
		return nil, nil, lang.Errorf("sign the certificate of %s: %w", name, err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, lang.Errorf("encode the key of %s: %w", name, err)
	}
	return encode(pemCertificate, der), encode(pemKey, private), nil
}

func newSerial() (*big.Int, error) {
	random := make([]byte, serialBytes)
	if _, err := rand.Read(random); err != nil {
		return nil, lang.Errorf("draw a serial number: %w", err)
	}
	return positive(random), nil
}

// positive reads bytes as a serial number: always as long, so that it is never 0, and with
// the sign that DER reads from the first bit.
func positive(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	bits := len(b) * 8
	return n.SetBit(n.SetBit(n, bits-1, 0), bits-2, 1)
}

// seconds is the time as certificates and lists have it.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
