package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/awsapi/recording"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// running makes the program another release for the time of a test.
func running(t *testing.T, release string) {
	t.Helper()
	was := version
	version = release
	t.Cleanup(func() { version = was })
}

// ran runs a command in the sandbox of the directory, and returns what it has said and done.
func ran(t *testing.T, line string) (code int, said string, calls []recording.Exchange) {
	t.Helper()
	record := filepath.Join(t.TempDir(), "calls")
	var out bytes.Buffer
	code = run(append(strings.Fields(line), "--sandbox-file", "account.json", "--record", record), report.New(nil, &out, &out))
	text, err := os.ReadFile(record)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for call := range bytes.Lines(text) {
		var e recording.Exchange
		if err := json.Unmarshal(call, &e); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, e)
	}
	return code, out.String(), calls
}

// writers are the commands that change something on AWS, each with a line that would, in the
// account of TestNoCommandChangesWhatANewerReleaseHasApplied.
var writers = map[string]string{
	"cicdctl client create":     "client create ACME --yes",
	"cicdctl client import":     "client import ACME ecs/cluster cluster acme --yes",
	"cicdctl client destroy":    "client destroy ACME --confirm ACME",
	"cicdctl region destroy":    "region destroy eu-west-1 --confirm eu-west-1",
	"cicdctl account init":      "account init --yes",
	"cicdctl account destroy":   "account destroy --purge-data --confirm 123456789012",
	"cicdctl account tidy":      "account tidy --confirm 123456789012",
	"cicdctl vpn rotate":        "vpn rotate ACME office --tunnel 1 --yes",
	"cicdctl vpn user add":      "vpn user add ACME bob --out bob.ovpn",
	"cicdctl vpn user renew":    "vpn user renew ACME alice --out again.ovpn --yes",
	"cicdctl vpn user revoke":   "vpn user revoke ACME alice --yes",
	"cicdctl deploy":            "deploy ACME shop/web --env preview --image v2 --yes",
	"cicdctl deploy restart":    "deploy restart ACME shop/web --env preview --yes",
	"cicdctl deploy rollback":   "deploy rollback ACME shop/web --env preview --yes",
	"cicdctl scale":             "scale ACME shop/web 3 --env preview --yes",
	"cicdctl stop":              "stop ACME --database --yes",
	"cicdctl start":             "start ACME --database --yes",
	"cicdctl app users set":     "app users set ACME shop/files --env prod --file users.json --yes",
	"cicdctl key rotate":        "key rotate ACME --yes",
	"cicdctl maintenance set":   "maintenance set ACME mon:03:00-mon:05:00 --yes",
	"cicdctl backup-policy set": "backup-policy set ACME --retention-days 9 --yes",
	"cicdctl backup run":        "backup run ACME --yes",
	"cicdctl backup restore":    "backup restore ACME --latest --yes",
	"cicdctl backup discard":    "backup discard ACME acme-restored --confirm acme-restored",
	"cicdctl backup drill":      "backup drill ACME --yes",
	"cicdctl sandbox estate":    "sandbox estate --clients 1 --region eu-west-1",
}

// readers are the commands that change nothing on AWS, and why.
var readers = map[string]string{
	"cicdctl client plan": "", "cicdctl client show": "", "cicdctl client list": "", "cicdctl client report": "", "cicdctl region show": "",
	"cicdctl region report": "", "cicdctl report": "", "cicdctl audit": "", "cicdctl doctor": "", "cicdctl logs": "", "cicdctl deploy status": "",
	"cicdctl deploy list": "", "cicdctl app users list": "", "cicdctl key show": "", "cicdctl maintenance show": "", "cicdctl backup-policy show": "",
	"cicdctl backup list": "", "cicdctl vpn status": "", "cicdctl vpn config": "", "cicdctl vpn user list": "", "cicdctl vpn user sessions": "",

	"cicdctl exec":            "a shell changes nothing that cicdctl makes",
	"cicdctl backup archive":  "reads what S3 has; what is in Glacier is brought out only after cloud.Operator.Admit",
	"cicdctl spec init":       "a file",
	"cicdctl spec validate":   "a file",
	"cicdctl spec schema":     "a text",
	"cicdctl app init":        "files",
	"cicdctl fleet init":      "files",
	"cicdctl fleet pipeline":  "files; what its jobs run is compared there",
	"cicdctl fleet check":     "reads Git",
	"cicdctl fleet comment":   "a comment in GitLab",
	"cicdctl fleet report":    "reads files",
	"cicdctl pipeline render": "files",
	"cicdctl iam-policy":      "a text",
	"cicdctl schema":          "a text",
	"cicdctl version":         "a text",
	"cicdctl completion":      "a text",
	"cicdctl sandbox push":    "does what others do on AWS",
	"cicdctl sandbox zone":    "does what others do on AWS",
	"cicdctl sandbox issue":   "does what others do on AWS",
	"cicdctl sandbox quota":   "does what others do on AWS",
}

var readCall = regexp.MustCompile(`^(Describe|Export|List|Get|Head|Simulate|Sign)`)

const versionSpec = `client: ACME
region: eu-west-3
apps:
  - name: shop
    services:
      - {name: web, runtime: nodejs, tasks: {preview: 2}}
      - {name: files, runtime: mysecureshell, from: [203.0.113.0/24]}
vpn:
  ipsec:
    sites: [{name: office, peer: 198.51.100.10, routes: [192.168.10.0/24]}]
  openvpn: {users: [alice, bob]}
`

// TestNoCommandChangesWhatANewerReleaseHasApplied goes over all commands: each is known to
// change something, and then refuses to, or is known not to.
func TestNoCommandChangesWhatANewerReleaseHasApplied(t *testing.T) {
	root := newRoot(&session.Session{Print: report.New(nil, nil, nil)})
	known := map[string]bool{}
	each(root, func(cmd *cobra.Command) {
		if cmd.HasSubCommands() && cmd.Args == nil || cmd.Name() == "help" || cmd.Hidden {
			return
		}
		path := cmd.CommandPath()
		_, writes := writers[path]
		if _, reads := readers[path]; reads == writes && (!cmd.HasSubCommands() || writes) {
			t.Errorf("%s: does it change something on AWS? Put it into writers, with a line that would, or into readers", path)
		}
		known[path] = true
	})
	for _, all := range []map[string]string{writers, readers} {
		for path := range maps.Keys(all) {
			if !known[path] {
				t.Errorf("%s is no command", path)
			}
		}
	}

	atHome(t, []byte(versionSpec))
	if err := os.WriteFile("users.json", []byte(`[{"name": "carol", "keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKn0wd1P2FSmfIvvDYhXdxU1MbSdJtsmUQpfDIBaSGLY carol@desk"]}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	running(t, "v1.5.0")
	for _, line := range []string{
		"client create ACME --yes", "sandbox push ACME shop/web v1", "sandbox push ACME shop/web v2", "deploy ACME shop/web --env preview --image v1 --yes",
		"vpn user add ACME alice --out alice.ovpn", "client create GLOBEX --region eu-west-1 --yes", "client destroy GLOBEX --confirm GLOBEX --purge-data",
	} {
		if code, said, _ := ran(t, line); code != session.ExitDone {
			t.Fatalf("%s: exit code %d\n%s", line, code, said)
		}
	}
	t.Setenv("CICDCTL_TRAIL_ALARMS", "false") // for account tidy

	running(t, "v1.4.0")
	for path, line := range writers {
		code, said, calls := ran(t, line)
		if code != session.ExitRefused || !strings.Contains(said, "cicdctl v1.5.0 last applied") || !strings.Contains(said, "install cicdctl v1.5.0 or newer") || !strings.Contains(said, "--allow-downgrade v1.5.0") {
			t.Errorf("%s: exit code %d:\n%s", path, code, said)
		}
		for _, c := range calls {
			if !readCall.MatchString(c.Operation) {
				t.Errorf("%s called %s", path, c.Name())
			}
		}
		if file, err := os.ReadFile("clients/acme.yaml"); err != nil || string(file) != versionSpec {
			t.Errorf("%s has changed the spec: %v\n%s", path, err, file)
		}
	}
	if _, err := os.Stat("bob.ovpn"); err == nil {
		t.Error("a file was written for a certificate that was refused")
	}

	// Who reads is told.
	for line, want := range map[string]string{
		"client plan ACME":               "cicdctl v1.5.0 last applied ACME; this is v1.4.0",
		"client plan ACME --output json": "cicdctl v1.5.0 last applied ACME; this is v1.4.0",
		"client show ACME":               "cicdctl v1.5.0 last applied ACME; this is v1.4.0",
		"audit ACME --output json":       "cicdctl v1.5.0 last applied what the clients of eu-west-3 share; this is v1.4.0",
		"client plan ACME --lang fr":     "cicdctl v1.5.0 a appliqué ACME en dernier ; ceci est v1.4.0",
	} {
		code, said, _ := ran(t, line)
		if code == session.ExitRefused || code == session.ExitUsage || !strings.Contains(said, want) {
			t.Errorf("%s: exit code %d:\n%s", line, code, said)
		}
	}

	// A development build compares nothing.
	running(t, "")
	if code, said, _ := ran(t, "deploy restart ACME shop/web --env preview --yes"); code != session.ExitDone {
		t.Errorf("a development build: exit code %d:\n%s", code, said)
	}

	// It can be gone back from, by name.
	running(t, "v1.4.0")
	for line, want := range map[string]string{
		"client create ACME --yes --allow-downgrade v1.4.9": "cicdctl v1.5.0 last applied",
		"client create ACME --yes --allow-downgrade latest": `--allow-downgrade "latest" is no version of cicdctl`,
	} {
		if code, said, _ := ran(t, line); code == session.ExitDone || !strings.Contains(said, want) {
			t.Errorf("%s: exit code %d:\n%s", line, code, said)
		}
	}
	for _, line := range []string{"deploy restart ACME shop/web --env preview --yes --allow-downgrade v1.5.0", "client create ACME --yes --allow-downgrade v1.5.0", "client create ACME --yes"} {
		code, said, _ := ran(t, line)
		if code != session.ExitDone {
			t.Errorf("%s: exit code %d:\n%s", line, code, said)
		}
		if told := strings.Contains(said, "may overwrite what it does not know") || strings.Contains(said, "this takes ACME back from cicdctl v1.5.0 to v1.4.0"); told != strings.Contains(line, "--allow-downgrade") {
			t.Errorf("%s: the risk is told: %v:\n%s", line, told, said)
		}
	}
}
