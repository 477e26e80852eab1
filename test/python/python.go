// Package python installs what tests run in Python, each into a directory of its own that
// later runs use again (ensure.sh).
package python

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// installTimeout bounds the one-time download; of moto and its packages, about 140 MB
// installed.
const installTimeout = 10 * time.Minute

// errMissing is the only reason to leave tests out.
var errMissing = errors.New("python3 not found")

// Need skips a test that needs what could not be had because the machine has no Python and
// is not a CI runner (CI is unset), and fails it for every other error.
func Need(tb testing.TB, what string, err error) {
	tb.Helper()
	switch {
	case errors.Is(err, errMissing) && os.Getenv("CI") == "":
		tb.Skipf("%s: %v", what, err)
	case err != nil:
		tb.Fatalf("%s: %v", what, err)
	}
}

// Install returns the path of a Python that has a module and what else a file of
// requirements names, such as "test/moto/requirements.txt". The options are pip's.
func Install(module, requirements string, options ...string) (string, error) {
	if _, err := exec.LookPath(cmp.Or(os.Getenv("PYTHON"), "python3")); err != nil {
		return "", fmt.Errorf("%w: %w", errMissing, err)
	}
	// The script reads it. Read here too, it is known to go test, which would otherwise
	// show what it remembers of another version.
	_ = os.Getenv("CICDCTL_MOTO_VERSION")
	script, err := Find("test/python/ensure.sh")
	if err != nil {
		return "", err
	}
	file, err := Find(requirements)
	if err != nil {
		return "", err
	}
	// Not the context of a test: the next test needs the result as well.
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	var messages bytes.Buffer
	cmd := exec.CommandContext(ctx, "sh", append([]string{script, module, file}, options...)...)
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("install %s: %w: %s", module, err, bytes.TrimSpace(messages.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}

// Find looks for a file of the repository from the directory of the package under test,
// where go test runs. The path of this source file would not do: -trimpath removes it.
func Find(file string) (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find %s: %w", file, err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find %s: not there above %s", file, start)
		}
	}
}
