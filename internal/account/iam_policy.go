package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// IAMPolicyOptions are those of the iam-policy command.
type IAMPolicyOptions struct {
	ReadOnly   bool
	Dir        string
	Trust      string   // the name of an account: its role's trust policy is printed
	Principals []string // who may assume that role
}

// IAMPolicy prints the policies that operators and auditors need.
func IAMPolicy(a *session.Session, o IAMPolicyOptions) error {
	if o.Trust != "" {
		return trustPolicy(a, o)
	}
	docs := rules.OperatorPolicies()
	if o.ReadOnly {
		docs = []rules.PolicyDocument{rules.ReadPolicy()}
	}
	return showDocuments(a, o, docs)
}

// trustPolicy prints who may assume the role of an account.
func trustPolicy(a *session.Session, o IAMPolicyOptions) error {
	if o.ReadOnly {
		return session.Usagef("", "--read-only and --trust exclude each other")
	}
	c, err := a.AccountNamed(o.Trust)
	if err != nil {
		return err
	}
	if len(o.Principals) == 0 {
		return session.Usagef("add --principal with the ARN of the role or user whose credentials cicdctl runs with; cicdctl doctor shows it", "who may assume %s is not said", c.Role)
	}
	if err := rules.CheckPrincipals("--principal", o.Principals); err != nil {
		return session.AsUsage(err)
	}
	if err := showDocuments(a, o, []rules.PolicyDocument{rules.TrustPolicy(o.Principals, c.ExternalID)}); err != nil {
		return err
	}
	a.Print.Tell("this is the trust policy of %s; it also needs the policies that cicdctl iam-policy prints, and %s needs sts:AssumeRole on it", c.Role, strings.Join(o.Principals, ", "))
	return nil
}

func showDocuments(a *session.Session, o IAMPolicyOptions, docs []rules.PolicyDocument) error {
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
