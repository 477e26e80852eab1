package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"regexp"
	"strings"
	"testing"
)

// exported is an answer of ExportClientVpnClientConfiguration (Client VPN administrator
// guide, "Export the client configuration").
func exported(a *Authority) string {
	return `client
dev tun
proto udp
remote cvpn-endpoint-0123456789abcdef0.prod.clientvpn.eu-west-3.amazonaws.com 443
remote-random-hostname
resolv-retry infinite
nobind
remote-cert-tls server
cipher AES-256-GCM
verb 3
<ca>
` + string(a.PEM()) + `
</ca>

reneg-sec 0
`
}

const vpnServer = "acme.vpn.example"

func TestProfile(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	_, certificate, key := user(t, a, "jane")
	export := exported(a)
	got, err := Profile(export, certificate, key, vpnServer)
	if err != nil {
		t.Fatal(err)
	}
	label := regexp.MustCompile(`remote ([0-9a-f]{12})\.cvpn`).FindSubmatch(got)
	if label == nil {
		t.Fatalf("the endpoint has no label in\n%s", got)
	}
	want := strings.Replace(export, "remote cvpn", "remote "+string(label[1])+".cvpn", 1)
	want = strings.Replace(want, "remote-random-hostname\n", "", 1)
	want += "verify-x509-name acme.vpn.example name\n<cert>\n" + string(certificate) + "</cert>\n<key>\n" + string(key) + "</key>\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if again, err := Profile(export, certificate, key, vpnServer); err != nil || !bytes.Equal(got, again) {
		t.Errorf("it is another one the second time (%v)", err)
	}
	_, other, otherKey := user(t, a, "jane")
	if again, err := Profile(export, other, otherKey, vpnServer); err != nil || bytes.Contains(again, label[1]) {
		t.Errorf("two certificates have one label (%v)", err)
	}
	if _, err := Profile(string(got), certificate, key, vpnServer); err == nil || !strings.Contains(err.Error(), `has a "cert" already`) {
		t.Errorf("a profile as an export: %v", err)
	}
}

// What exports may look like, which makes no difference.
func TestProfileOfOtherExports(t *testing.T) {
	t.Parallel()
	a := authority(t, acmeKey(), noon)
	_, certificate, key := user(t, a, "jane")
	sound := exported(a)
	want, err := Profile(sound, certificate, key, vpnServer)
	if err != nil {
		t.Fatal(err)
	}
	for name, export := range map[string]string{
		"with line ends of Windows":        strings.ReplaceAll(sound, "\n", "\r\n"),
		"with both":                        strings.Replace(sound, "\n", "\r\n", 3),
		"with line ends of old Macs":       strings.ReplaceAll(sound, "\n", "\r"),
		"with a byte order mark":           "\ufeff" + sound,
		"with no line end":                 strings.TrimSpace(sound),
		"with empty lines after it":        sound + "\n \n\n",
		"with blanks at the ends of lines": strings.ReplaceAll(sound, "dev tun", "dev tun  \t"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := Profile(export, certificate, key, vpnServer); err != nil || !bytes.Equal(got, want) {
				t.Errorf("got (%v)\n%s", err, got)
			}
		})
	}
	for name, c := range map[string]struct {
		export  string
		has     []string
		without []string
	}{
		"that does not check the server's purpose": {strings.Replace(sound, "remote-cert-tls server\n", "", 1), []string{"\nremote-cert-tls server\n", "\nverify-x509-name acme"}, nil},
		"that names another server":                {sound + "verify-x509-name other.example name\n", []string{"\nverify-x509-name other.example name\n"}, []string{"acme.vpn"}},
		"that speaks of it in a comment only":      {strings.Replace(sound, "remote-cert-tls server", "# remote-cert-tls server\n;verify-x509-name x name", 1), []string{"\nremote-cert-tls server\n", "\nverify-x509-name acme"}, nil},
		"with dashes, as on a command line":        {strings.Replace(sound, "remote-random-hostname", "--remote-random-hostname", 1), []string{".cvpn-endpoint"}, []string{"random"}},
		"that wants no label":                      {strings.Replace(sound, "remote-random-hostname\n", "", 1), []string{"\nremote cvpn-endpoint"}, nil},
		"that names an address":                    {strings.Replace(sound, "cvpn-endpoint-0123456789abcdef0.prod.clientvpn.eu-west-3.amazonaws.com", "192.0.2.1", 1), []string{"\nremote 192.0.2.1 443\n"}, []string{"random"}},
		"of an authority made again":               {strings.Replace(sound, string(a.PEM()), string(authority(t, acmeKey(), noon.AddDate(-3, 0, 0)).PEM()), 1), []string{"<cert>"}, nil},
		"with more certificates in the chain":      {strings.Replace(sound, "</ca>", string(authority(t, otherKey(), noon).PEM())+"</ca>", 1), []string{"<cert>"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Profile(c.export, certificate, key, vpnServer)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.has {
				if !strings.Contains(string(got), want) {
					t.Errorf("%q is not in\n%s", want, got)
				}
			}
			for _, not := range c.without {
				if strings.Contains(string(got), not) {
					t.Errorf("%q is in\n%s", not, got)
				}
			}
		})
	}
}

func TestProfileRefuses(t *testing.T) {
	t.Parallel()
	a, other := authority(t, acmeKey(), noon), authority(t, otherKey(), noon)
	_, certificate, key := user(t, a, "jane")
	_, _, strange := user(t, a, "joe")
	_, theirs, theirKey := user(t, other, "jane")
	serverCertificate, serverKey, err := a.Server(vpnServer, noon, NewKey)
	if err != nil {
		t.Fatal(err)
	}
	sound := exported(a)
	without := func(line string) string {
		if !strings.Contains(sound, line) {
			t.Fatalf("%q is not in the export", line)
		}
		return strings.Replace(sound, line, "", 1)
	}
	ca := sound[strings.Index(sound, "<ca>") : strings.Index(sound, "</ca>")+len("</ca>\n")]
	pkcs1 := encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(otherKey()))
	curve := make([]byte, 10)
	if _, err := rand.Read(curve); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		export           string
		certificate, key []byte
		server, want     string
	}{
		"nothing":                                 {"", certificate, key, vpnServer, "is not for a client"},
		"what has a certificate":                  {sound + "<cert>\n</cert>\n", certificate, key, vpnServer, `has a "cert" already`},
		"what has a key":                          {sound + "<key>\n</key>\n", certificate, key, vpnServer, `has a "key" already`},
		"what names a file with a key":            {sound + "key jane.key\n", certificate, key, vpnServer, `has a "key" already`},
		"what asks for a password":                {sound + "auth-user-pass\n", certificate, key, vpnServer, `"auth-user-pass"`},
		"what has no authority":                   {without(ca), certificate, key, vpnServer, "no certificate in <ca>"},
		"what has an empty authority":             {without(string(a.PEM())), certificate, key, vpnServer, "no certificate in <ca>"},
		"what has another authority":              {strings.Replace(sound, string(a.PEM()), string(other.PEM()), 1), certificate, key, vpnServer, "is not of the authority"},
		"what has a key for an authority":         {strings.Replace(sound, "</ca>", string(key)+"</ca>", 1), certificate, key, vpnServer, "holds what is no certificate"},
		"what speaks of a remote in a comment":    {strings.Replace(sound, "\nremote ", "\n#remote ", 1), certificate, key, vpnServer, "names no remote"},
		"a remote without a host":                 {strings.Replace(sound, "remote cvpn-endpoint-0123456789abcdef0.prod.clientvpn.eu-west-3.amazonaws.com 443", "remote", 1), certificate, key, vpnServer, "names no host"},
		"what is for a server":                    {without("client\n"), certificate, key, vpnServer, "is not for a client"},
		"what was cut off":                        {without("</ca>\n"), certificate, key, vpnServer, "<ca> has no end"},
		"what ends twice":                         {sound + "</ca>\n", certificate, key, vpnServer, `ends "</ca>"`},
		"what is not text":                        {sound + "\x00", certificate, key, vpnServer, "is not text"},
		"what is not text of this time":           {sound + "\xff", certificate, key, vpnServer, "is not text"},
		"a certificate for a server":              {sound, serverCertificate, serverKey, vpnServer, "is not for a client"},
		"a certificate with another's key":        {sound, certificate, strange, vpnServer, "the key is not that of"},
		"another client's certificate":            {sound, theirs, theirKey, vpnServer, "is not of the authority"},
		"no certificate":                          {sound, nil, key, vpnServer, "the certificate: no PEM block"},
		"a chain for a certificate":               {sound, append(bytes.Clone(certificate), a.PEM()...), key, vpnServer, "more than one PEM block"},
		"no key":                                  {sound, certificate, nil, vpnServer, "the key is not one PEM block"},
		"a key of another form":                   {sound, certificate, pkcs1, vpnServer, "the key is not one PEM block"},
		"a key that cannot be read":               {sound, certificate, encode(pemKey, curve), vpnServer, "the key cannot be read"},
		"no server":                               {sound, certificate, key, "", "not the common name of a server"},
		"a server whose name says something else": {sound, certificate, key, "a\nup /bin/sh", "not the common name of a server"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Profile(c.export, c.certificate, c.key, c.server)
			refused(t, err, c.want)
			if strings.Contains(err.Error(), "PRIVATE KEY") {
				t.Error("the error holds the key")
			}
		})
	}
}

func FuzzProfile(f *testing.F) {
	a := authority(f, acmeKey(), noon)
	_, certificate, key := user(f, a, "jane")
	f.Add(exported(a))
	f.Add("client\r\nremote x\r\n<ca>\r\n</ca>")
	f.Fuzz(func(t *testing.T, export string) {
		got, err := Profile(export, certificate, key, vpnServer)
		if err != nil {
			return
		}
		if bytes.Count(got, key) != 1 || bytes.Count(got, certificate) != 1 || bytes.ContainsAny(got, "\r\x00") {
			t.Errorf("got\n%s", got)
		}
		// It is read again as it was written: the user's identity is in no other inline file.
		lines, err := readProfile(string(got))
		if err != nil || find(lines, "<cert>") == nil || find(lines, "<key>") == nil || find(lines, "remote-cert-tls") == nil || find(lines, "verify-x509-name") == nil {
			t.Errorf("it cannot be read again (%v):\n%s", err, got)
		}
	})
}
