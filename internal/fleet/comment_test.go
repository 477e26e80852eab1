package fleet

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// The comment of a client is found on whatever page it is.
func TestCommentIsFoundOnLaterPages(t *testing.T) {
	const mark = "<!-- cicdctl fleet ACME -->"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("PRIVATE-TOKEN") != "token" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		switch r.URL.Query().Get("page") {
		case "1":
			w.Header().Set("X-Next-Page", "2")
			_, _ = io.WriteString(w, `[{"id": 1, "body": "quotes `+mark+`"}, {"id": 2, "body": "<!-- cicdctl fleet ACME-2 -->"}]`)
		case "2":
			w.Header().Set("X-Next-Page", "")
			_ = json.NewEncoder(w).Encode([]map[string]any{{"id": 3, "body": mark + "\nold"}})
		}
	}))
	defer server.Close()
	id, err := gitlab{notes: server.URL, token: "token"}.find(t.Context(), mark)
	if err != nil || id != 3 {
		t.Errorf("got %d, %v", id, err)
	}
	_, err = gitlab{notes: server.URL, token: "secret"}.find(t.Context(), mark)
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "403") {
		t.Errorf("a token that is refused: %v", err)
	}
}

// The comments of another token, which has expired, and of people who copy one, cannot be replaced: a
// new one is written once, and that is replaced from then on.
func TestCommentsOfOthersStay(t *testing.T) {
	newRepository(t)
	const mark = "<!-- cicdctl fleet ACME -->"
	var calls []string
	texts := []string{mark + "\nof an old token"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.Method)
		switch r.Method {
		case http.MethodGet:
			var all []map[string]any
			for i, text := range texts {
				all = append(all, map[string]any{"id": i + 1, "body": text})
			}
			_ = json.NewEncoder(w).Encode(all)
		case http.MethodPut:
			if strings.HasSuffix(r.URL.Path, "/1") {
				w.WriteHeader(http.StatusForbidden)
			}
		case http.MethodPost:
			texts = append(texts, mark)
			_, _ = io.WriteString(w, `{"id": 2}`)
		}
	}))
	defer server.Close()
	for name, value := range map[string]string{"CI_API_V4_URL": server.URL, "CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "7", "FLEET_TOKEN": "token"} {
		t.Setenv(name, value)
	}
	if err := os.WriteFile("plan.md", []byte("### Client ACME\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Comment(t.Context(), &session.Session{Print: quiet()}, CommentOptions{Name: "ACME", File: "plan.md"}); err != nil {
			t.Error(err)
		}
	}
	if got, want := strings.Join(calls, " "), "GET PUT POST GET PUT"; got != want || len(texts) != 2 {
		t.Errorf("%s, want %s; %d comments", got, want, len(texts))
	}
}

func TestCommentsFitAndSayWhatIsTheMatter(t *testing.T) {
	t.Setenv("CI_JOB_URL", "https://gitlab.example.com/acme/-/jobs/1")
	long := noteOf(lang.English, CommentOptions{Name: "ACME", Exit: session.ExitFindings}, "<!-- m -->", "### ACME\n```diff\n"+strings.Repeat("+ é line\n", 200_000))
	if n := len([]rune(long)); n > 1_000_000 || !strings.Contains(long, "artifacts") {
		t.Errorf("a comment of %d characters", n)
	}
	for want, o := range map[string]CommentOptions{
		"this would be lost":      {Name: "ACME", Exit: session.ExitFindings, Gone: true},
		"nothing of it is left":   {Name: "ACME", Gone: true},
		"would be refused":        {Name: "ACME", Exit: session.ExitRefused},
		"the command has failed":  {Name: "ACME", Exit: session.ExitError},
		"[Log](https://gitlab.ex": {Name: "ACME", Exit: session.ExitFindings},
	} {
		text := noteOf(lang.English, o, "<!-- m -->", "### Client ACME\n")
		if !strings.HasPrefix(text, "<!-- m -->\n") || !strings.Contains(text, want) || !strings.HasSuffix(text, "### Client ACME\n") {
			t.Errorf("%+v: %s", o, text)
		}
	}
}

func quiet() *report.Printer { return report.New(nil, io.Discard, io.Discard) }

// A file that is another one on the branch by now is not applied.
func TestOldFilesAreNotApplied(t *testing.T) {
	r := newRepository(t)
	r.write("clients/acme.yaml", text("ACME", "eu-west-3"))
	r.write("clients/globex.yaml", text("GLOBEX", "eu-west-3"))
	r.commit()
	r.git("clone", "--quiet", "--bare", ".", "../store.git")
	check := func(name string) error {
		a := &session.Session{Print: quiet()}
		a.Conf.SpecDir = "clients"
		return Check(t.Context(), a, CheckOptions{Name: name, Remote: "../store.git", Branch: "main"})
	}
	if err := check("ACME"); err != nil {
		t.Error(err)
	}
	for _, change := range []func(){
		func() { r.write("clients/acme.yaml", text("ACME", "eu-west-3", "hosts: {min: 4}")) },
		func() { r.git("rm", "--quiet", "clients/acme.yaml") },
	} {
		change()
		r.commit()
		r.git("push", "--quiet", "../store.git", "main")
		r.git("checkout", "--quiet", "HEAD~1")
		if err := check("ACME"); err == nil || !strings.Contains(err.Error(), "by now") {
			t.Errorf("an old file is applied: %v", err)
		}
		if err := check("GLOBEX"); err != nil {
			t.Errorf("a file that is the same: %v", err)
		}
		r.git("checkout", "--quiet", "main")
	}
	// Every client is made from the configuration, too.
	r.write("cicdctl.yaml", "admin_region: eu-west-3")
	r.commit()
	r.git("push", "--quiet", "../store.git", "main")
	r.git("checkout", "--quiet", "HEAD~1")
	if err := check("GLOBEX"); err == nil || !strings.Contains(err.Error(), "cicdctl.yaml is another one") {
		t.Errorf("an old configuration is applied: %v", err)
	}
	r.git("checkout", "--quiet", "main")
	if err := check("GLOBEX"); err != nil {
		t.Error(err)
	}
	a := &session.Session{Print: quiet()}
	a.Conf.SpecDir = "clients"
	for _, o := range []CheckOptions{{Name: "ACME", Remote: "../store.git"}, {Name: "ACME", Remote: "../nowhere.git", Branch: "main"}, {Name: "ACME", Remote: "--upload-pack=x", Branch: "main"}} {
		if err := Check(t.Context(), a, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}
