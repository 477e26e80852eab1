package session

import (
	"regexp"
	"strings"
	"testing"
)

func TestSessionsSayWhoAndWhy(t *testing.T) {
	allowed := regexp.MustCompile(`^[\w+=,.@-]{2,64}$`) // STS API reference, AssumeRole
	for name, each := range map[string]struct{ who, doing, job, want string }{
		"at a desk":         {"alice", "client create", "", "alice@client-create"},
		"in a pipeline":     {"alice.b", "audit", "4711", "alice.b@audit,job=4711"},
		"no command's name": {"alice", "", "", "alice"},
		"other letters":     {"zoë müller", "key rotate", "12", "zo-m-ller@key-rotate,job=12"},
		"a long name": {
			strings.Repeat("a", 80), "region destroy", "99999999999999",
			strings.Repeat("a", 28) + "@region-destroy,job=99999999999999",
		},
		"all of it long": {
			strings.Repeat("a", 80), strings.Repeat("b", 80), strings.Repeat("9", 80),
			strings.Repeat("a", 28) + "@" + strings.Repeat("b", 16) + ",job=99999999999999",
		},
	} {
		got := sessionName(each.who, each.doing, each.job)
		if got != each.want || !allowed.MatchString(got) {
			t.Errorf("%s: %q, want %q", name, got, each.want)
		}
	}
}

func TestSessionsAreThoseOfTheUser(t *testing.T) {
	t.Setenv("GITLAB_USER_LOGIN", "alice")
	t.Setenv("CI_JOB_ID", "4711")
	if got := (&Session{Doing: "client create"}).roleSession(); got != "alice@client-create,job=4711" {
		t.Error(got)
	}
	t.Setenv("GITLAB_USER_LOGIN", "")
	t.Setenv("CI_JOB_ID", "")
	if got := (&Session{Doing: "client create"}).roleSession(); !strings.HasSuffix(got, "@client-create") || len(got) < len("a@client-create") {
		t.Error(got)
	}
}
