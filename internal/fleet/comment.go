package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// CommentOptions are those of the fleet comment command.
type CommentOptions struct {
	Name, File string
	Exit       int  // of the command that wrote the file
	Gone       bool // no file describes the client any more
}

// Commented says where a plan can be read. As JSON:
//
//	{"client": "ACME", "state": "updated", "note": 42}
type Commented struct {
	Client string `json:"client"`
	State  string `json:"state"` // created, updated, or skipped where there is no token
	Note   int64  `json:"note,omitempty"`
}

// longestNote is how many characters a comment may have (docs.gitlab.com, "GitLab application
// limits"), without what is put around it here.
const longestNote = 1_000_000 - 2_000

// gitlab is the merge request of a job, by GitLab's variables. A job's own token cannot write
// comments (docs.gitlab.com, "CI/CD job token"), which is why there is another.
type gitlab struct {
	notes, token string
	client       http.Client
}

// Comment writes what a client's plan says as a comment on the merge request, or replaces the one
// that there is: one for each client, and one more for what is lost with it.
func Comment(ctx context.Context, a *session.Session, o CommentOptions) error {
	data, err := os.ReadFile(o.File)
	if err != nil {
		return session.Usagef("give the file that client plan --output markdown has written", "%w", err)
	}
	api, project, request, token := os.Getenv("CI_API_V4_URL"), os.Getenv("CI_PROJECT_ID"), os.Getenv("CI_MERGE_REQUEST_IID"), os.Getenv("FLEET_TOKEN")
	switch {
	case request == "":
		return a.Print.Says(Commented{Client: o.Name, State: "skipped"}, "no comment: this is not the pipeline of a merge request")
	case token == "":
		return a.Print.Says(Commented{Client: o.Name, State: "skipped"}, "no comment: the variable FLEET_TOKEN is not set; the plan is in this log and in the job's artifacts")
	case api == "" || project == "":
		return session.Usagef("run it in a job of GitLab", "CI_API_V4_URL or CI_PROJECT_ID is not set")
	}
	g := gitlab{
		notes: strings.TrimSuffix(api, "/") + "/projects/" + url.PathEscape(project) + "/merge_requests/" + url.PathEscape(request) + "/notes", token: token,
		client: http.Client{Timeout: time.Minute},
	}
	mark := markOf(o)
	body := noteOf(a.Print.Lang, o, mark, string(data))
	id, err := g.find(ctx, mark)
	if err != nil {
		return err
	}
	if id != 0 {
		err = g.send(ctx, http.MethodPut, fmt.Sprintf("%s/%d", g.notes, id), body, nil)
	}
	switch _, others := errors.AsType[*othersError](err); {
	case err != nil && !others:
		return err
	case err == nil && id != 0:
		return a.Print.Says(Commented{o.Name, "updated", id}, "the comment on %s is updated", o.Name)
	}
	var made struct {
		ID int64 `json:"id"`
	}
	if err := g.send(ctx, http.MethodPost, g.notes, body, &made); err != nil {
		return err
	}
	return a.Print.Says(Commented{o.Name, "created", made.ID}, "a comment on %s is written", o.Name)
}

// markOf is the first line of a comment, by which it is found again. What is lost with a client that
// was moved stands beside the plan of its new place.
func markOf(o CommentOptions) string {
	if o.Gone {
		return fmt.Sprintf("<!-- cicdctl fleet gone %s -->", o.Name)
	}
	return fmt.Sprintf("<!-- cicdctl fleet %s -->", o.Name)
}

// noteOf is the text of a comment: what is known of the client by its first lines, then the plan.
func noteOf(l lang.Lang, o CommentOptions, mark, plan string) string {
	head := ""
	switch {
	case o.Gone && o.Exit == session.ExitFindings:
		head = l.Sayf("**No file describes %s there any more. Nothing is destroyed by that, and this would be lost.** Restore the file; or run `cicdctl client destroy %s` by hand, and then this job again: it is red until nothing is left.", o.Name, o.Name)
	case o.Gone && o.Exit == session.ExitDone:
		head = l.Sayf("No file describes %s there any more, and nothing of it is left.", o.Name)
	case o.Exit == session.ExitRefused:
		head = l.Say("**This would be refused.**")
	case o.Exit != session.ExitDone && o.Exit != session.ExitFindings:
		head = l.Sayf("**%s: there is no plan, the command has failed.**", o.Name)
	}
	if job := os.Getenv("CI_JOB_URL"); job != "" {
		head = strings.TrimPrefix(head+" ["+l.Say("Log")+"]("+job+")", " ")
	}
	if len(plan) > longestNote { // bytes are characters or more
		cut := strings.ToValidUTF8(plan[:longestNote], "")
		plan = cut[:strings.LastIndexByte(cut, '\n')+1] + "\n```\n\n" + l.Say("The rest is in the job's artifacts.") + "\n"
	}
	return mark + "\n" + head + "\n\n" + plan
}

// othersError is about a comment that whoever has the token may not change: it is of another one,
// which has expired, or it was deleted.
type othersError struct{ error }

// find is the newest comment that begins with a mark, or 0.
func (g gitlab) find(ctx context.Context, mark string) (int64, error) {
	newest := int64(0)
	for page := "1"; page != ""; {
		var notes []struct {
			ID   int64  `json:"id"`
			Body string `json:"body"`
		}
		header, err := g.do(ctx, http.MethodGet, g.notes+"?per_page=100&sort=asc&order_by=created_at&page="+url.QueryEscape(page), nil, &notes)
		if err != nil {
			return 0, err
		}
		for _, note := range notes {
			if strings.HasPrefix(note.Body, mark) {
				newest = note.ID
			}
		}
		page = header.Get("X-Next-Page")
	}
	return newest, nil
}

func (g gitlab) send(ctx context.Context, method, to, body string, answer any) error {
	data, err := json.Marshal(map[string]string{"body": body})
	if err != nil {
		return err
	}
	_, err = g.do(ctx, method, to, data, answer)
	return err
}

// do makes one request. Its errors have neither the token nor what was sent.
func (g gitlab) do(ctx context.Context, method, to string, data []byte, answer any) (http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(data))
	if err != nil {
		return nil, lang.Errorf("write a comment on the merge request: %w", err)
	}
	request.Header.Set("PRIVATE-TOKEN", g.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := g.client.Do(request)
	if err != nil {
		return nil, lang.Errorf("write a comment on the merge request: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // read to its end, or of no use
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	if err != nil {
		return nil, lang.Errorf("write a comment on the merge request: %w", err)
	}
	switch {
	case method == http.MethodPut && (response.StatusCode == http.StatusForbidden || response.StatusCode == http.StatusNotFound):
		return nil, &othersError{lang.Errorf("write a comment on the merge request: GitLab answers %s", response.Status)}
	case response.StatusCode == http.StatusUnauthorized, response.StatusCode == http.StatusForbidden:
		return nil, session.Usagef("make a project access token with the role Reporter and the scope api, and set FLEET_TOKEN to it", "GitLab does not take FLEET_TOKEN for comments: %s", response.Status)
	case response.StatusCode >= http.StatusMultipleChoices:
		return nil, lang.Errorf("write a comment on the merge request: GitLab answers %s", response.Status)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			return nil, lang.Errorf("write a comment on the merge request: %w", err)
		}
	}
	return response.Header, nil
}
