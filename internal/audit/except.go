package audit

import (
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// except sets aside what the specs excuse. An exception that has expired excuses
// nothing, and says so.
func (a *auditing) except() {
	today := a.At.Truncate(24 * time.Hour)
	var left []judge.Finding
	for _, f := range a.Findings {
		if e := a.excuse(&f, today); e != nil {
			a.Excepted = append(a.Excepted, Excepted{f, e.Reason, e.Until.Time})
		} else {
			left = append(left, f)
		}
	}
	for _, s := range a.whom.Specs {
		for _, e := range s.Audit.Exceptions {
			if a.asked(s.Client) && slices.Contains(a.Regions, s.Region) && today.After(e.Until.Time) {
				left = append(left, judge.Finding{
					ID: "CICD-EXCEPTION-1", Severity: rules.Medium, Title: "Exceptions have not expired", Client: s.Client, Region: s.Region,
					Resource: "audit.exceptions " + e.ID, Is: lang.Sprintf("expired on %s", e.Until.String()), Should: "renewed or removed", Why: lang.Sprintf("given because: %s", e.Reason),
					Fix: "remove it from the spec, or give it a new date",
				}.Told())
			}
		}
	}
	a.Findings = left
}

// excuse is the exception that excuses a finding, or nil. Who accepts that a rule is broken
// accepts the drift that this is. What clients share is excused by the spec of any of them
// that names the resource.
func (a *auditing) excuse(f *judge.Finding, today time.Time) *spec.Exception {
	if e := a.covering(f, f.ID, today); e != nil || len(f.Fields) == 0 {
		return e
	}
	kind, _, _ := strings.Cut(f.Resource, " ")
	var last *spec.Exception
	for _, field := range f.Fields {
		last = nil
		for _, rule := range All() {
			if rule.Kind == kind && rule.Field == field && last == nil {
				last = a.covering(f, rule.ID, today)
			}
		}
		if last == nil {
			return nil
		}
	}
	return last
}

// covering is an exception that has not expired for a rule and the finding's resource, or nil.
func (a *auditing) covering(f *judge.Finding, id string, today time.Time) *spec.Exception {
	for _, s := range a.whom.Specs {
		for i, e := range s.Audit.Exceptions {
			about := s.Client == f.Client || f.Client == "" && e.Resource != ""
			if about && s.Region == f.Region && e.Covers(id, f.Resource) && !today.After(e.Until.Time) {
				return &s.Audit.Exceptions[i]
			}
		}
	}
	return nil
}
