package vpn_test

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

func TestIPsec(t *testing.T) {
	ipsecTests(t, map[string]func(*testing.T, *ipsecRig){
		"fails over":         ipsecFailsOver,
		"site rekeys first":  ipsecSiteRekeysFirst,
		"keys":               ipsecKeys,
		"syntax errors":      ipsecSyntaxErrors,
		"initiated by AWS":   ipsecInitiatedByAWS,
		"routes of a script": ipsecRoutes,
	})
}

// The printed files bring both tunnels up, with the algorithms of the connection. When one
// end of AWS falls silent its tunnel is given up in the time that rules state, the traffic
// goes on, and the tunnel comes back by itself.
func ipsecFailsOver(t *testing.T, r *ipsecRig) {
	r.startUsualAWS(t, "none")
	r.startSite(t, nil)
	r.load(t)
	r.bothUp(t)
	if !r.pings(t) {
		t.Fatal("nothing passes")
	}
	sas := r.swanctl(t, "--list-sas")
	for _, want := range []string{"AES_GCM_16-256/PRF_HMAC_SHA2_384/ECP_384", "ESP:AES_GCM_16-256", "local  0.0.0.0/0", "remote 0.0.0.0/0", "IKEv2"} {
		if strings.Count(sas, want) < 2 {
			t.Errorf("not both tunnels have %q:\n%s", want, sas)
		}
	}
	cut := carrying(t, sas)
	r.must(t, "ip", "address", "del", fmt.Sprintf("203.0.113.1%d/32", cut), "dev", "eth0")
	took := ipsecEventually(t, "traffic goes on", rules.SiteGiveUp()+ipsecPatience, func() bool { return r.pings(t) })
	t.Logf("tunnel %d was cut, traffic goes on after %s", cut, took.Round(time.Second))
	// A ping that is on its way takes a second more, and a busy machine some.
	if limit := rules.SiteGiveUp() + 6*time.Second; took > limit {
		t.Errorf("failover took %s, more than %s", took, limit)
	}
	if took < rules.SiteDPDInterval/2 {
		t.Errorf("failover took %s: nothing was cut", took)
	}
	if r.up(t, cut) || !r.up(t, 3-cut) {
		t.Errorf("the wrong tunnel is up:\n%s", r.swanctl(t, "--list-sas"))
	}
	r.must(t, "ip", "address", "add", fmt.Sprintf("203.0.113.1%d/32", cut), "dev", "eth0")
	ipsecEventually(t, "the tunnel comes back by itself", ipsecPatience, func() bool { return r.up(t, cut) })
	// AWS replaces an endpoint: it closes the tunnel and takes it again.
	r.aws(t, "--terminate", "--ike", "t1")
	ipsecEventually(t, "AWS closes tunnel 1", ipsecPatience, func() bool {
		return strings.Contains(r.log(t, "site"), "received DELETE for IKE_SA acme-paris-1")
	})
	r.bothUp(t)
}

var ipsecSent = regexp.MustCompile(`(?s)acme-paris-([12]): #[0-9]+, reqid.*?out +[0-9a-f]+, +([0-9]+) bytes`)

// carrying is the tunnel that the site has sent packets through. In user space it is one of
// the two, and routes have no say in it.
func carrying(t *testing.T, sas string) int {
	t.Helper()
	var tunnels []string
	for _, m := range ipsecSent.FindAllStringSubmatch(sas, -1) {
		if m[2] != "0" {
			tunnels = append(tunnels, m[1])
		}
	}
	if len(tunnels) != 1 {
		t.Fatalf("packets went through tunnels %v:\n%s", tunnels, sas)
	}
	return int(tunnels[0][0] - '0')
}

// Lifetimes are hours, so those of both ends are scaled: of IKE to a 600th, of ESP to a
// 100th, rounded to seconds. The site begins all rekeyings, and no packet is lost by them.
func ipsecSiteRekeysFirst(t *testing.T, r *ipsecRig) {
	t.Helper()
	scaled := strings.NewReplacer( // each stands in the file of one tunnel once
		"rekey_time = 27000s", "rekey_time = 45s",
		"rand_time = 1800s", "rand_time = 3s",
		"over_time = 1800s", "over_time = 3s",
		"rekey_time = 2700s", "rekey_time = 27s",
		"rand_time = 300s", "rand_time = 3s",
		"life_time = 3600s", "life_time = 36s",
	)
	r.startAWS(t, "47s", "1s", "33s", "2s", "36s", "none") // 28260, 540, 3330, 270 and 3600 s
	changed := 0
	r.startSite(t, func(text string) string {
		out := scaled.Replace(text)
		before, after := strings.Split(text, "\n"), strings.Split(out, "\n")
		for i := range before {
			if before[i] != after[i] {
				changed++
			}
		}
		return out
	})
	if changed != 12 {
		t.Fatalf("%d lines of lifetimes, not 6 per tunnel", changed)
	}
	r.load(t)
	r.bothUp(t)
	ping := exec.CommandContext(t.Context(), "ip", ipsecSite("ping", "-q", "-i", "0.25", "-w", "50", "-I", ipsecLAN, ipsecHost)[1:]...)
	out, err := ping.CombinedOutput()
	if err != nil || !strings.Contains(string(out), " 0% packet loss") {
		t.Errorf("packets were lost: %v\n%s", err, out)
	}
	site, aws := r.log(t, "site"), r.log(t, "aws")
	// The timer of an SA that was replaced may still go off, so what counts is what was sent.
	const request = "generating CREATE_CHILD_SA request "
	for what, sent := range map[string]*regexp.Regexp{
		"ESP": regexp.MustCompile(request + `[0-9]+ \[ N\(REKEY_SA\) SA No KE TSi TSr \]`),
		"IKE": regexp.MustCompile(request + `[0-9]+ \[ SA No KE \]`),
	} {
		if got := len(sent.FindAllString(site, -1)); got < 2 {
			t.Errorf("the site rekeyed %s %d times, not once per tunnel", what, got)
		}
	}
	if strings.Contains(aws, request) {
		t.Error("AWS was first")
	}
	sas := r.swanctl(t, "--list-sas")
	if strings.Count(sas, "INSTALLED, TUNNEL-in-UDP, ESP:AES_GCM_16-256/ECP_384") != 2 {
		t.Errorf("not both tunnels were rekeyed with a DH exchange:\n%s", sas)
	}
}

// What goes wrong with keys is said, and a right key alone does not help.
func ipsecKeys(t *testing.T, r *ipsecRig) {
	r.startUsualAWS(t, "none")
	r.config.Tunnels[0].Key = "another.key_of_1"
	r.startSite(t, nil)
	r.load(t)
	said := func(what string) {
		t.Helper()
		ipsecEventually(t, "the log says: "+what, ipsecPatience, func() bool { return strings.Contains(r.log(t, "site"), what) })
	}
	said("received AUTHENTICATION_FAILED notify error")
	ipsecEventually(t, "tunnel 2 is up", ipsecPatience, func() bool { return r.up(t, 2) })
	if r.up(t, 1) {
		t.Fatal("a wrong key is taken")
	}
	r.config = ipsecConnection()
	r.install(t, nil)
	r.load(t)
	r.stays(t, 1, false) // as the keys' file says
	r.script(t)          // which tries again
	r.bothUp(t)

	r.swanctl(t, "--terminate", "--ike", "acme-paris-1")
	r.must(t, "rm", r.path("etc/swanctl/conf.d/acme-paris-keys.conf"))
	r.config.Tunnels[0].Key, r.config.Tunnels[1].Key = "", ""
	r.install(t, nil)
	if out := r.load(t); !strings.Contains(out, "successfully loaded 2 connections") {
		t.Errorf("without keys nothing is loaded:\n%s", out)
	}
	said("no shared key found for '198.51.100.7' - '203.0.113.11'") // the script goes on
	for _, end := range []string{"site", "aws"} {
		if strings.Contains(r.log(t, end), "key_of_") {
			t.Errorf("a key is in the log of %s", end)
		}
	}
}

// stays holds that a tunnel is not coming up, or going down, for a while.
func (r *ipsecRig) stays(t *testing.T, tunnel int, up bool) {
	t.Helper()
	begin := time.Now()
	ipsecEventually(t, "time to pass", ipsecPatience, func() bool {
		if r.up(t, tunnel) != up {
			t.Fatalf("tunnel %d did not stay as it was (up: %t)", tunnel, up)
		}
		return time.Since(begin) > 3*time.Second
	})
}

// What the head of the file says of a syntax error is so: the check finds it and nothing
// happens; without the check, all tunnels are closed, and that is called a success.
func ipsecSyntaxErrors(t *testing.T, r *ipsecRig) {
	r.startUsualAWS(t, "none")
	r.startSite(t, nil)
	check := func() (string, error) {
		return r.try(t, "env", "STRONGSWAN_CONF="+r.path("etc/swanctl/swanctl.conf"), "swanctl", "--help")
	}
	if out, err := check(); err != nil {
		t.Fatalf("the check finds fault with the printed files: %v\n%s", err, out)
	}
	r.load(t)
	r.bothUp(t)
	r.load(t) // again: nothing changes
	r.write(t, "etc/swanctl/conf.d/another.conf", "connections {\n\tanother {\n\t\tdpd_delay = soon\n\t}\n}\n")
	if out, err := r.try(t, append(ipsecSite("swanctl"), "--load-all", "--noprompt", "--file", r.path("etc/swanctl/swanctl.conf"), "--uri", "unix://"+r.socket("site"))...); err == nil || !strings.Contains(out, "loaded 2 of 3 connections, 1 failed to load, 0 unloaded") {
		t.Errorf("a wrong value: %v\n%s", err, out)
	}
	r.stays(t, 1, true)
	r.write(t, "etc/swanctl/conf.d/another.conf", "connections {\n\tanother {\n")
	if out, err := check(); err == nil || !strings.Contains(out, "syntax error") {
		t.Errorf("the check does not see a syntax error: %v\n%s", err, out)
	}
	if !r.up(t, 1) || !r.up(t, 2) {
		t.Error("the check closed a tunnel")
	}
	if out := r.load(t); !strings.Contains(out, "no connections found, 2 unloaded") {
		t.Errorf("a syntax error:\n%s", out)
	}
	ipsecEventually(t, "all tunnels are closed", ipsecPatience, func() bool { return r.swanctl(t, "--list-sas") == "" })
}

// Where AWS is to initiate, the site waits, and AWS does.
func ipsecInitiatedByAWS(t *testing.T, r *ipsecRig) {
	r.config.InitiateSite = false
	r.startSite(t, nil)
	r.load(t)
	r.stays(t, 1, false)
	r.startUsualAWS(t, "start")
	r.bothUp(t)
	if !r.pings(t) {
		t.Error("nothing passes")
	}
	if strings.Contains(r.log(t, "site"), "initiating IKE_SA") {
		t.Error("the site initiated")
	}
}

// The printed script keeps the routes where there is an answer: it leaves a silent tunnel in
// the time that rules state, whose interface stays up, and goes back to it. Packets that come
// back through the other tunnel are taken, where the site checks reverse paths strictly too.
func ipsecRoutes(t *testing.T, r *ipsecRig) {
	r.install(t, nil)
	r.must(t, ipsecSite("sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter")...)
	out := r.script(t)
	r.must(t, "ip", "route", "add", "192.168.50.0/24", "dev", "aws2")
	through := func(want string) func() bool {
		return func() bool {
			got, err := r.try(t, ipsecSite("ip", "-o", "route", "get", ipsecHost)...)
			return err == nil && strings.Contains(got, " dev "+want+" ")
		}
	}
	ipsecEventually(t, "the route through tunnel 1", ipsecPatience, through("xfrm2048"))
	ipsecEventually(t, "tunnels answer", ipsecPatience, func() bool { return strings.Contains(out.String(), "tunnel 1 answers: yes, tunnel 2 answers: yes") })
	if !r.pings(t) {
		t.Fatal("nothing comes back through tunnel 2")
	}
	routes := r.must(t, ipsecSite("ip", "route")...)
	for _, want := range []string{
		"10.20.16.0/20 dev xfrm2048 scope link metric 100", "10.20.16.0/20 dev xfrm2052 scope link metric 200",
		"10.20.32.0/21 dev xfrm2048 scope link metric 100", "10.20.32.0/21 dev xfrm2052 scope link metric 200",
	} {
		if !strings.Contains(routes, want) {
			t.Errorf("no route %s:\n%s", want, routes)
		}
	}
	if got := r.must(t, ipsecSite("nft", "list", "table", "ip", "cicdctl_acme_paris")...); strings.Count(got, "maxseg size set 1379") != 4 {
		t.Errorf("the MSS is not set:\n%s", got)
	}
	if got := r.must(t, ipsecSite("ip", "-o", "address", "show", "dev", "xfrm2048")...); !strings.Contains(got, "169.254.8.2/30") {
		t.Errorf("the inside address is not there:\n%s", got)
	}
	if got := r.must(t, ipsecSite("ip", "link", "show", "dev", "xfrm2048")...); !strings.Contains(got, "mtu 1446") {
		t.Errorf("another MTU:\n%s", got)
	}

	r.must(t, "ip", "address", "del", "169.254.8.1/30", "dev", "aws1")
	took := ipsecEventually(t, "the route through tunnel 2", 2*rules.SiteFailover(), through("xfrm2052"))
	if took > rules.SiteFailover() {
		t.Errorf("the route changed after %s, more than %s", took, rules.SiteFailover())
	}
	if !r.pings(t) {
		t.Error("nothing passes through tunnel 2")
	}
	r.must(t, "ip", "address", "del", "169.254.8.5/30", "dev", "aws2")
	ipsecEventually(t, "both routes, as none answers", 2*rules.SiteFailover(), through("xfrm2048"))
	r.must(t, "ip", "address", "add", "169.254.8.5/30", "dev", "aws2")
	ipsecEventually(t, "the route through tunnel 2 again", 2*rules.SiteFailover(), through("xfrm2052"))
}
