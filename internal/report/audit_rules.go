package report

import (
	"fmt"
	"io"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/rules"
)

// listedRule is a rule as it is listed.
type listedRule struct {
	ID       string         `json:"id"`
	Severity rules.Severity `json:"severity"`
	Title    string         `json:"title"`
	Kind     string         `json:"kind,omitempty"`
	Why      string         `json:"why"`
}

// Rules lists what audits hold clients against.
func (p *Printer) Rules(all []AuditRule) error {
	out := make([]listedRule, len(all))
	for i, r := range all {
		out[i] = listedRule{r.ID, r.Severity, r.Title, r.Kind, r.Why}
	}
	if p.Format != Text {
		return p.encode(out)
	}
	var b strings.Builder
	id, kind := 0, 0
	for _, r := range out {
		id, kind = max(id, len(r.ID)), max(kind, len(r.Kind))
	}
	for _, r := range out {
		fmt.Fprintf(&b, "%-*s  %-6s  %-*s  %s\n", id, r.ID, r.Severity, kind, r.Kind, r.Title)
	}
	fmt.Fprintf(&b, "\n%s\n", p.Lang.sayf("%d rules; with --output json they say why", len(all)))
	_, err := io.WriteString(p.out, b.String())
	return err
}
