package rules

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"

	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// NewHostKey makes the private key of a server of SFTP, as sshd reads it, and the
// fingerprint that people compare. Ed25519 is what every client takes since 2014.
func NewHostKey() (private, fingerprint string, err error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", "", lang.Errorf("make the host key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		return "", "", lang.Errorf("encode the host key: %w", err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return "", "", lang.Errorf("encode the host key: %w", err)
	}
	return string(pem.EncodeToMemory(block)), ssh.FingerprintSHA256(signer.PublicKey()), nil
}
