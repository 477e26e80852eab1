package examples_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestExamplesAreValid(t *testing.T) {
	plan, err := cidr.NewPlan()
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(examples.All, "*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(examples.All, file)
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{file: data, file + ", all switched on": switchedOn(data)} {
			if _, err := spec.Parse(name, data, rules.Checks(plan, "123456789012", time.Date(2026, time.November, 30, 0, 0, 0, 0, time.UTC))); err != nil {
				t.Error(err)
			}
		}
	}
}

// off is the # of what is switched off; prose has one space after it.
var off = regexp.MustCompile(`(?m)^#(  +\S|[a-z])`)

// switchedOn is an example with everything in it.
func switchedOn(example []byte) []byte { return off.ReplaceAll(example, []byte("$1")) }

// shortForm is what says the same as a list of one site.
var shortForm = []string{"vpn.ipsec.peer", "vpn.ipsec.routes"}

func TestTheFirstExampleShowsEveryKey(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(configs.ClientSchema, &schema); err != nil {
		t.Fatal(err)
	}
	var shown map[string]any
	if err := yaml.Unmarshal(switchedOn(examples.ACME), &shown); err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	addKeys(keys, "", shown)
	if len(keys) < 50 {
		t.Errorf("only %d keys were found", len(keys))
	}
	for _, key := range known(schema, schema, "") {
		if !keys[key] && !slices.Contains(shortForm, key) {
			t.Errorf("examples/acme.yaml does not show %s", key)
		}
	}
}

// addKeys adds the paths of all keys of a value; those of a list's items have no index.
func addKeys(keys map[string]bool, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, each := range v {
			keys[strings.TrimPrefix(path+"."+name, ".")] = true
			addKeys(keys, path+"."+name, each)
		}
	case []any:
		for _, each := range v {
			addKeys(keys, path, each)
		}
	}
}

// known are the paths of all keys that a schema has.
func known(schema, part map[string]any, path string) []string {
	if ref, ok := part["$ref"].(string); ok {
		part = schema["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	var out []string
	if items, ok := part["items"].(map[string]any); ok {
		out = append(out, known(schema, items, path)...)
	}
	properties, _ := part["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		key := strings.TrimPrefix(path+"."+name, ".")
		out = append(append(out, key), known(schema, properties[name].(map[string]any), key)...)
	}
	for _, of := range []string{"oneOf", "anyOf"} {
		choices, _ := part[of].([]any)
		for _, choice := range choices {
			out = append(out, known(schema, choice.(map[string]any), path)...)
		}
	}
	return out
}
