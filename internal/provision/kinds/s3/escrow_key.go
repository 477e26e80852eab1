package s3

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// The key pair of an escrow: its public half as OpenSSH writes it, its private one as it is kept.

// describe notes the public key, as OpenSSH writes it.
func (e *Escrow) describe(public *rsa.PublicKey) error {
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return fmt.Errorf("encode the public key: %w", err)
	}
	e.Public = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	e.fingerprint = ssh.FingerprintSHA256(key)
	return nil
}

func (e *Escrow) metadata() map[string]string {
	return map[string]string{metaPublic: e.Public, metaFingerprint: e.fingerprint}
}

// publicOf reads a private key. Its errors say nothing of what was read.
func publicOf(data []byte) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("is no PEM file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("is no private key in PKCS#8")
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("is no RSA key")
	}
	return &private.PublicKey, nil
}
