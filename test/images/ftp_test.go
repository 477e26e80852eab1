package images_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// certifiedName is what the server's certificate is for.
const certifiedName = "ftp.shop.example"

// ftp is a client that does what it is told and no more.
type ftp struct {
	t    *testing.T
	conn net.Conn // below TLS
	text *textproto.Conn
	tls  *tls.Config // nil in the clear
}

func dialFTP(t *testing.T, b *box) *ftp {
	t.Helper()
	conn, err := net.DialTimeout("tcp", b.address(), patience)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	c := &ftp{t: t, conn: conn, text: textproto.NewConn(conn)}
	t.Cleanup(func() { _ = c.text.Close() })
	c.expect(220)
	return c
}

// secure goes on in TLS, whose session the data connections have to take up.
func (c *ftp) secure(roots *x509.CertPool) {
	c.t.Helper()
	c.do(234, "AUTH TLS")
	config := &tls.Config{RootCAs: roots, ServerName: certifiedName, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	secured := tls.Client(c.conn, config)
	if err := secured.Handshake(); err != nil {
		c.t.Fatalf("TLS: %v", err)
	}
	c.text, c.tls = textproto.NewConn(secured), config
}

// expect reads an answer.
func (c *ftp) expect(code int) string {
	c.t.Helper()
	got, message, err := c.text.ReadResponse(0)
	if err != nil && got == 0 {
		c.t.Fatalf("want %d: %v", code, err)
	}
	if got != code {
		c.t.Errorf("answered %d %s, want %d", got, message, code)
	}
	return message
}

func (c *ftp) do(code int, format string, args ...any) string {
	c.t.Helper()
	if err := c.text.PrintfLine(format, args...); err != nil {
		c.t.Fatal(err)
	}
	return c.expect(code)
}

func (c *ftp) login(name, word string) {
	c.t.Helper()
	c.do(331, "USER %s", name)
	c.do(230, "PASS %s", word)
	c.do(200, "TYPE I")
}

// passive returns the address and port that the server announces.
func (c *ftp) passive() (string, int) {
	c.t.Helper()
	message := c.do(227, "PASV")
	var a, b, d, e, high, low int
	_, place, _ := strings.Cut(message, "(")
	if _, err := fmt.Sscanf(place, "%d,%d,%d,%d,%d,%d)", &a, &b, &d, &e, &high, &low); err != nil {
		c.t.Fatalf("PASV answers %q: %v", message, err)
	}
	return fmt.Sprintf("%d.%d.%d.%d", a, b, d, e), high<<8 | low
}

// data opens a data connection.
func (c *ftp) data() net.Conn {
	c.t.Helper()
	_, port := c.passive()
	// The load balancer's part: whatever address is announced, it ends here.
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), patience)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatal(err)
	}
	return conn
}

// transfer does a command with a data connection and returns what came on it.
func (c *ftp) transfer(upload, format string, args ...any) string {
	c.t.Helper()
	conn := c.data()
	c.do(150, format, args...)
	if c.tls != nil {
		conn = tls.Client(conn, c.tls)
	}
	text := ""
	var err error
	if upload != "" {
		_, err = io.WriteString(conn, upload)
	} else {
		var b []byte
		b, err = io.ReadAll(conn)
		text = string(b)
	}
	if err != nil {
		c.t.Errorf("%s: %v", fmt.Sprintf(format, args...), err)
	}
	_ = conn.Close()
	c.expect(226)
	return text
}

func people(t *testing.T) string {
	t.Helper()
	return "FILE_USERS=" + mustJSON(t, []person{{Name: "alice", Hash: passwordHash}, {Name: "keyonly", Keys: []string{"ssh-ed25519 AAAA"}}})
}

func TestProFTPDKeepsFilesAndCopiesThem(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		s3, env := serveS3(t)
		d := b.serve(t, append(env, people(t))...)
		slow := dialFTP(t, b) // an upload that is under way all the time
		slow.login("alice", password)
		conn := slow.data()
		slow.do(150, "STOR half.csv")
		send(t, conn, "1,2")
		eventually(t, "half an upload", func() bool {
			files, err := os.ReadDir("/srv/files/preview")
			return err == nil && len(files) == 1
		})

		c := dialFTP(t, b)
		c.login("alice", password)
		c.do(257, "PWD")
		c.do(257, "MKD in")
		c.transfer("1,2,3\n", "STOR in/report.csv")
		c.do(213, "MFMT 20200203040506 in/report.csv")
		if got := c.transfer("", "RETR in/report.csv"); got != "1,2,3\n" {
			t.Errorf("comes back as %q", got)
		}
		contains(t, "the list", c.transfer("", "NLST in"), "report.csv")
		if text, err := os.ReadFile("/srv/files/preview/in/report.csv"); err != nil || string(text) != "1,2,3\n" {
			t.Errorf("lies in the environment's folder as %q: %v", text, err)
		}
		eventually(t, "the upload in S3", func() bool { return s3.has("preview/in/report.csv", "1,2,3\n") })
		if keys, _ := s3.keys(); len(keys) != 1 {
			t.Errorf("S3 has %v", keys)
		}
		// Its old time does not make it one that can go.
		contains(t, "the time", c.do(213, "MDTM in/report.csv"), "20200203040506")

		b.stop(t, d)
		d.wait(t)
	})
}

func TestProFTPDAnnouncesTheLoadBalancer(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		ports := []uint16{49156, 49157, 49158, 49159} // as preview has them
		b.serve(t, people(t), "MASQUERADE_ADDRESS=203.0.113.80", "PASSIVE_PORTS=49156-49159")
		// To each person another of its listeners.
		seen := map[uint16]bool{}
		for range ports {
			c := dialFTP(t, b)
			c.login("alice", password)
			contains(t, "extended passive mode", c.do(229, "EPSV"), "(|||491")
			address, port := c.passive()
			if address != "203.0.113.80" || !slices.Contains(ports, uint16(port)) {
				t.Errorf("data connections are sent to %s:%d, where nobody listens", address, port)
			}
			seen[uint16(port)] = true
		}
		if len(seen) != len(ports) {
			t.Errorf("as many people as ports get %d ports, want %d", len(seen), len(ports))
		}
		one := dialFTP(t, b)
		one.do(331, "USER alice")
		contains(t, "one more", one.do(530, "PASS "+password), "try again")
	})
}

func TestProFTPDTakesDataFromAnotherZone(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		b.serve(t, people(t))
		c := dialFTP(t, b)
		c.login("alice", password)
		_, port := c.passive()
		other := &net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
		conn, err := other.DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		c.do(150, "NLST")
		if _, err := io.ReadAll(conn); err != nil {
			t.Error(err)
		}
		_ = conn.Close() // or the server lingers
		c.expect(226)
	})
}

func TestProFTPDLocksIn(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		b.serve(t, people(t))
		c := dialFTP(t, b)
		c.login("alice", password)
		c.do(250, "CWD ..")
		contains(t, "the top", c.do(257, "PWD"), `"/"`)
		for _, command := range []string{
			"CWD /etc", "CWD /srv", "RETR /etc/passwd", "RETR ../../../etc/passwd", "RETR /run/proftpd/passwd",
			"STOR /tmp/outside", "STOR ../../../tmp/outside", "SITE SYMLINK /etc link", "SITE CHMOD 777 /", "SITE CPFR /etc/passwd", "MFMT 20200101000000 /",
			"PORT 127,0,0,1,8,0", "EPRT |1|127.0.0.1|2048|",
		} {
			if _, isData := strings.CutPrefix(command, "RETR"); isData || strings.HasPrefix(command, "STOR") {
				c.passive()
			}
			if err := c.text.PrintfLine("%s", command); err != nil {
				t.Fatal(err)
			}
			code, message, err := c.text.ReadResponse(0)
			if err != nil && code == 0 {
				t.Fatalf("%s: %v", command, err)
			}
			if code < 500 {
				t.Errorf("%s is answered with %d %s", command, code, message)
			}
		}
		if _, err := os.Stat("/tmp/outside"); err == nil {
			t.Error("a file was put outside")
		}
		if files, err := os.ReadDir("/srv/files/preview"); err != nil || len(files) > 0 {
			t.Errorf("the folder holds %v: %v", files, err)
		}
	})
}

func TestProFTPDKnowsItsPeople(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		d := b.serve(t, people(t))
		for name, c := range map[string]struct{ user, word string }{
			"another password":    {"alice", "wrong"},
			"no password":         {"alice", ""},
			"only a key":          {"keyonly", "*"},
			"anonymous":           {"anonymous", "me@example"},
			"ftp":                 {"ftp", "me@example"},
			"root":                {"root", password},
			"the server's own":    {"files", "*"},
			"somebody else":       {"mallory", password},
			"one of Debian's own": {"www-data", password},
		} {
			client := dialFTP(t, b)
			client.do(331, "USER %s", c.user)
			if got := client.do(530, "PASS %s", c.word); !strings.Contains(got, "incorrect") {
				t.Errorf("%s: %s", name, got)
			}
		}
		d.noSecrets(t, passwordHash, password)
	})
}

func TestProFTPDWithACertificateAsksForTLS(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		certificate, key, roots := newCertificate(t)
		b.serve(t, people(t), "CERTIFICATE="+certificate, "CERTIFICATE_KEY="+key)
		c := dialFTP(t, b)
		c.do(550, "USER alice")

		s := dialFTP(t, b)
		s.secure(roots)
		s.login("alice", password)
		s.do(200, "PBSZ 0")
		s.do(200, "PROT P")
		s.transfer("secret\n", "STOR x")
		if got := s.transfer("", "RETR x"); got != "secret\n" {
			t.Errorf("comes back as %q", got)
		}
	})
}

func newCertificate(t *testing.T) (certificate, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: certifiedName}, DNSNames: []string{certifiedName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(certificate))
	return certificate, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})), roots
}
