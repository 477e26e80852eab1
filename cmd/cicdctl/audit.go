package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

type auditOptions struct {
	names          []string
	region, failOn string
	list           bool
}

// never is the --fail-on that findings do not reach.
const never = "none"

func newAudit(a *app) *cobra.Command {
	var o auditOptions
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
		ValidArgsFunction: a.anyClientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.names = args
			return runAudit(cmd.Context(), a, o)
		},
	}
	regionFlag(cmd, &o.region, "only this region (all four)")
	cmd.Flags().StringVar(&o.failOn, "fail-on", string(rules.Low), "least severity that ends with 3: high, medium, low, or none")
	cmd.Flags().BoolVar(&o.list, "list-rules", false, "print the rules and end")
	complete(cmd, "fail-on", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{string(rules.High), string(rules.Medium), string(rules.Low), never}, cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func runAudit(ctx context.Context, a *app, o auditOptions) error {
	if o.list {
		return a.print.Rules(auditRules())
	}
	if err := o.check(); err != nil {
		return err
	}
	files, err := a.auditedSpecs(o)
	if err != nil {
		return err
	}
	op, err := a.open(ctx)
	if err != nil {
		return err
	}
	whom := audit.Examined{Names: o.names}
	for _, f := range files {
		whom.Specs = append(whom.Specs, f.spec)
	}
	for _, r := range rules.Regions() {
		if o.region == "" || o.region == r.Name {
			whom.Regions = append(whom.Regions, r.Name)
		}
	}
	begun := time.Now()
	found, err := audit.Run(ctx, op, whom)
	if err != nil {
		return err
	}
	if err := missingClients(o.names, found, files); err != nil {
		return err
	}
	out := report.NewAudit(found, func(client, region string) string {
		i := slices.IndexFunc(files, func(f specFile) bool { return f.spec.Client == client && f.spec.Region == region })
		if i < 0 {
			return ""
		}
		return files[i].path
	})
	for _, p := range found.Isolation {
		exposed := []report.Exposed{}
		for _, x := range p.Exposures {
			if lines := x.Summary(); len(lines) > 0 && (len(o.names) == 0 || slices.Contains(o.names, x.Client)) {
				exposed = append(exposed, report.Exposed{Client: x.Client, Lines: lines})
			}
		}
		out.Isolation = append(out.Isolation, report.Isolation{
			Region: p.Region, Isolated: p.Isolated(), Clients: p.Size.Clients, Pairs: p.Size.Pairs, Combinations: p.Size.Combinations.String(),
			Lines: p.Flaws(), Unknown: p.Unknowns, Exposed: exposed,
		})
	}
	out.Calls, out.Seconds, out.Rules, out.Version = op.Calls(), time.Since(begun).Seconds(), auditRules(), versionText()
	if err := a.print.Audit(out); err != nil {
		return err
	}
	return verdict(found, o.failOn)
}

func (o auditOptions) check() error {
	for _, name := range o.names {
		if err := checkClient(name); err != nil {
			return err
		}
	}
	if !slices.Contains([]string{string(rules.High), string(rules.Medium), string(rules.Low), never}, o.failOn) {
		return usagef("", "--fail-on %q is not one of high, medium, low, none", o.failOn)
	}
	return checkRegion(o.region)
}

// verdict is the exit code of an audit.
func verdict(found *audit.Audited, failOn string) error {
	failed := failOn != never && slices.ContainsFunc(found.Findings, func(f rules.Finding) bool { return f.Severity.AtLeast(rules.Severity(failOn)) })
	switch {
	case failed:
		return exitOnly(exitFindings)
	case len(found.NotAudited) > 0:
		return exitOnly(exitError)
	default:
		return nil
	}
}

// specFile is a client's spec and where it is.
type specFile struct {
	path string
	spec *spec.Spec
}

// auditedSpecs reads the specs of the clients in question. One that is not valid
// stops the audit: its client would be judged without it.
func (a *app) auditedSpecs(o auditOptions) ([]specFile, error) {
	checks, err := a.opsConfig().Checks()
	if err != nil {
		return nil, err
	}
	var out []specFile
	for _, path := range specFiles(a.conf.SpecDir) {
		s, err := spec.Load(path, checks, audit.CheckExceptions)
		if err != nil {
			if len(o.names) > 0 && !slices.Contains(o.names, clientOf(path)) {
				continue
			}
			return nil, unreadable(err)
		}
		if len(o.names) == 0 || slices.Contains(o.names, s.Client) {
			out = append(out, specFile{path, s})
		}
	}
	return out, nil
}

// missingClients is an error for names that nothing is known of.
func missingClients(names []string, found *audit.Audited, files []specFile) error {
	for _, name := range names {
		there := slices.ContainsFunc(found.Clients, func(c audit.Audience) bool { return c.Name == name })
		left := slices.ContainsFunc(found.Findings, func(f rules.Finding) bool { return f.Client == name })
		filed := slices.ContainsFunc(files, func(f specFile) bool { return f.spec.Client == name })
		if !there && !left && !filed && len(found.NotAudited) == 0 {
			return refuseUnknown(name)
		}
	}
	return nil
}

// auditRules are all that an audit holds clients against.
func auditRules() []report.AuditRule {
	var out []report.AuditRule
	for _, e := range audit.Catalogue() {
		out = append(out, report.AuditRule(e))
	}
	return out
}
