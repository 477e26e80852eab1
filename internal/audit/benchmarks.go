package audit

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/report"
)

// Control is one of AWS Foundational Security Best Practices, or of CIS AWS Foundations
// v5.0.0, about a service in use ("Security Hub controls reference", Security Hub user guide).
type Control struct {
	ID    string `json:"id"`            // Security Hub's; "CIS 4.1" where it has none
	CIS   string `json:"cis,omitempty"` // its number in CIS AWS Foundations v5.0.0
	Title string `json:"title"`
	// Rules are those of the audit that meet it; none when it is not chosen.
	Rules []string `json:"rules,omitempty"`
	// Why it is not chosen, or how it is met where no rule is needed.
	Why string `json:"why,omitempty"`
	// ByDesign says that nothing that cicdctl makes can break it.
	ByDesign bool `json:"by_design,omitempty"`
}

// Met reports whether cicdctl meets the control.
func (c Control) Met() bool { return len(c.Rules) > 0 || c.ByDesign }

// Controls are all that concern the services in use, in the order of their services and
// numbers.
func Controls() []Control {
	known := catalogue()
	out := slices.Clone(benchmarks)
	for i, c := range out {
		if slices.ContainsFunc(known, func(e Entry) bool { return e.ID == c.ID }) {
			out[i].Rules = append([]string{c.ID}, c.Rules...)
		}
	}
	return out
}

// Reasons that several controls share.
const (
	ofTheAccount = "a matter of the account and its people, which cicdctl does not manage"
	noMachines   = "cicdctl starts no single instances: hosts come from Auto Scaling groups"
)

// fixed says of a control that it is met by what cicdctl makes.
func fixed(id, cis, title, how string) Control {
	return Control{ID: id, CIS: cis, Title: title, Why: how, ByDesign: true}
}

// unchosen says of a control why it is not chosen.
func unchosen(id, cis, title, why string) Control {
	return Control{ID: id, CIS: cis, Title: title, Why: why}
}

// ruled says of a control that rules of the audit meet it: that with its ID, or the named ones.
func ruled(id, cis, title string, rules ...string) Control {
	return Control{ID: id, CIS: cis, Title: title, Rules: rules}
}

// describeControls is a line for each control, as they are listed after the rules.
func describeControls(lang report.Lang, all []Control) string {
	var b strings.Builder
	id := 0
	for _, c := range all {
		id = max(id, len(c.ID))
	}
	for _, c := range all {
		fmt.Fprintf(&b, "%-*s  %s\n", id, c.ID, lang.Sayf("%s: %s", c.Title, c.how(lang)))
	}
	return b.String()
}

// how says which rules meet the control, or why it is not chosen.
func (c Control) how(lang report.Lang) string {
	switch {
	case len(c.Rules) > 0:
		return lang.Sayf("met, rule %s", strings.Join(c.Rules, ", "))
	case c.ByDesign:
		return lang.Sayf("met, %s", c.Why)
	default:
		return lang.Sayf("not chosen, %s", c.Why)
	}
}

// controlsPage is docs/controls.md.
func controlsPage() string {
	var b strings.Builder
	b.WriteString("# Controls\n\nWhat AWS Foundational Security Best Practices and CIS AWS Foundations v5.0.0 ask of the services in use, by the numbers of\n" +
		"Security Hub, and which rule of `cicdctl audit` meets it or why it is not chosen. Written by `make docs` from what\n" +
		"`cicdctl audit --list-rules` prints.\n\n| control | CIS v5 | asks that | met by |\n|---|---|---|---|\n")
	for _, c := range Controls() {
		by := "*not chosen*: " + c.Why
		if len(c.Rules) > 0 {
			by = strings.Join(c.Rules, ", ")
		} else if c.ByDesign {
			by = "design: " + c.Why
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.ID, c.CIS, c.Title, by)
	}
	return b.String()
}
