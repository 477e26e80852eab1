package account

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gitlab.com/cicd/cicdctl/internal/report"
)

// Policies are IAM policies for operators. As JSON:
//
//	{"limit": 6144, "policies": [{"name": "cicdctl-read", "characters": 3180, "file": "policies/cicdctl-read.json", "document": {"Version": "2012-10-17", …}}]}
//
// There is a file only where one was written.
type Policies struct {
	Limit    int      `json:"limit"` // of IAM, in characters for each
	Policies []Policy `json:"policies"`
}

// Policy is one of them.
type Policy struct {
	Name       string          `json:"name"`
	Characters int             `json:"characters"` // as IAM counts them
	File       string          `json:"file,omitempty"`
	Document   json.RawMessage `json:"document"`
}

// showPolicies writes the documents, or how to make policies of the files that they are
// in. What several of them are is told beside them: the output stays JSON.
func showPolicies(p *report.Printer, r Policies) error {
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	var b bytes.Buffer
	for _, each := range r.Policies {
		if each.File != "" {
			fmt.Fprintf(&b, "aws iam create-policy --policy-name %s --policy-document file://%s\n", each.Name, each.File)
			continue
		}
		if err := json.Indent(&b, each.Document, "", "  "); err != nil {
			return err
		}
		b.WriteByte('\n')
	}
	if err := p.Raw(b.Bytes()); err != nil {
		return err
	}
	if len(r.Policies) > 1 {
		p.Tell("%d {policy|policies}: attach all of them; IAM takes %d {character|characters} each", len(r.Policies), r.Limit)
	}
	return nil
}
