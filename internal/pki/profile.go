package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Profile makes a user's .ovpn file of what ExportClientVpnClientConfiguration answers,
// which has everything but the user's certificate and key. server is the common name of the
// server's certificate. The file says that it must meet that server and no other holder of a
// certificate of the authority, unless the export says which already.
//
// Lines end as in Unix: every client reads that, also on Windows, and some read nothing
// else. remote-random-hostname, which half of them do not know, is replaced by what it stands
// for: a label in front of the endpoint's name, which does not resolve without one. It is
// always the same for one certificate.
func Profile(export string, certPEM, keyPEM []byte, server string) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, lang.Errorf("make the profile: %w", err) }
	if !PersonPattern().MatchString(server) {
		return fail(lang.Errorf("%q is not the common name of a server", server))
	}
	user, err := userPair(certPEM, keyPEM)
	if err != nil {
		return fail(err)
	}
	lines, err := readProfile(export)
	if err != nil {
		return fail(err)
	}
	if err := checkExport(lines, user); err != nil {
		return fail(err)
	}
	random := find(lines, "remote-random-hostname") != nil
	var out strings.Builder
	for _, l := range lines {
		switch {
		case l.is("remote-random-hostname"):
		case l.is("remote") && random:
			words := slices.Clone(l.words)
			words[1] = labelled(words[1], user)
			out.WriteString(strings.Join(words, " ") + "\n")
		default:
			out.WriteString(l.text + "\n")
		}
	}
	if find(lines, "remote-cert-tls") == nil {
		out.WriteString("remote-cert-tls server\n")
	}
	if find(lines, "verify-x509-name") == nil {
		out.WriteString("verify-x509-name " + server + " name\n")
	}
	out.WriteString("<cert>\n" + string(encode(pemCertificate, user.Raw)) + "</cert>\n")
	out.WriteString("<key>\n" + string(bytes.TrimSpace(keyPEM)) + "\n</key>\n")
	return []byte(out.String()), nil
}

// userPair is the certificate, if it is a user's and the key is its own.
func userPair(certPEM, keyPEM []byte) (*x509.Certificate, error) {
	certificate, err := parseCertificate(certPEM)
	if err != nil {
		return nil, lang.Errorf("the certificate: %w", err)
	}
	if !slices.Contains(certificate.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return nil, lang.Errorf("the certificate of %q is not for a client", certificate.Subject.CommonName)
	}
	der, err := decode(pemKey, keyPEM)
	if err != nil {
		return nil, lang.New("the key is not one PEM block of PKCS #8") // and say nothing of what it is
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, lang.New("the key cannot be read")
	}
	key, isRSA := private.(*rsa.PrivateKey)
	if !isRSA || !key.PublicKey.Equal(certificate.PublicKey) {
		return nil, lang.Errorf("the key is not that of the certificate of %q", certificate.Subject.CommonName)
	}
	return certificate, nil
}

// line is a line of a profile: a directive, a line within an inline file, or neither.
type line struct {
	text   string
	words  []string // of a directive; "<ca>" is one, too
	inside string   // the inline file that the line is in: "ca"
}

func (l line) is(directive string) bool { return len(l.words) > 0 && l.words[0] == directive }

func find(lines []line, directive string) *line {
	for i := range lines {
		if lines[i].is(directive) {
			return &lines[i]
		}
	}
	return nil
}

// readProfile takes a profile apart as OpenVPN does.
func readProfile(text string) ([]line, error) {
	text = strings.TrimPrefix(text, "\ufeff") // a byte order mark, as editors on Windows leave it
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == '\ufffd' }) {
		return nil, lang.New("what AWS has exported is not text")
	}
	var lines []line
	inside := ""
	for n, each := range strings.Split(strings.TrimRight(text, "\n\t "), "\n") {
		l := line{text: strings.TrimRight(each, " \t"), inside: inside}
		trimmed := strings.TrimSpace(each)
		switch {
		case inside != "":
			if trimmed == "</"+inside+">" {
				inside = ""
			}
		case strings.HasPrefix(trimmed, "</"):
			return nil, lang.Errorf("line %d of what AWS has exported ends %q, which has not begun", n+1, trimmed)
		case strings.HasPrefix(trimmed, "<") && strings.HasSuffix(trimmed, ">"):
			l.words = []string{trimmed}
			inside = strings.Trim(trimmed, "<>")
		case trimmed != "" && trimmed[0] != '#' && trimmed[0] != ';':
			l.words = strings.Fields(trimmed)
			l.words[0] = strings.TrimPrefix(l.words[0], "--")
		}
		lines = append(lines, l)
	}
	if inside != "" {
		return nil, lang.Errorf("<%s> has no end in what AWS has exported", inside)
	}
	return lines, nil
}

// identities are the directives that say who the user is, which is what is added.
var identities = []string{"cert", "key", "pkcs12", "extra-certs", "auth-user-pass", "secret"}

// checkExport says what is wrong with an export, also for this user.
func checkExport(lines []line, user *x509.Certificate) error {
	for _, name := range identities {
		if find(lines, name) != nil || find(lines, "<"+name+">") != nil {
			return lang.Errorf("what AWS has exported has a %q already; is it somebody's profile?", name)
		}
	}
	if find(lines, "client") == nil {
		return lang.New("what AWS has exported is not for a client")
	}
	remotes := 0
	for _, l := range lines {
		if l.is("remote") {
			if remotes++; len(l.words) < 2 {
				return lang.New("a remote in what AWS has exported names no host")
			}
		}
	}
	if remotes == 0 {
		return lang.New("what AWS has exported names no remote")
	}
	roots, err := inlineCA(lines)
	if err != nil {
		return err
	}
	// The time is of no interest: that of the issue is one at which both are valid.
	if _, err := user.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: user.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		return lang.Errorf("the certificate of %q is not of the authority in what AWS has exported: %w", user.Subject.CommonName, err)
	}
	return nil
}

// inlineCA is the authority in <ca>.
func inlineCA(lines []line) (*x509.CertPool, error) {
	var text strings.Builder
	for _, l := range lines {
		if l.inside == "ca" && strings.TrimSpace(l.text) != "</ca>" {
			text.WriteString(l.text + "\n")
		}
	}
	pool := x509.NewCertPool()
	rest, found := []byte(text.String()), 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil || block.Type != pemCertificate {
			return nil, lang.New("<ca> in what AWS has exported holds what is no certificate")
		}
		pool.AddCert(certificate)
		found++
	}
	if found == 0 {
		return nil, lang.New("what AWS has exported has no certificate in <ca>")
	}
	return pool, nil
}

// labelled is the endpoint's name with a label in front, of 12 hexadecimal digits as
// OpenVPN draws them for remote-random-hostname.
func labelled(host string, user *x509.Certificate) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	sum := sha256.Sum256(user.SerialNumber.Bytes())
	return fmt.Sprintf("%x.%s", sum[:6], host)
}
