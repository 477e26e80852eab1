package mototest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/test/python"
)

// The patches say which versions of moto they fit. Each is tried: the one that is pinned by
// all tests, the other by a second run of these.
func TestEveryTestedVersionIsTested(t *testing.T) {
	t.Parallel()
	versions := func(file, where string) (all []string) {
		t.Helper()
		path, err := python.Find(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`(?m)` + where + `.*$`).Find(text)
		all = regexp.MustCompile(`\d+\.\d+\.\d+`).FindAllString(string(found), -1)
		slices.Sort(all)
		return all
	}
	tried := append(versions("test/moto/requirements.txt", `^moto\b.*==`), versions("Makefile", `^OTHERMOTO := `)...)
	slices.Sort(tried)
	if told := versions("test/moto/patches/__init__.py", `^TESTED = `); len(tried) != 2 || !slices.Equal(told, tried) {
		t.Errorf("the patches fit moto %v, and are tried on %v", told, tried)
	}
}

func TestAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	Start(t) // skips and installs like every other test
	interpreter, script, err := launcher()
	if err != nil {
		t.Fatal(err)
	}
	const program = `
import sys; sys.path.insert(0, sys.argv.pop())
import launch, moto
moto.__version__ = "5.1.0"
launch.main()`
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout) // a server that starts would not end
	defer cancel()
	out, err := exec.CommandContext(ctx, interpreter, "-c", program, filepath.Dir(script)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "5.1.0 is installed") {
		t.Errorf("%v: %s", err, out)
	}
}
