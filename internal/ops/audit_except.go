package ops

import (
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// except sets aside what the specs excuse. An exception that has expired excuses
// nothing, and says so.
func (a *auditing) except() {
	today := a.At.Truncate(24 * time.Hour)
	var left []rules.Finding
	for _, f := range a.Findings {
		i := slices.IndexFunc(a.whom.Specs, func(s *spec.Spec) bool { return s.Client == f.Client && s.Region == f.Region })
		if i < 0 {
			left = append(left, f)
			continue
		}
		excused := false
		for _, e := range a.whom.Specs[i].Audit.Exceptions {
			if !e.Covers(f.ID, f.Resource) {
				continue
			}
			if excused = !today.After(e.Until.Time); excused {
				a.Excepted = append(a.Excepted, Excepted{f, e.Reason, e.Until.Time})
				break
			}
		}
		if !excused {
			left = append(left, f)
		}
	}
	for _, s := range a.whom.Specs {
		for _, e := range s.Audit.Exceptions {
			if a.asked(s.Client) && slices.Contains(a.Regions, s.Region) && today.After(e.Until.Time) {
				left = append(left, rules.Finding{
					ID: "CICD-EXCEPTION-1", Severity: rules.Medium, Title: "Exceptions have not expired", Client: s.Client, Region: s.Region,
					Resource: "audit.exceptions " + e.ID, Is: "expired on " + e.Until.String(), Should: "renewed or removed", Why: "given because: " + e.Reason,
					Fix: "remove it from the spec, or give it a new date",
				})
			}
		}
	}
	a.Findings = left
}
