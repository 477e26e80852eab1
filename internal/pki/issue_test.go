package pki

import (
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCertificatesOpenOneDoor(t *testing.T) {
	t.Parallel()
	a, other := authority(t, acmeKey(), noon), authority(t, otherKey(), noon)
	jane, _, _ := user(t, a, "jane.doe")
	text, _, err := a.Server("acme.vpn.example", noon, NewKey)
	if err != nil {
		t.Fatal(err)
	}
	server, err := parseCertificate(text)
	if err != nil {
		t.Fatal(err)
	}
	client, serving := x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth
	for name, c := range map[string]struct {
		certificate *x509.Certificate
		by          *Authority
		usage       x509.ExtKeyUsage
		host        string
		at          time.Time
		want        string // "" where it is let in
	}{
		"a user":                               {jane, a, client, "", noon, ""},
		"a user whose clock is a little late":  {jane, a, client, "", noon.Add(-59 * time.Minute), ""},
		"a user on the last day":               {jane, a, client, "", noon.AddDate(0, 0, 365), ""},
		"a user a second later":                {jane, a, client, "", noon.AddDate(0, 0, 365).Add(time.Second), "expired"},
		"a user as the server":                 {jane, a, serving, "", noon, "incompatible key usage"},
		"a user at another client's":           {jane, other, client, "", noon, "unknown authority"},
		"the server":                           {server, a, serving, "acme.vpn.example", noon, ""},
		"the server as a user":                 {server, a, client, "", noon, "incompatible key usage"},
		"the server under another name":        {server, a, serving, "globex.vpn.example", noon, "not globex.vpn.example"},
		"the server in its last days":          {server, a, serving, "acme.vpn.example", noon.AddDate(0, 0, 397), ""},
		"the server when it should be renewed": {server, a, serving, "acme.vpn.example", noon.AddDate(0, 0, 398), "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.certificate.Verify(x509.VerifyOptions{Roots: pool(c.by), CurrentTime: c.at, DNSName: c.host, KeyUsages: []x509.ExtKeyUsage{c.usage}})
			if c.want != "" {
				refused(t, err, c.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	if jane.KeyUsage != x509.KeyUsageDigitalSignature || server.KeyUsage != x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment {
		t.Errorf("keys are for %b and %b", jane.KeyUsage, server.KeyUsage)
	}
	if jane.IsCA || server.IsCA || jane.Subject.CommonName != "jane.doe" || !slices.Equal(server.DNSNames, []string{"acme.vpn.example"}) {
		t.Errorf("issued to %s and %s", jane.Subject, server.Subject)
	}
}

// ACM wants a key without a password, of 5 KB at most (ImportCertificate).
func TestKeysAreWhatACMTakes(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	_, key, err := a.Server("acme.vpn.example", noon, NewKey)
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(key)
	if block == nil || len(rest) > 0 || block.Type != "PRIVATE KEY" || len(block.Headers) > 0 || len(key) > 5*1024 {
		t.Fatalf("a key of %d bytes that is not as it should be", len(key))
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		t.Error(err)
	}
}

func TestServerNames(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	for name, given := range map[string]string{
		"one without a domain":                "acme",
		"none":                                "",
		"one with capital letters":            "ACME.example",
		"one with an empty label":             "acme..example",
		"one that ends in a dot":              "acme.example.",
		"one with a star":                     "*.acme.example",
		"one that is too long for its holder": strings.Repeat("a", 60) + ".example",
		"one with a line end":                 "acme.example\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := a.Server(given, noon, NewKey)
			refused(t, err, "not a DNS name with a domain")
		})
	}
}

func TestUserRefuses(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	sound := Entry{Serial: big.NewInt(7), Person: "jane", Issued: noon, Expires: noon.AddDate(0, 0, 30), State: StatePending}
	for name, c := range map[string]struct {
		change func(*Entry)
		want   string
	}{
		"who was revoked before":                   {func(e *Entry) { e.State, e.Revoked = StateRevoked, noon }, "is revoked, not reserved"},
		"who has it already":                       {func(e *Entry) { e.State = StateIssued }, "is issued, not reserved"},
		"a serial number of nothing":               {func(e *Entry) { e.Serial = nil }, "not a serial number"},
		"the serial number 0":                      {func(e *Entry) { e.Serial = new(big.Int) }, "not a serial number"},
		"a negative serial number":                 {func(e *Entry) { e.Serial = big.NewInt(-1) }, "not a serial number"},
		"a serial number of 21 bytes":              {func(e *Entry) { e.Serial = new(big.Int).Lsh(big.NewInt(1), 160) }, "not a serial number"},
		"a name with a line end":                   {func(e *Entry) { e.Person = "jane\n" }, "is not a name"},
		"a name that OpenVPN changes":              {func(e *Entry) { e.Person = "jane doe" }, "is not a name"},
		"no name":                                  {func(e *Entry) { e.Person = "" }, "is not a name"},
		"more days than are given out":             {func(e *Entry) { e.Expires = noon.AddDate(0, 0, 826) }, "cannot expire"},
		"an end before its beginning":              {func(e *Entry) { e.Expires = noon }, "cannot expire"},
		"an end that a certificate cannot tell":    {func(e *Entry) { e.Expires = e.Expires.Add(1) }, "whole seconds"},
		"an end after that of the authority":       {func(e *Entry) { e.Issued, e.Expires = noon.AddDate(19, 0, 0), noon.AddDate(20, 0, 0) }, "but its authority only"},
		"a beginning before that of the authority": {func(e *Entry) { e.Issued = noon.AddDate(-1, 0, 0) }, "but its authority only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := sound
			c.change(&e)
			_, key, err := a.User(e)
			refused(t, err, c.want)
			if key != nil {
				t.Error("and there is a key")
			}
		})
	}
}
