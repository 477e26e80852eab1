package images_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

const (
	password     = "correct-horse"
	passwordHash = "$6$cicdctl$yLROX6bsnmbd5R9OmzZ6C/5Qy8nfE2Rp1vyGCiILFAf9AKutX3HGePNN/PhGRkpRb0CXBfxx5jnZ1s1OtKITM0"
)

type person struct {
	Name string   `json:"name"`
	Hash string   `json:"password_hash,omitempty"`
	Keys []string `json:"keys,omitempty"`
}

func newKey(t *testing.T) (signer ssh.Signer, private string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err = ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

// sshServer is the container with two people in it.
type sshServer struct {
	*box
	*daemon
	host  ssh.PublicKey
	alice string // her private key
}

func (b *box) serveSSH(t *testing.T, env ...string) sshServer {
	t.Helper()
	hostKey, fingerprint, err := rules.NewHostKey() // as client create makes it
	if err != nil {
		t.Fatal(err)
	}
	host, err := ssh.ParsePrivateKey([]byte(hostKey))
	if err != nil || ssh.FingerprintSHA256(host.PublicKey()) != fingerprint {
		t.Fatalf("the host key is not that of %s: %v", fingerprint, err)
	}
	alice, private := newKey(t)
	people := []person{{Name: "alice", Keys: []string{strings.TrimSpace(string(ssh.MarshalAuthorizedKey(alice.PublicKey())))}}, {Name: "bob", Hash: passwordHash}}
	secret, _, err := rules.ParsePeople([]byte(mustJSON(t, people)), spec.MySecureShell) // as app users set writes it
	if err != nil {
		t.Fatal(err)
	}
	d := b.serve(t, append(env, "FILE_USERS="+secret, "HOST_KEY="+hostKey)...)
	return sshServer{b, d, host.PublicKey(), private}
}

// login connects with a method; the host's key is the one of the secret.
func (s sshServer) login(t *testing.T, name string, auth ssh.AuthMethod) (*ssh.Client, error) {
	t.Helper()
	client, err := ssh.Dial("tcp", s.address(), &ssh.ClientConfig{
		User: name, Auth: []ssh.AuthMethod{auth}, HostKeyCallback: ssh.FixedHostKey(s.host), Timeout: patience,
	})
	if err == nil {
		t.Cleanup(func() { _ = client.Close() })
	}
	return client, err
}

func (s sshServer) aliceKey(t *testing.T) ssh.AuthMethod {
	t.Helper()
	key, err := ssh.ParsePrivateKey([]byte(s.alice))
	if err != nil {
		t.Fatal(err)
	}
	return ssh.PublicKeys(key)
}

// sftp runs a batch as alice with OpenSSH's client and returns what was said.
func (s sshServer) sftp(t *testing.T, batch ...string) string {
	t.Helper()
	if err := os.WriteFile("/tmp/key", []byte(s.alice), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/usr/bin/sftp", "-q", "-b", "-", "-P", "2222", "-i", "/tmp/key", "-F", "none",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", "alice@127.0.0.1")
	cmd.Dir = "/tmp"
	var text bytes.Buffer
	for _, line := range batch {
		text.WriteString("-" + line + "\n") // go on after a refusal
	}
	cmd.Stdin = &text
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("sftp: %v\n%s", err, out)
	}
	return string(out)
}

func TestMySecureShellKeepsFilesAndCopiesThem(t *testing.T) {
	inBox(t, spec.MySecureShell, func(t *testing.T, b *box) {
		s3, env := serveS3(t)
		s := b.serveSSH(t, env...)
		if err := os.WriteFile("/tmp/report.csv", []byte("1,2,3\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		long := time.Now().AddDate(-1, 0, 0)
		if err := os.Chtimes("/tmp/report.csv", long, long); err != nil {
			t.Fatal(err)
		}
		out := s.sftp(t, "pwd", "mkdir in", "put -p report.csv in/report.csv", "ls -l in", "get in/report.csv back.csv", "rename in/report.csv in/done.csv", "ls in")
		contains(t, "the folder", out, "Remote working directory: /\n")
		contains(t, "the list", out, "in/report.csv")
		contains(t, "the list after the rename", out, "in/done.csv")
		if back, err := os.ReadFile("/tmp/back.csv"); err != nil || string(back) != "1,2,3\n" {
			t.Errorf("comes back as %q: %v", back, err)
		}
		if text, err := os.ReadFile("/srv/files/preview/in/done.csv"); err != nil || string(text) != "1,2,3\n" {
			t.Errorf("lies in the environment's folder as %q: %v", text, err)
		}
		eventually(t, "the upload in S3", func() bool { return s3.has("preview/in/done.csv", "1,2,3\n") })
		// Its old time is kept, and does not make it one that can go.
		if info, err := os.Stat("/srv/files/preview/in/done.csv"); err != nil || !info.ModTime().Equal(long.Truncate(time.Second)) {
			t.Errorf("the time of the upload is not kept: %v %v", info, err)
		}
		keys, scopes := s3.keys()
		if want := []string{"TASKROLE eu-west-3"}; !slices.Equal(scopes, want) {
			t.Errorf("S3 is asked by %v, want %v", scopes, want)
		}
		if len(keys) > 2 {
			t.Errorf("S3 has %v", keys)
		}
		contains(t, "the transfer in the log", s.log.String(), "report.csv")

		// What came in the last moment is not lost.
		if err := os.WriteFile("/tmp/last.csv", []byte("4\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.sftp(t, "put last.csv")
		b.stop(t, s.daemon)
		s.wait(t)
		if !s3.has("preview/last.csv", "4\n") {
			t.Errorf("the last upload is lost\n%s", s.log)
		}
	})
}

func TestMySecureShellLocksIn(t *testing.T) {
	inBox(t, spec.MySecureShell, func(t *testing.T, b *box) {
		s := b.serveSSH(t)
		if err := os.WriteFile("/tmp/x", []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		out := s.sftp(t, "cd ..", "pwd", "ls /", "get /etc/passwd stolen", "get ../../../etc/passwd stolen", "get /run/sshd/passwd stolen",
			"put x ../../../tmp/outside", "symlink /etc/passwd link", "symlink one other", "ls -l", "get link stolen", "chmod 777 .")
		contains(t, "the top", out, "Remote working directory: /\n")
		if text, err := os.ReadFile("/tmp/stolen"); err == nil {
			t.Errorf("a file from outside came out:\n%s", text)
		}
		if _, err := os.Stat("/tmp/outside"); err == nil {
			t.Error("a file was put outside")
		}
		links, err := os.ReadDir("/srv/files/preview")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range links {
			if f.Type()&os.ModeSymlink != 0 {
				t.Errorf("%s is a link", f.Name())
			}
		}
	})
}

func TestMySecureShellIsNoShell(t *testing.T) {
	inBox(t, spec.MySecureShell, func(t *testing.T, b *box) {
		s := b.serveSSH(t)
		client, err := s.login(t, "alice", s.aliceKey(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"id", "/bin/sh -c id", "scp -t /", "internal-sftp; id"} {
			session, err := client.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			out, err := session.CombinedOutput(command)
			if exit := (*ssh.ExitError)(nil); !errors.As(err, &exit) || strings.Contains(string(out), "uid=") {
				t.Errorf("%s is run: %v\n%s", command, err, out)
			}
		}
		session, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := session.RequestPty("xterm", 24, 80, nil); err == nil {
			t.Error("there is a terminal")
		}
		if err := session.Shell(); err == nil && session.Wait() == nil {
			t.Error("there is a shell")
		}
		if conn, err := client.Dial("tcp", b.address()); err == nil {
			_ = conn.Close()
			t.Error("connections go through the server into the network")
		}
		if listener, err := client.Listen("tcp", "127.0.0.1:0"); err == nil {
			_ = listener.Close()
			t.Error("the server listens for a person")
		}
	})
}

func TestMySecureShellKnowsItsPeople(t *testing.T) {
	inBox(t, spec.MySecureShell, func(t *testing.T, b *box) {
		s := b.serveSSH(t)
		for name, c := range map[string]struct {
			user string
			auth ssh.AuthMethod
			want bool
		}{
			"a key":                                {"alice", s.aliceKey(t), true},
			"a password":                           {"bob", ssh.Password(password), true},
			"another password":                     {"bob", ssh.Password("wrong"), false},
			"no password":                          {"bob", ssh.Password(""), false},
			"another's key":                        {"bob", s.aliceKey(t), false},
			"a password where there is only a key": {"alice", ssh.Password(password), false},
			"somebody else":                        {"mallory", ssh.Password(password), false},
			"root":                                 {"root", ssh.Password(password), false},
			"the server's own account":             {"files", ssh.Password(password), false},
		} {
			if _, err := s.login(t, c.user, c.auth); (err == nil) != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		s.noSecrets(t, passwordHash, password, "PRIVATE KEY")
	})
}

func TestFileUsersAreChecked(t *testing.T) {
	inBox(t, spec.MySecureShell, func(t *testing.T, b *box) {
		for name, c := range map[string]struct{ users, want string }{
			"none":                      {``, "it is empty"},
			"nobody":                    {`[]`, "no list with somebody in it"},
			"not JSON":                  {`[{"name": "x`, "it is not JSON"},
			"words":                     {`["alice"]`, "no objects"},
			"a name that is a path":     {`[{"name": "../x", "password_hash": "` + passwordHash + `"}]`, "person 1: a name is"},
			"a name that ends the line": {`[{"name": "a\n", "password_hash": "` + passwordHash + `"}]`, "person 1: a name is"},
			"root":                      {`[{"name": "root", "password_hash": "` + passwordHash + `"}]`, "taken"},
			"twice":                     {`[{"name": "a", "keys": ["k"]}, {"name": "a", "keys": ["k"]}]`, "twice"},
			"a password, not a hash":    {`[{"name": "a", "keys": ["k"]}, {"name": "b", "password_hash": "s3cret-word"}]`, "person 2: password_hash"},
			"a hash with more fields":   {`[{"name": "a", "password_hash": "$6$aaaaaaaaaaaaaa:0:0"}]`, "person 1: password_hash"},
			"no way in":                 {`[{"name": "a"}]`, "neither"},
			"a key of two lines":        {`[{"name": "a", "keys": ["k\nx"]}]`, "person 1: keys"},
		} {
			d := b.start(t, "HOST_KEY=x", "FILE_USERS="+c.users)
			if status := d.wait(t); status != 78 {
				t.Errorf("%s: ends with %d", name, status)
			}
			eventually(t, name+": "+c.want, func() bool { return strings.Contains(d.log.String(), c.want) })
			if strings.Contains(d.log.String(), "s3cret-word") {
				t.Errorf("%s: the log has the secret", name)
			}
		}
		d := b.start(t, `FILE_USERS=[{"name": "a", "keys": ["k"]}]`)
		if status := d.wait(t); status != 78 {
			t.Errorf("without a host key it ends with %d", status)
		}
	})
}
