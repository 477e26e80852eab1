package audit

import (
	"regexp"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// numbers are reasons that name nothing but controls, or a heading of the document.
var numbers = regexp.MustCompile(`^(?:[A-Za-z0-9]+\.[0-9.]+(, CIS [0-9.]+|, [A-Z0-9]+\.\d+)*|document, [^:;]*)$`)

// TestEveryRuleIsThereInFrench looks at what is listed, and at what each rule finds wrong in its
// own example.
func TestEveryRuleIsThereInFrench(t *testing.T) {
	lang.Use(lang.French)
	t.Cleanup(func() { lang.Use(lang.English) })
	translated := func(of, text string) {
		if text != "" && !numbers.MatchString(text) && lang.French.Capital(text) == text {
			t.Errorf("%s: there is no French for %q", of, text)
		}
	}
	for _, e := range catalogue() {
		translated(e.ID, e.Title)
		translated(e.ID, e.Why)
	}
	for _, c := range Controls() {
		translated(c.ID, c.Title)
		translated(c.ID, c.Why)
	}
	for _, d := range drifts {
		for _, text := range []string{d.Title, d.Is, d.Should, d.Why, d.Fix} {
			translated(d.ID, text)
		}
	}
	english := regexp.MustCompile(`(?i)\b(the|is|are|of|with|which|and|then|see|put|from)\b`)
	all := All()
	for i := range all {
		for _, f := range judge.All(all, all[i].Fail) {
			for _, text := range []string{f.Title, f.Why, f.Fix} { // what should be is often a value of AWS
				if english.MatchString(text) {
					t.Errorf("%s says in French: %q", f.ID, text)
				}
			}
		}
	}
}

// TestFindingsSpeakTheLanguageOfTheRun takes one finding of each way in which they are composed.
func TestFindingsSpeakTheLanguageOfTheRun(t *testing.T) {
	lang.Use(lang.French)
	t.Cleanup(func() { lang.Use(lang.English) })
	for want, f := range map[string]judge.Finding{
		"clé gérée : a → clé gérée : b":                                driftFinding("ACME", "eu-west-3", []Change{{Op: "update", Kind: "kms/key", ID: "1", Diffs: map[string][2]string{"clé gérée": {"a", "b"}}}})[0],
		"absent → présent":                                             driftFinding("ACME", "eu-west-3", []Change{{Op: "create", Kind: "kms/key", ID: "1"}})[0],
		"présent, facturé à l'heure → absent":                          unclaimed("ec2/nat-gateway", "nat-1", "ACME", "eu-west-3"),
		"3 instances dans 1 zone → des instances dans 2 zones ou plus": judge.All(All(), databaseExample("a", "a", "a"))[0],
	} {
		if f = f.Told(); f.Is+" → "+f.Should != want {
			t.Errorf("got %q, want %q", f.Is+" → "+f.Should, want)
		}
	}
	a := newAudit(&Audited{
		Findings:   []judge.Finding{unclaimed("kms/key", "key-1", "ACME", "eu-west-3").Told()},
		NotAudited: []NotAudited{{What: lang.Say(WholeRegion), Region: "eu-west-1", Why: "AccessDenied"}},
	}, func(Audience) string { return "" })
	got := a.sarif().Runs[0]
	for _, text := range []string{got.Results[0].Message.Text, got.Invocations[0].Notifications[0].Message.Text, got.Tool.Driver.Rules[0].Short.Text} {
		if !strings.Contains(text, "attendu : ") && text != "non audité : toute la région dans eu-west-1 : AccessDenied" && text != "Pas de ressources orphelines" {
			t.Errorf("SARIF says %q", text)
		}
	}
	if s := a.suite(audience{"", "eu-west-3", "ACME"}); s.Testcases[0].Name != orphaned+" Pas de ressources orphelines" || !strings.Contains(s.Testcases[0].Failure.Data, "  attendu :  absent\n") {
		t.Errorf("JUnit says %+v, %+v", s.Testcases[0], s.Testcases[0].Failure)
	}
	if f := (judge.Finding{Severity: rules.High, Title: "the last attempt to archive failed"}).Told(); f.Title != "la dernière tentative d'archive a échoué" {
		t.Errorf("got %q", f.Title)
	}
}
