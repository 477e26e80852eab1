package s3

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The key pair of an escrow: its public half as OpenSSH writes it, its private one as it is kept.

// describe notes the public key, as OpenSSH writes it.
func (e *Escrow) describe(public *rsa.PublicKey) error {
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return lang.Errorf("encode the public key: %w", err)
	}
	e.Public = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	e.fingerprint = ssh.FingerprintSHA256(key)
	return nil
}

func (e *Escrow) metadata() map[string]string {
	out := map[string]string{metaPublic: e.Public, metaFingerprint: e.fingerprint}
	if e.Replaces != "" {
		out[metaReplaces] = e.Replaces
	}
	return out
}

// keyBits is how long a client's key is: as the document's security level asks.
const keyBits = 4096

// put makes a key and puts it, on the condition that the request has.
func (e *Escrow) put(ctx context.Context, s *provision.Scope, in *s3.PutObjectInput) error {
	private, err := s.NewKey(keyBits)
	if err != nil {
		return lang.Errorf("make the RSA key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return lang.Errorf("encode the RSA key: %w", err)
	}
	if err := e.describe(&private.PublicKey); err != nil {
		return err
	}
	tags := url.Values{}
	for k, v := range e.tags {
		tags.Set(k, v)
	}
	in.Bucket, in.Key = aws.String(rules.AdminBucketName(s.Account, s.Home().Region)), &e.key
	in.Body, in.ContentType = bytes.NewReader(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), aws.String("application/x-pem-file")
	in.ServerSideEncryption, in.SSEKMSKeyId = s3types.ServerSideEncryptionAwsKms, &e.keyARN
	in.Metadata, in.Tagging = e.metadata(), aws.String(tags.Encode())
	out, err := s.Home().S3.PutObject(ctx, in)
	if err != nil {
		return err
	}
	e.etag, e.encryption, e.private = aws.ToString(out.ETag), sealedWith(e.keyARN), readable
	return nil
}

// publicOf reads a private key. Its errors say nothing of what was read.
func publicOf(data []byte) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, lang.New("is no PEM file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, lang.New("is no private key in PKCS#8")
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, lang.New("is no RSA key")
	}
	return &private.PublicKey, nil
}
