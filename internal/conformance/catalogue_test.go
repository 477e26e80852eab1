package conformance

import (
	"testing"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
)

// A rule about an attribute that no kind has would judge nothing, and nobody would notice.
func TestRulesAreAboutWhatKindsHave(t *testing.T) {
	t.Parallel()
	fields := map[string]bool{}
	for _, typ := range kinds.All() {
		fields[typ.Name] = true
		for _, name := range typ.FieldNames() {
			fields[typ.Name+" "+name] = true
		}
	}
	count := 0
	for _, rule := range audit.All() {
		// A rule about several attributes reads those that its examples have.
		for _, example := range []*judge.Group{rule.Pass, rule.Fail} {
			for _, r := range example.Resources {
				for _, a := range r.Attributes {
					if !fields[r.Kind+" "+a.Name] {
						t.Errorf("%s has an example with the %s of %s, which has no such field", rule.ID, a.Name, r.Kind)
					}
				}
			}
		}
		for _, field := range rule.Fields {
			if !fields[rule.Kind+" "+field] {
				t.Errorf("%s is about the %s of %s, which has no such field", rule.ID, field, rule.Kind)
			}
		}
		if rule.Kind == "" {
			continue
		}
		count++
		if !fields[rule.Kind] {
			t.Errorf("%s is about %s, which is no kind", rule.ID, rule.Kind)
		} else if rule.Field != "" && !fields[rule.Kind+" "+rule.Field] {
			t.Errorf("%s is about the %s of %s, which has no such field", rule.ID, rule.Field, rule.Kind)
		}
	}
	if count < 40 {
		t.Errorf("only %d rules are about a kind", count)
	}
}
