package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func TestAccountsAreNamedOnceInASuggestion(t *testing.T) {
	root := newRoot(&session.Session{Print: report.New(nil, nil, nil)})
	for text, want := range map[string]string{
		"run: cicdctl account init production --yes":           "run: cicdctl account init production --yes",
		"run: cicdctl account destroy production --confirm 11": "run: cicdctl account destroy production --confirm 11",
		"run: cicdctl account init --yes":                      "run: cicdctl account init --account production --yes",
		"cicdctl client list shows them":                       "cicdctl client list --account production shows them",
	} {
		if got := withFlag(root, text, "--account production"); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// A client that has moved to another account has left a snapshot; its file is put back by mistake.
func TestARestoreMakesNoClientASecondTime(t *testing.T) {
	spec := func(account string) []byte {
		return []byte("client: ACME\nregion: eu-west-3\naccount: " + account + "\n")
	}
	atHome(t, spec("staging"))
	t.Setenv("CICDCTL_ACCOUNTS", `{staging: {role: "arn:aws:iam::222222222222:role/cicdctl"}, production: {role: "arn:aws:iam::111111111111:role/cicdctl"}}`)
	to := func(account string) {
		t.Helper()
		if err := os.WriteFile("clients/acme.yaml", spec(account), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	did := func(line string) string {
		t.Helper()
		code, said, _ := ran(t, line)
		if code != session.ExitDone {
			t.Fatalf("%s: exit code %d\n%s", line, code, said)
		}
		return said
	}
	did("client create ACME --yes")
	did("client destroy ACME --confirm ACME")
	snapshot := regexp.MustCompile(`acme-final-\d+`).FindString(did("backup list ACME"))
	to("production")
	did("client create ACME --yes")
	to("staging")
	if code, said, _ := ran(t, "backup restore ACME --from "+snapshot+" --yes"); code != session.ExitRefused || !strings.Contains(said, "client ACME is in account production (eu-west-3) already") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	if said := did("client list"); strings.Contains(said, "staging     eu-west-3  0") {
		t.Error(said)
	}
}
