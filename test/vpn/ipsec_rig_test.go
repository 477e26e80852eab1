// Package vpn_test tries what is printed for the other ends of VPNs with real daemons, in
// namespaces of its own. The last process of a test takes all others with it.
package vpn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/vpn"
)

const (
	// ipsecInside names, in a process within the namespaces, the directory for its files.
	ipsecInside = "CICDCTL_TEST_IPSEC"
	// ipsecPatience bounds what takes a moment.
	ipsecPatience = 20 * time.Second
	ipsecLAN      = "192.168.50.10" // a host behind the site
	ipsecHost     = "10.20.16.10"   // one of the client at AWS
)

// ipsecRig is a site and AWS's end of its connection: two strongSwans in two network
// namespaces. The kernel's own IPsec would need its xfrm interfaces, which few machines
// that tests run on have, so both encrypt in user space (kernel-libipsec).
type ipsecRig struct {
	dir    string
	config vpn.Config
}

// ipsecConnection is a connection with addresses for documentation.
func ipsecConnection() vpn.Config {
	return vpn.Config{
		Client: "acme", Region: "eu-west-3", Site: "paris", Connection: "vpn-0123456789abcdef0",
		Peer:     netip.MustParseAddr("198.51.100.7"),
		Networks: []netip.Prefix{netip.MustParsePrefix("10.20.16.0/20"), netip.MustParsePrefix("10.20.32.0/21")},
		Routes:   []netip.Prefix{netip.MustParsePrefix("192.168.50.0/24")},
		Ports:    "TCP 443", InitiateSite: true,
		Tunnels: [2]vpn.Tunnel{
			{Outside: netip.MustParseAddr("203.0.113.11"), Inside: netip.MustParsePrefix("169.254.8.0/30"), Key: "first.key_of_1"},
			{Outside: netip.MustParseAddr("203.0.113.12"), Inside: netip.MustParsePrefix("169.254.8.4/30"), Key: "second.key_of_2"},
		},
	}
}

// ipsecTests runs each test in namespaces of its own, and all at once: they mostly wait.
func ipsecTests(t *testing.T, tests map[string]func(*testing.T, *ipsecRig)) {
	t.Helper()
	if dir := os.Getenv(ipsecInside); dir != "" {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { // one of them, by -test.run
				r := &ipsecRig{dir: dir, config: ipsecConnection()}
				r.network(t)
				test(t, r)
			})
		}
		return
	}
	ipsecMissing(t)
	waits := map[string]func(*testing.T){}
	for name := range tests {
		waits[name] = ipsecEnter(t, name)
	}
	for name, wait := range waits {
		t.Run(name, wait)
	}
}

// ipsecMissing skips the test when this machine has no daemons; CI must have them.
func ipsecMissing(t *testing.T) {
	t.Helper()
	for _, path := range []string{
		"/usr/sbin/charon-systemd", "/usr/sbin/swanctl", "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so",
		"/usr/lib/ipsec/plugins/libstrongswan-openssl.so", "/usr/lib/ipsec/plugins/libstrongswan-gcm.so",
		"/usr/sbin/nft", "/usr/bin/ping",
	} {
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if _, err := exec.LookPath(filepath.Base(path)); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed: .ci/run installs it", path)
		}
		t.Skipf("%s is not installed: run .ci/run as root, or install what it does", path)
	}
	tun, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no tun device, which IPsec in user space needs: %v", err)
	}
	if err := tun.Close(); err != nil {
		t.Fatal(err)
	}
}

// ipsecEnter runs a test again as the first process of new namespaces, and returns what
// waits for its end.
func ipsecEnter(t *testing.T, name string) func(*testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(stop)
	pattern := "^" + t.Name() + "$/^" + strings.ReplaceAll(name, " ", "_") + "$"
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.v", "-test.run="+pattern)
	cmd.Env = append(os.Environ(), ipsecInside+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	out := &ipsecOutput{}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Start()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
		t.Skipf("this machine lets nobody make user namespaces here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T) {
		t.Helper()
		if err := cmd.Wait(); err != nil {
			t.Fatalf("in the namespaces: %v\n%s", err, out)
		}
		if !strings.Contains(out.String(), "--- PASS: ") {
			t.Fatalf("nothing was tested:\n%s", out)
		}
		t.Logf("in the namespaces:\n%s", out)
	}
}

// network makes the site's namespace, and a host in each end's private network. Both ends
// have one of their addresses in the selectors of their tunnels, or strongSwan refuses them.
func (r *ipsecRig) network(t *testing.T) {
	t.Helper()
	if err := errors.Join(
		syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""),
		syscall.Mount("proc", "/proc", "proc", 0, ""),
		syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=0755"),
	); err != nil {
		t.Fatalf("mount: %v", err)
	}
	for _, command := range []string{
		"ip link set lo up",
		"ip netns add site",
		"ip link add eth0 type veth peer name eth0 netns site",
		"ip address add 203.0.113.11/32 dev eth0",
		"ip address add 203.0.113.12/32 dev eth0",
		"ip address add " + ipsecHost + "/32 dev lo",
		"ip link set eth0 up",
		"ip route add 198.51.100.7/32 dev eth0",
		"ip -n site link set lo up",
		"ip -n site address add 198.51.100.7/32 dev eth0",
		"ip -n site address add " + ipsecLAN + "/32 dev lo",
		"ip -n site link set eth0 up",
		"ip -n site route add 203.0.113.0/24 dev eth0",
	} {
		r.must(t, strings.Fields(command)...)
	}
}

// must runs a command and returns what it says.
func (r *ipsecRig) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := r.try(t, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (r *ipsecRig) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), ipsecPatience)
	defer stop()
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	return string(out), err
}

// ipsecSite is a command at the site, in its namespace.
func ipsecSite(args ...string) []string {
	return append([]string{"ip", "netns", "exec", "site"}, args...)
}

func (r *ipsecRig) path(name string) string { return filepath.Join(r.dir, name) }

// socket is where an end's strongSwan is spoken to. The site's is the usual place, where the
// printed script looks for it.
func (r *ipsecRig) socket(end string) string {
	if end == "site" {
		return "/run/charon.vici"
	}
	return "/run/aws.vici"
}

func (r *ipsecRig) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// log is what an end's strongSwan has said.
func (r *ipsecRig) log(t *testing.T, end string) string {
	t.Helper()
	text, err := os.ReadFile(r.path(end + ".log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// swanctl runs swanctl at the site.
func (r *ipsecRig) swanctl(t *testing.T, args ...string) string {
	t.Helper()
	return r.must(t, append(ipsecSite("swanctl"), append(args, "--uri", "unix://"+r.socket("site"))...)...)
}

func (r *ipsecRig) aws(t *testing.T, args ...string) string {
	t.Helper()
	return r.must(t, append([]string{"swanctl"}, append(args, "--uri", "unix://"+r.socket("aws"))...)...)
}

// load loads the site's files, as the printed command does.
func (r *ipsecRig) load(t *testing.T) string {
	t.Helper()
	return r.swanctl(t, "--load-all", "--noprompt", "--file", r.path("etc/swanctl/swanctl.conf"))
}

// up reports whether a tunnel, 1 or 2, has an SA for data.
func (r *ipsecRig) up(t *testing.T, tunnel int) bool {
	t.Helper()
	return strings.Contains(r.swanctl(t, "--list-sas", "--ike", fmt.Sprintf("acme-paris-%d", tunnel)), "INSTALLED")
}

func (r *ipsecRig) bothUp(t *testing.T) {
	t.Helper()
	for i := 1; i <= 2; i++ {
		ipsecEventually(t, fmt.Sprintf("tunnel %d is up", i), ipsecPatience, func() bool { return r.up(t, i) })
	}
}

// script runs the printed script at the site. Its interfaces are there already, made of
// what any kernel has, with AWS's inside addresses at their other ends.
func (r *ipsecRig) script(t *testing.T) *ipsecOutput {
	t.Helper()
	for i, tunnel := range r.config.Tunnels {
		for _, command := range []string{
			fmt.Sprintf("ip link add aws%d type veth peer name %s netns site", i+1, tunnel.Interface()),
			fmt.Sprintf("ip address add %s/30 dev aws%d", tunnel.AWS(), i+1),
			fmt.Sprintf("ip link set aws%d up", i+1),
		} {
			r.must(t, strings.Fields(command)...)
		}
	}
	args := ipsecSite(r.path("usr/local/sbin/acme-paris-tunnels"))
	out := &ipsecOutput{}
	cmd := exec.Command(args[0], args[1:]...) // ends with the namespace
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the script said:\n%s", out)
		}
	})
	return out
}

// ipsecOutput is read by the test while a process writes.
type ipsecOutput struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *ipsecOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *ipsecOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// pings reports whether a host behind the site reaches one at AWS.
func (r *ipsecRig) pings(t *testing.T) bool {
	t.Helper()
	_, err := r.try(t, ipsecSite("ping", "-q", "-c", "1", "-W", "1", "-I", ipsecLAN, ipsecHost)...)
	return err == nil
}

// ipsecEventually waits until something is so, and returns how long that took.
func ipsecEventually(t *testing.T, what string, patience time.Duration, so func() bool) time.Duration {
	t.Helper()
	begin := time.Now()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		if time.Since(begin) > patience {
			t.Fatalf("waited %s for: %s", patience, what)
		}
		<-tick.C
	}
	return time.Since(begin)
}
