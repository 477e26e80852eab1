package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// IAMPolicyOptions are those of the iam-policy command.
type IAMPolicyOptions struct {
	ReadOnly bool
	Dir      string
}

// IAMPolicy prints the policies that operators and auditors need.
func IAMPolicy(a *session.Session, o IAMPolicyOptions) error {
	docs := rules.OperatorPolicies()
	if o.ReadOnly {
		docs = []rules.PolicyDocument{rules.ReadPolicy()}
	}
	r := Policies{Limit: rules.MaxPolicy}
	for _, d := range docs {
		p := Policy{Name: d.Name, Characters: d.Size(), Document: json.RawMessage(d.Text)}
		if o.Dir != "" {
			var text bytes.Buffer
			if err := json.Indent(&text, p.Document, "", "  "); err != nil {
				return err
			}
			text.WriteByte('\n')
			p.File = filepath.Join(o.Dir, d.Name+".json")
			err := session.WriteNew(p.File, text.Bytes())
			if errors.Is(err, session.ErrWritten) {
				return session.Refuse("remove it, or give another directory", "%w", err)
			}
			if err != nil {
				return err
			}
			a.Print.Tell("wrote %s", p.File)
		}
		r.Policies = append(r.Policies, p)
	}
	return showPolicies(a.Print, r)
}
