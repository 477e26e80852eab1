package images_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The programs that people send files with, as Debian has them.
const (
	curl   = "/usr/bin/curl"
	lftp   = "/usr/bin/lftp"
	rclone = "/usr/bin/rclone"
)

// served is the folder that the server shows, in the container.
const served = "/srv/files/preview"

// longAgo is the time of the files that are sent.
var longAgo = time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)

// withPrograms is inBox for tests with these programs.
func withPrograms(t *testing.T, name spec.Runtime, programs []string, test func(*testing.T, *box)) {
	t.Helper()
	if os.Getenv(boxed) == "" {
		missing(t, programs)
	}
	inBox(t, name, test)
}

// client is what programs are told of the server.
type client struct {
	t        *testing.T
	url      string // "ftp://127.0.0.1:2121"
	env      []string
	lftpOpen string   // logs in
	curlOpts []string // log in
	rclone   []string // options that the server asks for
}

// program starts a program in the container, at home in /tmp.
func (c client) program(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = "/tmp"
	cmd.Env = append([]string{"PATH=" + path + ":/usr/bin:/bin", "HOME=/tmp", "LC_ALL=C.UTF-8"}, c.env...)
	return cmd
}

// run returns what a program says, which has to end well.
func (c client) run(path string, args ...string) string {
	c.t.Helper()
	ctx, stop := context.WithTimeout(c.t.Context(), patience)
	defer stop()
	out, err := c.program(ctx, path, args...).CombinedOutput()
	if err != nil {
		c.t.Errorf("%s %q: %v\n%s", filepath.Base(path), args, err, out)
	}
	return string(out)
}

func (c client) lftp(commands ...string) string {
	c.t.Helper()
	return c.run(lftp, "-c", "set net:max-retries 2; set net:timeout 10; set cmd:fail-exit yes; "+c.lftpOpen+"; "+strings.Join(commands, "; "))
}

func (c client) curl(args ...string) string {
	c.t.Helper()
	return c.run(curl, append(slices.Concat([]string{"-sS", "-g", "--retry", "2"}, c.curlOpts), args...)...)
}

// rcloneSync tries again, as rclone does by itself: two sessions of ProFTPD that choose the same port for
// data in the same moment both get it, and the second is told 425 when it listens.
func (c client) rcloneSync(from, to string) string {
	c.t.Helper()
	return c.run(rclone, append([]string{"sync", "-v", "--retries", "3", from, "server:" + to}, c.rclone...)...)
}

// writeFile makes a file of long ago.
func writeFile(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), mode)
	}
	if err = errors.Join(err, os.Chtimes(path, longAgo, longAgo)); err != nil {
		t.Fatal(err)
	}
}

// site makes a folder of files in which programs have something to stumble over.
func site(t *testing.T) (folder string, names []string) {
	t.Helper()
	folder = "/tmp/site"
	for name, mode := range map[string]fs.FileMode{
		"index.html": 0o644, "a file with spaces.txt": 0o644, "été à Noël.txt": 0o644, "Fotos für 日本/eins (1).jpg": 0o644,
		"run.sh": 0o755, "private": 0o600, "a/b/c/deep.csv": 0o644, ".hidden/.settings": 0o644, "100% #1 [x] & more.txt": 0o644,
	} {
		writeFile(t, filepath.Join(folder, name), "this is "+name+"\n", mode)
		names = append(names, name)
	}
	for i := range 20 { // several at once
		name := fmt.Sprintf("many/%02d.csv", i)
		writeFile(t, filepath.Join(folder, name), strings.Repeat(name, 1000), 0o644)
		names = append(names, name)
	}
	return folder, names
}

// arrived holds a folder of the server against the one that was sent.
func arrived(t *testing.T, program, folder, to string, names []string) {
	t.Helper()
	for _, name := range names {
		want, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(served, to, name)
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %s arrives as %d bytes of %d: %v", program, name, len(got), len(want), err)
			continue
		}
		if info, err := os.Stat(path); err != nil || !info.ModTime().Equal(longAgo) {
			t.Errorf("%s: the time of %s is not kept: %v %v", program, name, info.ModTime(), err)
		}
	}
}

// sends tries each program: all files arrive with their times, and nothing is sent twice.
func (c client) sends() {
	c.t.Helper()
	folder, names := site(c.t)

	for _, again := range []bool{false, true} {
		out := c.lftp("mirror -R -v -P 4 " + folder + " by-lftp")
		if again && strings.Contains(out, "Transferring") {
			c.t.Errorf("lftp mirror -R sends again:\n%s", out)
		}
	}
	arrived(c.t, "lftp", folder, "by-lftp", names)

	for _, again := range []bool{false, true} {
		out := c.rcloneSync(folder, "by-rclone")
		if nothing := strings.Contains(out, "There was nothing to transfer"); again != nothing {
			c.t.Errorf("rclone sync, again: %v:\n%s", again, out)
		}
	}
	arrived(c.t, "rclone", folder, "by-rclone", names)

	// Renames within a folder, also onto a name that is taken.
	c.lftp(`cd by-lftp`, `mv "a file with spaces.txt" "été.txt"`, `mv private index.html`)
	c.run(rclone, append([]string{"moveto", "server:by-rclone/été à Noël.txt", "server:by-rclone/Weihnachten ☃.txt"}, c.rclone...)...)
	for _, name := range []string{"by-lftp/été.txt", "by-rclone/Weihnachten ☃.txt"} {
		if _, err := os.Stat(filepath.Join(served, name)); err != nil {
			c.t.Errorf("a rename: %v", err)
		}
	}
	if text, err := os.ReadFile(served + "/by-lftp/index.html"); err != nil || string(text) != "this is private\n" {
		c.t.Errorf("a rename onto a name that is taken: %q %v", text, err)
	}
}

// resumes tries each program with a part of a file that is there.
func (c client) resumes() {
	c.t.Helper()
	whole := strings.Repeat("0123456789abcdef", 1<<14)
	writeFile(c.t, "/tmp/whole", whole, 0o644)
	part := strings.Repeat("p", 100_000) // other text, so that a whole file sent again is told from a rest
	writeFile(c.t, "/tmp/part", part, 0o644)
	for name, resume := range map[string]func(name string){
		"by lftp": func(name string) { c.lftp(fmt.Sprintf("put -c /tmp/whole -o %q", name)) },
		"by curl": func(name string) {
			c.curl("-T", "/tmp/whole", "-C", "-", c.url+"/"+strings.ReplaceAll(name, " ", "%20"))
		},
	} {
		c.curl("-T", "/tmp/part", c.url+"/"+strings.ReplaceAll(name, " ", "%20"))
		if info, err := os.Stat(filepath.Join(served, name)); err != nil || info.Size() != 100_000 {
			c.t.Errorf("%s: there is no part: %v", name, err)
		}
		resume(name)
		if got, err := os.ReadFile(filepath.Join(served, name)); err != nil || string(got) != part+whole[len(part):] {
			c.t.Errorf("a resumed upload %s has %d bytes, want %d, and begins with %.10q: %v", name, len(got), len(whole), got, err)
		}
	}
}

// together sends several files at the same time over connections of their own.
func (c client) together() {
	c.t.Helper()
	const at, size = 4, 500_000 // as many as FTP has ports
	ctx, stop := context.WithTimeout(c.t.Context(), patience)
	defer stop()
	var sending []*exec.Cmd
	for i := range at {
		from := fmt.Sprintf("/tmp/together%d", i)
		writeFile(c.t, from, strings.Repeat(fmt.Sprint(i), size), 0o644)
		cmd := c.program(ctx, curl, slices.Concat([]string{"-sS", "--retry", "2", "-T", from}, c.curlOpts, []string{c.url + "/"})...)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			c.t.Fatal(err)
		}
		sending = append(sending, cmd)
	}
	for i, cmd := range sending {
		if err := cmd.Wait(); err != nil {
			c.t.Errorf("several at once: %v", err)
		}
		if got, err := os.ReadFile(fmt.Sprintf("%s/together%d", served, i)); err != nil || string(got) != strings.Repeat(fmt.Sprint(i), size) {
			c.t.Errorf("several at once: number %d has %d bytes: %v", i, len(got), err)
		}
	}
}

func obscured(t *testing.T, word string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), rclone, "obscure", word).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func ftpClient(t *testing.T) client {
	return client{
		t: t, url: "ftp://127.0.0.1:2121", curlOpts: []string{"-u", "alice:" + password},
		lftpOpen: "set ftp:ssl-allow no; open -u alice," + password + " ftp://127.0.0.1:2121",
		env: []string{
			"RCLONE_CONFIG_SERVER_TYPE=ftp", "RCLONE_CONFIG_SERVER_HOST=127.0.0.1", "RCLONE_CONFIG_SERVER_PORT=2121",
			"RCLONE_CONFIG_SERVER_USER=alice", "RCLONE_CONFIG_SERVER_PASS=" + obscured(t, password),
		},
	}
}

func TestProFTPDWithPrograms(t *testing.T) {
	withPrograms(t, spec.ProFTPD, []string{lftp, curl}, func(t *testing.T, b *box) {
		b.serve(t, people(t))
		c := ftpClient(t)
		c.rclone = []string{"--ftp-concurrency", "4"} // as many as are served at a time
		c.sends()
		c.resumes()
		c.together()
	})
}

func TestProFTPDWithProgramsInTLS(t *testing.T) {
	withPrograms(t, spec.ProFTPD, []string{lftp, curl}, func(t *testing.T, b *box) {
		certificate, key, _ := newCertificate(t)
		b.serve(t, people(t), "CERTIFICATE="+certificate, "CERTIFICATE_KEY="+key)
		writeFile(t, "/tmp/ca.pem", certificate, 0o644)
		c := ftpClient(t)
		c.url = "ftp://" + certifiedName
		c.curlOpts = append(c.curlOpts, "--ssl-reqd", "--cacert", "/tmp/ca.pem", "--connect-to", certifiedName+":21:127.0.0.1:2121")
		c.lftpOpen = strings.Replace(c.lftpOpen, "ssl-allow no", "ssl-force yes; set ssl:ca-file /tmp/ca.pem; set ssl:check-hostname no", 1)
		c.env = append(c.env, "RCLONE_CONFIG_SERVER_EXPLICIT_TLS=true", "RCLONE_CONFIG_SERVER_NO_CHECK_CERTIFICATE=true")
		// The connections of one process of rclone (or of curl -Z) take up each other's TLS
		// sessions, by which the server ties data to their connection: one at a time.
		c.rclone = []string{"--ftp-concurrency", "1"}
		c.sends()
		c.resumes()
		c.together()
	})
}

func TestMySecureShellWithPrograms(t *testing.T) {
	withPrograms(t, spec.MySecureShell, []string{lftp, curl}, func(t *testing.T, b *box) {
		s := b.serveSSH(t)
		folder, names := site(t)
		out := s.sftp(t, "put -pR site by-sftp", "cd by-sftp", `rename "a file with spaces.txt" "été.txt"`, `rename "été.txt" "a file with spaces.txt"`, "ls")
		contains(t, "the list", out, "a file with spaces.txt")
		arrived(t, "sftp", folder, "by-sftp", names)

		ssh := "ssh -a -x -i /tmp/key -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o LogLevel=ERROR"
		c := client{
			t: t, url: "sftp://127.0.0.1:2222", curlOpts: []string{"-k", "-u", "bob:" + password},
			lftpOpen: fmt.Sprintf("set sftp:connect-program %q; open -u alice, sftp://127.0.0.1:2222", ssh),
			env: []string{
				"RCLONE_CONFIG_SERVER_TYPE=sftp", "RCLONE_CONFIG_SERVER_HOST=127.0.0.1", "RCLONE_CONFIG_SERVER_PORT=2222",
				"RCLONE_CONFIG_SERVER_USER=alice", "RCLONE_CONFIG_SERVER_KEY_FILE=/tmp/key",
			},
		}
		c.sends()
		c.resumes()
		c.together()
		s.sftp(t, "put part", "reput whole part")
		part, err := os.ReadFile("/tmp/part")
		if err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile("/tmp/whole")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(served + "/part"); err != nil || !bytes.Equal(got, append(part, whole[len(part):]...)) {
			t.Errorf("a resumed upload by sftp has %d bytes, want %d, and begins with %.10q: %v", len(got), len(whole), got, err)
		}
	})
}
