package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// Once the file is written it says what the client should have: a run that ends
// early is gone on with by the command that follows the file.
func TestAStoppedChangeIsFinishedByClientCreate(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	account := []string{"--sandbox-file", filepath.Join(dir, "account.json")}
	var made bytes.Buffer
	if code := run(append([]string{"client", "create", "ACME", "--region", "eu-west-3", "--yes"}, account...), report.New(nil, &made, &made)); code != session.ExitDone {
		t.Fatalf("exit code %d:\n%s", code, made.String())
	}
	said := &interrupter{at: "wrote clients/acme.yaml\n"}
	if code := run(append([]string{"backup-policy", "set", "ACME", "--retention-days", "7", "--archive", "none", "--yes"}, account...), report.New(nil, said, said)); code != session.ExitInterrupted {
		t.Errorf("exit code %d, want %d:\n%s", code, session.ExitInterrupted, said.String())
	}
	create := append([]string{"client", "create", "ACME"}, account...)
	if want := "→ go on with: cicdctl " + strings.Join(create, " "); !strings.Contains(said.String(), want) {
		t.Errorf("lacks %q:\n%s", want, said.String())
	}
	var again bytes.Buffer
	if code := run(append(create, "--yes"), report.New(nil, &again, &again)); code != session.ExitDone {
		t.Errorf("exit code %d when gone on with:\n%s", code, again.String())
	}
}
