package sandbox

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// maxImportedKey is how large a private key may be ("Prerequisites for importing ACM certificates").
const maxImportedKey = 5 << 10

// imported is a certificate as ImportCertificate takes it, checked.
type imported struct {
	leaf      *x509.Certificate
	algorithm types.KeyAlgorithm
}

// keyAlgorithms are the keys that ACM takes, by family and bits.
var keyAlgorithms = map[string]map[int]types.KeyAlgorithm{
	"RSA": {1024: types.KeyAlgorithmRsa1024, 2048: types.KeyAlgorithmRsa2048, 3072: types.KeyAlgorithmRsa3072, 4096: types.KeyAlgorithmRsa4096},
	"EC":  {256: types.KeyAlgorithmEcPrime256v1, 384: types.KeyAlgorithmEcSecp384r1, 521: types.KeyAlgorithmEcSecp521r1},
}

func algorithmOf(public any) types.KeyAlgorithm {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return keyAlgorithms["RSA"][k.N.BitLen()]
	case *ecdsa.PublicKey:
		return keyAlgorithms["EC"][k.Curve.Params().BitSize]
	default:
		return ""
	}
}

// certificatesIn are the certificates of a PEM file that has nothing else in it.
func certificatesIn(text []byte) ([]*x509.Certificate, bool) {
	var out []*x509.Certificate
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return nil, false
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, false
		}
		out = append(out, c)
	}
	return out, len(out) > 0
}

// privateKeyIn is the key of a PEM file that has nothing else in it.
func privateKeyIn(text []byte) (crypto.Signer, bool) {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, false
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, true
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(crypto.Signer)
	return key, ok && err == nil
}

// checkImport refuses what ACM does (ACM user guide, "Prerequisites for importing ACM
// certificates" and "Import a certificate").
func (t *tx) checkImport(in *acm.ImportCertificateInput) (*imported, error) {
	leafs, ok := certificatesIn(in.Certificate)
	if !ok || len(leafs) != 1 {
		return nil, apiError("ValidationException", "Could not parse the certificate; the certificate must be one PEM-encoded X.509 certificate.")
	}
	leaf := leafs[0]
	key, ok := privateKeyIn(in.PrivateKey)
	if !ok || len(in.PrivateKey) > maxImportedKey {
		return nil, apiError("ValidationException", "The private key is not supported: it must be PEM-encoded, without a passphrase, and of 5 KB at most.")
	}
	if public, ok := key.Public().(interface{ Equal(x crypto.PublicKey) bool }); !ok || !public.Equal(leaf.PublicKey) {
		return nil, apiError("ValidationException", "The private key does not match the certificate.")
	}
	out := &imported{leaf, algorithmOf(leaf.PublicKey)}
	switch {
	case out.algorithm == "":
		return nil, apiError("ValidationException", "The certificate's key algorithm is not supported.")
	case t.now.Before(leaf.NotBefore):
		return nil, apiError("ValidationException", "The certificate is not valid yet.")
	case t.now.After(leaf.NotAfter):
		return nil, apiError("ValidationException", "The certificate has expired.")
	}
	if len(in.CertificateChain) == 0 {
		if leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature) != nil {
			return nil, apiError("ValidationException", "Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.")
		}
		return out, nil
	}
	chain, ok := certificatesIn(in.CertificateChain)
	if !ok {
		return nil, apiError("ValidationException", "Could not parse the certificate chain.")
	}
	at := leaf
	for _, issuer := range chain {
		if at.CheckSignatureFrom(issuer) != nil {
			return nil, apiError("ValidationException", "Could not validate the certificate with the certificate chain.")
		}
		at = issuer
	}
	if family(algorithmOf(chain[0].PublicKey)) != family(out.algorithm) {
		return nil, apiError("ValidationException", "The cryptographic algorithm of the certificate must match that of the signing CA.")
	}
	return out, nil
}

// family is "RSA" or "EC".
func family(a types.KeyAlgorithm) string {
	name, _, _ := strings.Cut(string(a), "_")
	return name
}

// detail is what DescribeCertificate tells of it.
func (c *imported) detail(t *tx, arn string) types.CertificateDetail {
	name, names := c.leaf.Subject.CommonName, slices.Clone(c.leaf.DNSNames)
	if len(names) > 0 && !slices.Contains(names, name) {
		name = names[0]
	}
	status := types.CertificateStatusIssued
	return types.CertificateDetail{
		CertificateArn: aws.String(arn), DomainName: aws.String(name), SubjectAlternativeNames: names, ImportedAt: aws.Time(t.now), Status: status, Type: types.CertificateTypeImported,
		KeyAlgorithm: c.algorithm, Subject: aws.String(c.leaf.Subject.String()), Issuer: aws.String(c.leaf.Issuer.CommonName), SignatureAlgorithm: aws.String(strings.ReplaceAll(c.leaf.SignatureAlgorithm.String(), "-", "WITH")),
		Serial: aws.String(c.leaf.SerialNumber.Text(16)), NotBefore: aws.Time(c.leaf.NotBefore), NotAfter: aws.Time(c.leaf.NotAfter),
		Options: &types.CertificateOptions{CertificateTransparencyLoggingPreference: types.CertificateTransparencyLoggingPreferenceDisabled, Export: types.CertificateExportDisabled}, //nolint:staticcheck // AWS still answers it
	}
}

func importCertificate(t *tx, in *acm.ImportCertificateInput) (*acm.ImportCertificateOutput, error) {
	made, err := t.checkImport(in)
	if err != nil {
		return nil, err
	}
	s := t.acm()
	if in.CertificateArn == nil {
		if err := certificateTags.check(in.Tags); err != nil {
			return nil, err
		}
		if len(s.Certificates) >= certificateQuota {
			return nil, apiError("LimitExceededException", "Cannot import more certificates in this account. Contact Customer Service for details.")
		}
		arn := t.arn("acm", "certificate/"+t.uuid())
		s.Certificates.add(&row[certificate]{
			V:    certificate{Detail: made.detail(t, arn), Tags: in.Tags, Told: true, PEM: string(in.Certificate), Chain: string(in.CertificateChain)},
			meta: meta{Lag: t.opts.Lag},
		})
		return &acm.ImportCertificateOutput{CertificateArn: &arn}, nil
	}
	r, err := t.certificate(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	old := &r.V
	switch {
	case len(in.Tags) > 0:
		return nil, apiError("ValidationException", "Tagging is not permitted on re-import.")
	case old.Detail.Type != types.CertificateTypeImported:
		return nil, apiError("ValidationException", "Certificate %s was not imported.", *in.CertificateArn)
	case old.Detail.KeyAlgorithm != made.algorithm:
		return nil, apiError("ValidationException", "The key algorithm of a certificate cannot be changed by a re-import.")
	}
	before, _ := certificatesIn([]byte(old.PEM))
	for _, had := range before {
		lost := slices.ContainsFunc(had.ExtKeyUsage, func(u x509.ExtKeyUsage) bool { return !slices.Contains(made.leaf.ExtKeyUsage, u) })
		if lost || had.KeyUsage&^made.leaf.KeyUsage != 0 {
			return nil, apiError("ValidationException", "Key usages cannot be removed by a re-import.")
		}
	}
	old.Detail, old.PEM, old.Chain = made.detail(t, *in.CertificateArn), string(in.Certificate), string(in.CertificateChain)
	return &acm.ImportCertificateOutput{CertificateArn: in.CertificateArn}, nil
}

// registerImport are the operations on certificates with their text.
func registerImport(a *Account) {
	op(a, acm.ServiceID, importCertificate)
	opOn(on(a, acm.ServiceID, (*tx).certificate), func(in *acm.GetCertificateInput) *string { return in.CertificateArn }, func(_ *tx, r *row[certificate], in *acm.GetCertificateInput) (*acm.GetCertificateOutput, error) {
		if r.V.Detail.Type != types.CertificateTypeImported {
			return nil, apiError("RequestInProgressException", "the sandbox has the text of imported certificates only, not of %s", *in.CertificateArn)
		}
		out := &acm.GetCertificateOutput{Certificate: aws.String(r.V.PEM)}
		if r.V.Chain != "" {
			out.CertificateChain = aws.String(r.V.Chain)
		}
		return out, nil
	})
}
