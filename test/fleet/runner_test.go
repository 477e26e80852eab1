// Package fleet_test runs the pipelines of an estate's repository: with gitlab-ci-local, which runs
// GitLab's pipelines on one machine and holds them against GitLab's schema, on clients in simulated
// accounts.
package fleet_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// installTime bounds the one-time download of 18 MB.
const installTime = 10 * time.Minute

// runner is the path of gitlab-ci-local. Without what it needs, tests are skipped; on CI they fail.
func runner(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"node", "npm", "git", "rsync"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	path, err := installed()
	if err != nil {
		t.Fatalf("install gitlab-ci-local: %v", err)
	}
	return path
}

// installed installs what package-lock.json pins into a directory of its own, which later runs use
// again.
func installed() (string, error) {
	hash := sha256.New()
	for _, file := range []string{"package.json", "package-lock.json"} {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		hash.Write(data)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "cicdctl", "gitlab-ci-local-"+hex.EncodeToString(hash.Sum(nil))[:16])
	path := filepath.Join(dir, "node_modules", ".bin", "gitlab-ci-local")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "whole")); err == nil {
		return path, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, file := range []string{"package.json", "package-lock.json"} {
		data, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, file), data, 0o644)
		}
		if err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), installTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, os.WriteFile(filepath.Join(dir, "whole"), nil, 0o644)
}

// estate is the repository of an estate, its accounts, and what runs its pipelines.
type estate struct {
	t            *testing.T
	runner, root string
	variables    map[string]string // of the project
}

func (e *estate) path(names ...string) string {
	return filepath.Join(append([]string{e.root}, names...)...)
}

// newEstate begins a repository with fleet init.
func newEstate(t *testing.T) *estate {
	t.Helper()
	e := &estate{t: t, runner: runner(t), root: t.TempDir(), variables: map[string]string{}}
	program := e.path("bin", "real")
	e.do(".", "go", "build", "-o", program, "../../cmd/cicdctl")
	// What the image of the jobs has as cicdctl is about the sandbox here.
	e.write("../bin/cicdctl", "#!/bin/sh\nexec '"+program+"' --sandbox-file '"+e.path("sandbox.json")+"' \"$@\"\n")
	if err := os.Chmod(e.path("bin", "cicdctl"), 0o755); err != nil {
		t.Fatal(err)
	}
	e.do(".", "git", "init", "--quiet", "--bare", "--initial-branch=main", e.path("store.git"))
	e.do(".", "git", "clone", "--quiet", e.path("store.git"), e.path("estate"))
	e.git("checkout", "--quiet", "-b", "main")
	e.git("config", "user.name", "somebody")
	e.git("config", "user.email", "somebody@example.com")
	e.write(".git/info/exclude", "/.gitlab-ci-local*\n/shards/\n/previous/\n*.md\n!README.md\n")
	// The runner takes the names of project and server from origin.
	e.git("remote", "rename", "origin", "store")
	e.git("remote", "add", "origin", "git@gitlab.example.com:acme/clients.git")
	e.do("estate", e.path("bin", "cicdctl"), "fleet", "init")
	e.variables["CI_REPOSITORY_URL"] = "file://" + e.path("store.git") // a path is a file to the runner
	e.variables["CI_DEFAULT_BRANCH"] = "main"
	e.push()
	return e
}

// environment is that of commands: no credentials that could reach anything.
func (e *estate) environment() []string {
	home := e.path("home")
	return append(os.Environ(), "PATH="+e.path("bin")+":"+os.Getenv("PATH"), "HOME="+home, "GOCACHE="+goEnv("GOCACHE"), "GOMODCACHE="+goEnv("GOMODCACHE"),
		"AWS_ACCESS_KEY_ID=nobody", "AWS_SECRET_ACCESS_KEY=nothing", "AWS_EC2_METADATA_DISABLED=true", "LANG=C", "CI=", "GITLAB_CI=")
}

func goEnv(name string) string {
	out, err := exec.CommandContext(context.Background(), "go", "env", name).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func (e *estate) do(dir, name string, args ...string) string {
	e.t.Helper()
	cmd := exec.CommandContext(e.t.Context(), name, args...)
	if dir != "." {
		cmd.Dir = e.path(dir)
	}
	cmd.Env = e.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		e.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (e *estate) git(args ...string) string { e.t.Helper(); return e.do("estate", "git", args...) }

// write writes a file of the repository.
func (e *estate) write(file, text string) {
	e.t.Helper()
	path := e.path("estate", filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		e.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		e.t.Fatal(err)
	}
}

// read reads a file of the repository that a job has left; empty where it has not.
func (e *estate) read(file string) string {
	e.t.Helper()
	data, err := os.ReadFile(e.path("estate", filepath.FromSlash(file)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		e.t.Fatal(err)
	}
	return string(data)
}

// push commits all there is to main, and returns what was there before.
func (e *estate) push() (before string) {
	e.t.Helper()
	before = strings.Repeat("0", 40)
	if e.do("estate", "git", "rev-list", "--all", "--max-count=1") != "" {
		before = e.git("rev-parse", "HEAD")
	}
	e.git("add", "--all")
	e.git("commit", "--quiet", "--message", "change")
	e.git("push", "--quiet", "store", "HEAD:main")
	return before
}

// pipeline runs a pipeline, of a file or the project's own, and returns the log and whether all jobs
// passed. What earlier ones have left in the directory is removed: every job of GitLab starts with
// a fresh clone.
func (e *estate) pipeline(variables map[string]string, args ...string) (log string, passed bool) {
	e.t.Helper()
	var file strings.Builder
	for _, all := range []map[string]string{e.variables, variables} {
		for name, value := range all {
			fmt.Fprintf(&file, "%s: %q\n", name, value)
		}
	}
	if len(args) == 0 || args[0] != "--file" {
		e.git("clean", "--quiet", "-ffdx")
	}
	e.write(".gitlab-ci-local-variables.yml", file.String())
	given := []string{"--force-shell-executor", "--no-color", "--no-timestamps", "--home", e.path("home")}
	for name, value := range variables {
		given = append(given, "--variable", name+"="+value)
	}
	cmd := exec.CommandContext(e.t.Context(), e.runner, append(given, args...)...)
	cmd.Dir, cmd.Env = e.path("estate"), e.environment()
	out, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		e.t.Fatal(err)
	}
	return string(out), err == nil
}
