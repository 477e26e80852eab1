// Package pki makes the certificates of a client's VPN: one certificate authority per
// client, its server's and its users' certificates, its revocation list, the index of what
// was issued, and the profiles that OpenVPN clients read. It calls nobody: the authority's
// key is a crypto.Signer, and the index is kept by a [Store].
package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

const (
	// keyBits is the only size of key that is in use. Client VPN takes RSA keys of 1024 or
	// 2048 bits and no others (Client VPN administrator guide, "Mutual authentication"),
	// while ACM would import other ones and OpenVPN would take them.
	keyBits = 2048
	// authorityYears is how long an authority is valid: its certificate is pinned in every
	// user's profile, so it should outlive them all.
	authorityYears = 20
	// skew is how wrong the clocks of those may be who read certificates and lists that
	// were made just now: these are valid from a little before.
	skew = time.Hour
	// maxName is the most characters that a common name may have (RFC 5280, ub-common-name).
	maxName = 64
)

// Blocks of PEM.
const (
	pemCertificate = "CERTIFICATE"
	pemKey         = "PRIVATE KEY"
	pemList        = "X509 CRL"
)

// Authority is a client's certificate authority.
type Authority struct {
	// Certificate is self-signed; it holds nothing that its key does not decide, save for
	// the year in which it was made.
	Certificate *x509.Certificate
	signer      crypto.Signer
}

// NewAuthority makes the authority of a client in a region from its key. Nothing has to be
// kept but the key: the same key, client and region always give the same subject, key and
// key identifier, which is all by which a certificate finds its issuer. So what one copy of
// the authority has signed is valid under every other. Those made in one year (UTC) are the
// same byte for byte, since RSA signatures of PKCS #1 v1.5 hold no chance; give the time at
// which the key was made to get the same one for ever. The serial number covers the dates:
// no issuer may give one number to two certificates.
func NewAuthority(signer crypto.Signer, client, region string, now time.Time) (*Authority, error) {
	key, err := publicKey(signer)
	if err != nil {
		return nil, lang.Errorf("authority of %s: %w", client, err)
	}
	name := "cicdctl VPN " + client + " " + region
	if client == "" || region == "" || len(name) > maxName {
		return nil, lang.Errorf("authority of %q in %q: the name %q must hold both and have %d characters at most", client, region, name, maxName)
	}
	// On the first of January some clocks are still in the old year.
	from := time.Date(now.UTC().Add(-24*time.Hour).Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             from,
		NotAfter:              from.AddDate(authorityYears, 0, 0).Add(-time.Second),
		SubjectKeyId:          keyID(key),
		SerialNumber:          serialOf(x509.MarshalPKCS1PublicKey(key), []byte(name), []byte(from.Format(time.RFC3339))),
		SignatureAlgorithm:    x509.SHA256WithRSA,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key, signer)
	if err != nil {
		return nil, lang.Errorf("sign the authority of %s: %w", client, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, lang.Errorf("authority of %s: %w", client, err)
	}
	return &Authority{Certificate: certificate, signer: signer}, nil
}

// LoadAuthority is an authority whose certificate was kept. It is refused when it is not of
// that key.
func LoadAuthority(signer crypto.Signer, certPEM []byte) (*Authority, error) {
	key, err := publicKey(signer)
	if err != nil {
		return nil, lang.Errorf("load the authority: %w", err)
	}
	certificate, err := parseCertificate(certPEM)
	if err != nil {
		return nil, lang.Errorf("load the authority: %w", err)
	}
	switch {
	case !key.Equal(certificate.PublicKey):
		return nil, lang.Errorf("load the authority: the certificate of %q is of another key", certificate.Subject.CommonName)
	case !certificate.BasicConstraintsValid || !certificate.IsCA || certificate.KeyUsage&x509.KeyUsageCertSign == 0 || certificate.KeyUsage&x509.KeyUsageCRLSign == 0:
		return nil, lang.Errorf("load the authority: the certificate of %q is none of an authority that signs certificates and revocation lists", certificate.Subject.CommonName)
	case !bytes.Equal(certificate.SubjectKeyId, keyID(key)):
		return nil, lang.Errorf("load the authority: the certificate of %q has another key identifier than its key gives", certificate.Subject.CommonName)
	}
	if err := certificate.CheckSignatureFrom(certificate); err != nil {
		return nil, lang.Errorf("load the authority: the certificate of %q is not signed by itself: %w", certificate.Subject.CommonName, err)
	}
	return &Authority{Certificate: certificate, signer: signer}, nil
}

// PEM is the authority's certificate.
func (a *Authority) PEM() []byte { return encode(pemCertificate, a.Certificate.Raw) }

// publicKey is the signer's key, if it is one that may be used.
func publicKey(signer crypto.Signer) (*rsa.PublicKey, error) {
	if signer == nil {
		return nil, lang.New("there is no key")
	}
	key, isRSA := signer.Public().(*rsa.PublicKey)
	if !isRSA {
		return nil, lang.Errorf("a key of %T, but AWS Client VPN takes RSA keys only", signer.Public())
	}
	if bits := key.N.BitLen(); bits != keyBits {
		return nil, lang.Errorf("an RSA key of %d bits, but AWS Client VPN takes no more than %d, and fewer are weak", bits, keyBits)
	}
	return key, nil
}

// keyID is the identifier of a key: the first method of RFC 7093. It is said here rather
// than left to crypto/x509, whose own choice has changed once (SHA-1 until Go 1.24): an
// authority that is made again under another identifier is not found as the issuer of what
// it has signed.
func keyID(key *rsa.PublicKey) []byte {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(key))
	return sum[:20]
}

// serialOf is a positive serial number of 128 bits from what makes a certificate its own.
func serialOf(parts ...[]byte) *big.Int {
	sum := sha256.Sum256(bytes.Join(parts, []byte{0}))
	return positive(sum[:serialBytes])
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// decode is the one block that a text may hold.
func decode(kind string, text []byte) ([]byte, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, lang.Errorf("no PEM block %q", kind)
	}
	if block.Type != kind {
		return nil, lang.Errorf("a PEM block %q, not %q", block.Type, kind)
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return nil, lang.Errorf("more than one PEM block %q", kind)
	}
	return block.Bytes, nil
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	der, err := decode(pemCertificate, text)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
