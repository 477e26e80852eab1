package vpn_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/pki"
)

const (
	openvpn    = "/usr/sbin/openvpn"
	serverName = "acme.vpn.example"
	connected  = "Initialization Sequence Completed"
	// Machines in the two networks of the client's slot.
	web      = "10.20.0.10:8080"
	database = "10.20.16.10:5432"
)

// endpoint is a server that is set as AWS's Client VPN endpoint is, with the authority
// behind it.
type endpoint struct {
	authority *pki.Authority
	index     pki.Index
	dir       string
	daemon    *daemon
	written   int // files
}

func newAuthority(t *testing.T, client string) *pki.Authority {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	// Lists that have expired are from the year before, perhaps.
	authority, err := pki.NewAuthority(key, client, "eu-west-3", time.Now().AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{authority: newAuthority(t, "ACME"), dir: t.TempDir()}
	certificate, key, err := e.authority.Server(serverName, time.Now(), pki.NewKey)
	if err != nil {
		t.Fatal(err)
	}
	e.write(t, "ca.pem", e.authority.PEM())
	e.write(t, "server.pem", certificate)
	e.write(t, "server.key", key)
	e.importList(t, time.Now())
	e.write(t, "server.conf", []byte(`dev tun
proto udp
port 443
server 10.21.0.0 255.255.252.0
topology subnet
data-ciphers AES-256-GCM
dh none
ca ca.pem
cert server.pem
key server.key
remote-cert-tls client
crl-verify crl.pem
push "route 10.20.0.0 255.255.240.0"
push "route 10.20.16.0 255.255.248.0"
keepalive 1 30
disable-dco
verb 3
`))
	for _, address := range []string{web, database} {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		run(t, here(t), "ip", "addr", "add", host+"/32", "dev", "lo")
		listen(t, address)
	}
	e.daemon = start(t, here(t), "the server", openvpn, "--cd", e.dir, "--config", "server.conf")
	e.daemon.says(t, connected)
	return e
}

// write puts a file into place whole, as the server may read it at any time. OpenVPN takes
// a list for the one it knows when it has the same size and is of the same second
// (ssl.c, tls_ctx_reload_crl), so no two files are.
func (e *endpoint) write(t *testing.T, name string, text []byte) {
	t.Helper()
	path := filepath.Join(e.dir, name)
	err := os.WriteFile(path+".new", text, 0o600)
	if err == nil {
		e.written++
		at := time.Now().Add(time.Duration(e.written) * time.Minute)
		err = os.Chtimes(path+".new", at, at)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// importList signs the list of the index at a time, and imports it as it is.
func (e *endpoint) importList(t *testing.T, at time.Time) []byte {
	t.Helper()
	list, err := e.authority.RevocationList(e.index.Revoked(), e.index.NextNumber(), at)
	if err != nil {
		t.Fatal(err)
	}
	e.write(t, "crl.pem", list)
	return list
}

// user gives a person a certificate and a key.
func (e *endpoint) user(t *testing.T, person string) (certificate, key []byte) {
	t.Helper()
	entry, err := e.index.Reserve(person, pki.DefaultDays, time.Now())
	if err == nil {
		certificate, key, err = e.authority.User(entry)
	}
	if err == nil {
		err = e.index.Issued(entry.Serial)
	}
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// export is what ExportClientVpnClientConfiguration answers, with the address of the server
// in these networks for the name of the endpoint.
func (e *endpoint) export(address string) string {
	return "client\r\ndev tun\r\nproto udp\r\nremote " + address + " 443\r\nresolv-retry infinite\r\nnobind\r\nremote-cert-tls server\r\n" +
		"cipher AES-256-GCM\r\nverb 3\r\n<ca>\r\n" + strings.ReplaceAll(string(e.authority.PEM()), "\n", "\r\n") + "\r\n</ca>\r\n\r\nreneg-sec 0\r\n"
}

// person is somebody with a profile, on a network at home.
type person struct {
	network network
	daemon  *daemon
}

// connect gives a person a certificate and starts the client with the profile.
func (e *endpoint) connect(t *testing.T, name string) *person {
	t.Helper()
	certificate, key := e.user(t, name)
	return e.connectWith(t, name, func(server string) []byte {
		profile, err := pki.Profile(e.export(server), certificate, key, serverName)
		if err != nil {
			t.Fatal(err)
		}
		return profile
	})
}

func (e *endpoint) connectWith(t *testing.T, name string, profile func(server string) []byte) *person {
	t.Helper()
	network, server := newNetwork(t)
	file := filepath.Join(t.TempDir(), name+".ovpn")
	if err := os.WriteFile(file, profile(server), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{web, database} {
		if answer, err := network.ask(address, "hello"); err == nil {
			t.Fatalf("%s reaches %s without a VPN: %s", name, address, answer)
		}
	}
	return &person{network, start(t, network, name, openvpn, "--config", file, "--disable-dco")}
}

// works checks that traffic passes the tunnel to both networks, and comes from the range
// of the people.
func (p *person) works(t *testing.T) {
	t.Helper()
	p.daemon.says(t, connected)
	_, people, err := net.ParseCIDR("10.21.0.0/22")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("x", 100_000) // more than a packet
	for _, address := range []string{web, database} {
		answer, err := p.network.ask(address, text)
		from, echo, _ := strings.Cut(answer, " ")
		if err != nil || echo != text || !people.Contains(net.ParseIP(from)) {
			t.Errorf("%s asks %s: %d bytes from %q, %v", p.daemon.name, address, len(echo), from, err)
		}
	}
}

// refused waits until the server has turned a person away for a reason, and checks that the
// person is not in.
func (e *endpoint) refused(t *testing.T, p *person, reason string) {
	t.Helper()
	e.daemon.says(t, reason)
	if strings.Contains(p.daemon.log.String(), connected) {
		t.Errorf("%s is connected", p.daemon.name)
	}
	p.daemon.stop(t)
}

// openVPN runs a test against an endpoint.
func openVPN(t *testing.T, test func(*testing.T, *endpoint)) {
	t.Helper()
	inBox(t, []string{openvpn, "/usr/sbin/ip"}, func(t *testing.T) { test(t, newEndpoint(t)) })
}

func TestProfileConnects(t *testing.T) {
	openVPN(t, func(t *testing.T, e *endpoint) {
		jane := e.connect(t, "jane")
		joe := e.connect(t, "joe")
		jane.works(t)
		joe.works(t)
		for _, want := range []string{"VERIFY KU OK", "VERIFY EKU OK", "VERIFY X509NAME OK: CN=" + serverName} {
			if !strings.Contains(jane.daemon.log.String(), want) {
				t.Errorf("the client does not say %q", want)
			}
		}
		if !strings.Contains(e.daemon.log.String(), "[jane] Peer Connection Initiated") {
			t.Error("the server does not know jane by her name")
		}
	})
}

func TestRevokedPersonIsRefused(t *testing.T) {
	openVPN(t, func(t *testing.T, e *endpoint) {
		jane, joe := e.connect(t, "jane"), e.connect(t, "joe")
		jane.works(t)
		joe.works(t)
		if revoked := e.index.Revoke("jane", time.Now()); len(revoked) != 1 {
			t.Fatalf("revoked %v", revoked)
		}
		e.importList(t, time.Now())
		jane.works(t) // lists count at the next handshake; who is in has to be put out
		jane.daemon.stop(t)
		again := *jane
		again.daemon = start(t, jane.network, "jane again", jane.daemon.cmd.Path, jane.daemon.cmd.Args[1:]...)
		e.refused(t, &again, "error=certificate revoked: CN=jane")
		joe.works(t) // who stays connected
		e.connect(t, "jim").works(t)
		// With a new certificate she is in again, under a newer list.
		e.importList(t, time.Now())
		e.connect(t, "jane").works(t)
	})
}

func TestOtherCertificatesAreRefused(t *testing.T) {
	openVPN(t, func(t *testing.T, e *endpoint) {
		// The server's own certificate is not for clients. Profile refuses it, so it is put
		// into the profile by hand.
		certificate, key, err := e.authority.Server("other.vpn.example", time.Now(), pki.NewKey)
		if err != nil {
			t.Fatal(err)
		}
		by := func(name string, certificate, key []byte) *person {
			return e.connectWith(t, name, func(server string) []byte {
				if _, err := pki.Profile(e.export(server), certificate, key, serverName); err == nil {
					t.Errorf("%s has a profile", name)
				}
				return []byte(e.export(server) + "<cert>\n" + string(certificate) + "</cert>\n<key>\n" + string(key) + "</key>\n")
			})
		}
		e.refused(t, by("server", certificate, key), "certificate purpose: CN=other.vpn.example")
		globex := &endpoint{authority: newAuthority(t, "GLOBEX")}
		certificate, key = globex.user(t, "gina")
		e.refused(t, by("gina", certificate, key), "CN=gina")
		e.connect(t, "jane").works(t)
	})
}

// The profile keeps its user from servers that are none, or another one.
func TestProfileKnowsItsServer(t *testing.T) {
	openVPN(t, func(t *testing.T, e *endpoint) {
		e.daemon.stop(t)
		impostor := func(certificate, key []byte, says string) {
			t.Helper()
			e.write(t, "server.pem", certificate)
			e.write(t, "server.key", key)
			server := start(t, here(t), "an impostor", openvpn, "--cd", e.dir, "--config", "server.conf")
			server.says(t, connected)
			jane := e.connect(t, "jane")
			jane.daemon.says(t, says)
			if strings.Contains(jane.daemon.log.String(), connected) {
				t.Errorf("connected in spite of %q", says)
			}
			jane.daemon.stop(t)
			server.stop(t)
		}
		certificate, key := e.user(t, "mallory")
		impostor(certificate, key, "certificate purpose: CN=mallory")
		certificate, key, err := e.authority.Server("other.vpn.example", time.Now(), pki.NewKey)
		if err != nil {
			t.Fatal(err)
		}
		impostor(certificate, key, "VERIFY X509NAME ERROR: CN=other.vpn.example, must be "+serverName)
	})
}

// A list that is not fit shuts everybody out, which is why lists are checked before they
// are imported.
func TestUnfitListShutsEverybodyOut(t *testing.T) {
	openVPN(t, func(t *testing.T, e *endpoint) {
		unfit := func(name string, is error, list []byte, reason string) {
			t.Helper()
			if _, err := pki.ParseRevocationList(list, e.authority.Certificate, time.Now()); !errors.Is(err, is) {
				t.Errorf("%s is not refused before it is imported: %v", name, err)
			}
			e.refused(t, e.connect(t, name), reason)
		}
		sound := e.importList(t, time.Now())
		e.connect(t, "jane").works(t)
		unfit("after.the.end", pki.ErrListExpired, e.importList(t, time.Now().AddDate(0, 0, -200)), "error=CRL has expired: CN=after.the.end")
		unfit("before.its.time", pki.ErrListFuture, e.importList(t, time.Now().AddDate(0, 0, 2)), "error=CRL is not yet valid: CN=before.its.time")
		text := bytes.Replace(sound, []byte("X509 CRL"), []byte("NO CRL"), 2)
		e.write(t, "crl.pem", text)
		unfit("beside.nonsense", pki.ErrListUnreadable, text, "VERIFY ERROR: CRL not loaded")
		e.importList(t, time.Now())
		e.connect(t, "joe").works(t)
	})
}

// A list of another authority is taken without an error, and revokes nobody: the only sign
// of it is a warning for everybody who connects. One with a wrong signature shuts all out.
func TestListOfAnotherAuthorityLetsEverybodyIn(t *testing.T) {
	openVPN(t, func(t *testing.T, e *endpoint) {
		certificate, key := e.user(t, "jane")
		e.index.Revoke("jane", time.Now())
		jane := func() *person {
			return e.connectWith(t, "jane", func(server string) []byte {
				profile, err := pki.Profile(e.export(server), certificate, key, serverName)
				if err != nil {
					t.Fatal(err)
				}
				return profile
			})
		}
		sound := e.importList(t, time.Now())
		e.refused(t, jane(), "error=certificate revoked: CN=jane")
		other, err := newAuthority(t, "GLOBEX").RevocationList(e.index.Revoked(), big.NewInt(1), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(sound)
		block.Bytes[len(block.Bytes)-1] ^= 1
		forged := pem.EncodeToMemory(block)
		for is, list := range map[error][]byte{pki.ErrListIssuer: other, pki.ErrListSignature: forged} {
			if _, err := pki.ParseRevocationList(list, e.authority.Certificate, time.Now()); !errors.Is(err, is) {
				t.Errorf("not refused before it is imported: %v", err)
			}
		}
		e.write(t, "crl.pem", other)
		jane().works(t)
		e.daemon.says(t, "VERIFY WARNING: depth=0, unable to get certificate CRL: CN=jane")
		e.write(t, "crl.pem", forged)
		e.refused(t, e.connect(t, "joe"), "error=CRL signature failure: CN=joe")
	})
}
