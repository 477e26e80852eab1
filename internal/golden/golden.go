// Package golden compares what tests get with files of what is wanted.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Updating reports whether golden files are being rewritten, for those that are no text.
func Updating() bool { return *update }

// Match compares with testdata/<name of the test>.golden, beside the test.
func Match(t *testing.T, got string) {
	t.Helper()
	File(t, filepath.Join("testdata", filepath.FromSlash(t.Name())+".golden"), got)
}

// File compares with a file.
func File(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("differs from %s (run with -update after a wanted change):\n%s", path, d)
	}
}
