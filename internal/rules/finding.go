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

// Finding is one thing that is not as it should be.
type Finding struct {
	// ID is CICD-… for a rule of the infrastructure document, or the control of CIS
	// or of AWS Foundational Security Best Practices, as Prowler and Security Hub
	// number them: "S3.8".
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	Client   string   `json:"client,omitempty"` // empty for what clients share
	Region   string   `json:"region,omitempty"`
	Resource string   `json:"resource"` // kind and identifier
	Is       string   `json:"is"`
	Should   string   `json:"should"`
	Why      string   `json:"why"` // the line of the document, or what the control is for
	Fix      string   `json:"fix"` // the command that mends it, or what a person can do
	// Fields are the attributes that drift is about.
	Fields []string `json:"-"`
}
