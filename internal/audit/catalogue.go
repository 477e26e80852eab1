package audit

import (
	"cmp"
	"fmt"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Entry is one kind of finding that audits make.
type Entry struct {
	ID         string
	Severity   rules.Severity
	Title, Why string
	Kind       string // of the resources it is about; empty when that is more than one
}

// expired is the finding about an exception whose last day is over.
const expired = "CICD-EXCEPTION-1"

// beyond are the findings that no single rule of the table makes.
var beyond = []Entry{
	{"CICD-SPEC-1", medium, "A client has a spec", "without one nobody can say what the client should have", ""},
	{"CICD-SPEC-2", medium, "A client that has a spec is there", "the spec directory has its file", ""},
	{expired, medium, "Exceptions have not expired", "an exception is given for a time and a reason", ""},
	{"CICD-ISOLATION-1", high, "No client reaches another", docACL, ""},
	{"CICD-ISOLATION-2", medium, "More than security groups stand between clients", docACL, ""},
	{strangeSite, high, strangeSiteTitle, strangeSiteWhy, vpnKind},
	{strangePeople, high, strangePeopleTitle, strangePeopleWhy, "ec2/client-vpn-endpoint"},
	{tunnelsDown, medium, tunnelsDownTitle, tunnelsDownWhy, vpnKind},
	{imageGone, high, imageGoneTitle, imageGoneWhy, ""},
	{supportEnds, medium, supportEndsTitle, supportEndsWhy, "rds/cluster"},
	{orphaned, medium, "No orphaned resources", "unused resources cost money and can be misused", ""},
	{keptData, low, "Data of a destroyed client is kept", "client destroy keeps data until it expires or is removed", ""},
}

// catalogue is everything that audits find, by ID.
func catalogue() []Entry {
	out := slices.Clone(beyond)
	for _, r := range All() {
		out = append(out, Entry{r.ID, r.Severity, r.Title, r.Why, r.Kind})
	}
	for kind, k := range controls {
		if !slices.ContainsFunc(out, func(other Entry) bool { return other.ID == k.id }) {
			out = append(out, Entry{k.id, k.severity, k.title, k.why, kind})
		}
	}
	for _, d := range drifts {
		e := Entry{d.ID, d.Severity, d.Title, d.Why, ""}
		if i := slices.IndexFunc(out, func(other Entry) bool { return other.ID == d.ID }); i < 0 {
			out = append(out, e)
		} else if d.Severity.AtLeast(out[i].Severity) {
			out[i] = e
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// CheckExceptions finds exceptions from findings that no audit makes.
func CheckExceptions(s *spec.Spec) []spec.Problem {
	all := catalogue()
	var out []spec.Problem
	for i, e := range s.Audit.Exceptions {
		if e.ID == expired {
			out = append(out, spec.Problem{
				Path: fmt.Sprintf("$.audit.exceptions[%d].id", i), Message: lang.Sprintf("%s cannot be excused: give the exception that has expired a new date, or remove it", expired),
			})
		}
		if !slices.ContainsFunc(all, func(known Entry) bool { return known.ID == e.ID }) {
			out = append(out, spec.Problem{
				Path: fmt.Sprintf("$.audit.exceptions[%d].id", i), Message: lang.Sprintf("%q is no finding of an audit; cicdctl audit --list-rules has them all", e.ID),
			})
		}
	}
	return out
}
