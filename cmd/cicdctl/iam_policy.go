package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type iamPolicyOptions struct {
	readOnly bool
	dir      string
}

func newIAMPolicy(a *app) *cobra.Command {
	var o iamPolicyOptions
	cmd := &cobra.Command{
		Use:   "iam-policy",
		Short: "Print the IAM policies that operators need",
		Long: `Prints the IAM policies of those who work with cicdctl, made from the operations
that it calls. It asks AWS nothing.

Without --read-only, it is everything, in several policies: IAM takes 6,144
characters each. Attach all of them. Changes are tied to cicdctl's tags or names,
and to the four regions, where IAM can do that. Who may make roles can give them
anything: treat operators as administrators, or set a permissions boundary.

With --read-only, it is one policy, for plan, show, list, doctor, backup list and
audit. IAM is not all that it takes: the admin bucket and its key let in nobody but
the admins and the auditors of the configuration. So add the reader's role or user
to auditors, and have an admin run client create once, for any client. Auditors see
that private keys are there and how they are kept; they can change nothing, and
KMS decrypts no private key for them, whatever IAM allows.`,
		Example: `  cicdctl iam-policy --read-only > reader.json
  cicdctl iam-policy --dir policies     # a file each, and how to make them
  cicdctl iam-policy --output json | jq -r '.policies[].name'`,
		Annotations: map[string]string{needsNoConfig: "yes"},
		Args:        named(),
		RunE:        func(*cobra.Command, []string) error { return runIAMPolicy(a, o) },
	}
	cmd.Flags().BoolVar(&o.readOnly, "read-only", false, "only what it takes to look")
	cmd.Flags().StringVar(&o.dir, "dir", "", "write a file for each policy into this directory")
	complete(cmd, "dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}

func runIAMPolicy(a *app, o iamPolicyOptions) error {
	docs := rules.OperatorPolicies()
	if o.readOnly {
		docs = []rules.PolicyDocument{rules.ReadPolicy()}
	}
	r := report.Policies{Limit: rules.MaxPolicy}
	for _, d := range docs {
		p := report.Policy{Name: d.Name, Characters: d.Size(), Document: json.RawMessage(d.Text)}
		if o.dir != "" {
			var text bytes.Buffer
			if err := json.Indent(&text, p.Document, "", "  "); err != nil {
				return err
			}
			text.WriteByte('\n')
			p.File = filepath.Join(o.dir, d.Name+".json")
			err := writeNew(p.File, text.Bytes())
			if errors.Is(err, errWritten) {
				return refuse("remove it, or give another directory", "%w", err)
			}
			if err != nil {
				return err
			}
			a.print.Tell("wrote %s", p.File)
		}
		r.Policies = append(r.Policies, p)
	}
	return a.print.Policies(r)
}
