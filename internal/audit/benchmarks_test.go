package audit

import (
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/golden"
)

// docs/controls.md is what the code says; make docs writes it.
func TestControlsPageIsCurrent(t *testing.T) {
	golden.File(t, "../../docs/controls.md", controlsPage())
}

// Every control is met by rules that there are, or says why not; every rule with the number of
// a control is of one that is listed.
func TestControlsAreMetOrNotChosenWithAReason(t *testing.T) {
	known, listed := catalogue(), Controls()
	has := func(id string) bool {
		return slices.ContainsFunc(known, func(e Entry) bool { return e.ID == id })
	}
	seen := map[string]bool{}
	for _, c := range listed {
		if seen[c.ID] {
			t.Errorf("%s is listed twice", c.ID)
		}
		seen[c.ID] = true
		for _, id := range c.Rules {
			if !has(id) {
				t.Errorf("%s is met by %s, which is no rule", c.ID, id)
			}
		}
		if len(c.Rules) == 0 && c.Why == "" {
			t.Errorf("%s is met by no rule and gives no reason", c.ID)
		}
		if len(c.Rules) > 0 && c.Why != "" {
			t.Errorf("%s is met by %v and gives a reason why not: %s", c.ID, c.Rules, c.Why)
		}
	}
	for _, e := range known {
		if !strings.HasPrefix(e.ID, "CICD-") && !seen[e.ID] {
			t.Errorf("the control of rule %s is not listed", e.ID)
		}
	}
}
