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
		Short: "Judge clients: rules, drift, isolation, and what nobody owns",
		Long: `Looks at the clients named, or at all of them, and judges what AWS holds:

  - the rules of the infrastructure document, and controls of CIS and of AWS
    Foundational Security Best Practices under their own numbers (--list-rules);
  - drift: what client plan would show;
  - isolation: whether any client's addresses reach another's, from the network
    ACLs, security groups and routes that AWS really has;
  - orphans: what carries cicdctl's tags and nobody needs, with what it costs.

It only reads; cicdctl iam-policy --read-only prints what it needs, beside a place
among the auditors of the configuration. What cannot be read is told as not audited,
and never passes as clean. A finding that is accepted for a time is written into the
client's spec, with a reason and a last day:

  audit:
    exceptions:
      - {id: ELB.6, reason: "is replaced in March", until: 2027-03-31}

Beside text and json, --output takes sarif and junit, for code scanning and for
test reports.

The exit code is 0 without findings, 3 with findings at least as grave as --fail-on,
and 1 when something could not be audited.`,
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
	regionFlag(cmd, &o.Region, "only this region (all four)")
	cmd.Flags().StringVar(&o.FailOn, "fail-on", string(rules.Low), "least severity that ends with 3: high, medium, low, or none")
	cmd.Flags().BoolVar(&o.List, "list-rules", false, "print the rules and end")
	complete(cmd, "fail-on", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{string(rules.High), string(rules.Medium), string(rules.Low), audit.Never}, cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}
