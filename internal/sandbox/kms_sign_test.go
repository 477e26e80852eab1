package sandbox_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

func (v *vault) signingKey(t *testing.T) *types.KeyMetadata {
	t.Helper()
	out, err := v.kms.CreateKey(t.Context(), &kms.CreateKeyInput{KeySpec: types.KeySpecRsa2048, KeyUsage: types.KeyUsageTypeSignVerify})
	if err != nil {
		t.Fatal(err)
	}
	return out.KeyMetadata
}

func TestKMSSigns(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	m := v.signingKey(t)
	if m.KeySpec != types.KeySpecRsa2048 || m.KeyUsage != types.KeyUsageTypeSignVerify || len(m.EncryptionAlgorithms) != 0 || len(m.SigningAlgorithms) != 6 {
		t.Errorf("made %+v", m)
	}
	told, err := v.kms.GetPublicKey(t.Context(), &kms.GetPublicKeyInput{KeyId: m.KeyId})
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.ParsePKIXPublicKey(told.PublicKey)
	if err != nil || told.KeySpec != m.KeySpec || told.KeyUsage != m.KeyUsage || *told.KeyId != *m.Arn {
		t.Fatalf("told %+v, %v", told, err)
	}
	text := []byte("text")
	digest := sha256.Sum256(text)
	for kind, message := range map[types.MessageType][]byte{types.MessageTypeRaw: text, "": text, types.MessageTypeDigest: digest[:]} {
		out, err := v.kms.Sign(t.Context(), &kms.SignInput{KeyId: m.Arn, Message: message, MessageType: kind, SigningAlgorithm: types.SigningAlgorithmSpecRsassaPkcs1V15Sha256})
		if err != nil {
			t.Fatal(err)
		}
		if err := rsa.VerifyPKCS1v15(public.(*rsa.PublicKey), crypto.SHA256, digest[:], out.Signature); err != nil {
			t.Errorf("%q: %v", kind, err)
		}
	}
}

func TestKMSSigningRefusals(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	m, digest := v.signingKey(t), sha256.Sum256(nil)
	sign := func(change func(*kms.SignInput)) func() error {
		return func() error {
			in := &kms.SignInput{KeyId: m.Arn, Message: digest[:], MessageType: types.MessageTypeDigest, SigningAlgorithm: types.SigningAlgorithmSpecRsassaPkcs1V15Sha256}
			change(in)
			_, err := v.kms.Sign(t.Context(), in)
			return err
		}
	}
	create := func(spec types.KeySpec, usage types.KeyUsageType) func() error {
		return func() error {
			_, err := v.kms.CreateKey(t.Context(), &kms.CreateKeyInput{KeySpec: spec, KeyUsage: usage})
			return err
		}
	}
	public := func(key *string) func() error {
		return func() error {
			_, err := v.kms.GetPublicKey(t.Context(), &kms.GetPublicKeyInput{KeyId: key})
			return err
		}
	}
	set := func(do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		do   func() error
		want string
	}{
		{"signing with a key that encrypts", sign(func(in *kms.SignInput) { in.KeyId = v.key }), "InvalidKeyUsageException"},
		{"signing with an algorithm of another key", sign(func(in *kms.SignInput) { in.SigningAlgorithm = types.SigningAlgorithmSpecEcdsaSha256 }), "InvalidKeyUsageException"},
		{"signing what is no digest", sign(func(in *kms.SignInput) { in.Message = []byte("text") }), "ValidationException"},
		{"signing nothing", sign(func(in *kms.SignInput) { in.Message = []byte{} }), "ValidationException"},
		{"signing too much", sign(func(in *kms.SignInput) { in.Message, in.MessageType = make([]byte, 4097), types.MessageTypeRaw }), "ValidationException"},
		{"signing a digest of another sort", sign(func(in *kms.SignInput) { in.MessageType = types.MessageTypeExternalMu }), "ValidationException"},
		{"signing with no key", sign(func(in *kms.SignInput) { in.KeyId = aws.String("missing") }), "NotFoundException"},
		{"the public part of a key that has none", public(v.key), "UnsupportedOperationException"},
		{"a key that signs, of no sort", create("", types.KeyUsageTypeSignVerify), "ValidationException"},
		{"a key of RSA for nothing", create(types.KeySpecRsa2048, ""), "ValidationException"},
		{"a key that is not made here", create(types.KeySpecRsa4096, types.KeyUsageTypeSignVerify), "UnsupportedOperationException"},
		{"rotation", func() error {
			_, err := v.kms.EnableKeyRotation(t.Context(), &kms.EnableKeyRotationInput{KeyId: m.Arn})
			return err
		}, "UnsupportedOperationException"},
		{"whether it rotates", func() error {
			_, err := v.kms.GetKeyRotationStatus(t.Context(), &kms.GetKeyRotationStatusInput{KeyId: m.Arn})
			return err
		}, "UnsupportedOperationException"},
		{"encrypting an object with it", func() error {
			return v.put(t, s3.PutObjectInput{ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: m.Arn})
		}, "KMS.InvalidKeyUsageException"},
		{"signing with a disabled key", func() error {
			set(func() error {
				_, err := v.kms.(*kms.Client).DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: m.Arn})
				return err
			})
			return sign(func(*kms.SignInput) {})()
		}, "DisabledException"},
		{"its public part", public(m.Arn), "DisabledException"},
		{"signing with a key that goes", func() error {
			set(func() error {
				_, err := v.kms.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: m.Arn})
				return err
			})
			return sign(func(*kms.SignInput) {})()
		}, "KMSInvalidStateException"},
		{"its public part then", public(m.Arn), "KMSInvalidStateException"},
	} {
		if got := awsapi.Code(c.do()); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The material of a key is in the account's file and nowhere else.
func TestKMSKeepsMaterialToItself(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sandbox.json")
	v := openVault(t, path)
	m := v.signingKey(t)
	state, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept struct {
		KMS map[string]struct {
			Keys []struct{ V struct{ Private string } }
		}
	}
	if err := json.Unmarshal(state, &kept); err != nil || len(kept.KMS["eu-west-3"].Keys) != 1 {
		t.Fatalf("the file holds %+v (%v)", kept, err)
	}
	private := kept.KMS["eu-west-3"].Keys[0].V.Private
	material, err := base64.StdEncoding.DecodeString(private)
	if err == nil {
		_, err = x509.ParsePKCS8PrivateKey(material)
	}
	if err != nil {
		t.Fatalf("the file has no material: %v", err)
	}
	// Another program with the same account signs with the same key, and changes of settings
	// do not copy the material.
	again := openVault(t, path)
	if _, err := again.kms.TagResource(t.Context(), &kms.TagResourceInput{KeyId: m.Arn, Tags: []types.Tag{{TagKey: aws.String("a"), TagValue: aws.String("b")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := awsapi.Signer(t.Context(), again.kms, *m.Arn); err != nil {
		t.Error(err)
	}
	if state, err = os.ReadFile(path); err != nil || strings.Count(string(state), private) != 1 {
		t.Errorf("the material is there %d times (%v)", strings.Count(string(state), private), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the file: %v, %v", info.Mode(), err)
	}
	var told []any
	note := func(out any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, out)
	}
	described, err := again.kms.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: m.Arn})
	note(described, err)
	public, err := again.kms.GetPublicKey(t.Context(), &kms.GetPublicKeyInput{KeyId: m.Arn})
	note(public, err)
	keys, err := again.kms.ListKeys(t.Context(), &kms.ListKeysInput{})
	note(keys, err)
	text, err := json.Marshal(told)
	if err != nil || bytes.Contains(text, []byte(private)) {
		t.Errorf("it is told (%v)", err)
	}
}
