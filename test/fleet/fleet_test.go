package fleet_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// notes are the comments of a merge request, in place of GitLab's.
type notes struct {
	mu    sync.Mutex
	texts []string
	wrote []string // methods
}

func (n *notes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	const path = "/api/v4/projects/42/merge_requests/7/notes"
	if r.Header.Get("PRIVATE-TOKEN") != "glpat-test" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var body struct {
		Body string `json:"body"`
	}
	if text, err := io.ReadAll(r.Body); err == nil && len(text) > 0 {
		_ = json.Unmarshal(text, &body)
	}
	answer := any(map[string]int{"id": len(n.texts) + 1})
	switch {
	case r.Method == http.MethodGet && r.URL.Path == path:
		all := []map[string]any{}
		for i, text := range n.texts {
			all = append(all, map[string]any{"id": i + 1, "body": text})
		}
		answer = all
	case r.Method == http.MethodPost && r.URL.Path == path:
		n.texts = append(n.texts, body.Body)
	case r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, path+"/"):
		id, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, path+"/"))
		if err != nil || id < 1 || id > len(n.texts) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		n.texts[id-1] = body.Body
	default:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	n.wrote = append(n.wrote, r.Method)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// take are the comments that begin with a client's mark, and how they were written since.
func (n *notes) take(client string) (texts []string, wrote []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, text := range n.texts {
		if strings.HasPrefix(text, "<!-- cicdctl fleet "+client+" -->") {
			texts = append(texts, text)
		}
	}
	wrote, n.wrote = n.wrote, nil
	return texts, slices.DeleteFunc(wrote, func(m string) bool { return m == http.MethodGet })
}

// passed reports whether a job passed, by the list at the end of the log.
func passed(log, job string) bool { return listed(log, "PASS", job) }
func failed(log, job string) bool { return listed(log, "FAIL", job) }

func listed(log, how, job string) bool {
	for line := range strings.Lines(log) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, how); ok && strings.HasSuffix(strings.TrimSpace(rest), job) {
			return true
		}
	}
	return false
}

// TestLifeOfAnEstate runs an estate's pipelines: what a merge request changes is planned, what is
// merged is applied, nothing is removed that nobody has named, a file that is deleted destroys
// nothing, and each night's report tells what was not audited.
//
// The runner starts child pipelines from artifacts. It knows no resource groups, so that jobs that
// belong to one client may run at once here; it does not wait for artifacts of the parent pipeline
// (needs:pipeline), which lie in the same directory here; its variables do not reach child pipelines,
// which is why they are in the project's file; a job that starts a child pipeline passes whatever
// becomes of that (strategy: depend); and nobody can cancel one of its jobs: a job that is
// left out is one that has never ended.
func TestLifeOfAnEstate(t *testing.T) {
	e := newEstate(t)
	api := &notes{}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)

	// A merge request with three clients in two accounts.
	e.write("cicdctl.yaml", "accounts:\n  production: {role: \"arn:aws:iam::111111111111:role/cicdctl\", regions: [eu-west-1, eu-west-2, eu-west-3]}\n  staging: {role: \"arn:aws:iam::222222222222:role/cicdctl\", regions: [eu-west-3]}\n")
	e.push()
	base := e.git("rev-parse", "HEAD")
	e.write("clients/acme.yaml", "client: ACME\nregion: eu-west-3\naccount: production\ndatabase: {instances: 3}\n")
	e.write("clients/globex.yaml", "client: GLOBEX\nregion: eu-west-3\naccount: staging\n")
	e.write("clients/initech.yaml", "client: INITECH\nregion: eu-west-1\naccount: production\n")
	e.git("add", "--all")
	e.git("commit", "--quiet", "--message", "three clients")
	request := map[string]string{
		"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
		"CI_API_V4_URL": server.URL + "/api/v4", "CI_PROJECT_ID": "42", "FLEET_TOKEN": "glpat-test",
	}
	log, _ := e.pipeline(request)
	for _, client := range []string{"ACME", "GLOBEX", "INITECH"} {
		texts, _ := api.take(client)
		if !passed(log, "plan "+client) || len(texts) != 1 || !strings.Contains(texts[0], "Client "+client) || !strings.Contains(e.read("plan-"+client+".md"), client) {
			t.Fatalf("plan of %s: %q\n%s", client, texts, log)
		}
		if price, body := strings.Index(texts[0], "USD"), strings.Index(texts[0], "rds/cluster"); price < 0 || body < price {
			t.Errorf("%s: the price is not before the changes:\n%s", client, texts[0])
		}
	}
	if strings.Contains(log, "glpat-test") {
		t.Error("the token is in the log")
	}

	// One that fails says so, and the comments of the others are replaced.
	e.pause("sandbox.staging.json", func() {
		log, _ = e.pipeline(request)
	})
	texts, wrote := api.take("GLOBEX")
	if !failed(log, "plan GLOBEX") || !passed(log, "plan ACME") || len(texts) != 1 || !strings.Contains(texts[0], "the command has failed") || slices.Contains(wrote, http.MethodPost) {
		t.Errorf("a plan that fails: %q, %v\n%s", texts, wrote, log)
	}

	// What is merged is applied.
	e.git("push", "--quiet", "store", "HEAD:main")
	merged := map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": base}
	log, _ = e.pipeline(merged)
	if !passed(log, "create ACME") || !passed(log, "create GLOBEX") || !passed(log, "create INITECH") {
		t.Fatalf("apply:\n%s", log)
	}

	e.removal(t)
	e.nights(t)
	e.deletion(t)
}

// pause makes something else of an account while f runs.
func (e *estate) pause(file string, f func()) {
	e.t.Helper()
	path := e.path(file)
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		e.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("not an account"), 0o600); err != nil {
		e.t.Fatal(err)
	}
	defer func() {
		if old == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, old, 0o600)
		}
		if err != nil {
			e.t.Error(err)
		}
	}()
	f()
}

// removal takes an instance of the database away: nothing is done until somebody names it.
func (e *estate) removal(t *testing.T) {
	t.Helper()
	e.write("clients/acme.yaml", "client: ACME\nregion: eu-west-3\naccount: production\ndatabase: {instances: 2}\n")
	merged := map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": e.push()}
	log, _ := e.pipeline(merged)
	if !failed(log, "create ACME") || !strings.Contains(log, "start the job remove ACME") || !strings.Contains(log, "database/3") {
		t.Errorf("a removal that nobody has agreed to:\n%s", log)
	}
	for _, names := range []string{"", "database/2", "database", "*"} {
		log, _ = e.pipeline(map[string]string{"REMOVE": names}, "--file", "fleet/pipeline.yml", "remove ACME")
		if passed(log, "remove ACME") || !strings.Contains(log, "not confirmed, nothing was changed") {
			t.Errorf("a removal with %q:\n%s", names, log)
		}
	}
	log, _ = e.pipeline(map[string]string{"REMOVE": "database/3"}, "--file", "fleet/pipeline.yml", "remove ACME")
	if !passed(log, "remove ACME") || !strings.Contains(log, "1 deleted") {
		t.Errorf("a removal that somebody has agreed to:\n%s", log)
	}
	// A job of an older commit applies nothing.
	e.write("clients/acme.yaml", "client: ACME\nregion: eu-west-3\naccount: production\ndatabase: {instances: 1}\n")
	e.push()
	e.git("checkout", "--quiet", "HEAD~1")
	if log, ok := e.pipeline(nil, "--file", "fleet/pipeline.yml", "create ACME"); ok || !strings.Contains(log, "by now") {
		t.Errorf("an old file is applied:\n%s", log)
	}
	e.git("checkout", "--quiet", "main")
}

// nights audits everything: as it should be, with an account that cannot be read, and with a job
// that has never ended.
func (e *estate) nights(t *testing.T) {
	t.Helper()
	schedule := map[string]string{"CI_PIPELINE_SOURCE": "schedule", "FLEET_FAIL_ON": "none", "FLEET_FLAGS": "--date " + quietNight}
	log, _ := e.pipeline(schedule)
	shards := []string{"audit-production-eu-west-1", "audit-production-eu-west-2", "audit-production-eu-west-3", "audit-staging-eu-west-3"} // London has no client
	for _, shard := range shards {
		if !passed(log, shard) || !strings.Contains(e.read("shards/"+shard+".json"), `"findings"`) {
			t.Fatalf("%s:\n%s", shard, log)
		}
	}
	e.report(t, log)

	e.pause("sandbox.staging.json", func() { log, _ = e.pipeline(schedule) })
	if !failed(log, "audit-staging-eu-west-3") || !passed(log, "audit-production-eu-west-3") {
		t.Errorf("an account that cannot be read:\n%s", log)
	}
	e.report(t, log, "audit-staging-eu-west-3")

	if _, ok := e.pipeline(schedule, "fleet"); !ok { // the parent's job alone
		t.Fatal("the pipeline is not written")
	}
	log, _ = e.pipeline(schedule, "--file", "fleet/pipeline.yml", "audit-production-eu-west-2", "audit-production-eu-west-3", "audit-staging-eu-west-3")
	reported, _ := e.pipeline(schedule, "--file", "fleet/pipeline.yml", "report")
	e.report(t, log+reported, "audit-production-eu-west-1")
}

// quietNight is one without restore drills of the three clients.
const quietNight = "2026-11-30"

// report holds the night's report against the audits that are missing.
func (e *estate) report(t *testing.T, log string, missing ...string) {
	t.Helper()
	text := e.read("report/fleet-report.json")
	var r struct {
		Shards []struct {
			ID        string `json:"id"`
			Delivered bool   `json:"delivered"`
		} `json:"shards"`
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil || len(r.Shards) != 4 {
		t.Fatalf("%v: %q\n%s", err, text, log)
	}
	for _, shard := range r.Shards {
		if shard.Delivered == slices.Contains(missing, shard.ID) {
			t.Errorf("missing %v: %+v\n%s", missing, r.Shards, log)
		}
	}
	if passed(log, "report") != (missing == nil) || strings.Contains(log, "NOT AUDITED") != (missing != nil) {
		t.Errorf("missing %v, and the verdict is another:\n%s", missing, log)
	}
	if e.read("report/fleet-report.html") == "" || e.read("report/fleet-report.xml") == "" || e.read("report/fleet-report.sarif") == "" {
		t.Errorf("the report is not whole:\n%s", log)
	}
}

// deletion takes a file away: nothing is destroyed, and what would be lost is told until nothing is
// left of it.
func (e *estate) deletion(t *testing.T) {
	t.Helper()
	e.git("rm", "--quiet", "clients/globex.yaml")
	merged := map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": e.push()}
	log, _ := e.pipeline(merged)
	if !failed(log, "gone GLOBEX staging eu-west-3") || !strings.Contains(log, "Restore the file") {
		t.Errorf("a file that is deleted:\n%s", log)
	}
	cicdctl := e.path("bin", "cicdctl")
	if text := e.do("estate", cicdctl, "client", "list"); !strings.Contains(text, "GLOBEX") {
		t.Errorf("GLOBEX is destroyed:\n%s", text)
	}
	e.do("estate", cicdctl, "client", "destroy", "GLOBEX", "--region", "eu-west-3", "--account", "staging", "--confirm", "GLOBEX")
	if log, _ = e.pipeline(merged); !passed(log, "gone GLOBEX staging eu-west-3") {
		t.Errorf("after GLOBEX was destroyed by hand:\n%s", log)
	}
}
