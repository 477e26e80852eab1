package audit

import (
	"context"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Options are those of the audit command.
type Options struct {
	Names          []string
	Region, FailOn string
	List           bool
}

// Never is the --fail-on that findings do not reach.
const Never = "none"

// Run judges the account, or some clients, and shows what was found.
func Run(ctx context.Context, a *session.Session, o Options) error {
	if o.List {
		return showRules(a.Print, listRules())
	}
	if err := o.check(); err != nil {
		return err
	}
	files, err := auditedSpecs(a, o)
	if err != nil {
		return err
	}
	var specs []*spec.Spec
	for _, f := range files {
		specs = append(specs, f.spec)
	}
	accounts, err := a.Accounts(specs, o.Region)
	if len(o.Names) > 0 {
		accounts, err = a.AccountsOf(o.Names, specs, o.Region)
	}
	if err != nil {
		return err
	}
	begun := time.Now()
	found, calls, err := examineAll(ctx, a, accounts, o, specs)
	if err != nil {
		return err
	}
	if found.Regions = regionsOf(accounts); found.At.IsZero() { // no account could be looked at
		found.At = begun.UTC()
	}
	if err := missingClients(o.Names, found, files); err != nil {
		return err
	}
	out := newAudit(found, func(c Audience) string {
		i := slices.IndexFunc(files, func(f SpecFile) bool { return (Audience{f.spec.Account, f.spec.Client, f.spec.Region}) == c })
		if i < 0 {
			return ""
		}
		return files[i].path
	})
	for _, c := range accounts {
		out.Accounts = append(out.Accounts, c.Name)
	}
	for _, p := range found.Isolation {
		exposed := []Exposed{}
		for _, x := range p.Exposures {
			if lines := x.Summary(); len(lines) > 0 && (len(o.Names) == 0 || slices.Contains(o.Names, x.Client)) {
				exposed = append(exposed, Exposed{Client: x.Client, Lines: lines})
			}
		}
		out.Isolation = append(out.Isolation, Isolation{
			Account: p.Account, Region: p.Region, Isolated: p.Isolated(), Clients: p.Size.Clients, Pairs: p.Size.Pairs, Combinations: p.Size.Combinations.String(),
			Lines: report.Some(p.Flaws()), Unknown: report.Some(p.Unknowns), Exposed: exposed,
		})
	}
	out.Calls, out.Seconds, out.Rules, out.Version, out.Notes = calls, time.Since(begun).Seconds(), listRules(), a.Version, found.Notes
	if a.Print.Format != report.JSON {
		for _, note := range out.Notes {
			a.Print.TellLine(note)
		}
	}
	if err := showAudit(a.Print, out); err != nil {
		return err
	}
	return Verdict(found.Findings, len(found.NotAudited), o.FailOn)
}

// versionNotes say which release of cicdctl has the last word about what was audited; of clients
// that were named, also whether findings come from this one.
func versionNotes(a *session.Session, found *Audited, whom Examined) []string {
	specs := whom.Specs
	differs := func(s provision.ScopeRef) bool {
		return len(whom.Names) > 0 && slices.ContainsFunc(found.Findings, func(f judge.Finding) bool { return f.Client == s.Name })
	}
	return session.MarkNotes(a, found.Survey.Marks(), differs, func(client string) *spec.Spec {
		if i := slices.IndexFunc(specs, func(s *spec.Spec) bool { return s.Client == client }); i >= 0 {
			return specs[i]
		}
		return nil
	})
}

func (o Options) check() error {
	for _, name := range o.Names {
		if err := session.CheckClient(name); err != nil {
			return err
		}
	}
	if err := CheckFailOn(o.FailOn); err != nil {
		return err
	}
	return session.CheckRegion(o.Region)
}

// CheckFailOn refuses a --fail-on that is no severity and not Never.
func CheckFailOn(severity string) error {
	if !slices.Contains([]string{string(rules.High), string(rules.Medium), string(rules.Low), Never}, severity) {
		return session.Usagef("", "--fail-on %q is not one of high, medium, low, none", severity)
	}
	return nil
}

// Verdict is the exit code of an audit.
func Verdict(findings []judge.Finding, notAudited int, failOn string) error {
	failed := failOn != Never && slices.ContainsFunc(findings, func(f judge.Finding) bool { return f.Severity.AtLeast(rules.Severity(failOn)) })
	switch {
	case failed:
		return session.ExitCode(session.ExitFindings)
	case notAudited > 0:
		return session.ExitCode(session.ExitError)
	default:
		return nil
	}
}

// SpecFile is a client's spec and where it is.
type SpecFile struct {
	path string
	spec *spec.Spec
}

// auditedSpecs reads the specs of the clients in question. One that is not valid
// stops the audit: its client would be judged without it.
func auditedSpecs(a *session.Session, o Options) ([]SpecFile, error) {
	checks, err := a.Checks()
	if err != nil {
		return nil, err
	}
	if err := session.CheckAllFiles(a); err != nil {
		return nil, err
	}
	var out []SpecFile
	for _, path := range session.SpecFiles(a.Conf.SpecDir) {
		s, err := session.LoadFile(a, path, checks)
		if err != nil {
			if len(o.Names) > 0 && !slices.Contains(o.Names, session.ClientOf(path)) {
				continue
			}
			return nil, session.Unreadable(err)
		}
		if len(o.Names) == 0 || slices.Contains(o.Names, s.Client) {
			out = append(out, SpecFile{path, s})
		}
	}
	return out, nil
}

// Specs are those of the spec directory. One that is not valid is an error.
func Specs(a *session.Session) ([]*spec.Spec, error) {
	files, err := auditedSpecs(a, Options{})
	var out []*spec.Spec
	for _, f := range files {
		out = append(out, f.spec)
	}
	return out, err
}

// missingClients is an error for names that nothing is known of.
func missingClients(names []string, found *Audited, files []SpecFile) error {
	for _, name := range names {
		there := slices.ContainsFunc(found.Clients, func(c Audience) bool { return c.Name == name })
		left := slices.ContainsFunc(found.Findings, func(f judge.Finding) bool { return f.Client == name })
		filed := slices.ContainsFunc(files, func(f SpecFile) bool { return f.spec.Client == name })
		if !there && !left && !filed && len(found.NotAudited) == 0 {
			return session.RefuseUnknown(name)
		}
	}
	return nil
}

// RuleCount is how many rules there are, by their IDs.
func RuleCount() int { return len((&Audit{Rules: listRules()}).ruleIDs()) }

// Rules are all that an audit holds clients against.
func Rules() []AuditRule { return listRules() }

// listRules are all that an audit holds clients against.
func listRules() []AuditRule {
	var out []AuditRule
	for _, e := range catalogue() {
		e.Title, e.Why = lang.Current().Capital(e.Title), lang.Say(e.Why)
		out = append(out, AuditRule(e))
	}
	return out
}
