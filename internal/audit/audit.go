// Package audit judges what AWS holds: rules as data over what was read, orphans, the
// proof that no client reaches another, and costs.
package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

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

// Verdict is one resource that breaks a rule.
type Verdict struct{ Resource, Is, Should string }

// Rule is one opinion, with an example that keeps it and one that breaks it.
type Rule struct {
	ID       string // see rules.Finding
	Severity rules.Severity
	Title    string
	Why      string
	Fix      string // empty: client create mends it
	// Kind and Field are what a rule about one attribute judges; empty otherwise.
	Kind, Field string
	// Judge returns what of the group breaks the rule.
	Judge      func(*Group) []Verdict
	Pass, Fail *Group
}

// All are the rules, in the order of their IDs.
func All() []Rule {
	out := slices.Concat(fieldRules(), groupRules())
	slices.SortStableFunc(out, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// judgeAll holds the rules against a group.
func judgeAll(all []Rule, g *Group) []rules.Finding {
	sorted := *g
	sorted.byKind = map[string][]*Resource{}
	for _, r := range g.Resources {
		sorted.byKind[r.Kind] = append(sorted.byKind[r.Kind], r)
	}
	var out []rules.Finding
	for i := range all {
		rule := &all[i]
		for _, v := range rule.Judge(&sorted) {
			out = append(out, rules.Finding{
				ID: rule.ID, Severity: rule.Severity, Title: rule.Title, Client: g.Client, Region: g.Region,
				Resource: v.Resource, Is: v.Is, Should: v.Should, Why: rule.Why, Fix: cmp.Or(rule.Fix, mend(g)),
			})
		}
	}
	return out
}

// mend is the command that brings a group back to what it should be.
func mend(g *Group) string {
	if g.Client == "" {
		return "cicdctl client create of any client in " + g.Region
	}
	return "cicdctl client create " + g.Client
}

// field makes a rule of one attribute of the resources of a kind.
type field struct {
	id       string
	severity rules.Severity
	title    string
	why      string
	kind     string
	roles    []string // only these; all when empty
	not      string   // a role that has a rule of its own
	name     string   // the attribute
	// holds judges the text where no spec says what it should be; nil accepts any then.
	holds func(have string) bool
	// breaks is a control: what of the text breaks it, whatever a spec says.
	breaks func(have string) []string
	// unless is the control of the same attribute that speaks first.
	unless     func(have string) []string
	should     string // what holds accepts, in words
	pass, fail string // texts; pass is what was asked
	fix        string
}

func (f field) rule() Rule {
	example := func(have string) *Group {
		role := "example"
		if len(f.roles) > 0 {
			role = f.roles[0]
		}
		return &Group{Client: "ACME", Region: "eu-west-3", Resources: []*Resource{{
			Kind: f.kind, Role: role, ID: "example", Client: "ACME", Tags: map[string]string{"Name": "ACME", "GroupName": "shop-web"},
			Attributes: []Attribute{{f.name, have, f.pass, true}},
		}}}
	}
	return Rule{
		ID: f.id, Severity: f.severity, Title: f.title, Why: f.why, Fix: f.fix, Kind: f.kind, Field: f.name, Judge: f.judge, Pass: example(f.pass), Fail: example(f.fail),
	}
}

func (f field) judge(g *Group) []Verdict {
	var out []Verdict
	for _, r := range g.Of(f.kind) {
		if len(f.roles) > 0 && !slices.Contains(f.roles, r.Role) || f.not != "" && r.Role == f.not {
			continue
		}
		for _, a := range r.Attributes {
			if a.Name != f.name {
				continue
			}
			if f.breaks != nil {
				if worst := f.breaks(a.Have); len(worst) > 0 {
					out = append(out, Verdict{r.String(), f.name + ": " + brief(strings.Join(worst, "\n"), ""), f.should})
				}
				continue
			}
			if f.unless != nil && len(f.unless(a.Have)) > 0 {
				continue
			}
			asAsked := !a.Asked || a.Have == a.Want
			if asAsked && (f.holds == nil || f.holds(a.Have)) {
				continue
			}
			should := f.should
			if should == "" || a.Asked {
				should = brief(a.Want, a.Have)
			}
			out = append(out, Verdict{r.String(), f.name + ": " + brief(a.Have, a.Want), should})
		}
	}
	return out
}

// brief is what one text has that the other has not, or the whole of a short one.
func brief(text, other string) string {
	if text == "" {
		return "none"
	}
	lines := strings.Split(text, "\n")
	if len(lines) > 1 {
		theirs := strings.Split(other, "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return slices.Contains(theirs, l) })
		if len(lines) == 0 {
			return "without " + brief(other, text)
		}
	}
	const most = 160
	short := strings.Join(lines, "; ")
	if len(short) > most {
		short = short[:most] + "…"
	}
	return short
}

// driftFinding makes findings of what a plan would change.
func driftFinding(client, region string, changes []Change) []rules.Finding {
	var out []rules.Finding
	for _, c := range changes {
		if c.Op == "retain" {
			out = append(out, orphan(c.Kind, c.ID, client, region, c.Why))
			continue
		}
		d, known := drifts[c.Op]
		if !known {
			continue
		}
		if control, watched := controls[c.Kind]; watched && c.Op == "create" {
			out = append(out, control.missing(client, region, c))
		}
		f := d
		f.Client, f.Region = client, region
		f.Resource = c.Kind + " " + cmp.Or(c.ID, c.Name, c.Role)
		f.Is, f.Should = d.Is, d.Should
		if len(c.Diffs) > 0 {
			var is, should []string
			for _, name := range slices.Sorted(maps.Keys(c.Diffs)) {
				f.Fields = append(f.Fields, name)
				is = append(is, fmt.Sprintf("%s: %s", name, brief(c.Diffs[name][0], c.Diffs[name][1])))
				should = append(should, fmt.Sprintf("%s: %s", name, brief(c.Diffs[name][1], c.Diffs[name][0])))
			}
			f.Is, f.Should = strings.Join(is, "; "), strings.Join(should, "; ")
		}
		if c.Why != "" {
			f.Why = c.Why
		}
		if f.Fix == "" {
			f.Fix = mend(&Group{Client: client, Region: region})
		}
		out = append(out, f)
	}
	return out
}

// control is a control that asks for a resource as such: without it, it is broken
// worse than by any of its settings.
type control struct {
	id       string
	severity rules.Severity
	title    string
	why      string
}

// controls by the kind that they ask for.
var controls = map[string]control{
	"cloudtrail/trail": {"CloudTrail.1", high, "The trail covers all regions", "CloudTrail.1, CIS 3.1; " + docWatch},
	"ec2/flow-log":     {"EC2.6", medium, "Flow logs keep all traffic of the VPC", "EC2.6, CIS 3.7"},
	"cloudwatch/alarm": {"CICD-ALARM-6", medium, "What has to be watched has its alarm", docWatch},
}

func (k control) missing(client, region string, c Change) rules.Finding {
	return rules.Finding{
		ID: k.id, Severity: k.severity, Title: k.title, Client: client, Region: region, Resource: c.Kind + " " + cmp.Or(c.Name, c.Role),
		Is: "not there", Should: "there", Why: k.why, Fix: mend(&Group{Client: client, Region: region}),
	}
}

// Change is one line of a plan.
type Change struct {
	Op, Kind, Role, ID, Name, Why string
	Diffs                         map[string][2]string // by attribute: what is, what should be
}

// drifts are the findings that a plan's operations make.
var drifts = map[string]rules.Finding{
	"create":  {ID: "CICD-DRIFT-1", Severity: rules.Medium, Title: "A resource of the spec is missing", Is: "not there", Should: "there", Why: "the spec asks for it"},
	"update":  {ID: "CICD-DRIFT-2", Severity: rules.Medium, Title: "A resource differs from the spec", Why: "somebody changed it, or the spec"},
	"blocked": {ID: "CICD-DRIFT-2", Severity: rules.High, Title: "A resource differs from the spec", Is: "differs and cannot be changed", Should: "as in the spec", Why: "it differs in what AWS does not let be changed", Fix: "see cicdctl client plan for what a person can do"},
	"foreign": {ID: "CICD-DRIFT-3", Severity: rules.High, Title: "A name of the client's is taken by something that is not cicdctl's", Is: "foreign", Should: "ours, or not there", Why: "it carries none of the client's tags", Fix: "rename or remove it by hand"},
	"delete":  {ID: "CICD-DRIFT-4", Severity: rules.Medium, Title: "A resource that no spec asks for", Is: "there", Should: "not there", Why: "no longer in the spec"},
}
