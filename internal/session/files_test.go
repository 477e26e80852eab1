package session

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileIsRewrittenOnlyWhereItIsWhatItWas(t *testing.T) {
	for name, c := range map[string]struct {
		have    string
		mode    os.FileMode
		want    string
		wantErr error
	}{
		"as it was":                 {"old", 0o640, "new", nil},
		"changed by somebody else":  {"other", 0o640, "other", ErrChanged},
		"as it is to be, by others": {"new", 0o640, "new", ErrChanged},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, link := filepath.Join(dir, "acme.yaml"), filepath.Join(dir, "link.yaml")
			if err := errors.Join(os.WriteFile(file, []byte(c.have), c.mode), os.Symlink("acme.yaml", link)); err != nil {
				t.Fatal(err)
			}
			if err := Rewrite(link, []byte("old"), []byte("new")); !errors.Is(err, c.wantErr) {
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
	err := Rewrite(filepath.Join(t.TempDir(), "gone.yaml"), nil, nil)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "gone.yaml") {
		t.Errorf("a file that is gone: %v", err)
	}
}
