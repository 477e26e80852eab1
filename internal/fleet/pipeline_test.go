package fleet

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	yaml3 "go.yaml.in/yaml/v3"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/schematest"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ciSchema is GitLab's schema of pipelines, which is kept beside the pipelines of apps.
const ciSchema = "../appfiles/testdata/schemas/gitlab-ci.json"

func at(name, region, account string) client {
	return client{spec.Head{Client: name, Region: region, Account: account}, "clients/" + strings.ToLower(name) + ".yaml"}
}

// drillNight is one on which GLOBEX has a restore drill.
var drillNight = time.Date(2026, time.November, 9, 22, 0, 0, 0, time.UTC)

// cases are the pipelines that are tried.
func cases() map[string]func(l lang.Lang) (output, Generated) {
	three := []client{at("ACME", "eu-west-3", "production"), at("GLOBEX", "eu-west-3", "staging"), at("NO", "eu-west-1", "")}
	moved := at("GLOBEX", "eu-west-1", "production")
	left := []gone{{client: moved, now: &three[1]}, {client: at("OLD", "eu-west-3", "")}}
	return map[string]func(l lang.Lang) (output, Generated){
		"merge-request": func(l lang.Lang) (output, Generated) {
			return compose(l, occasion{event: MergeRequest}, nil, three, changes{changed: three, gone: left}, DefaultMaxJobs)
		},
		"push": func(l lang.Lang) (output, Generated) {
			return compose(l, occasion{event: Push}, nil, three, changes{changed: three, gone: left}, DefaultMaxJobs)
		},
		"schedule": func(l lang.Lang) (output, Generated) {
			return compose(l, occasion{event: Schedule, date: drillNight}, nil, three, changes{}, DefaultMaxJobs)
		},
		"nothing": func(l lang.Lang) (output, Generated) {
			return compose(l, occasion{event: Push}, nil, three, changes{}, DefaultMaxJobs)
		},
		"split": func(l lang.Lang) (output, Generated) {
			var all []client
			for i := range 25 {
				all = append(all, at(fmt.Sprintf("C%d", i), "eu-west-3", ""))
			}
			return compose(l, occasion{event: MergeRequest}, nil, all, changes{changed: all}, 10)
		},
		"split audits": func(l lang.Lang) (output, Generated) {
			var all []client
			for i := range 12 {
				all = append(all, at(fmt.Sprintf("C%d", i), "eu-west-3", fmt.Sprintf("account-%d", i)))
			}
			return compose(l, occasion{event: Schedule, date: drillNight}, nil, all, changes{}, 10)
		},
	}
}

func TestPipelines(t *testing.T) {
	schema := schematest.Compile(t, ciSchema)
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) {
			files, r := c(lang.English)
			var b strings.Builder
			for i, f := range files.pipelines {
				fmt.Fprintf(&b, "-- %s --\n%s", pieceName(i), f)
				if err := schema.Validate(schematest.Plain(t, f)); err != nil {
					t.Errorf("%s: %v\n%s", pieceName(i), err, f)
				}
				var ruby map[string]any // GitLab reads YAML 1.1
				if err := yaml3.Unmarshal(f, &ruby); err != nil {
					t.Error(err)
				}
			}
			if files.shards != nil {
				fmt.Fprintf(&b, "-- %s --\n%+v\n", ShardsFile, *files.shards)
			}
			golden.Match(t, b.String())
			french, _ := c(lang.French)
			if len(french.pipelines) != len(files.pipelines) || r.Jobs == 0 {
				t.Errorf("%d files in French, %d in English", len(french.pipelines), len(files.pipelines))
			}
			for _, f := range french.pipelines {
				if err := schema.Validate(schematest.Plain(t, f)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestJobsAreSafe holds what no job may lack: nothing that writes is stopped or tried again, and one
// client's jobs never run at once.
func TestJobsAreSafe(t *testing.T) {
	wrote := 0
	for name, c := range cases() {
		files, _ := c(lang.English)
		for _, f := range files.pipelines {
			doc := schematest.Plain(t, f).(map[string]any)
			for job, value := range doc {
				body, ok := value.(map[string]any)
				if !ok || strings.HasPrefix(job, ".") {
					continue
				}
				template, _ := doc[fmt.Sprint(body["extends"])].(map[string]any)
				writes := template["extends"] == ".fleet-write"
				group := fmt.Sprint(body["resource_group"])
				client := ""
				if vars, ok := body["variables"].(map[string]any); ok && vars["CLIENT"] != nil {
					client = vars["CLIENT"].(string) // a text also for NO
				}
				switch {
				case writes && (fmt.Sprint(template["retry"]) != "0" || template["interruptible"] != false || group != "client/"+client || client == ""):
					t.Errorf("%s: %s: %v of %v", name, job, body, template)
				case writes:
					wrote++
				case body["trigger"] == nil && template["extends"] == ".fleet-read" && template["interruptible"] != true:
					t.Errorf("%s: %s reads and cannot be stopped", name, job)
				}
				if strings.HasPrefix(job, "remove ") != (template["when"] == "manual") {
					t.Errorf("%s: %s starts %v", name, job, template["when"])
				}
				if text := fmt.Sprint(template["script"]); strings.Contains(text, "destroy") && !strings.Contains(text, "--plan") || strings.Contains(text, "--confirm") {
					t.Errorf("%s: %s destroys: %s", name, job, text)
				}
				for _, part := range []map[string]any{template, body} {
					lines, _ := part["script"].([]any)
					for _, line := range lines {
						if out, err := exec.CommandContext(t.Context(), "sh", "-n", "-c", line.(string)).CombinedOutput(); err != nil {
							t.Errorf("%s: %s: %s: %s", name, job, line, out)
						}
					}
				}
			}
		}
	}
	if wrote < 5 {
		t.Errorf("only %d jobs write", wrote)
	}
}

// bare is a file without its comments.
func bare(text string) string {
	return regexp.MustCompile(`(?m) +# .*$`).ReplaceAllString(regexp.MustCompile(`(?m)^[ \t]*#.*\n`).ReplaceAllString(text, ""), "")
}

// TestInitialFiles holds that what fleet init writes is what GitLab and cicdctl take, the same in
// both languages, and has no key of AWS.
func TestInitialFiles(t *testing.T) {
	files, err := initial(lang.English, rules.DefaultGitLab, "eu-west-3")
	if err != nil {
		t.Fatal(err)
	}
	schema := schematest.Compile(t, ciSchema)
	whole := map[string]any{}
	for _, f := range files {
		if regexp.MustCompile(`AKIA|AWS_SECRET|@[a-z]+@`).Match(f.Data) {
			t.Errorf("%s has a key, or a value is missing", f.Path)
		}
		if bytes.Equal(f.Data, f.Other) && !strings.HasSuffix(f.Path, "gitignore") {
			t.Errorf("%s is not translated", f.Path)
		}
		if !strings.HasSuffix(f.Path, "ml") {
			continue
		}
		if bare(string(f.Data)) != bare(string(f.Other)) {
			t.Errorf("%s differs in more than comments:\n%s\n---\n%s", f.Path, bare(string(f.Data)), bare(string(f.Other)))
		}
		doc := schematest.Plain(t, f.Data).(map[string]any)
		if f.Path == "cicdctl.yaml" {
			continue
		}
		for key, value := range doc {
			if key != "include" {
				whole[key] = value
			}
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
	}
	if err := schema.Validate(whole); err != nil {
		t.Error(err)
	}
	for _, name := range []string{".fleet", ".fleet-read", ".fleet-write", "fleet", "clients"} {
		if whole[name] == nil {
			t.Errorf("no job is called %s", name)
		}
	}
	if schema.Validate(schematest.Plain(t, []byte("job: {script: [x], no_such_key: 1}"))) == nil {
		t.Error("the schema takes anything")
	}
}

// Every client has a drill in each month, the same nights whoever else there is, and about as many
// every night.
func TestRota(t *testing.T) {
	night := func(later time.Duration, day int) time.Time {
		return occasion{date: drillNight.AddDate(0, 0, day).Add(later)}.night()
	}
	var all []client
	for i := range 2800 {
		all = append(all, at(fmt.Sprintf("C%d", i), "eu-west-3", ""))
	}
	times := map[string]int{}
	fewest, most := len(all), 0
	for day := range rota {
		drilled := tonight(all, night(0, day))
		fewest, most = min(fewest, len(drilled)), max(most, len(drilled))
		for _, c := range drilled {
			times[c.Client]++
		}
		if again := tonight(drilled, night(10*time.Hour, day)); len(again) != len(drilled) {
			t.Error("a night depends on who else there is, or on the hour")
		}
	}
	for _, c := range all {
		if times[c.Client] != 1 {
			t.Errorf("%s has %d drills in %d nights", c.Client, times[c.Client], rota)
		}
	}
	// 01:30 in Paris, before and after the end of summer time: one night and the next.
	for _, zone := range []int{1, 2} {
		at := time.Date(2026, time.October, 26, 1, 30, 0, 0, time.FixedZone("", zone*3600))
		if got := (occasion{date: at}).night().UTC().Day(); got != 25 {
			t.Errorf("the night at %s is that of the %dth", at, got)
		}
	}
	if fewest < 50 || most > 170 {
		t.Errorf("%d to %d drills a night", fewest, most)
	}
}

func TestShardsAreWholeRegions(t *testing.T) {
	// Where no file describes a client any more, something of one may be left.
	accounts := []session.Account{{Name: "production", Regions: []string{"eu-west-1", "eu-west-3"}}, {Name: "old", Regions: []string{"eu-west-2"}}}
	got := shardsOf(accounts, []client{at("B", "eu-west-3", "production"), at("A", "eu-west-3", "production"), at("C", "eu-west-1", "production"), at("D", "eu-west-3", "")})
	var names []string
	for _, s := range got {
		names = append(names, s.ID+" "+s.File+" "+strings.Join(s.Clients, ","))
	}
	want := []string{"audit-eu-west-3 audit-eu-west-3.json D", "audit-old-eu-west-2 audit-old-eu-west-2.json ", "audit-production-eu-west-1 audit-production-eu-west-1.json C", "audit-production-eu-west-3 audit-production-eu-west-3.json A,B"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// TestTenThousandClients holds what the pipelines of a large estate may take, and GitLab's limits.
func TestTenThousandClients(t *testing.T) {
	r := newRepository(t)
	for i := range 10_000 {
		name := fmt.Sprintf("C%05d", i)
		region := rules.Regions()[i%4].Name
		r.write("clients/"+strings.ToLower(name)+".yaml", text(name, region, fmt.Sprintf("account: account-%d", i/100), "network: {nat: single} # one gateway", "apps:", "  - name: shop", "    services:", "      - {name: web, runtime: apache, domains: {preview: preview.shop.example, prod: shop.example}}", "database: {class: db.r6g.large}", "alarms: {email: [ops@example.com]}"))
	}
	for event, want := range map[Event]int{MergeRequest: 10_000, Push: 20_000, Schedule: 400} {
		best := time.Hour
		var files output
		for range 3 { // other programs take their time too
			began := time.Now()
			now, err := clientsIn("clients")
			if err != nil {
				t.Fatal(err)
			}
			var made Generated
			files, made = compose(lang.English, occasion{event: event, date: drillNight}, nil, now, changes{changed: now}, DefaultMaxJobs)
			best = min(best, time.Since(began))
			if made.Jobs < want || len(now) != 10_000 {
				t.Fatalf("%s: %d jobs for %d clients", event, made.Jobs, len(now))
			}
		}
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		if best > time.Second {
			t.Errorf("%s: %s", event, best)
		}
		if memory.Sys > 150<<20 {
			t.Errorf("%s: %d MB", event, memory.Sys>>20)
		}
		t.Logf("%s: %s, %d MB, %d pipelines", event, best.Round(time.Millisecond), memory.Sys>>20, len(files.pipelines))
		if len(files.pipelines) > mostPipelines {
			t.Errorf("%s: %d pipelines", event, len(files.pipelines))
		}
		whole := 0
		for i, f := range files.pipelines {
			whole += len(f)
			jobs := len(regexp.MustCompile(`(?m)^[a-z].*:$`).FindAll(f, -1)) - 3 // include, workflow, stages
			if jobs > DefaultMaxJobs || len(f) > 1<<20 {
				t.Errorf("%s: %s has %d jobs and %d bytes", event, pieceName(i), jobs, len(f))
			}
		}
		// GitLab takes child pipelines from archives of 5 MB at most; this is before it is packed.
		if whole > 5<<20 {
			t.Errorf("%s: %d bytes", event, whole)
		}
	}
}

func TestOccasions(t *testing.T) {
	zero := strings.Repeat("0", 40)
	for name, c := range map[string]struct {
		env       map[string]string
		o         PipelineOptions
		want      occasion
		wantError string
	}{
		"merge request":   {map[string]string{"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "1", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc"}, PipelineOptions{}, occasion{event: MergeRequest, base: "abc"}, ""},
		"merged results":  {map[string]string{"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "def"}, PipelineOptions{}, occasion{event: MergeRequest, base: "def"}, ""},
		"default branch":  {map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": "abc"}, PipelineOptions{}, occasion{event: Push, base: "abc"}, ""},
		"first push":      {map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": zero}, PipelineOptions{}, occasion{event: Push, base: emptyTree}, ""},
		"another branch":  {map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "feature", "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": "abc"}, PipelineOptions{}, occasion{}, "only the default branch main"},
		"forced to apply": {map[string]string{"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "1", "CI_COMMIT_REF_NAME": "feature", "CI_DEFAULT_BRANCH": "main"}, PipelineOptions{Event: "push", All: true}, occasion{}, "this is feature"},
		"schedule":        {map[string]string{"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BEFORE_SHA": zero}, PipelineOptions{}, occasion{event: Schedule}, ""},
		"by hand":         {map[string]string{"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}, PipelineOptions{}, occasion{}, `"web"`},
		"by hand, flags":  {map[string]string{"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": zero}, PipelineOptions{Event: "push"}, occasion{}, "no push has started"},
		"by hand, all":    {map[string]string{"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}, PipelineOptions{Event: "push", All: true}, occasion{event: Push}, ""},
		"desk":            {nil, PipelineOptions{Event: "merge-request", Base: "main"}, occasion{event: MergeRequest, base: "main"}, ""},
		"desk, no event":  {nil, PipelineOptions{}, occasion{}, "--event is missing"},
		"desk, no base":   {nil, PipelineOptions{Event: "push"}, occasion{}, "CI_COMMIT_BEFORE_SHA is not set"},
		"no event":        {nil, PipelineOptions{Event: "merge"}, occasion{}, `"merge"`},
		"no day":          {nil, PipelineOptions{Event: "schedule", Date: "tonight"}, occasion{}, "tonight"},
	} {
		t.Run(name, func(t *testing.T) {
			newRepository(t)
			for key, value := range c.env {
				t.Setenv(key, value)
			}
			got, err := occasionOf(c.o, time.Time{})
			if c.wantError != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantError) {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

// The files that init writes are the ones in the list, and all of them.
func TestRepositoryIsWhole(t *testing.T) {
	for _, l := range []string{"en", "fr"} {
		files, err := filepath.Glob("files/" + l + "/*")
		if err != nil || len(files) != len(repository) {
			t.Errorf("%s: %d files, %d are written: %v", l, len(files), len(repository), err)
		}
	}
}
