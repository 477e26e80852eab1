// Package images_test starts each runtime's image without Docker: the files and
// the entrypoint that its Dockerfile names, with the daemons that Debian installed
// on this machine, in namespaces of its own: read-only root filesystem, writable
// only where the task definition says so, the image's uid, a loopback network that
// nobody else is on. The last process of the test takes all others with it.
package images_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

const (
	// boxed names, in a process within the namespaces, the directory for its root.
	boxed = "CICDCTL_TEST_BOX"
	// patience bounds every wait; on a busy machine a daemon takes seconds to start.
	patience = 30 * time.Second
)

// box is the container of one test.
type box struct {
	runtime rules.Runtime
	image   image
	multi   bool // more than one uid is known in here
}

// inBox runs a test in the container of a runtime's image, with files on top as an
// app's image has them. In the process that was started by hand it starts another
// one, which comes here again with namespaces.
func inBox(t *testing.T, name spec.Runtime, test func(*testing.T, *box), files ...copied) {
	t.Helper()
	dir := os.Getenv(boxed)
	if dir == "" {
		missing(t, readImage(t, name).needs)
		enter(t)
		return
	}
	b := &box{runtime: rules.RuntimeOf(name), image: readImage(t, name), multi: os.Getenv(boxed+"_MULTI") != ""}
	b.image.copies = append(b.image.copies, files...)
	if err := b.build(dir); err != nil {
		t.Fatalf("build the container: %v", err)
	}
	test(t, b)
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
		t.Skipf("%s is not installed: run .ci/run as root, or install what the Dockerfile does", p)
	}
}

// enter runs the calling test again as the first process of new namespaces.
func enter(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 4*patience)
	defer stop()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), boxed+"="+t.TempDir())
	ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	groups := []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	root := os.Getuid() == 0
	if root { // who may map all ids gets a container with all
		ids[0].Size, groups = 65535, []syscall.SysProcIDMap{{Size: 65535}}
		cmd.Env = append(cmd.Env, boxed+"_MULTI=yes")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC,
		UidMappings: ids, GidMappings: groups, GidMappingsEnableSetgroups: root, Pdeathsig: syscall.SIGKILL,
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
		t.Fatalf("in the container: %v\n%s", err, out.String())
	}
}

// build makes the image's root filesystem in dir and moves into it.
func (b *box) build(dir string) error {
	var errs []error
	do := func(err error) { errs = append(errs, err) }
	at := func(path string) string { return filepath.Join(dir, path) }
	do(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	do(syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755"))
	for _, d := range []string{"usr", "etc", "proc", "dev", "srv", "run", "tmp", "var/lib", "var/log", "var/tmp", ".old"} {
		do(os.MkdirAll(at(d), 0o755))
	}
	do(syscall.Mount("/usr", at("usr"), "", syscall.MS_BIND|syscall.MS_REC, ""))
	do(syscall.Mount("tmpfs", at("usr/local"), "tmpfs", 0, "mode=0755"))
	for _, link := range []string{"bin", "sbin", "lib", "lib64"} {
		do(os.Symlink("usr/"+link, at(link)))
	}
	// What Debian's packages and base image bring along. Configuration is the image's.
	for _, file := range []string{"ld.so.cache", "nsswitch.conf", "mime.types", "services", "protocols", "passwd", "group"} {
		do(ignoreMissing(copyFile("/etc/"+file, at("etc/"+file))))
	}
	for _, device := range []string{"null", "zero", "full", "random", "urandom"} {
		do(os.WriteFile(at("dev/"+device), nil, 0o666))
		do(syscall.Mount("/dev/"+device, at("dev/"+device), "", syscall.MS_BIND, ""))
	}
	do(os.Mkdir(at("dev/pts"), 0o755))
	do(syscall.Mount("devpts", at("dev/pts"), "devpts", syscall.MS_NOSUID|syscall.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"))
	do(os.Symlink("pts/ptmx", at("dev/ptmx")))
	for fd, name := range []string{"stdin", "stdout", "stderr"} {
		do(os.Symlink(fmt.Sprint("/proc/self/fd/", fd), at("dev/"+name)))
	}
	for _, c := range b.image.copies {
		do(os.MkdirAll(filepath.Dir(at(c.to)), 0o755))
		do(copyFile(c.from, at(c.to)))
	}
	do(syscall.Mount("proc", at("proc"), "proc", 0, ""))
	do(syscall.PivotRoot(dir, at(".old")))
	do(os.Chdir("/"))
	do(syscall.Unmount("/.old", syscall.MNT_DETACH))
	do(os.Remove("/.old"))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, script := range b.image.runs {
		if !b.multi {
			script = "chown() { :; }; " + script // the only user there is
		}
		cmd := exec.Command("/bin/sh", "-euc", script)
		cmd.Env = []string{"PATH=" + path}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("RUN %s: %w\n%s", script, err, out)
		}
	}
	const confined = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC
	for path, size := range b.runtime.Task.Scratch {
		do(syscall.Mount("tmpfs", path, "tmpfs", confined, fmt.Sprintf("mode=1777,size=%dm", size)))
	}
	if files := b.runtime.Task.Files; files != "" {
		do(syscall.Mount("tmpfs", files, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0755"))
		if b.multi {
			do(os.Chown(files, b.image.uid, b.image.gid))
		}
	}
	do(syscall.Mount("", "/usr/local", "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""))
	do(syscall.Mount("", "/", "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""))
	do(loopback())
	return errors.Join(errs...)
}

const path = "/usr/sbin:/usr/bin:/sbin:/bin"

// loopback switches on the only network interface there is.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	lo, err := unix.NewIfreq("lo")
	if err == nil {
		lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		err = unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
	}
	return errors.Join(err, unix.Close(fd))
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// daemon is the container's running entrypoint.
type daemon struct {
	cmd    *exec.Cmd
	log    *syncBuffer
	exited chan error
}

// start runs the image's entrypoint as the image's user, with the environment of
// its task definition and more.
func (b *box) start(t *testing.T, env ...string) *daemon {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{cmd: exec.Command(b.image.entrypoint[0], b.image.entrypoint[1:]...), log: &syncBuffer{}, exited: make(chan error, 1)}
	d.cmd.Env = append(append([]string{"PATH=" + path, "APP_ENV=" + string(spec.Preview)}, b.image.env...), env...)
	d.cmd.Dir = "/"
	d.cmd.Stdout, d.cmd.Stderr = w, w
	d.cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: b.image.uid, Size: 1}}, GidMappings: []syscall.SysProcIDMap{{ContainerID: b.image.gid, Size: 1}},
	}
	if b.multi {
		d.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(b.image.uid), Gid: uint32(b.image.gid)}}
		if err := w.Chown(b.image.uid, b.image.gid); err != nil { // as Docker does with the standard streams
			t.Fatal(err)
		}
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatalf("start %v: %v", b.image.entrypoint, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(d.log, r) }()
	go func() { d.exited <- d.cmd.Wait() }()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the container said:\n%s", d.log)
		}
	})
	return d
}

// serve starts the entrypoint and waits until it listens.
func (b *box) serve(t *testing.T, env ...string) *daemon {
	t.Helper()
	d := b.start(t, env...)
	eventually(t, "listens on "+b.address(), func() bool {
		select {
		case err := <-d.exited:
			t.Fatalf("the container ended: %v\n%s", err, d.log)
		default:
		}
		conn, err := net.DialTimeout("tcp", b.address(), time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return d
}

// address is where the container listens.
func (b *box) address() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(int(b.runtime.Port)))
}

// stop sends the image's stop signal, as ECS does.
func (b *box) stop(t *testing.T, d *daemon) {
	t.Helper()
	if err := d.cmd.Process.Signal(b.image.signal); err != nil {
		t.Fatal(err)
	}
}

// wait returns the exit status of the container.
func (d *daemon) wait(t *testing.T) int {
	t.Helper()
	select {
	case err := <-d.exited:
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return d.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("the container does not end\n%s", d.log)
		return -1
	}
}

// send writes to a connection of the test's own.
func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
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
			t.Fatalf("waited %s for: %s", patience, what)
		}
	}
}

// syncBuffer is read by the test while the container writes.
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

// noSecrets looks for secrets where processes leave them: the log, and the
// environment that every process of the container was started with.
func (d *daemon) noSecrets(t *testing.T, secrets ...string) {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]string{"the log": d.log.String()}
	for _, path := range environments {
		if text, err := os.ReadFile(path); err == nil { // or the process has ended
			places[path] = string(text)
		}
	}
	for place, text := range places {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("a secret is in %s", place)
			}
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func contains(t *testing.T, what, text, want string) {
	t.Helper()
	if !strings.Contains(text, want) {
		t.Errorf("%s: %q is not in\n%s", what, want, text)
	}
}
