package vpn_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/vpn"
)

// start runs strongSwan at an end, "site" or "aws", with more configuration.
func (r *ipsecRig) start(t *testing.T, end, more string) {
	t.Helper()
	// fwmark: with selectors of all addresses, IKE itself would go into the tunnel.
	text := fmt.Sprintf(`%s
charon-systemd {
	load = random nonce openssl pem pkcs1 pubkey hmac kdf gcm aes sha1 sha2 drbg vici kernel-libipsec kernel-netlink socket-default updown
	plugins {
		vici { 
			socket = unix://%s
		}
		kernel-netlink { 
			fwmark = !0x42
		}
		socket-default { 
			fwmark = 0x42
		}
	}
	filelog {
		file { 
			path = %s
			ike = 2
			flush_line = yes
		}
	}
	journal {
		default = -1
	}
}
`, more, r.socket(end), r.path(end+".log"))
	r.write(t, end+".strongswan.conf", text)
	args := []string{"charon-systemd"}
	if end == "site" {
		args = ipsecSite(args...)
	}
	cmd := exec.Command(args[0], args[1:]...) // ends with the namespace
	cmd.Env = append(os.Environ(), "STRONGSWAN_CONF="+r.path(end+".strongswan.conf"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", end, r.log(t, end))
		}
	})
	ipsecEventually(t, end+" listens", ipsecPatience, func() bool {
		_, err := os.Stat(r.socket(end))
		return err == nil
	})
}

// startSite starts the site with the files that are printed for it. All of their lines are
// used as they are but for those two per tunnel that tie it to an xfrm interface.
func (r *ipsecRig) startSite(t *testing.T, change func(string) string) {
	t.Helper()
	r.install(t, change)
	r.write(t, "etc/swanctl/swanctl.conf", "include conf.d/*.conf\n")
	r.start(t, "site", "include "+r.path("etc/strongswan.d/*.conf"))
}

var ipsecXFRM = regexp.MustCompile(`(?m)^ +if_id_(in|out) = [0-9]+\n`)

// install writes the site's files.
func (r *ipsecRig) install(t *testing.T, change func(string) string) {
	t.Helper()
	files, err := vpn.Swanctl(r.config)
	if err != nil {
		t.Fatal(err)
	}
	connections := &files[0]
	if n := len(ipsecXFRM.FindAllString(connections.Text, -1)); n != 4 {
		t.Fatalf("%d lines are about xfrm interfaces, not 2 per tunnel:\n%s", n, connections.Text)
	}
	connections.Text = ipsecXFRM.ReplaceAllString(connections.Text, "")
	if change != nil {
		connections.Text = change(connections.Text)
	}
	if err := vpn.Write(r.dir, files); err != nil {
		t.Fatal(err)
	}
}

// startAWS starts AWS's end with the options that cicdctl gives its connections. With encap
// it pretends to be behind NAT, as IPsec in user space goes in UDP only; the site finds out.
// It finds a dead peer as soon as the site does: in user space it would answer through the
// dead tunnel until then, which AWS does not.
func (r *ipsecRig) startAWS(t *testing.T, ikeRekey, ikeRest, espRekey, espSpread, espLife, action string) {
	t.Helper()
	var connections, secrets string
	for i, tunnel := range ipsecConnection().Tunnels {
		connections += fmt.Sprintf(`
	t%d {
		version = 2
		local_addrs = %s
		remote_addrs = 198.51.100.7
		encap = yes
		mobike = no
		proposals = aes256gcm16-prfsha384-ecp384
		dpd_delay = 10s
		rekey_time = %s
		rand_time = 0s
		over_time = %s
		local {
			auth = psk
			id = %[2]s
		}
		remote {
			auth = psk
			id = 198.51.100.7
		}
		children {
			t%[1]d {
				local_ts = 0.0.0.0/0
				remote_ts = 0.0.0.0/0
				esp_proposals = aes256gcm16-ecp384
				rekey_time = %[5]s
				rand_time = %[6]s
				life_time = %[7]s
				start_action = %[8]s
			}
		}
	}
`, i+1, tunnel.Outside, ikeRekey, ikeRest, espRekey, espSpread, espLife, action)
		secrets += fmt.Sprintf("\tike-%d {\n\t\tid-1 = %s\n\t\tsecret = %s\n\t}\n", i+1, tunnel.Outside, tunnel.Key)
	}
	r.write(t, "aws/swanctl.conf", "connections {"+connections+"}\nsecrets {\n"+secrets+"}\n")
	r.start(t, "aws", "charon {\n\tretransmit_tries = 3\n\tretransmit_timeout = 2.0\n\tretransmit_base = 1.8\n}")
	r.aws(t, "--load-all", "--noprompt", "--file", r.path("aws/swanctl.conf"))
}

// startUsualAWS is startAWS with the lifetimes of connections: AWS rekeys 270 to 540 s
// before their end.
func (r *ipsecRig) startUsualAWS(t *testing.T, action string) {
	t.Helper()
	r.startAWS(t, "28260s", "540s", "3330s", "270s", "3600s", action)
}
