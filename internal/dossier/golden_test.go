package dossier

import (
	"bytes"
	"context"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// What the sandbox gives out in the order in which it is asked: public addresses, numbers in names, and
// which instance is the writer.
var given = []struct {
	pattern *regexp.Regexp
	as      string
}{
	{regexp.MustCompile(`198\.1[89]\.\d+\.\d+`), "198.18.0.0"},
	{regexp.MustCompile(`acme-(transfer|web)-[0-9a-f]+\.`), "acme-$1-0."},
	{regexp.MustCompile("(acme-[12] \\| `[^`]+` \\| `[^`]+` \\| )[^|]+"), "${1}writer or reader "},
}

func steady(text string) string {
	for _, g := range given {
		text = g.pattern.ReplaceAllString(text, g.as)
	}
	return text
}

// The sample's dossier in both languages, as a client is given it.
func TestDossierOfTheSample(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		d := r.gather(ctx, s, false)
		for _, l := range []lang.Lang{lang.English, lang.French} {
			var b bytes.Buffer
			if err := document.Markdown(&b, Compose(d, l)); err != nil {
				t.Fatal(err)
			}
			golden.File(t, "testdata/acme-dossier."+string(l)+".md", steady(b.String()))
		}
	})
}

// A dossier is the same whatever language the run speaks, and only the audit's sentences are in the
// one that was asked for.
func TestADossierDoesNotDependOnTheRunsLanguage(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		r.allow(ctx, r.group(ctx, "ACME", "hosts"), "203.0.113.5/32", 22)
		english := r.gather(ctx, s, false)
		lang.Use(lang.French)
		defer lang.Use(lang.English)
		french := r.gather(ctx, s, false)
		if d := cmp.Diff(english, french, cmpopts.EquateComparable(price.Amount{})); d != "" {
			t.Errorf("in a French run:\n%s", d)
		}
		if lang.Current() != lang.French {
			t.Error("the run no longer speaks its language")
		}
		asked, err := Gather(ctx, open(t, r.account), Asked{Client: "ACME", Region: region, Spec: s, Version: "test", Lang: lang.French})
		if err != nil {
			t.Fatal(err)
		}
		if cmp.Equal(asked.Audit.Findings, english.Audit.Findings) {
			t.Errorf("the findings are not French: %+v", asked.Audit.Findings)
		}
		asked.Audit = english.Audit
		if d := cmp.Diff(english, asked, cmpopts.EquateComparable(price.Amount{})); d != "" {
			t.Errorf("more than the findings differs:\n%s", d)
		}
	})
}
