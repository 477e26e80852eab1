// Package vpn_test runs the daemons at both ends of a client's VPN, as Debian installs
// them, against what cicdctl makes for them: certificates, revocation lists, profiles.
// They run in namespaces of their own: the server in one network, each person in another,
// with nothing but a cable between them. The last process of the test takes all others
// with it.
package vpn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// boxed says that this process is within the namespaces.
	boxed = "CICDCTL_TEST_VPN"
	// patience bounds every wait; on a busy machine a handshake takes seconds.
	patience = 60 * time.Second
	path     = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
)

// inBox runs a test in namespaces of its own. In the process that was started by hand it
// starts another one, which comes here again within them.
func inBox(t *testing.T, needs []string, test func(*testing.T)) {
	t.Helper()
	if os.Getenv(boxed) == "" {
		missing(t, needs)
		enter(t)
		return
	}
	run(t, here(t), "ip", "link", "set", "lo", "up")
	test(t)
}

// missing skips the test when this machine has no daemon to run; CI must have it.
func missing(t *testing.T, programs []string) {
	t.Helper()
	for _, p := range programs {
		if _, err := os.Stat(p); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed: .ci/run installs it", p)
		}
		t.Skipf("%s is not installed: run .ci/run as root", p)
	}
	tunnels, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no tunnels to give: %v", err)
	}
	if err := tunnels.Close(); err != nil {
		t.Fatal(err)
	}
}

// enter runs the calling test again as the first process of new namespaces.
func enter(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*patience)
	defer stop()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), boxed+"=yes", "TMPDIR="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig: syscall.SIGKILL,
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Start()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
		t.Skipf("this machine lets nobody make user namespaces here: %v", err)
	}
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		t.Fatalf("in the namespaces: %v\n%s", err, out.String())
	}
	if testing.Verbose() {
		t.Logf("in the namespaces:\n%s", out.String())
	}
}

// network is a network namespace, by an open file.
type network struct{ fd int }

// here is the network that this process is in.
func here(t *testing.T) network {
	t.Helper()
	fd, err := ownNetwork()
	return opened(t, fd, err)
}

// ownNetwork opens that of the calling thread.
func ownNetwork() (int, error) {
	return unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
}

func opened(t *testing.T, fd int, err error) network {
	t.Helper()
	if err != nil {
		t.Fatalf("open a network: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Close(fd); err != nil {
			t.Errorf("close a network: %v", err)
		}
	})
	return network{fd}
}

// within does something on a thread that is in the network. The thread is not used again;
// so it must not be the first one, after which the whole process is named: Go would keep
// it, and whoever looks for the process's network would find this one.
func (n network) within(do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			err := n.within(do) // on another thread, since this one is taken
			runtime.UnlockOSThread()
			done <- err
			return
		}
		err := unix.Setns(n.fd, unix.CLONE_NEWNET)
		if err == nil {
			err = do()
		}
		done <- err
	}()
	return <-done
}

// cables counts the networks that were connected to this one.
var cables int

// newNetwork makes a network with a cable to this one, and returns the address at this end.
func newNetwork(t *testing.T) (n network, ours string) {
	t.Helper()
	var fd int
	err := here(t).within(func() error {
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			fd, err = ownNetwork()
		}
		return err
	})
	n = opened(t, fd, err)
	cables++
	ours, own := fmt.Sprintf("192.0.2.%d", 4*cables+1), fmt.Sprintf("192.0.2.%d", 4*cables+2)
	far := "far" + strconv.Itoa(cables)
	for _, c := range []struct {
		in   network
		args string
	}{
		{n, "link set lo up"},
		{n, "link add near type veth peer name " + far + " netns " + strconv.Itoa(os.Getpid())},
		{n, "addr add " + own + "/30 dev near"},
		{n, "link set near up"},
		{here(t), "addr add " + ours + "/30 dev " + far},
		{here(t), "link set " + far + " up"},
	} {
		run(t, c.in, "ip", strings.Fields(c.args)...)
	}
	return n, ours
}

// run runs a program in a network to its end.
func run(t *testing.T, in network, program string, arguments ...string) {
	t.Helper()
	var out []byte
	err := in.within(func() (err error) {
		cmd := exec.Command(program, arguments...)
		cmd.Env = []string{path}
		out, err = cmd.CombinedOutput()
		return err
	})
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(arguments, " "), err, out)
	}
}

// daemon is a program that runs in a network until it is stopped.
type daemon struct {
	name string
	cmd  *exec.Cmd
	log  *syncBuffer
	done chan struct{}
}

func start(t *testing.T, in network, name, program string, arguments ...string) *daemon {
	t.Helper()
	d := &daemon{name: name, cmd: exec.Command(program, arguments...), log: &syncBuffer{}, done: make(chan struct{})}
	d.cmd.Env, d.cmd.Dir = []string{path}, t.TempDir()
	d.cmd.Stdout, d.cmd.Stderr = d.log, d.log
	if err := in.within(d.cmd.Start); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		defer close(d.done)
		_ = d.cmd.Wait() // how it ends when it is stopped says nothing
	}()
	t.Cleanup(func() {
		d.stop(t)
		if t.Failed() {
			t.Logf("%s said:\n%s", name, d.log)
		}
	})
	return d
}

// stop ends the daemon by its own process.
func (d *daemon) stop(t *testing.T) {
	t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("stop %s: %v", d.name, err)
	}
	select {
	case <-d.done:
	case <-time.After(patience):
		t.Errorf("%s does not end", d.name)
	}
}

// says waits until the daemon's log has one of the texts, and returns which.
func (d *daemon) says(t *testing.T, texts ...string) string {
	t.Helper()
	said := ""
	eventually(t, d.name+" says "+strings.Join(texts, " or "), func() bool {
		for _, text := range texts {
			if strings.Contains(d.log.String(), text) {
				said = text
				return true
			}
		}
		select {
		case <-d.done:
			t.Fatalf("%s has ended:\n%s", d.name, d.log)
		default:
		}
		return false
	})
	return said
}

// listen answers every connection to an address of this network with the address that it
// comes from, followed by what it sent.
func listen(t *testing.T, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			go func() {
				host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
				_, _ = io.WriteString(conn, host+" ")
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
}

// ask sends a text from a network and returns what is answered.
func (n network) ask(address, text string) (answer string, err error) {
	err = n.within(func() error {
		conn, err := (&net.Dialer{Timeout: 5 * time.Second}).Dial("tcp", address)
		if err != nil {
			return err
		}
		err = conn.SetDeadline(time.Now().Add(5 * time.Second))
		if err == nil {
			_, err = io.WriteString(conn, text)
		}
		if err == nil {
			err = conn.(*net.TCPConn).CloseWrite()
		}
		var all []byte
		if err == nil {
			all, err = io.ReadAll(conn)
		}
		answer = string(all)
		return errors.Join(err, conn.Close())
	})
	return answer, err
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited %s until %s", patience, what)
		}
	}
}

// syncBuffer is read by the test while a daemon writes.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
