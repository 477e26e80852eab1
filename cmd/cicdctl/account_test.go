package main

import (
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
