package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// rsaAlgorithms are those that KMS offers for every RSA key that signs.
var rsaAlgorithms = []types.SigningAlgorithmSpec{
	types.SigningAlgorithmSpecRsassaPkcs1V15Sha256, types.SigningAlgorithmSpecRsassaPkcs1V15Sha384, types.SigningAlgorithmSpecRsassaPkcs1V15Sha512,
	types.SigningAlgorithmSpecRsassaPssSha256, types.SigningAlgorithmSpecRsassaPssSha384, types.SigningAlgorithmSpecRsassaPssSha512,
}

// newMaterial notes in the metadata what a new key is for, and makes the material of one
// that signs. There are no other asymmetric keys here than those of RSA with 2048 bits,
// as AWS Client VPN takes them.
func (a *Account) newMaterial(meta *types.KeyMetadata, in *kms.CreateKeyInput) ([]byte, error) {
	spec, usage := in.KeySpec, in.KeyUsage
	if spec == "" {
		spec = types.KeySpecSymmetricDefault
	}
	symmetric := spec == types.KeySpecSymmetricDefault
	if usage == "" && symmetric {
		usage = types.KeyUsageTypeEncryptDecrypt
	}
	switch {
	case usage == "":
		return nil, apiError("ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
	case symmetric && usage == types.KeyUsageTypeEncryptDecrypt:
		return nil, nil
	case symmetric:
		return nil, apiError("ValidationException", "KeyUsage %s is not compatible with KeySpec %s", usage, spec)
	case spec != types.KeySpecRsa2048 || usage != types.KeyUsageTypeSignVerify:
		return nil, apiError("UnsupportedOperationException", "the sandbox makes no keys of %s for %s", spec, usage)
	}
	key, err := a.opts.NewKey(2048)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	meta.KeySpec, meta.KeyUsage, meta.EncryptionAlgorithms, meta.SigningAlgorithms = spec, usage, nil, rsaAlgorithms
	return private, nil
}

func (k *kmsKey) material() (*rsa.PrivateKey, error) {
	key, err := x509.ParsePKCS8PrivateKey(k.Private)
	if err != nil {
		return nil, apiError("SandboxDamaged", "the sandbox holds no material of %s", *k.Meta.Arn) // and not what it holds
	}
	return key.(*rsa.PrivateKey), nil
}

func registerSigning(a *Account) {
	keys := on(a, kms.ServiceID, (*tx).workingKey)
	opOn(keys, func(in *kms.GetPublicKeyInput) string { return aws.ToString(in.KeyId) }, func(_ *tx, r *row[kmsKey], _ *kms.GetPublicKeyInput) (*kms.GetPublicKeyOutput, error) {
		m := r.V.Meta
		if m.KeySpec == types.KeySpecSymmetricDefault {
			return nil, apiError("UnsupportedOperationException", "%s key spec is %s which is not valid for GetPublicKey.", *m.Arn, m.KeySpec)
		}
		key, err := r.V.material()
		if err != nil {
			return nil, err
		}
		public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		return &kms.GetPublicKeyOutput{KeyId: m.Arn, KeySpec: m.KeySpec, KeyUsage: m.KeyUsage, SigningAlgorithms: m.SigningAlgorithms, PublicKey: public}, err
	})
	opOn(keys, func(in *kms.SignInput) string { return aws.ToString(in.KeyId) }, sign)
}

func sign(_ *tx, r *row[kmsKey], in *kms.SignInput) (*kms.SignOutput, error) {
	m := r.V.Meta
	raw := in.MessageType == "" || in.MessageType == types.MessageTypeRaw
	switch {
	case m.KeyUsage != types.KeyUsageTypeSignVerify:
		return nil, apiError("InvalidKeyUsageException", "%s key usage is %s which is not valid for Sign.", *m.Arn, m.KeyUsage)
	case !slices.Contains(m.SigningAlgorithms, in.SigningAlgorithm):
		return nil, apiError("InvalidKeyUsageException", "Algorithm %s is incompatible with key spec %s.", in.SigningAlgorithm, m.KeySpec)
	case len(in.Message) == 0 || len(in.Message) > 4096:
		return nil, apiError("ValidationException", "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length between 1 and 4096")
	case !raw && in.MessageType != types.MessageTypeDigest:
		return nil, apiError("ValidationException", "MessageType %s is incompatible with key spec %s.", in.MessageType, m.KeySpec)
	case in.SigningAlgorithm != types.SigningAlgorithmSpecRsassaPkcs1V15Sha256:
		return nil, apiError("UnsupportedOperationException", "the sandbox does not sign with %s", in.SigningAlgorithm)
	}
	digest := in.Message
	if raw {
		sum := sha256.Sum256(in.Message)
		digest = sum[:]
	}
	if len(digest) != sha256.Size {
		return nil, apiError("ValidationException", "Digest is invalid length for algorithm %s.", in.SigningAlgorithm)
	}
	key, err := r.V.material()
	if err != nil {
		return nil, err
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return &kms.SignOutput{KeyId: m.Arn, Signature: signature, SigningAlgorithm: in.SigningAlgorithm}, nil
}
