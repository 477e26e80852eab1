// Package judge holds rules, which are rows of one type, against what AWS holds. It is
// given plain facts and makes no call.
package judge

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Resource is one thing that AWS holds, as its kind reads it.
type Resource struct {
	Kind, Role, ID string
	Client         string // empty for what clients share
	Region         string
	State          string // "ready", "pending", "deleting", "failed"
	Tags           map[string]string
	Attributes     []Attribute
}

// Attribute is one thing that can differ, in the canonical text of its kind.
type Attribute struct {
	Name, Have string
	Want       string // empty unless Asked
	Asked      bool   // a spec says what it should be
}

// Have returns an attribute's text, or false when AWS did not say.
func (r *Resource) Have(name string) (string, bool) {
	i := slices.IndexFunc(r.Attributes, func(a Attribute) bool { return a.Name == name })
	if i < 0 {
		return "", false
	}
	return r.Attributes[i].Have, true
}

func (r *Resource) String() string { return r.Kind + " " + r.ID }

// Group is what belongs together: a client's resources, or those that the clients
// of a region or of the account share.
type Group struct {
	Client    string // empty for shared things
	Region    string
	Spec      *spec.Spec // nil without one
	Resources []*Resource

	// Protection is what is known of the copies of the client's data at a moment; nil
	// where nobody has looked, or where there is nothing to protect.
	Protection *Protection
	At         time.Time

	byKind map[string][]*Resource // while many rules ask
}

// Of returns the group's resources of a kind.
func (g *Group) Of(kind string) []*Resource {
	if g.byKind != nil {
		return g.byKind[kind]
	}
	var out []*Resource
	for _, r := range g.Resources {
		if r.Kind == kind {
			out = append(out, r)
		}
	}
	return out
}

// Mending stands for the command that mends the group, in what there is to do about a rule.
const Mending = "{client create}"

// Mend is the command that brings a group back to what it should be.
func (g *Group) Mend() string {
	if g.Client == "" {
		return lang.Sprintf("cicdctl client create of any client in %s", g.Region)
	}
	return "cicdctl client create " + g.Client
}

// Verdict is one way in which a group breaks a rule.
type Verdict struct {
	Resource, Is, Should string

	Severity rules.Severity // empty: the rule's own
	Fix      string         // empty: the rule's own
}

// Rule is one opinion, with an example that keeps it and one that breaks it.
type Rule struct {
	ID       string // see Finding
	Severity rules.Severity
	Title    string
	Why      string
	Fix      string // empty: client create mends it; that command stands for Mending
	// Kind and Field are what a rule about one attribute judges; empty otherwise.
	Kind, Field string
	// Fields are what a rule about several attributes of the kind judges, in place of Field.
	Fields []string
	// Needs are the looks without which nothing can be concluded.
	Needs []Look
	// Judge returns what of the group breaks the rule.
	Judge      func(*Group) []Verdict
	Pass, Fail *Group
}

// About reports whether the rule judges an attribute of a kind.
func (r *Rule) About(kind, field string) bool {
	return r.Kind == kind && (r.Field == field || slices.Contains(r.Fields, field))
}

// All holds rules against a group, in their order. A rule that AWS refused a look for
// makes a finding that says so.
func All(these []Rule, g *Group) []Finding {
	sorted := *g
	sorted.byKind = map[string][]*Resource{}
	for rest := g.Resources; len(rest) > 0; { // mostly those of a kind are beside each other
		kind, n := rest[0].Kind, 1
		for n < len(rest) && rest[n].Kind == kind {
			n++
		}
		if before := sorted.byKind[kind]; before == nil {
			sorted.byKind[kind] = rest[:n:n]
		} else {
			sorted.byKind[kind] = append(before, rest[:n]...)
		}
		rest = rest[n:]
	}
	var out []Finding
	for i := range these {
		rule := &these[i]
		f := Finding{ID: rule.ID, Severity: rule.Severity, Title: rule.Title, Client: g.Client, Region: g.Region, Why: rule.Why}
		if look, refused := g.refused(rule.Needs); refused {
			f.NotKnown, f.Severity, f.Resource, f.Is = true, rules.Medium, string(look), lang.Sprintf("not known: %s", g.Protection.Unknown[look])
			f.Should, f.Fix = lang.Text("an answer of AWS"), lang.Text("look again, or ask for the permission that is missing")
			out = append(out, f.Told())
			continue
		}
		for _, v := range rule.Judge(&sorted) {
			f.Severity, f.Resource, f.Is, f.Should = cmp.Or(v.Severity, rule.Severity), v.Resource, v.Is, v.Should
			f.Fix = strings.ReplaceAll(lang.Say(cmp.Or(v.Fix, rule.Fix, Mending)), Mending, g.Mend())
			out = append(out, f.Told())
		}
	}
	return out
}

// refused is the first of some looks that AWS refused.
func (g *Group) refused(looks []Look) (Look, bool) {
	if g.Protection == nil {
		return "", false
	}
	i := slices.IndexFunc(looks, func(l Look) bool { return g.Protection.Unknown[l] != "" })
	if i < 0 {
		return "", false
	}
	return looks[i], true
}

// WorstFirst puts the gravest findings first and leaves the order of the others.
func WorstFirst(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		switch {
		case a.Severity == b.Severity:
			return 0
		case a.Severity.AtLeast(b.Severity):
			return -1
		default:
			return 1
		}
	})
}
