package images_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// half is an upload that does not come to its end.
const half = "only half of"

// hidden finds an upload under way in the folder.
func hidden(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(served + "/.in.*")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// begin starts an upload and sends a part of it.
func (c *ftp) begin(name string) net.Conn {
	c.t.Helper()
	before := len(hidden(c.t))
	conn := c.data()
	c.do(150, "STOR %s", name)
	send(c.t, conn, half)
	eventually(c.t, "half an upload", func() bool {
		files := hidden(c.t)
		return len(files) == before+1 && slices.ContainsFunc(files, func(f string) bool {
			text, err := os.ReadFile(f)
			return err == nil && string(text) == half
		})
	})
	return conn
}

// reset ends a connection as a network does that is gone.
func reset(t *testing.T, conns ...net.Conn) {
	t.Helper()
	for _, c := range conns {
		if err := c.(*net.TCPConn).SetLinger(0); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
	}
}

func TestProFTPDUploadsThatBreakOff(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		s3, env := serveS3(t)
		b.serve(t, append(env, people(t))...)
		content := func(name, want string) {
			t.Helper()
			if text, err := os.ReadFile(filepath.Join(served, name)); err != nil || string(text) != want {
				t.Errorf("%s has %q, want %q: %v", name, text, want, err)
			}
		}
		c := dialFTP(t, b)
		c.login("alice", password)
		c.transfer("the old one", "STOR report.csv")

		// A connection that is cut leaves what was there.
		cut := dialFTP(t, b)
		cut.login("alice", password)
		data := cut.begin("report.csv")
		reset(t, cut.conn, data)
		eventually(t, "nothing is left of it", func() bool { return len(hidden(t)) == 0 })
		content("report.csv", "the old one")

		// So does one that was being added to it: what came is there, and nothing is lost.
		for _, start := range [][]string{{"APPE log"}, {"REST 4", "STOR log"}} {
			c.transfer("old ", "STOR log")
			cut := dialFTP(t, b)
			cut.login("alice", password)
			data := cut.data()
			if len(start) > 1 {
				cut.do(350, "%s", start[0])
			}
			cut.do(150, "%s", start[len(start)-1])
			send(t, data, half)
			eventually(t, "half of what is added", func() bool {
				text, err := os.ReadFile(filepath.Join(served, "log"))
				return err == nil && string(text) == "old "+half
			})
			reset(t, cut.conn, data)
			c.do(200, "NOOP")
			content("log", "old "+half)
			c.do(350, "REST %d", len("old "+half))
			c.transfer(" and the rest", "STOR log")
			content("log", "old "+half+" and the rest")
			c.do(250, "DELE log")
		}

		// One that nobody hears of any more keeps no name, and nobody sees it.
		silent := dialFTP(t, b)
		silent.login("alice", password)
		silent.begin("report.csv")
		if list := c.transfer("", "MLSD"); strings.Contains(list, ".in.") {
			t.Errorf("an upload under way is shown:\n%s", list)
		}
		c.transfer("the new one", "STOR report.csv")
		content("report.csv", "the new one")

		killUpload(t)
		content("report.csv", "the new one")

		// Names of uploads under way are the server's.
		for _, command := range []string{"MKD .in.x.1", "RNFR .in.report.csv.1", "DELE .in.report.csv.1"} {
			if err := c.text.PrintfLine("%s", command); err != nil {
				t.Fatal(err)
			}
			if code, message, _ := c.text.ReadResponse(0); code < 500 {
				t.Errorf("%s is answered with %d %s", command, code, message)
			}
		}

		eventually(t, "the upload in S3", func() bool { return s3.has("preview/report.csv", "the new one") })
		if keys, _ := s3.keys(); len(keys) != 1 {
			t.Errorf("S3 has %v", keys)
		}
		// What cannot be read any more is still copied.
		c.transfer("closed", "STOR closed.csv")
		c.do(200, "SITE CHMOD 000 closed.csv")
		eventually(t, "the unreadable upload in S3", func() bool { return s3.has("preview/closed.csv", "closed") })
	})
}

// killUpload kills the process of an upload, which leaves a file that is removed.
func killUpload(t *testing.T) {
	t.Helper()
	left := hidden(t)
	pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Ext(left[0]), "."))
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGKILL)
	}
	if err != nil {
		t.Fatalf("%v: %v", left, err)
	}
	eventually(t, "what it left is removed", func() bool { return len(hidden(t)) == 0 })
}

func TestProFTPDWithoutABucketIsKeptClean(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		d := b.serve(t, people(t), "EVERY=0.2")
		c := dialFTP(t, b)
		c.login("alice", password)
		c.begin("report.csv")
		killUpload(t)
		b.stop(t, d)
		if status := d.wait(t); status != 0 {
			t.Errorf("ends with %d", status)
		}
	})
}

// The commands are those that FileZilla 3 sends for the same actions.
func TestProFTPDWithFileZillasCommands(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		certificate, key, roots := newCertificate(t)
		b.serve(t, people(t), "CERTIFICATE="+certificate, "CERTIFICATE_KEY="+key)
		c := dialFTP(t, b)
		c.secure(roots)
		c.do(331, "USER alice")
		c.do(230, "PASS %s", password)
		c.do(215, "SYST")
		features := c.do(211, "FEAT")
		for _, want := range []string{"UTF8", "MLST modify*;", "MFMT", "REST STREAM", "MFF modify;UNIX.group;UNIX.mode;"} {
			contains(t, "FEAT", features, want)
		}
		c.do(200, "OPTS UTF8 ON")
		c.do(200, "PBSZ 0")
		c.do(200, "PROT P")
		c.do(200, "OPTS MLST modify;perm;size;type;UNIX.mode;")
		c.do(257, "PWD")
		c.do(257, "MKD Fotos für Noël")
		c.do(250, "CWD /Fotos für Noël")
		c.do(200, "TYPE I")

		// An upload, with its time.
		c.transfer("0123456789", "STOR été 1.jpg")
		contains(t, "MFMT", c.do(213, "MFMT 20200203040506 été 1.jpg"), "Modify=20200203040506")
		list := c.transfer("", "MLSD")
		contains(t, "the list", list, "modify=20200203040506;perm=adfrw;size=10;type=file;UNIX.mode=0640; été 1.jpg")

		// What FEAT promises of MFF.
		c.do(213, "MFF modify=20210203040506; été 1.jpg")
		contains(t, "MDTM", c.do(213, "MDTM été 1.jpg"), "20210203040506")
		c.transfer("x", "STOR one")
		c.do(213, "MFF UNIX.group=%d;UNIX.mode=0600; /Fotos für Noël/one", b.image.gid)
		contains(t, "MLST", c.do(250, "MLST one"), "UNIX.mode=0600")
		c.do(250, "DELE one")

		// It goes on in what is there: with REST and STOR, as FileZilla does where FEAT tells
		// REST STREAM, or with APPE.
		c.do(213, "SIZE été 1.jpg")
		c.do(350, "REST 10")
		c.transfer("abc", "STOR été 1.jpg")
		c.transfer("def", "APPE été 1.jpg")
		if got := c.transfer("", "RETR été 1.jpg"); got != "0123456789abcdef" {
			t.Errorf("a resumed upload has %q", got)
		}
		// An upload from the start after one that was taken up is a whole file again, and a
		// position that the file has not is refused.
		c.transfer("short", "STOR two")
		for _, name := range []string{"two", "nothing"} {
			conn := c.data()
			c.do(350, "REST 16")
			c.do(554, "STOR %s", name)
			_ = conn.Close()
		}
		c.do(550, "SIZE nothing")
		c.transfer("new", "STOR two")
		if got := c.transfer("", "RETR two"); got != "new" {
			t.Errorf("an upload after one that was taken up has %q", got)
		}
		c.do(250, "DELE two")
		// Downloads go on with REST.
		c.do(350, "REST 10")
		if got := c.transfer("", "RETR été 1.jpg"); got != "abcdef" {
			t.Errorf("a resumed download has %q", got)
		}

		c.do(350, "RNFR été 1.jpg")
		c.do(250, "RNTO Été (2).jpg")
		c.do(200, "SITE CHMOD 600 Été (2).jpg")
		contains(t, "the list", c.transfer("", "MLSD"), "UNIX.mode=0600; Été (2).jpg")
		c.do(250, "DELE Été (2).jpg")
		c.do(250, "CWD /")
		c.do(250, "RMD Fotos für Noël")
	})
}

func TestProFTPDTiesDataToItsConnection(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		certificate, key, roots := newCertificate(t)
		b.serve(t, people(t), "CERTIFICATE="+certificate, "CERTIFICATE_KEY="+key)
		var clients []*ftp
		for range 2 {
			c := dialFTP(t, b)
			c.secure(roots)
			c.login("alice", password)
			c.do(200, "PBSZ 0")
			c.do(200, "PROT P")
			clients = append(clients, c)
		}
		clients[0].transfer("secret", "STOR x")
		clients[0].tls = clients[1].tls // somebody else takes the data connection
		conn := clients[0].data()
		clients[0].do(150, "RETR x")
		secured := tls.Client(conn, clients[0].tls)
		buffer := make([]byte, 16)
		if n, err := secured.Read(buffer); err == nil && n > 0 {
			t.Errorf("somebody else gets %q", buffer[:n])
		}
		_ = conn.Close()
		clients[0].expect(425)
	})
}

func TestProFTPDNeedsTheNameOfTheLoadBalancer(t *testing.T) {
	inBox(t, spec.ProFTPD, func(t *testing.T, b *box) {
		d := b.start(t, people(t), "MASQUERADE_ADDRESS=transfer.invalid", "RESOLVE_WITHIN=0")
		if status := d.wait(t); status != 69 {
			t.Errorf("ends with %d", status)
		}
		eventually(t, "the reason", func() bool {
			return strings.Contains(d.log.String(), `MASQUERADE_ADDRESS: "transfer.invalid" has no IPv4 address`)
		})

		d = b.start(t, people(t), "MASQUERADE_ADDRESS=transfer.invalid")
		eventually(t, "another try", func() bool { return strings.Contains(d.log.String(), "trying again") })
		b.stop(t, d)
	})
}

func TestMySecureShellUploadsThatBreakOff(t *testing.T) {
	withPrograms(t, spec.MySecureShell, []string{curl}, func(t *testing.T, b *box) {
		s3, env := serveS3(t)
		s := b.serveSSH(t, env...)
		c := client{t: t, url: "sftp://127.0.0.1:2222", curlOpts: []string{"-k", "-u", "bob:" + password}}
		whole := strings.Repeat("0123456789abcdef", 1<<16)
		writeFile(t, "/tmp/whole", whole, 0o644)
		// What has been copied by the time that something newer has.
		round := 0
		copied := func() {
			t.Helper()
			round++
			name := fmt.Sprintf("round%d", round)
			writeFile(t, "/tmp/"+name, name, 0o644)
			s.sftp(t, "put "+name)
			eventually(t, name+" in S3", func() bool { return s3.has("preview/"+name, name) })
			if keys, _ := s3.keys(); slices.Contains(keys, "preview/half way.csv") {
				t.Errorf("half an upload is in S3: %v", keys)
			}
		}

		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		sending := c.program(ctx, curl, slices.Concat([]string{"-sS", "--limit-rate", "200k", "-T", "/tmp/whole"}, c.curlOpts, []string{c.url + "/half%20way.csv"})...)
		if err := sending.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "half an upload", func() bool {
			info, err := os.Stat(served + "/half way.csv")
			return err == nil && info.Size() > 0
		})
		if err := sending.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		copied() // while it is open, without progress
		stop()
		_ = sending.Wait()
		eventually(t, "the end of it in the log", func() bool { return strings.Contains(s.log.String(), "Interrupt upload into file '/half way.csv'") })
		copied() // when it has broken off

		c.curl("-T", "/tmp/whole", "-C", "-", c.url+"/half%20way.csv")
		eventually(t, "the whole upload in S3", func() bool { return s3.has("preview/half way.csv", whole) })
	})
}

func TestMySecureShellTakesNoNamesOfTwoLines(t *testing.T) {
	inBox(t, spec.MySecureShell, func(t *testing.T, b *box) {
		s := b.serveSSH(t)
		writeFile(t, "/tmp/two/one\nreport.csv", "x", 0o644)
		writeFile(t, "/tmp/two/été.csv", "x", 0o644)
		s.sftp(t, "put -r two")
		files, err := os.ReadDir(served + "/two")
		if err != nil || len(files) != 1 || files[0].Name() != "été.csv" {
			t.Errorf("there are %q: %v", files, err)
		}
	})
}
