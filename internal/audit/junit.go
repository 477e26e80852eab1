package audit

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// JUnit writes the audit as the report of a test: a suite for each client, a case
// for each rule. A rule fails with its findings, is skipped when they are accepted,
// and is an error when something that it is about could not be read.
func (a *Audit) JUnit(w io.Writer) error {
	all := junit.Testsuites{Name: "cicdctl audit", Time: fmt.Sprintf("%.3f", a.Seconds)}
	add := func(s junit.Testsuite) {
		s.ID, s.Timestamp, s.Time, s.Hostname = len(all.Suites), a.At.UTC().Format("2006-01-02T15:04:05"), "0.000", "localhost"
		all.Suites = append(all.Suites, s)
		// Not with AddSuite: the schema has no sum of what was skipped.
		all.Tests, all.Errors, all.Failures = all.Tests+s.Tests, all.Errors+s.Errors, all.Failures+s.Failures
	}
	for _, who := range a.audiences() {
		add(a.suite(who))
	}
	if len(a.NotAudited) > 0 {
		add(a.unread())
	}
	if _, err := io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"); err != nil {
		return err
	}
	return all.WriteXML(w)
}

// suite is what is said of one client, or of what clients share.
func (a *Audit) suite(who audience) junit.Testsuite {
	name := lang.Sprintf("shared %s", cmp.Or(who.region, lang.Say("account")))
	if who.client != "" {
		name = who.client + " " + who.region
	}
	if who.account != "" {
		name = who.account + " " + name
	}
	s := junit.Testsuite{Name: name, File: a.specOf(who)}
	for _, c := range a.cases(who) {
		t := junit.Testcase{Name: xmlText(c.rule.ID + " " + c.rule.Title), Classname: strings.ReplaceAll(name, " ", "."), Time: "0.000"}
		switch {
		case len(c.found) > 0:
			t.Failure = &junit.Result{Message: xmlText(c.found[0].message), Type: string(c.rule.Severity), Data: details(c.found)}
			if len(c.found) > 1 {
				t.Failure.Message = xmlText(lang.Sprintf("%d {resource|resources}: %s, …", len(c.found), c.found[0].message))
			}
		case len(c.unread) > 0:
			t.Error = &junit.Result{Message: xmlText(lang.Sprintf("not audited: %s", c.unread[0].What)), Type: notAuditedID, Data: xmlText(c.unread[0].Why + report.Prefixed("\n", c.unread[0].Fix))}
		case len(c.excepted) > 0:
			t.Skipped = &junit.Result{Message: xmlText(c.excepted[0].message), Type: "exception", Data: details(c.excepted)}
		}
		s.AddTestcase(t)
	}
	if a.Brief && who.client != "" {
		s.AddTestcase(a.rest(who, name))
	}
	return s
}

// rest is one case for all rules that found nothing. It is an error where something could not be
// read that one of them may be about.
func (a *Audit) rest(who audience, name string) junit.Testcase {
	t := junit.Testcase{Name: lang.Say("all other rules"), Classname: strings.ReplaceAll(name, " ", "."), Time: "0.000"}
	for _, n := range a.NotAudited {
		if n.concerns(who) {
			t.Error = &junit.Result{Message: xmlText(lang.Sprintf("not audited: %s", n.What)), Type: notAuditedID, Data: xmlText(n.Why + report.Prefixed("\n", n.Fix))}
			break
		}
	}
	return t
}

// concerns reports whether it may be about a client, or about what clients share.
func (n NotAudited) concerns(who audience) bool {
	return n.Account == who.account && (n.Region == who.region || n.Region == "")
}

// unread is everything that could not be looked at, so that no reader can miss it.
func (a *Audit) unread() junit.Testsuite {
	s := junit.Testsuite{Name: lang.Say("not audited")}
	for _, n := range a.NotAudited {
		s.AddTestcase(junit.Testcase{
			Name: xmlText(a.in(n)), Classname: "not-audited", Time: "0.000",
			Error: &junit.Result{Message: xmlText(report.FirstLine(n.Why)), Type: notAuditedID, Data: xmlText(n.Why + report.Prefixed("\n", n.Fix))},
		})
	}
	return s
}

// ruleCase is one rule, held against one client.
type ruleCase struct {
	rule            AuditRule
	kinds           []string // that it judges; empty when that is not known
	found, excepted []told
	unread          []NotAudited
}

// told is a sentence about a finding, and all of it.
type told struct{ message, text string }

// cases are those of the rules, by their ID, and of what was found beside them. What
// clients share is not held against rules that are about clients: only what was
// found there is told.
func (a *Audit) cases(who audience) []*ruleCase {
	byID := map[string]*ruleCase{}
	of := func(r AuditRule) *ruleCase {
		c := byID[r.ID]
		if c == nil {
			c = &ruleCase{rule: r}
			byID[r.ID] = c
		}
		return c
	}
	if who.client != "" && !a.Brief {
		for _, r := range a.Rules {
			c := of(r)
			c.kinds = append(c.kinds, r.Kind)
		}
	}
	for _, f := range a.findingsOf(who) {
		c := of(AuditRule{ID: f.ID, Severity: f.Severity, Title: f.Title, Why: f.Why})
		c.found = append(c.found, told{
			lang.Sprintf("%s: %s → %s", f.Resource, f.Is, f.Should),
			lang.Sprintf("%s\n  is:     %s\n  should: %s\n  why:    %s\n  fix:    %s\n", f.Resource, f.Is, f.Should, f.Why, f.Fix),
		})
	}
	for _, e := range a.Excepted {
		if audienceOf(e.Finding) != who {
			continue
		}
		c := of(AuditRule{ID: e.ID, Severity: e.Severity, Title: e.Title, Why: e.Why})
		reason := lang.Sprintf("accepted until %s: %s", e.Until.Format(time.DateOnly), e.Reason)
		c.excepted = append(c.excepted, told{reason, lang.Sprintf("%s\n  is:     %s\n  should: %s\n  %s\n", e.Resource, e.Is, e.Should, reason)})
	}
	var out []*ruleCase
	for _, c := range byID {
		for _, n := range a.NotAudited {
			// A rule about several kinds may need the very one that was not read.
			about := len(c.kinds) > 0 && (slices.Contains(c.kinds, n.What) || slices.Contains(c.kinds, ""))
			if n.concerns(who) && about {
				c.unread = append(c.unread, n)
			}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y *ruleCase) int { return cmp.Compare(x.rule.ID, y.rule.ID) })
	return out
}

func details(all []told) string {
	var texts []string
	for _, t := range all {
		texts = append(texts, t.text)
	}
	return xmlText(strings.Join(texts, "\n"))
}

// xmlText leaves out what XML cannot say at all (XML 1.0, "Characters").
func xmlText(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return '?'
		}
		return r
	}, text)
}
