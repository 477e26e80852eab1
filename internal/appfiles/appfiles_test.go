package appfiles

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/schematest"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

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

// The pipelines and compose files are what GitLab and Docker take, by their own schemas.
func TestFilesAreValid(t *testing.T) {
	ci, compose := schematest.Compile(t, "testdata/schemas/gitlab-ci.json"), schematest.Compile(t, "testdata/schemas/compose-spec.json")
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
				if err := ci.Validate(schematest.Plain(t, f.Data)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			case "compose.yaml":
				if err := compose.Validate(schematest.Plain(t, f.Data)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	if ci.Validate(schematest.Plain(t, []byte("job: {script: [x], no_such_key: 1}"))) == nil {
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
		golden.File(t, filepath.Join("testdata", name+".txt"), b.String())
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
		doc := map[string]map[string]any{}
		for key, value := range schematest.Plain(t, text).(map[string]any) {
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
		doc := schematest.Plain(t, p.Pipeline()).(map[string]any)
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
