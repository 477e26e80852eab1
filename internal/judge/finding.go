package judge

import (
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Finding is one thing that is not as it should be.
type Finding struct {
	// ID is CICD-… for a rule of the infrastructure document, or the control of CIS
	// or of AWS Foundational Security Best Practices, as Prowler and Security Hub
	// number them: "S3.8".
	ID       string         `json:"id"`
	Severity rules.Severity `json:"severity"`
	Title    string         `json:"title"`
	Account  string         `json:"account,omitempty"` // of the configuration; empty for the credentials' own
	Client   string         `json:"client,omitempty"`  // empty for what clients share
	Region   string         `json:"region,omitempty"`
	Resource string         `json:"resource"` // kind and identifier
	Is       string         `json:"is"`
	Should   string         `json:"should"`
	Why      string         `json:"why"` // the line of the document, or what the control is for
	Fix      string         `json:"fix"` // the command that mends it, or what a person can do
	// Fields are the attributes that drift is about.
	Fields []string `json:"-"`
	// NotKnown reports that the rule could not be checked: nothing is concluded from an
	// answer that AWS refused to give.
	NotKnown bool `json:"-"`
}

// Told is the finding in the language of the run: what tables say of it is translated, and what
// was composed is in that language already.
func (f Finding) Told() Finding {
	f.Title, f.Is, f.Should, f.Why, f.Fix = lang.Current().Capital(f.Title), lang.Say(f.Is), lang.Say(f.Should), lang.Say(f.Why), lang.Say(f.Fix)
	return f
}
