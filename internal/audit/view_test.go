package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/reporttest"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

var (
	openPort = judge.Finding{
		ID: "EC2.13", Severity: rules.High, Title: "SSH is not open to everybody", Client: "ACME", Region: "eu-west-3", Resource: "ec2/security-group sg-1",
		Is: "tcp 22 from 0.0.0.0/0", Should: "no such rule", Why: "CIS 5.2", Fix: "cicdctl client create ACME",
	}
	unprotected = judge.Finding{
		ID: "ELB.6", Severity: rules.Medium, Title: "Load balancers are protected against deletion", Client: "ACME", Region: "eu-west-3", Resource: "elb/load-balancer acme-web",
		Is: "deletion protection: off", Should: "on", Why: "a slip of the hand", Fix: "cicdctl client create ACME",
	}
	sharedGap = judge.Finding{
		ID: "EC2.6", Severity: rules.Low, Title: "Flow logs are on", Region: "eu-west-3", Resource: "ec2/vpc vpc-1",
		Is: "none", Should: "flow logs", Why: "traffic & its <source> are known", Fix: "cicdctl client create of any client in eu-west-3",
	}
)

func auditedAs(found Audited, change func(*Audit)) Audit {
	found.At, found.Regions = time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC), []string{"eu-west-3"}
	a := newAudit(&found, func(c Audience) string {
		if c.Name == "GLOBEX" {
			return ""
		}
		return "clients/" + strings.ToLower(c.Name) + ".yaml"
	})
	a.Calls, a.Seconds, a.Version = 84, 2.34, "v1.2.3"
	a.Rules = []AuditRule{
		{"EC2.13", rules.High, "SSH is not open to everybody", "CIS 5.2", "ec2/security-group"},
		{"ELB.6", rules.Medium, "Load balancers are protected against deletion", "a slip of the hand", "elb/load-balancer"},
		{"RDS.3", rules.High, "Databases are encrypted", "copies are readable by nobody else", "rds/cluster"},
		{"RDS.3", rules.High, "Databases are encrypted", "copies are readable by nobody else", "rds/instance"},
		{"CICD-NET-1", rules.High, "Clients do not reach each other", "the document", ""},
	}
	if change != nil {
		change(&a)
	}
	return a
}

var both = []Audience{{Name: "ACME", Region: "eu-west-3"}, {Name: "GLOBEX", Region: "eu-west-3"}}

var audits = map[string]Audit{
	"findings": auditedAs(Audited{
		Clients:    both,
		Findings:   []judge.Finding{sharedGap, unprotected, openPort, func() judge.Finding { f := openPort; f.Resource = "ec2/security-group sg-2"; return f }()},
		Excepted:   []Excepted{{Finding: func() judge.Finding { f := unprotected; f.Client = "GLOBEX"; return f }(), Reason: "moves in March", Until: day(2027, 3, 31)}},
		NotAudited: []NotAudited{{What: "rds/cluster", Region: "eu-west-3", Why: "RDS DescribeDBClusters: not authorized (AccessDenied)"}},
	}, func(a *Audit) {
		a.Isolation = []Isolation{{Region: "eu-west-3", Clients: 2, Pairs: 2, Combinations: "27405189120", Lines: []string{"GLOBEX → ACME tcp 5432: closed by removing rule 110 of acl-1"}, Unknown: []string{"the rules of prefix list pl-1"}}}
	}),
	"one": auditedAs(Audited{Clients: both[:1], Findings: []judge.Finding{openPort}}, func(a *Audit) { a.Calls, a.Rules = 1, a.Rules[:1] }),
	"in order": auditedAs(Audited{Clients: both[:1]}, func(a *Audit) {
		a.Isolation = []Isolation{{Region: "eu-west-3", Isolated: true, Clients: 1, Combinations: "0"}}
	}),
	"isolated": auditedAs(Audited{Clients: both}, func(a *Audit) {
		a.Isolation = []Isolation{{Region: "eu-west-3", Isolated: true, Clients: 2, Pairs: 2, Combinations: "27405189120"}}
	}),
	"refused": auditedAs(Audited{NotAudited: []NotAudited{{What: "all of eu-west-3", Region: "eu-west-3", Why: "EC2 DescribeSubnets: not authorized\nsays AWS"}}}, func(a *Audit) { a.Rules = nil }),
	"accounts": auditedAs(Audited{
		Clients: []Audience{{Name: "ACME", Region: "eu-west-3", Account: "production"}, {Name: "GLOBEX", Region: "eu-west-3"}},
		Findings: []judge.Finding{
			sharedGap, func() judge.Finding { f := sharedGap; f.Account = "production"; return f }(),
			func() judge.Finding { f := openPort; f.Account = "production"; return f }(),
		},
		NotAudited: []NotAudited{{What: lang.Say(WholeAccount), Account: "staging", Why: "assume arn:aws:iam::222222222222:role/cicdctl, the role of account staging: not authorized", Fix: "see that it exists"}},
	}, func(a *Audit) {
		a.Accounts = []string{"", "production", "staging"}
		a.Isolation = []Isolation{
			{Region: "eu-west-3", Isolated: true, Clients: 1, Combinations: "0"},
			{Account: "production", Region: "eu-west-3", Isolated: true, Clients: 2, Pairs: 2, Combinations: "27405189120"},
		}
	}),
	"unread": auditedAs(Audited{Clients: both, NotAudited: []NotAudited{{What: "who may read private keys", Why: "S3 GetBucketTagging: Access Denied", Fix: "have an admin add you to auditors"}}}, nil),
}

func TestAudit(t *testing.T) {
	for name, a := range audits {
		for _, variant := range []string{"en", "fr", "json", "sarif", "junit"} {
			t.Run(strings.ReplaceAll(name, " ", "-")+"-"+variant, func(t *testing.T) {
				p, b := reporttest.Recorded()
				switch variant {
				case "json", "sarif", "junit":
					p.Format = report.Format(variant)
				default:
					p.Lang = report.Lang(variant)
				}
				if err := showAudit(p, a); err != nil {
					t.Fatal(err)
				}
				golden.Match(t, b.String())
			})
		}
		reporttest.OnTerminals(t, func(p *report.Printer) error { return showAudit(p, a) })
	}
}

func TestSARIFIsValid(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata", "schemas", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range audits {
		p, b := reporttest.Recorded()
		p.Format = report.SARIF
		if err := showAudit(p, a); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// What the schema cannot say.
		var log sarifLog
		if err := json.Unmarshal(b.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		run, seen := log.Runs[0], map[string]bool{}
		for _, r := range run.Results {
			if got := run.Tool.Driver.Rules[r.RuleIndex].ID; got != r.RuleID {
				t.Errorf("%s: a result of %s points at rule %s", name, r.RuleID, got)
			}
			if own := r.Fingerprints[fingerprintName]; own == "" || seen[own] {
				t.Errorf("%s: the fingerprint %q of a result of %s is not its own", name, own, r.RuleID)
			} else {
				seen[own] = true
			}
		}
		if got, want := run.Invocations[0].Successful, len(a.NotAudited) == 0; got != want {
			t.Errorf("%s: successful is %v, want %v", name, got, want)
		}
	}
}

func TestFingerprintsOutliveValues(t *testing.T) {
	worse := openPort
	worse.Is, worse.Fix, worse.Severity = "all traffic from ::/0", "another", rules.Medium
	if a, b := fingerprint(openPort, map[string]int{}), fingerprint(worse, map[string]int{}); a != b {
		t.Errorf("the same defect has the fingerprints %s and %s", a, b)
	}
	seen := map[string]int{}
	if a, b := fingerprint(openPort, seen), fingerprint(worse, seen); a == b {
		t.Errorf("two results of one run share %s", a)
	}
}

// TestJUnitIsValid needs xmllint (libxml2-utils), which .ci/run installs.
func TestJUnitIsValid(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") == "" {
		t.Skip("xmllint is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	odd := openPort
	odd.Resource, odd.Is = "s3/bucket a\x00b\x1b[31m", "]]> \xff & <"
	all := maps.Clone(audits)
	all["odd"] = auditedAs(Audited{Findings: []judge.Finding{odd}}, nil)
	for name, a := range all {
		p, b := reporttest.Recorded()
		p.Format = report.JUnit
		if err := showAudit(p, a); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), xmllint, "--nonet", "--noout", "--schema", filepath.Join("testdata", "schemas", "junit-10.xsd"), "-")
		cmd.Stdin = b
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
