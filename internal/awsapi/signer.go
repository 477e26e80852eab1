package awsapi

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// signingAlgorithm is the one that a Signer uses: that of certificates and revocation
// lists which every OpenVPN reads.
const signingAlgorithm = types.SigningAlgorithmSpecRsassaPkcs1V15Sha256

// Signer signs with a key that never leaves KMS: one of RSA with 2048 bits, which is for
// signatures. It asks for the public key once; every signature is a call of its own, ends
// with ctx, and is checked before it is used.
func Signer(ctx context.Context, api KMS, keyID string) (crypto.Signer, error) {
	out, err := api.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &keyID})
	if err != nil {
		return nil, lang.Errorf("public part of key %s: %w", keyID, err)
	}
	if out.KeySpec != types.KeySpecRsa2048 || out.KeyUsage != types.KeyUsageTypeSignVerify || !slices.Contains(out.SigningAlgorithms, signingAlgorithm) {
		return nil, lang.Errorf("key %s is %s for %s; it must be %s for %s", keyID, out.KeySpec, out.KeyUsage, types.KeySpecRsa2048, types.KeyUsageTypeSignVerify)
	}
	public, err := x509.ParsePKIXPublicKey(out.PublicKey)
	if err != nil {
		return nil, lang.Errorf("public part of key %s: %w", keyID, err)
	}
	key, isRSA := public.(*rsa.PublicKey)
	if !isRSA || key.N.BitLen() != 2048 {
		return nil, lang.Errorf("public part of key %s: not what KMS says it is, %s", keyID, out.KeySpec)
	}
	// What has an alias now may have another key under it later.
	arn := aws.ToString(out.KeyId)
	return &signer{public: key, sign: func(digest []byte) ([]byte, error) {
		out, err := api.Sign(ctx, &kms.SignInput{KeyId: &arn, Message: digest, MessageType: types.MessageTypeDigest, SigningAlgorithm: signingAlgorithm})
		if err != nil {
			return nil, lang.Errorf("sign with key %s: %w", arn, err)
		}
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, out.Signature); err != nil {
			return nil, lang.Errorf("sign with key %s: what KMS answered is not a signature of that key: %w", arn, err)
		}
		return out.Signature, nil
	}}, nil
}

type signer struct {
	public *rsa.PublicKey
	sign   func(digest []byte) ([]byte, error)
}

func (s *signer) Public() crypto.PublicKey { return s.public }

// Sign takes SHA-256 and PKCS #1 v1.5 only. KMS needs no randomness of ours.
func (s *signer) Sign(_ io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	if options == nil {
		return nil, lang.New("sign with a key of KMS: nobody says what the digest is of")
	}
	if _, pss := options.(*rsa.PSSOptions); pss {
		return nil, lang.New("sign with a key of KMS: RSASSA-PSS is not in use, only PKCS #1 v1.5")
	}
	if hash := options.HashFunc(); hash != crypto.SHA256 {
		return nil, lang.Errorf("sign with a key of KMS: a digest of %s, but only SHA-256 is in use", hash)
	}
	if len(digest) != crypto.SHA256.Size() {
		return nil, lang.Errorf("sign with a key of KMS: a digest of %d {byte|bytes}, which SHA-256 does not give", len(digest))
	}
	return s.sign(digest)
}
