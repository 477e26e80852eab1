package fleet

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/cicd/cicdctl/internal/audit"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

var created = time.Date(2026, time.November, 30, 2, 0, 0, 0, time.UTC)

// openPort is a client's, trail what all regions of an account share.
func openPort(account, region, client string) judge.Finding {
	return judge.Finding{
		Account: account, ID: "EC2.13", Severity: rules.High, Title: "SSH is not open to everybody", Client: client, Region: region, Resource: "ec2/security-group sg-1",
		Is: "tcp 22 from 0.0.0.0/0", Should: "no such rule", Why: "CIS 5.2", Fix: "cicdctl client create " + client,
	}
}

func trail(account string) judge.Finding {
	return judge.Finding{
		Account: account, ID: "CloudTrail.4", Severity: rules.Low, Title: "Log files are validated", Region: "eu-west-3", Resource: "cloudtrail/trail cicdctl",
		Is: "off", Should: "on", Why: "CIS 3.2", Fix: "cicdctl client create of any client",
	}
}

// audited is what the job of a shard writes.
func audited(s Shard, findings ...judge.Finding) audit.Audit {
	a := audit.Audit{
		At: created.Add(3 * time.Minute), Regions: []string{s.Region}, Clients: []audit.AuditedClient{}, Findings: report.Some(findings),
		Excepted: []audit.Excepted{}, NotAudited: []audit.NotAudited{}, Calls: 100, Seconds: 60,
		Isolation: []audit.Isolation{{
			Account: s.Account, Region: s.Region, Isolated: true, Clients: len(s.Clients), Pairs: 2, Combinations: "27405189120",
			Lines: []string{}, Unknown: []string{}, Exposed: []audit.Exposed{},
		}},
	}
	for _, c := range s.Clients {
		a.Clients = append(a.Clients, audit.AuditedClient{Account: s.Account, Name: c, Region: s.Region, Spec: "clients/" + strings.ToLower(c) + ".yaml"})
	}
	a.Settle()
	return a
}

var paris, dublin, own = NewShard("production", "eu-west-3", "ACME", "GLOBEX"), NewShard("production", "eu-west-1", "INITECH"), NewShard("", "eu-west-3", "HOOLI")

const newer = "production: cicdctl v1.4.0 applied the account last, and this is v1.3.0"

// night is a directory with what three shards delivered.
func night(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, ShardsFile), Shards{Version: ShardsVersion, Created: created, Shards: []Shard{paris, dublin, own}})
	first := audited(paris, openPort("production", "eu-west-3", "ACME"), trail("production"))
	first.Excepted = []audit.Excepted{{Finding: openPort("production", "eu-west-3", "GLOBEX"), Reason: "moves in March", Until: created.AddDate(0, 4, 0)}}
	first.Notes = []string{newer} // both tell of what is the account's
	first.Settle()
	put(t, filepath.Join(dir, "paris", paris.File), first)
	second := audited(dublin, trail("production"))
	second.Notes = first.Notes
	put(t, filepath.Join(dir, "dublin", dublin.File), second)
	put(t, filepath.Join(dir, "own", own.File), audited(own, trail("")))
	return dir
}

func put(t *testing.T, path string, v any) {
	t.Helper()
	data, ok := v.([]byte)
	if !ok {
		var err error
		if data, err = json.MarshalIndent(v, "", "  "); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// accepted is an exception in Dublin.
func accepted(reason string, until time.Time) []audit.Excepted {
	return []audit.Excepted{{Finding: openPort("production", "eu-west-1", "INITECH"), Reason: reason, Until: until}}
}

// fresh puts together what is below a directory.
func fresh(t *testing.T, dirs ...string) *Report {
	t.Helper()
	files, err := lookIn(dirs)
	if err != nil {
		t.Fatal(err)
	}
	shards, err := files.shards("")
	if err != nil {
		t.Fatal(err)
	}
	return merge(shards, files, "v1.2.3")
}

// run is the command; it returns what it wrote and its exit code.
func run(t *testing.T, o ReportOptions) (out, said string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if o.FailOn == "" {
		o.FailOn = string(rules.Low)
	}
	err := WriteReport(&session.Session{Version: "v1.2.3", Print: report.New(nil, &stdout, &stderr)}, o)
	exit, only := err.(session.ExitCode) //nolint:errorlint // it is never wrapped
	if err != nil && !only {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), int(exit)
}

// Whatever goes wrong with a shard, its region is not audited, and the others' results are as they were.
func TestWhatAShardDidNotDeliverIsNotAudited(t *testing.T) {
	at := func(dir string) string { return filepath.Join(dir, "dublin", dublin.File) }
	again := func(t *testing.T, dir string, change func(*audit.Audit)) {
		a := audited(dublin, trail("production"))
		change(&a)
		a.Settle()
		put(t, at(dir), a)
	}
	edited := func(t *testing.T, dir, old, with string) {
		data, err := os.ReadFile(at(dir))
		if err != nil || !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%s has no %q: %v", at(dir), old, err)
		}
		put(t, at(dir), bytes.Replace(data, []byte(old), []byte(with), 1))
	}
	for what, c := range map[string]struct {
		change func(t *testing.T, dir string)
		why    string
	}{
		"its file is missing":        {func(t *testing.T, dir string) { remove(t, at(dir)) }, "is not there: its job did not run, or did not end"},
		"its file is empty":          {func(t *testing.T, dir string) { put(t, at(dir), []byte("\n")) }, "it is empty"},
		"its file is cut off":        {func(t *testing.T, dir string) { put(t, at(dir), read(t, at(dir))[:300]) }, "it is cut off after 300 bytes"},
		"its file is text":           {func(t *testing.T, dir string) { put(t, at(dir), []byte("cannot connect")) }, "it is no JSON of this form"},
		"its file is a list":         {func(t *testing.T, dir string) { put(t, at(dir), []byte("[]")) }, "it is no JSON of this form"},
		"its file is null":           {func(t *testing.T, dir string) { put(t, at(dir), []byte("null")) }, "at is missing"},
		"its file has two documents": {func(t *testing.T, dir string) { put(t, at(dir), append(read(t, at(dir)), "{}"...)) }, "more than one JSON document"},
		"its file is a directory":    {func(t *testing.T, dir string) { remove(t, at(dir)); put(t, filepath.Join(at(dir), "x"), []byte("{}")) }, "is not there"},
		"its audit failed": {func(t *testing.T, dir string) {
			put(t, at(dir), report.Fault{Error: report.FaultError{Code: "error", Exit: 1, Message: "the token has expired"}})
		}, "its audit failed: the token has expired"},
		"its audit failed for two causes": {func(t *testing.T, dir string) {
			put(t, at(dir), report.Fault{Error: report.FaultError{Message: "2 things went wrong", Causes: []report.Cause{{Message: "no role"}, {Message: "no network"}}}})
		}, "no role; no network"},
		"its audit failed without a word": {func(t *testing.T, dir string) { put(t, at(dir), []byte(`{"error": 7}`)) }, "does not say why"},
		"it is another command's":         {func(t *testing.T, dir string) { put(t, at(dir), []byte(`{"clients": []}`)) }, "at is missing"},
		"it has a key that is not known":  {func(t *testing.T, dir string) { edited(t, dir, `"regions"`, `"weather": "fine", "regions"`) }, "another version of cicdctl"},
		"it lacks a key":                  {func(t *testing.T, dir string) { edited(t, dir, `"not_audited": [],`, ``) }, "not_audited is missing"},
		"it has null for a list": {func(t *testing.T, dir string) {
			edited(t, dir, `"isolation": [`, `"isolation": null, "isolation": [`)
			edited(t, dir, `"excepted": []`, `"excepted": null`)
		}, "excepted is missing"},
		"a finding was taken out of it": {func(t *testing.T, dir string) { edited(t, dir, `"low": 1`, `"low": 2`) }, "something is missing"},
		"it says that all is well":      {func(t *testing.T, dir string) { edited(t, dir, `"ok": false`, `"ok": true`) }, "something is missing"},
		"it is of the night before": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.At = created.AddDate(0, 0, -1) })
		}, "2026-11-29 02:00 UTC, an earlier night"},
		"it is of another region": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Regions = []string{"eu-west-2"} })
		}, "an audit of eu-west-2"},
		"it is of more than its region": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Regions = []string{"eu-west-1", "eu-west-2"} })
		}, "eu-west-1, eu-west-2"},
		"it is of no region": {func(t *testing.T, dir string) { again(t, dir, func(a *audit.Audit) { a.Regions = []string{} }) }, "an audit of no region"},
		"its client is of another region": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Clients[0].Region = "eu-west-2" })
		}, `the region "eu-west-2"`},
		"its client is of another account": {func(t *testing.T, dir string) { again(t, dir, func(a *audit.Audit) { a.Clients[0].Account = "" }) }, `of the account "", and not of "production"`},
		"its finding is of another account": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Findings[0].Account = "staging" })
		}, `of the account "staging"`},
		"its finding is about a client elsewhere": {func(t *testing.T, dir string) { again(t, dir, func(a *audit.Audit) { a.Findings[0].Client = "ACME" }) }, `the region "eu-west-3"`},
		"its proof is of another account": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Isolation[0].Account = "staging" })
		}, `of the account "staging"`},
		"its proof is of another region": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Isolation[0].Region = "eu-west-2" })
		}, `the region "eu-west-2"`},
		"it has no proof of isolation": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Isolation = []audit.Isolation{} })
		}, "no proof of their isolation"},
		"its clients reach each other, and no finding says so": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Isolation[0].Isolated = false })
		}, "lists no finding of it"},
		"its proof is of no client": {func(t *testing.T, dir string) { again(t, dir, func(a *audit.Audit) { a.Isolation[0].Clients = 0 }) }, "no proof of their isolation"},
		"it has two proofs": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Isolation = append(a.Isolation, a.Isolation...) })
		}, "isolation of clients twice"},
		"it has a client twice": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Clients = append(a.Clients, a.Clients...) })
		}, "INITECH twice"},
		"an exception of it is over": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Excepted = accepted("moves in March", created.AddDate(0, -1, 0)) })
		}, "is accepted until 2026-10-30"},
		"an exception has no reason": {func(t *testing.T, dir string) {
			again(t, dir, func(a *audit.Audit) { a.Excepted = accepted("", created.AddDate(0, 1, 0)) })
		}, "and no reason is given"},
		"its finding has a severity that nobody knows": {func(t *testing.T, dir string) {
			edited(t, dir, `"severity": "low"`, `"severity": "lowest"`)
			edited(t, dir, `"low": 1`, `"low": 0`)
		}, `has the severity "lowest"`},
		"there are two files for it": {func(t *testing.T, dir string) { put(t, filepath.Join(dir, "again", dublin.File), read(t, at(dir))) }, "there are several files for it"},
	} {
		t.Run(what, func(t *testing.T) {
			dir := night(t)
			before := fresh(t, dir)
			c.change(t, dir)
			r := fresh(t, dir)
			if len(r.Audit.NotAudited) != 1 || r.delivered() != 2 || r.OK {
				t.Fatalf("%d of 3 shards, ok %t, not audited: %+v", r.delivered(), r.OK, r.Audit.NotAudited)
			}
			n := r.Audit.NotAudited[0]
			if n.Account != "production" || n.Region != "eu-west-1" || !strings.Contains(n.What, dublin.ID) || !strings.Contains(n.What, "1 client") || !strings.Contains(n.Why, c.why) || n.Fix == "" {
				t.Errorf("not audited: %+v, want %q", n, c.why)
			}
			if d := cmp.Diff(before.Audit.Findings, r.Audit.Findings); d != "" { // the trail is in Paris' audit too
				t.Errorf("other findings: %s", d)
			}
			for _, f := range r.Audit.Clients {
				if f.Name == "INITECH" {
					t.Error("a client counts as audited that was not")
				}
			}
			if got := len(r.Audit.Isolation); got != 2 {
				t.Errorf("%d proofs of isolation, want 2", got)
			}
			if _, _, code := run(t, ReportOptions{Dirs: []string{dir}, Out: t.TempDir(), FailOn: audit.Never}); code != session.ExitError {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// A client that an audit does not name is not audited; what the audit found counts.
func TestAClientThatAnAuditDoesNotNameIsNotAudited(t *testing.T) {
	dir := night(t)
	a := audited(paris, openPort("production", "eu-west-3", "ACME"))
	a.Clients = a.Clients[:1]
	put(t, filepath.Join(dir, "paris", paris.File), a)
	r := fresh(t, dir)
	if len(r.Audit.NotAudited) != 1 || r.Audit.NotAudited[0].What != "GLOBEX" || r.delivered() != 3 || r.Audit.Counts.High != 1 {
		t.Errorf("%d shards, %+v, not audited: %+v", r.delivered(), r.Audit.Counts, r.Audit.NotAudited)
	}
	// It is named where only a finding says that it is not there.
	gone := openPort("production", "eu-west-3", "GLOBEX")
	a.Findings = append(a.Findings, gone)
	a.Settle()
	put(t, filepath.Join(dir, "paris", paris.File), a)
	if r := fresh(t, dir); len(r.Audit.NotAudited) != 0 {
		t.Errorf("not audited: %+v", r.Audit.NotAudited)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every shard of an account tells of what its regions share: that is one finding. What one shard
// tells twice stays two.
func TestWhatSeveralShardsTellIsOneFinding(t *testing.T) {
	r := fresh(t, night(t))
	ids := map[string]int{}
	for _, f := range r.Audit.Findings {
		ids[f.Account+" "+f.ID]++
	}
	if want := map[string]int{"production EC2.13": 1, "production CloudTrail.4": 1, " CloudTrail.4": 1}; !cmp.Equal(ids, want) {
		t.Errorf("findings: %v, want %v", ids, want)
	}
	if !slices.Equal(r.Audit.Notes, []string{newer}) {
		t.Errorf("notes: %q", r.Audit.Notes)
	}
	if len(r.Audit.Excepted) != 1 || r.Audit.Excepted[0].Reason != "moves in March" || r.Audit.Counts != (audit.AuditCounts{High: 1, Low: 2, Excepted: 1}) {
		t.Errorf("excepted: %+v, counts: %+v", r.Audit.Excepted, r.Audit.Counts)
	}
	if len(r.Audit.Clients) != 4 || len(r.Audit.Isolation) != 3 || r.Audit.Calls != 300 || r.Audit.Seconds != 60 {
		t.Errorf("%d clients, %d proofs, %d calls, %v s", len(r.Audit.Clients), len(r.Audit.Isolation), r.Audit.Calls, r.Audit.Seconds)
	}

	dir := night(t)
	twice := openPort("production", "eu-west-3", "ACME")
	twice.Is = "tcp 22 from 203.0.113.0/24"
	put(t, filepath.Join(dir, "paris", paris.File), audited(paris, openPort("production", "eu-west-3", "ACME"), twice))
	if r := fresh(t, dir); r.Audit.Counts.High != 2 {
		t.Errorf("two findings of one resource became %d", r.Audit.Counts.High)
	}
}

// The result does not depend on the order in which shards are listed and found.
func TestTheOrderOfShardsDoesNotMatter(t *testing.T) {
	dir := night(t)
	want := fresh(t, dir)
	listed := []Shard{own, dublin, paris}
	put(t, filepath.Join(dir, ShardsFile), Shards{Version: ShardsVersion, Created: created, Shards: listed})
	got := fresh(t, filepath.Join(dir, "own"), dir, filepath.Join(dir, "dublin"))
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAListOfShardsThatSaysTooLittleIsRefused(t *testing.T) {
	for what, c := range map[string]struct {
		shards any
		want   string
	}{
		"another version":              {Shards{Version: 2, Created: created, Shards: []Shard{own}}, "version: 2"},
		"no time":                      {Shards{Version: 1, Shards: []Shard{own}}, "created: missing"},
		"no shards":                    {Shards{Version: 1, Created: created}, "shards: none"},
		"a region that is not allowed": {Shards{Version: 1, Created: created, Shards: []Shard{NewShard("", "us-east-1")}}, "us-east-1"},
		"two of a file":                {Shards{Version: 1, Created: created, Shards: []Shard{own, {ID: "x", Region: "eu-west-1", File: own.File}}}, "another one has the same file"},
		"two of an account and region": {Shards{Version: 1, Created: created, Shards: []Shard{own, {ID: "x", Region: own.Region, File: "x.json"}}}, "another one has the same account and region"},
		"a file in another directory":  {Shards{Version: 1, Created: created, Shards: []Shard{{ID: "x", Region: "eu-west-1", File: "../x.json"}}}, `file "../x.json" is not the name of a file`},
		"a key that is not known":      {[]byte(`{"version": 1, "shard": []}`), "shard"},
		"nothing":                      {[]byte(""), "it is empty"},
		"half of it":                   {[]byte(`{"version": 1, "shards": [`), "it is cut off"},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			put(t, filepath.Join(dir, ShardsFile), c.shards)
			err := WriteReport(&session.Session{Print: report.New(nil, nil, nil)}, ReportOptions{Dirs: []string{dir}, Out: t.TempDir(), FailOn: audit.Never})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), ShardsFile) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestExitCodesOfAReport(t *testing.T) {
	bad, clean := night(t), night(t)
	for _, s := range []Shard{paris, dublin, own} {
		put(t, filepath.Join(clean, map[string]string{paris.ID: "paris", dublin.ID: "dublin", own.ID: "own"}[s.ID], s.File), audited(s))
	}
	lacking := night(t)
	remove(t, filepath.Join(lacking, "own", own.File))
	for what, c := range map[string]struct {
		dir, failOn, want string
		code              int
	}{
		"a high finding":                        {bad, "high", "3 findings: 1 high, 0 medium, 2 low · 1 accepted for a time · 4 clients in 3 of 3 parts · 2 accounts\n", session.ExitFindings},
		"findings that nobody minds":            {bad, audit.Never, "3 findings", session.ExitDone},
		"nothing":                               {clean, "low", "Nothing found. · 4 clients in 3 of 3 parts · 2 accounts\n", session.ExitDone},
		"a finding, and a part that is lacking": {lacking, "high", "1 NOT AUDITED · 3 clients in 2 of 3 parts", session.ExitFindings},
		"a part that is lacking":                {lacking, audit.Never, "1 NOT AUDITED", session.ExitError},
	} {
		t.Run(what, func(t *testing.T) {
			out, _, code := run(t, ReportOptions{Dirs: []string{c.dir}, Out: t.TempDir(), FailOn: c.failOn})
			if !strings.HasPrefix(out, strings.TrimSuffix(c.want, "\n")) && !strings.Contains(out, c.want) || strings.Count(out, "\n") != 1 || code != c.code {
				t.Errorf("exit code %d, want %d: %q, want %q", code, c.code, out, c.want)
			}
		})
	}
}
