package rules

import "slices"

// Severity is how much a finding matters.
type Severity string

// The severities, gravest first: data can be lost or read by others; a promise to
// the client is not kept; something is untidy.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
)

// AtLeast reports whether s is as grave as other, or graver.
func (s Severity) AtLeast(other Severity) bool {
	order := []Severity{Low, Medium, High}
	return slices.Index(order, s) >= slices.Index(order, other)
}
