package appfiles

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

var update = flag.Bool("update", false, "rewrite golden files")

// projects are the apps that are tried: one of each runtime, and one with the defaults.
func projects(t *testing.T) map[string]*Project {
	t.Helper()
	whole, err := spec.Parse("acme.yaml", examples.ACME)
	if err != nil {
		t.Fatal(err)
	}
	small, err := spec.Default("GLOBEX", "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	small.Hosts.InstanceType = "m7g.large"
	return map[string]*Project{
		"shop": {whole, whole.Apps[0], "123456789012", rules.DefaultGitLab, lang.English},
		"app":  {small, small.Apps[0], "123456789012", "https://git.globex.example", lang.English},
	}
}

// schema compiles one of the schemas of others.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile("testdata/schemas/" + name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://schema.example/"+name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("https://schema.example/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain is YAML as JSON has it.
func plain(t *testing.T, text []byte) any {
	t.Helper()
	raw, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// The pipelines and compose files are what GitLab and Docker take, by their own schemas.
func TestFilesAreValid(t *testing.T) {
	ci, compose := schema(t, "gitlab-ci.json"), schema(t, "compose-spec.json")
	for name, p := range projects(t) {
		files, err := p.Files()
		if err != nil {
			t.Fatal(err)
		}
		paths := map[string]bool{}
		for _, f := range files {
			if paths[f.Path] {
				t.Errorf("%s: %s is written twice", name, f.Path)
			}
			paths[f.Path] = true
			switch f.Path {
			case PipelineFile:
				if err := ci.Validate(plain(t, f.Data)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			case "compose.yaml":
				if err := compose.Validate(plain(t, f.Data)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	if ci.Validate(plain(t, []byte("job: {script: [x], no_such_key: 1}"))) == nil {
		t.Error("the schema takes anything")
	}
}

func TestGoldenFiles(t *testing.T) {
	for name, p := range projects(t) {
		files, err := p.Files()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, f := range files {
			fmt.Fprintf(&b, "-- %s (runs: %v) --\n", f.Path, f.Runs)
			if strings.Count(f.Path, "/") < 2 && !strings.Contains(f.Path, "apache/") { // not the images' own files
				b.Write(f.Data)
			}
		}
		golden := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s differs from what is written; run make golden and read the diff", golden)
		}
	}
}

// No key of AWS is in a pipeline, and every job that deploys waits for its turn.
func TestPipelineIsSafe(t *testing.T) {
	key := regexp.MustCompile(`AKIA|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|@[a-z]+@`)
	for name, p := range projects(t) {
		text := p.Pipeline()
		if found := key.Find(text); found != nil {
			t.Errorf("%s: has %q", name, found)
		}
		var doc map[string]map[string]any
		raw, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]any
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		doc = map[string]map[string]any{}
		for key, value := range all {
			if job, ok := value.(map[string]any); ok {
				doc[key] = job
			}
		}
		for _, svc := range p.App.Services {
			for job, env := range map[string]string{"stage:": "preview", "deploy:": "prod"} {
				j := doc[job+svc.Name]
				if j["resource_group"] != env || j["environment"].(map[string]any)["name"] != env || j["extends"] != ".deploy" {
					t.Errorf("%s: %s%s is %v", name, job, svc.Name, j)
				}
				rule := fmt.Sprint(j["rules"])
				if !strings.Contains(rule, `$CI_COMMIT_BRANCH == "`+p.App.Branch+`"`) || strings.Contains(rule, "manual") != (env == "prod") {
					t.Errorf("%s: %s%s runs when %s", name, job, svc.Name, rule)
				}
			}
			request := fmt.Sprint(doc["merge-request:"+svc.Name])
			if strings.Contains(request, "aws") || strings.Contains(request, ".registry") {
				t.Errorf("%s: a merge request reaches AWS: %s", name, request)
			}
		}
	}
}

// The scripts of the jobs are shell, and what they make of the spec is one that deploys take.
func TestScriptsAreShell(t *testing.T) {
	plan, err := cidr.NewPlan()
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range projects(t) {
		small, err := spec.Parse(name, []byte(p.extract()), rules.Checks(plan, p.Account, time.Now()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := small.Apps[0]; !slices.Equal(got.ServiceNames(), p.App.ServiceNames()) || got.Services[0].Runtime != p.App.Services[0].Runtime || small.Client != p.Spec.Client {
			t.Errorf("%s: %+v", name, got)
		}
		doc := plain(t, p.Pipeline()).(map[string]any)
		for job, value := range doc {
			fields, _ := value.(map[string]any)
			for _, field := range []string{"script", "before_script"} {
				lines, _ := fields[field].([]any)
				for _, line := range lines {
					text, ok := line.(string)
					if !ok {
						continue // a reference
					}
					if out, err := exec.Command("sh", "-n", "-c", text).CombinedOutput(); err != nil {
						t.Errorf("%s: %s: %v: %s\n%s", name, job, err, out, text)
					}
				}
			}
		}
	}
}
