package fleet

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/schematest"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// What a file says is put into jobs: nothing gets there that is not the name of a client.
func TestNamesThatAreNoneGetIntoNoJob(t *testing.T) {
	odd := map[string]string{
		"a quote":          `X"Y`,
		"another job":      "A\nevil: {script: [id]}\nB",
		"a command":        "$(id)",
		"two words":        "A B",
		"lower case":       "acme",
		"a job that hides": ".ACME",
		"longer than any":  strings.Repeat("A", 200),
	}
	for name, client := range odd {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.write("clients/globex.yaml", text("GLOBEX", "eu-west-3"))
			file := "clients/" + strings.ToLower(client) + ".yaml"
			r.write(file, text(strconv.Quote(client), "eu-west-3"))
			base := r.commit()
			if now, err := clientsIn("clients"); err == nil {
				t.Errorf("taken for clients: %+v", now)
			}
			r.git("rm", "--quiet", "--", file)
			r.commit()
			if got := changesFound(t, base); got != nil { // a broken file described nobody
				t.Errorf("got %q", got)
			}
		})
	}
	for name, lines := range map[string]string{
		"a region": "client: ODD\nregion: \"eu-west-3\\nx: y\"\n", "an account": "client: ODD\nregion: eu-west-3\naccount: \"x\\\"y\"\n",
	} {
		r := newRepository(t)
		r.write("clients/odd.yaml", lines)
		base := r.commit()
		r.git("rm", "--quiet", "clients/odd.yaml")
		r.write("clients/README.md", "")
		r.commit()
		if got := changesFound(t, base); got != nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// What Git cannot tell the changes of is refused: nothing would have changed otherwise.
func TestFilesWhoseChangesNobodySees(t *testing.T) {
	r := newRepository(t)
	r.write("templates/acme.yaml", text("ACME", "eu-west-3"))
	r.write("clients/README.md", "")
	if err := os.Symlink("../templates/acme.yaml", "clients/acme.yaml"); err != nil {
		t.Fatal(err)
	}
	r.commit()
	if _, err := clientsIn("clients"); err == nil || !strings.Contains(err.Error(), "symbolic link") {
		t.Errorf("a link: %v", err)
	}

	r = newRepository(t)
	r.write("clients/acme.yaml", text("ACME", "eu-west-3"))
	r.git("-C", "clients", "init", "--quiet")
	r.git("-C", "clients", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "--message", "one")
	r.git("add", "clients") // as a submodule
	base := r.commit()
	r.git("-C", "clients", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "--message", "two")
	r.commit()
	now, err := clientsIn("clients")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := findChanges(t.Context(), mustRoot(t), "clients", base, now); err == nil || !strings.Contains(err.Error(), "submodule") {
		t.Errorf("a submodule: %v", err)
	}

	for _, name := range []string{"acme.yml", "acme.YAML", "acme.Yml"} {
		r = newRepository(t)
		r.write("clients/"+name, text("ACME", "eu-west-3"))
		if _, err := specFiles("clients"); err == nil {
			t.Errorf("%s is not read, and nobody says so", name)
		}
	}

	// A directory whose name is a pattern.
	r = newRepository(t)
	r.write("clients [all]/acme.yaml", text("ACME", "eu-west-3"))
	if now, err := clientsIn("clients [all]"); err != nil || len(now) != 1 {
		t.Errorf("%+v, %v", now, err)
	}
	r.write("clients [all]/globex.yml", text("GLOBEX", "eu-west-3"))
	if _, err := specFiles("clients [all]"); err == nil {
		t.Error("globex.yml is not read, and nobody says so")
	}
}

func is[E error](err error) bool { _, ok := errors.AsType[E](err); return ok }

// A directory that is not there has no clients, which is true only of one that had some.
func TestNoDirectory(t *testing.T) {
	r := newRepository(t)
	r.write("clients/acme.yaml", text("ACME", "eu-west-3"))
	base := r.commit()
	a := &session.Session{Print: quiet()}
	a.Conf.SpecDir = "customers"
	for _, o := range []PipelineOptions{{Event: "schedule"}, {Event: "push", All: true}, {Event: "push", Base: base}} {
		o.Out, o.MaxJobs = t.TempDir(), DefaultMaxJobs
		if err := WritePipeline(t.Context(), a, o); !is[*session.UsageError](err) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	a.Conf.SpecDir = "clients"
	r.git("rm", "--quiet", "clients/acme.yaml") // and the directory with it
	if err := WritePipeline(t.Context(), a, PipelineOptions{Event: "push", Base: base, Out: t.TempDir(), MaxJobs: DefaultMaxJobs}); err != nil {
		t.Error(err)
	}
}

// The branch is the one that is called so, and not another one that ends so.
func TestABranchThatEndsLikeTheOneThatIsApplied(t *testing.T) {
	r := newRepository(t)
	r.write("clients/acme.yaml", text("ACME", "eu-west-3"))
	r.commit()
	r.git("clone", "--quiet", "--bare", ".", "../store.git")
	r.write("clients/acme.yaml", text("ACME", "eu-west-3", "hosts: {min: 4}"))
	r.commit()
	a := &session.Session{Print: quiet()}
	a.Conf.SpecDir = "clients"
	o := CheckOptions{Name: "ACME", Remote: "../store.git", Branch: "main"}
	r.git("push", "--quiet", "../store.git", "HEAD:refs/heads/another/refs/heads/main")
	if err := Check(t.Context(), a, o); !is[*session.RefusalError](err) {
		t.Errorf("a file that is on another branch only: %v", err)
	}
	r.git("push", "--quiet", "../store.git", "main")
	if err := Check(t.Context(), a, o); err != nil {
		t.Error(err)
	}
	o.Name = "NOBODY"
	if err := Check(t.Context(), a, o); !is[*session.UsageError](err) {
		t.Errorf("a file that is nowhere: %v", err)
	}
}

// A client that was moved has two comments: what is lost at its old place, and what its new one gets.
func TestWhatIsLostHasItsOwnComment(t *testing.T) {
	marks := map[string]bool{}
	for _, o := range []CommentOptions{{Name: "ACME"}, {Name: "ACME", Gone: true}, {Name: "ACME-2"}, {Name: "ACME-2", Gone: true}} {
		marks[markOf(o)] = true
	}
	for one := range marks {
		for other := range marks {
			if one != other && strings.HasPrefix(one, other) {
				t.Errorf("%q begins like %q", one, other)
			}
		}
	}
	if len(marks) != 4 {
		t.Errorf("%d marks: %v", len(marks), marks)
	}
}

// Whatever has become of what stands in a client's place, the client that is gone has a job, and one only.
func TestWhoIsGoneHasAJob(t *testing.T) {
	old, now := at("OLD", "eu-west-3", ""), at("ACME", "eu-west-3", "")
	for _, event := range []Event{MergeRequest, Push} {
		files, _ := compose(lang.English, occasion{event: event}, nil, []client{now}, changes{gone: []gone{{client: old, now: &now}}}, DefaultMaxJobs)
		if !strings.Contains(string(files.pipelines[0]), "\ngone OLD eu-west-3:\n") {
			t.Errorf("%s: nobody is told of OLD:\n%s", event, files.pipelines[0])
		}
	}
	r := newRepository(t)
	r.write("clients/acme.yml", text("ACME", "eu-west-3"))
	r.write("clients/acme.yaml", text("ACME", "eu-west-3", "hosts: {min: 4}"))
	r.write("clients/README.md", "")
	base := r.commit()
	r.git("rm", "--quiet", "clients/acme.yaml", "clients/acme.yml")
	r.commit()
	if got, want := changesFound(t, base), []string{"gone ACME in eu-west-3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// GitLab cancels each pipeline by its own settings, a child as well as its parent: on the default
// branch a newer commit stops nothing.
func TestNothingThatAppliesIsCancelled(t *testing.T) {
	for name, c := range cases() {
		files, made := c(lang.English)
		for i, f := range files.pipelines {
			doc := schematest.Plain(t, f).(map[string]any)
			workflow, _ := doc["workflow"].(map[string]any)
			want := "none"
			if made.Event == MergeRequest {
				want = "interruptible"
			}
			if got := fmt.Sprint(workflow["auto_cancel"]); got != "map[on_new_commit:"+want+"]" {
				t.Errorf("%s: %s: a newer commit cancels %s", name, pieceName(i), got)
			}
			for job, body := range doc { // global variables would be above those of the project
				if body, _ := body.(map[string]any); body["trigger"] != nil && fmt.Sprint(body["inherit"]) != "map[variables:false]" {
					t.Errorf("%s: %s passes on all variables", name, job)
				}
			}
		}
	}
}

// The job of the parent passes on no more than it has to, and jobs on one machine do not share a token.
func TestTheJobsOfTheTeam(t *testing.T) {
	files, err := initial(lang.English, rules.DefaultGitLab, "eu-west-3")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		switch f.Path {
		case ".gitlab-ci.yml":
			doc := schematest.Plain(t, f.Data).(map[string]any)
			clients := doc["clients"].(map[string]any)
			if fmt.Sprint(clients["inherit"]) != "map[variables:false]" || fmt.Sprint(clients["variables"]) != "map[PARENT_PIPELINE_ID:$CI_PIPELINE_ID]" {
				t.Errorf("clients passes on %v, %v", clients["inherit"], clients["variables"])
			}
		case JobsFile:
			doc := schematest.Plain(t, f.Data).(map[string]any)
			vars := doc[".fleet-read"].(map[string]any)["variables"].(map[string]any)
			if token := fmt.Sprint(vars["AWS_WEB_IDENTITY_TOKEN_FILE"]); !strings.Contains(token, "$CI_JOB_ID") {
				t.Errorf("all jobs of a machine have the token %s", token)
			}
		}
	}
}

func TestOnlyTheDefaultBranchIsAppliedAndAudited(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"a tag":                  {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1", "CI_COMMIT_REF_NAME": "v1", "CI_COMMIT_BEFORE_SHA": "abc"},
		"a schedule of a branch": {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "feature"},
		"a schedule of a tag":    {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_TAG": "v1", "CI_COMMIT_REF_NAME": "v1"},
	} {
		newRepository(t)
		t.Setenv("CI_DEFAULT_BRANCH", "main")
		for key, value := range env {
			t.Setenv(key, value)
		}
		if got, err := occasionOf(PipelineOptions{}, drillNight); err == nil || !strings.Contains(err.Error(), "only the default branch main") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		for key := range env {
			t.Setenv(key, "")
		}
	}
}

// Thousands of files are read from Git at once.
func TestManyChangedFiles(t *testing.T) {
	r := newRepository(t)
	for i := range 2000 {
		r.write(fmt.Sprintf("clients/c%d.yaml", i), text(fmt.Sprintf("C%d", i), "eu-west-3"))
	}
	base := r.commit()
	for i := range 2000 {
		r.write(fmt.Sprintf("clients/c%d.yaml", i), text(fmt.Sprintf("C%d", i), "eu-west-3", "hosts: {min: 4}"))
	}
	r.commit()
	if got := changesFound(t, base); len(got) != 2000 {
		t.Errorf("%d changes", len(got))
	}
}
