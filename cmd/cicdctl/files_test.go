package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/report"
)

func TestAFileIsRewrittenOnlyWhereItIsWhatItWas(t *testing.T) {
	for name, c := range map[string]struct {
		have    string
		mode    os.FileMode
		want    string
		wantErr error
	}{
		"as it was":                 {"old", 0o640, "new", nil},
		"changed by somebody else":  {"other", 0o640, "other", errChanged},
		"as it is to be, by others": {"new", 0o640, "new", errChanged},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, link := filepath.Join(dir, "acme.yaml"), filepath.Join(dir, "link.yaml")
			if err := errors.Join(os.WriteFile(file, []byte(c.have), c.mode), os.Symlink("acme.yaml", link)); err != nil {
				t.Fatal(err)
			}
			if err := rewrite(link, []byte("old"), []byte("new")); !errors.Is(err, c.wantErr) {
				t.Errorf("%v, want %v", err, c.wantErr)
			}
			got, err := os.ReadFile(file)
			if err != nil || string(got) != c.want {
				t.Errorf("holds %q, %v; want %q", got, err, c.want)
			}
			info, err := os.Stat(file)
			if err != nil || info.Mode().Perm() != c.mode {
				t.Errorf("has the mode %v, %v; want %v", info.Mode(), err, c.mode)
			}
			if target, err := os.Readlink(link); err != nil || target != "acme.yaml" {
				t.Errorf("the link leads to %q, %v", target, err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
	err := rewrite(filepath.Join(t.TempDir(), "gone.yaml"), nil, nil)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "gone.yaml") {
		t.Errorf("a file that is gone: %v", err)
	}
}

// Once the file is written it says what the client should have: a run that ends
// early is gone on with by the command that follows the file.
func TestAStoppedChangeIsFinishedByClientCreate(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	account := []string{"--sandbox-file", filepath.Join(dir, "account.json")}
	var made bytes.Buffer
	if code := run(append([]string{"client", "create", "ACME", "--region", "eu-west-3", "--yes"}, account...), report.New(nil, &made, &made)); code != exitDone {
		t.Fatalf("exit code %d:\n%s", code, made.String())
	}
	said := &interrupter{at: "wrote clients/acme.yaml\n"}
	if code := run(append([]string{"backup-policy", "set", "ACME", "--retention-days", "7", "--archive", "none", "--yes"}, account...), report.New(nil, said, said)); code != exitInterrupted {
		t.Errorf("exit code %d, want %d:\n%s", code, exitInterrupted, said.String())
	}
	create := append([]string{"client", "create", "ACME"}, account...)
	if want := "→ go on with: cicdctl " + strings.Join(create, " "); !strings.Contains(said.String(), want) {
		t.Errorf("lacks %q:\n%s", want, said.String())
	}
	var again bytes.Buffer
	if code := run(append(create, "--yes"), report.New(nil, &again, &again)); code != exitDone {
		t.Errorf("exit code %d when gone on with:\n%s", code, again.String())
	}
}
