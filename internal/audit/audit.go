// Package audit judges what AWS holds: rules as data over what was read, orphans, the
// proof that no client reaches another, and costs.
package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// All are the rules, in the order of their IDs.
func All() []judge.Rule { return slices.Clone(all()) }

var all = sync.OnceValue(func() []judge.Rule {
	out := slices.Concat(fieldRules(), groupRules(), tunnelRules(), copyRules())
	slices.SortStableFunc(out, func(a, b judge.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
})

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

func (f field) rule() judge.Rule {
	example := func(have string) *judge.Group {
		role := "example"
		if len(f.roles) > 0 {
			role = f.roles[0]
		}
		return &judge.Group{Client: "ACME", Region: "eu-west-3", Resources: []*judge.Resource{{
			Kind: f.kind, Role: role, ID: "example", Client: "ACME", Tags: map[string]string{"Name": "ACME", "GroupName": "shop-web"},
			Attributes: []judge.Attribute{{Name: f.name, Have: have, Want: f.pass, Asked: true}},
		}}}
	}
	return judge.Rule{
		ID: f.id, Severity: f.severity, Title: f.title, Why: f.why, Fix: f.fix, Kind: f.kind, Field: f.name, Judge: f.judge, Pass: example(f.pass), Fail: example(f.fail),
	}
}

func (f field) judge(g *judge.Group) []judge.Verdict {
	var out []judge.Verdict
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
					out = append(out, judge.Verdict{Resource: r.String(), Is: attribute(f.name, brief(strings.Join(worst, "\n"), "")), Should: f.should})
				}
				continue
			}
			asAsked := !a.Asked || a.Have == a.Want
			if asAsked && (f.holds == nil || f.holds(a.Have)) {
				continue
			}
			if f.unless != nil && len(f.unless(a.Have)) > 0 {
				continue
			}
			should := f.should
			if should == "" || a.Asked && a.Have != a.Want { // else it is what the spec asks for that does not hold
				should = lang.Current().Value(brief(a.Want, a.Have))
			}
			out = append(out, judge.Verdict{Resource: r.String(), Is: attribute(f.name, brief(a.Have, a.Want)), Should: should})
		}
	}
	return out
}

// attribute is what an attribute is, in words.
func attribute(name, value string) string {
	return lang.Sprintf("%s: %s", lang.Current().Value(name), lang.Current().Value(value))
}

// brief is what one text has that the other has not, or the whole of a short one.
func brief(text, other string) string {
	if text == "" {
		return lang.Say("none")
	}
	lines := strings.Split(text, "\n")
	if len(lines) > 1 && text != other {
		theirs := strings.Split(other, "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return slices.Contains(theirs, l) })
		if len(lines) == 0 {
			return lang.Sprintf("without %s", brief(other, text))
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
func driftFinding(client, region string, changes []Change) []judge.Finding {
	var out []judge.Finding
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
				is = append(is, attribute(name, brief(c.Diffs[name][0], c.Diffs[name][1])))
				should = append(should, attribute(name, brief(c.Diffs[name][1], c.Diffs[name][0])))
			}
			f.Is, f.Should = strings.Join(is, "; "), strings.Join(should, "; ")
		}
		if c.Why != "" {
			f.Why = c.Why
		}
		if f.Fix == "" {
			f.Fix = (&judge.Group{Client: client, Region: region}).Mend()
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

func (k control) missing(client, region string, c Change) judge.Finding {
	return judge.Finding{
		ID: k.id, Severity: k.severity, Title: k.title, Client: client, Region: region, Resource: c.Kind + " " + cmp.Or(c.Name, c.Role),
		Is: "not there", Should: "there", Why: k.why, Fix: (&judge.Group{Client: client, Region: region}).Mend(),
	}
}

// Change is one line of a plan.
type Change struct {
	Op, Kind, Role, ID, Name, Why string
	Diffs                         map[string][2]string // by attribute: what is, what should be
}

// drifts are the findings that a plan's operations make.
var drifts = map[string]judge.Finding{
	"create":  {ID: "CICD-DRIFT-1", Severity: rules.Medium, Title: "A resource of the spec is missing", Is: "not there", Should: "there", Why: "the spec asks for it"},
	"update":  {ID: "CICD-DRIFT-2", Severity: rules.Medium, Title: "A resource differs from the spec", Why: "somebody changed it, or the spec"},
	"blocked": {ID: "CICD-DRIFT-2", Severity: rules.High, Title: "A resource differs from the spec", Is: "differs and cannot be changed", Should: "as in the spec", Why: "it differs in what AWS does not let be changed", Fix: "see cicdctl client plan for what a person can do"},
	"foreign": {ID: "CICD-DRIFT-3", Severity: rules.High, Title: "A name of the client's is taken by something that is not cicdctl's", Is: "foreign", Should: "ours, or not there", Why: "it carries none of the client's tags", Fix: "rename or remove it by hand"},
	"delete":  {ID: "CICD-DRIFT-4", Severity: rules.Medium, Title: "A resource that no spec asks for", Is: "there", Should: "not there", Why: "no longer in the spec"},
}
