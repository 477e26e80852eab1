package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newAudit(a *session.Session) *cobra.Command {
	var o audit.Options
	cmd := &cobra.Command{
		Use:   "audit [NAME…]",
		Short: "Check clients for rule violations, drift, isolation and orphaned resources",
		Long: `Check the named clients, or all clients, against the state of AWS:

  - rules: the infrastructure document, and CIS and AWS Foundational Security Best
    Practices controls under their official IDs (--list-rules);
  - drift: the same differences as client plan;
  - isolation: whether a client can reach another client's addresses, computed from
    the actual network ACLs, security groups and routes;
  - orphans: resources that carry cicdctl's tags but are not in use, and their cost.

Read-only. Requires the policy printed by cicdctl iam-policy --read-only and an entry
in auditors in the configuration. Anything that cannot be read is reported as not
audited, never as passed. To accept a finding temporarily, add an exception with a
reason and an end date to the client's spec:

  audit:
    exceptions:
      - {id: ELB.6, reason: "is replaced in March", until: 2027-03-31}

With accounts in the configuration, covers all of them; --account narrows to one. An
account that fails does not hide the results of others; the exit code is then 1.

In addition to text and json, --output accepts sarif (code scanning) and junit (test
reports).

Exit codes: 0 no findings, 3 findings of severity --fail-on or higher, 1 something
could not be audited.`,
		Example: `  cicdctl audit
  cicdctl audit ACME GLOBEX --fail-on medium
  cicdctl audit --region eu-west-3 --output sarif > audit.sarif
  cicdctl audit --output junit > audit.xml`,
		Annotations:       map[string]string{moreFormats: "sarif junit"},
		ValidArgsFunction: anyClientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Names = args
			return audit.Run(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.Region, "audit only this region (default: all four)")
	cmd.Flags().StringVar(&o.FailOn, "fail-on", string(rules.Low), "minimum severity for exit code 3: high, medium, low, or none")
	cmd.Flags().BoolVar(&o.List, "list-rules", false, "print the rules and exit")
	complete(cmd, "fail-on", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{string(rules.High), string(rules.Medium), string(rules.Low), audit.Never}, cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}
