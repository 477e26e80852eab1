package awsapi_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

func newKMS(t *testing.T) (*sandbox.Account, awsapi.KMS) {
	t.Helper()
	account, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	return account, factory.Set("eu-west-3").KMS
}

func signingKey(t *testing.T, api awsapi.KMS) *string {
	t.Helper()
	out, err := api.CreateKey(t.Context(), &kms.CreateKeyInput{KeySpec: types.KeySpecRsa2048, KeyUsage: types.KeyUsageTypeSignVerify})
	if err != nil {
		t.Fatal(err)
	}
	return out.KeyMetadata.Arn
}

func wants(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want an error with %q", err, text)
	}
}

// A whole authority works with a key that stays in KMS.
func TestAuthorityWithAKeyOfKMS(t *testing.T) {
	t.Parallel()
	account, api := newKMS(t)
	now := time.Now()
	alias := "alias/cicdctl/client/acme/vpn"
	if _, err := api.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: signingKey(t, api)}); err != nil {
		t.Fatal(err)
	}
	account.Forget()
	signer, err := awsapi.Signer(t.Context(), api, alias)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := pki.NewAuthority(signer, "ACME", "eu-west-3", now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := pki.NewAuthority(signer, "ACME", "eu-west-3", now)
	if err != nil || !again.Certificate.Equal(authority.Certificate) {
		t.Errorf("made again it is another one (%v)", err)
	}
	entry, err := new(pki.Index).Reserve("jane", pki.DefaultDays, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := authority.User(entry); err != nil {
		t.Fatal(err)
	}
	list, err := authority.RevocationList([]pki.Revoked{{Serial: entry.Serial, At: now, Expires: entry.Expires}}, big.NewInt(1), now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pki.ParseRevocationList(list, authority.Certificate, now); err != nil {
		t.Error(err)
	}
	counts := map[string]int{}
	for _, c := range account.Calls() {
		counts[c.Operation]++
		if c.Mutating {
			t.Errorf("%s changes something", c.Name())
		}
	}
	if counts["GetPublicKey"] != 1 || counts["Sign"] != 4 {
		t.Errorf("it took %v", counts)
	}
}

func TestSignerRefuses(t *testing.T) {
	t.Parallel()
	_, api := newKMS(t)
	key := signingKey(t, api)
	signer, err := awsapi.Signer(t.Context(), api, *key)
	if err != nil {
		t.Fatal(err)
	}
	digest, long := sha256.Sum256([]byte("text")), sha512.Sum512([]byte("text"))
	for name, c := range map[string]struct {
		digest  []byte
		options crypto.SignerOpts
		want    string
	}{
		"another hash":             {long[:], crypto.SHA512, "SHA-512"},
		"another scheme":           {digest[:], &rsa.PSSOptions{Hash: crypto.SHA256}, "RSASSA-PSS is not in use"},
		"what was not hashed":      {[]byte("text"), crypto.SHA256, "a digest of 4 bytes"},
		"a digest of nobody knows": {digest[:], nil, "nobody says what the digest is of"},
		"a digest of no hash":      {digest[:], crypto.Hash(0), "only SHA-256 is in use"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := signer.Sign(rand.Reader, c.digest, c.options)
			wants(t, err, c.want)
		})
	}
	symmetric, err := api.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = awsapi.Signer(t.Context(), api, *symmetric.KeyMetadata.Arn)
	wants(t, err, "UnsupportedOperationException")
	_, err = awsapi.Signer(t.Context(), api, "alias/missing")
	if !awsapi.Is(err, awsapi.NotFound) {
		t.Errorf("a key that is missing: %v", err)
	}
}

func TestSignerTellsWhyKMSRefuses(t *testing.T) {
	t.Parallel()
	_, api := newKMS(t)
	key := signingKey(t, api)
	signer, err := awsapi.Signer(t.Context(), api, *key)
	if err == nil {
		_, err = api.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: key})
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = pki.NewAuthority(signer, "ACME", "eu-west-3", time.Now())
	wants(t, err, "is pending deletion")
}

// odd is a KMS that answers what it should not.
type odd struct {
	awsapi.KMS
	public func(*kms.GetPublicKeyOutput)
	signed func(*kms.SignOutput)
}

func (o odd) GetPublicKey(ctx context.Context, in *kms.GetPublicKeyInput, options ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	out, err := o.KMS.GetPublicKey(ctx, in, options...)
	if err == nil && o.public != nil {
		o.public(out)
	}
	return out, err
}

func (o odd) Sign(ctx context.Context, in *kms.SignInput, options ...func(*kms.Options)) (*kms.SignOutput, error) {
	out, err := o.KMS.Sign(ctx, in, options...)
	if err == nil && o.signed != nil {
		o.signed(out)
	}
	return out, err
}

func TestSignerChecksWhatKMSAnswers(t *testing.T) {
	t.Parallel()
	_, api := newKMS(t)
	key := signingKey(t, api)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	shortDER, err := x509.MarshalPKIXPublicKey(&short.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		public func(*kms.GetPublicKeyOutput)
		want   string
	}{
		"a longer key":                   {func(o *kms.GetPublicKeyOutput) { o.KeySpec = types.KeySpecRsa4096 }, "is RSA_4096 for SIGN_VERIFY; it must be RSA_2048 for SIGN_VERIFY"},
		"a key that encrypts":            {func(o *kms.GetPublicKeyOutput) { o.KeyUsage = types.KeyUsageTypeEncryptDecrypt }, "is RSA_2048 for ENCRYPT_DECRYPT"},
		"a key that signs in other ways": {func(o *kms.GetPublicKeyOutput) { o.SigningAlgorithms = o.SigningAlgorithms[3:] }, "it must be"},
		"nothing that can be read":       {func(o *kms.GetPublicKeyOutput) { o.PublicKey = []byte("text") }, "public part of key"},
		"a key of another length":        {func(o *kms.GetPublicKeyOutput) { o.PublicKey = shortDER }, "not what KMS says it is"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := awsapi.Signer(t.Context(), odd{KMS: api, public: c.public}, *key)
			wants(t, err, c.want)
		})
	}
	signer, err := awsapi.Signer(t.Context(), odd{KMS: api, signed: func(o *kms.SignOutput) { o.Signature[0] ^= 1 }}, *key)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("text"))
	signature, err := signer.Sign(nil, digest[:], crypto.SHA256)
	wants(t, err, "not a signature of that key")
	if signature != nil {
		t.Error("and there is one")
	}
}

// What an alias names may be another key tomorrow; a signer keeps to the one it has seen.
func TestSignerKeepsItsKey(t *testing.T) {
	t.Parallel()
	_, api := newKMS(t)
	first, second, alias := signingKey(t, api), signingKey(t, api), aws.String("alias/vpn")
	if _, err := api.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: alias, TargetKeyId: first}); err != nil {
		t.Fatal(err)
	}
	signer, err := awsapi.Signer(t.Context(), api, *alias)
	if err == nil {
		_, err = api.UpdateAlias(t.Context(), &kms.UpdateAliasInput{AliasName: alias, TargetKeyId: second})
	}
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("text"))
	if _, err := signer.Sign(nil, digest[:], crypto.SHA256); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	signer, err = awsapi.Signer(ctx, api, *first)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := signer.Sign(nil, digest[:], crypto.SHA256); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context: %v", err)
	}
}
