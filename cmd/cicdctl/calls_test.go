package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// TestCommandsMakeFewCalls counts what commands as such ask of AWS, as --record writes it down.
func TestCommandsMakeFewCalls(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	calls := func(args ...string) int {
		t.Helper()
		record := filepath.Join(t.TempDir(), "calls")
		var said bytes.Buffer
		if code := run(append(args, "--sandbox-file", filepath.Join(dir, "account.json"), "--record", record), report.New(nil, &said, &said)); code != session.ExitDone {
			t.Fatalf("%v: exit code %d\n%s", args, code, said.String())
		}
		text, err := os.ReadFile(record)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(text, []byte("\n"))
	}
	calls("client", "create", "ACME", "--region", "eu-west-3", "--yes")
	calls("client", "create", "GLOBEX", "--region", "eu-west-3", "--yes")
	calls("client", "create", "NOVA", "--region", "eu-west-1", "--yes")
	for _, each := range []struct {
		args []string
		most int
	}{
		{[]string{"client", "list"}, 15},
		{[]string{"client", "show", "ACME"}, 45},
		{[]string{"client", "report", "ACME", "--out", dir, "--cost=false"}, 155},
		{[]string{"region", "report", "eu-west-3", "--out", dir, "--cost=false"}, 165},
		// Prices are asked for once a day for each product; the sandbox keeps none.
		{[]string{"client", "report", "ACME", "--out", dir}, 265},
		{[]string{"region", "report", "eu-west-3", "--out", dir}, 355},
		{[]string{"client", "destroy", "ACME", "--confirm", "ACME"}, 300}, // it waits, and asks meanwhile
		// Four of them look whether the client is where its file does not say.
		{[]string{"client", "destroy", "ACME"}, 44},
	} {
		n := calls(each.args...)
		t.Logf("%v: %d calls", each.args, n)
		if n > each.most {
			t.Errorf("%v: %d calls, at most %d are allowed", each.args, n, each.most)
		}
	}
}
