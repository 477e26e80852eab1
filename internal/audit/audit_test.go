package audit

import (
	"slices"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Every rule is kept by its passing example and broken by its failing one, once.
func TestEveryRuleTellsItsExamplesApart(t *testing.T) {
	t.Parallel()
	all := All()
	for i := range all {
		r := &all[i]
		t.Run(r.ID+" "+r.Title, func(t *testing.T) {
			t.Parallel()
			if got := r.Judge(r.Pass); len(got) > 0 {
				t.Errorf("the example that keeps it: %v", got)
			}
			got := r.Judge(r.Fail)
			if len(got) != 1 {
				t.Fatalf("the example that breaks it: %d verdicts, want 1: %v", len(got), got)
			}
			if v := got[0]; v.Is == "" || v.Should == "" || v.Resource == "" {
				t.Errorf("the verdict leaves something out: %+v", v)
			}
			if r.Why == "" || r.Title == "" || !slices.Contains([]rules.Severity{high, medium, low}, r.Severity) {
				t.Errorf("the rule leaves something out: %+v", r)
			}
		})
	}
	if ids := idsOf(all); len(ids) != len(all) {
		t.Errorf("%d rules have %d IDs: an ID is given twice", len(all), len(ids))
	}
}

// No other rule of the table speaks of an example, so that one defect is one finding.
func TestOneDefectIsOneFinding(t *testing.T) {
	t.Parallel()
	all := All()
	for i := range all {
		if got := judge.All(all, all[i].Fail); len(got) != 1 || got[0].ID != all[i].ID {
			t.Errorf("the example that breaks %s makes %v", all[i].ID, got)
		}
	}
}

// idsOf lists the rules' IDs, each once.
func idsOf(all []judge.Rule) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
