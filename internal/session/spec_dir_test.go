package session

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A directory may be called anything: its name is no pattern.
func TestSpecFiles(t *testing.T) {
	for _, name := range []string{"clients", "clients [all]", "clients*", "["} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"globex.yaml", "acme.yaml", "README.md", "old.yml"} {
			if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := SpecFiles(dir), []string{filepath.Join(dir, "acme.yaml"), filepath.Join(dir, "globex.yaml")}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := SpecFiles(filepath.Join(t.TempDir(), "nowhere")); got != nil {
		t.Errorf("nowhere: %q", got)
	}
}
