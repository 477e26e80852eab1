package audit

import (
	"fmt"
	"io"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// ListedRule is a rule as it is listed.
type ListedRule struct {
	ID       string         `json:"id"`
	Severity rules.Severity `json:"severity"`
	Title    string         `json:"title"`
	Kind     string         `json:"kind,omitempty"`
	Why      string         `json:"why"`
}

// RuleList is the result of audit --list-rules.
type RuleList struct {
	Rules    []ListedRule `json:"rules"`
	Controls []Control    `json:"controls"`
}

// showRules lists what audits hold clients against.
func showRules(p *report.Printer, all []AuditRule) error {
	out := make([]ListedRule, len(all))
	for i, r := range all {
		out[i] = ListedRule{r.ID, r.Severity, r.Title, r.Kind, r.Why}
	}
	controls := Controls()
	for i, c := range controls {
		controls[i].Title, controls[i].Why = p.Lang.Say(c.Title), p.Lang.Say(c.Why)
	}
	if p.Format != report.Text {
		return p.WriteJSON(RuleList{out, controls})
	}
	var b strings.Builder
	id, kind := 0, 0
	for _, r := range out {
		id, kind = max(id, len(r.ID)), max(kind, len(r.Kind))
	}
	for _, r := range out {
		fmt.Fprintf(&b, "%-*s  %-6s  %-*s  %s\n", id, r.ID, p.Lang.Say(string(r.Severity)), kind, r.Kind, r.Title)
	}
	fmt.Fprintf(&b, "\n%s\n", p.Lang.Sayf("%d {rule|rules}; with --output json they say why", len(all)))
	met := 0
	for _, c := range controls {
		if c.Met() {
			met++
		}
	}
	fmt.Fprintf(&b, "\n%s\n\n%s", p.Lang.Sayf("%d {control|controls} of AWS Foundational Security Best Practices and CIS AWS Foundations v5.0.0 {concerns|concern} the services in use: %d {is|are} met, %d not chosen", len(controls), met, len(controls)-met), describeControls(p.Lang, controls))
	_, err := io.WriteString(p.Out, b.String())
	return err
}
