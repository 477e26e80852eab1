package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// suggestion is a command that an output tells to run. In the sandbox its account is named last,
// but for what answers a question.
var suggestion = regexp.MustCompile(`cicdctl [a-z][^\n]*? --sandbox-file \S+(?: ACME\b(?: office| \w+/\w+)?)?(?: --yes| --show-secrets| --(?:confirm|remove|format|env|image) [\w./-]+)*`)

// anyCommand is everything that looks like one.
var anyCommand = regexp.MustCompile(`cicdctl (?:client|backup|backup-policy|deploy|vpn|app|audit|region|sandbox|maintenance|spec|pipeline|doctor)\b[^\n]*`)

// placeholder is what people put something in for.
var placeholder = regexp.MustCompile(`(^| )(SOURCE|NAME|REGION|PERSON|SITE|APP/SERVICE|FILE|ID|USER|TAG|N)( |$)`)

// TestWhatIsSuggestedRuns takes an operator's way and runs every command that the outputs
// suggest on it, where they suggest it: none is mistyped, none is without its account, and none fails.
func TestWhatIsSuggestedRuns(t *testing.T) {
	atHome(t, []byte(tourSpec))
	ran := 0
	seen := map[string]bool{}
	for _, words := range [][]string{
		{"client", "create", "ACME"},
		{"client", "create", "ACME", "--yes"},
		{"client", "list"},
		{"client", "show", "ACME"},
		{"client", "plan", "ACME"},
		{"region", "show", "eu-west-3"},
		{"audit"},
		{"vpn", "status", "ACME"},
		{"vpn", "config", "ACME", "office"},
		{"vpn", "user", "add", "ACME", "alice", "--out", "alice.ovpn"},
		{"vpn", "user", "list", "ACME"},
		{"backup", "list", "ACME"},
		{"backup", "run", "ACME", "--yes"},
		{"deploy", "list", "ACME", "shop/web", "--env", "prod"},
		{"deploy", "status", "ACME"},
		{"sandbox", "push", "ACME", "shop/web", "v1"},
		{"deploy", "ACME", "shop/web", "--env", "preview", "--image", "v1", "--yes"},
		{"client", "show", "ACME"},
		{"deploy", "ACME", "shop/web", "--env", "prod", "--image", "v1", "--yes"},
		{"deploy", "rollback", "ACME", "shop/web", "--env", "prod", "--yes"},
		{"backup-policy", "show", "ACME"},
		{"backup", "restore", "ACME", "--latest", "--yes"},
		{"backup", "list", "ACME"},
		{"backup", "drill", "ACME", "--yes"},
		{"vpn", "rotate", "ACME", "office", "--tunnel", "1", "--yes"},
		{"vpn", "user", "revoke", "ACME", "alice", "--yes"},
		{"backup-policy", "set", "ACME", "--retention-days", "9"},
		{"maintenance", "show", "ACME"},
		{"backup-policy", "show", "NOBODY"},
		{"client", "show", "NOBODY"},
		{"client", "destroy", "ACME"},
		{"client", "destroy", "ACME", "--confirm", "ACME"},
		{"client", "destroy", "ACME"},
		{"backup", "list", "ACME"},
		{"region", "destroy", "eu-west-3"},
	} {
		text := tourRun(t, words)
		for _, line := range anyCommand.FindAllString(text, -1) {
			if !strings.Contains(line, "--sandbox-file") && !strings.Contains(line, "--list-rules") {
				t.Errorf("%s suggests a command for another account: %s", strings.Join(words, " "), line)
			}
		}
		for _, command := range suggestion.FindAllString(text, -1) {
			if seen[command] || placeholder.MatchString(command) || strings.Contains(command, "--purge-data") && strings.Contains(command, "--confirm") {
				continue
			}
			seen[command] = true
			ran++
			tourTry(t, strings.Join(words, " "), command)
		}
	}
	if ran < 20 {
		t.Errorf("only %d suggestions were found", ran)
	}
}

const tourSpec = `client: ACME
region: eu-west-3
apps:
  - name: shop
    services:
      - {name: web, runtime: nodejs, domains: {prod: shop.example}}
alarms: {email: [ops@example.com]}
vpn:
  ipsec:
    sites: [{name: office, peer: 198.51.100.10, routes: [192.168.10.0/24]}]
  openvpn: {users: [alice]}
`

// atHome goes to a directory of its own where a client has a spec.
func atHome(t *testing.T, spec []byte) {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Chdir(home)
	if err := os.MkdirAll("clients", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("clients/acme.yaml", spec, 0o644); err != nil {
		t.Fatal(err)
	}
}

// tourRun runs a command, and returns all that it says.
func tourRun(t *testing.T, words []string) string {
	t.Helper()
	var said bytes.Buffer
	code := run(append(slices.Clone(words), "--sandbox-file", "account.json"), report.New(nil, &said, &said))
	if code == session.ExitUsage && !slices.Contains(words, "NOBODY") {
		t.Errorf("%s: exit code %d:\n%s", strings.Join(words, " "), code, said.String())
	}
	return said.String()
}

// tourTry runs a suggestion in a copy of the account and of the directory.
func tourTry(t *testing.T, by, command string) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	there := t.TempDir()
	if err := os.CopyFS(there, os.DirFS(here)); err != nil {
		t.Fatal(err)
	}
	t.Run(command, func(t *testing.T) {
		t.Chdir(there)
		var said bytes.Buffer
		code := run(strings.Fields(command)[1:], report.New(nil, &said, &said))
		asks := code == session.ExitRefused && strings.Contains(said.String(), "no terminal to ask on")
		if code != session.ExitDone && code != session.ExitFindings && !asks {
			t.Errorf("%s suggests %q, which ends with exit code %d:\n%s", by, command, code, said.String())
		}
	})
}
