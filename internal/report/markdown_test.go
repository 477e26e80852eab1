package report

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

func TestMarkdownPlans(t *testing.T) {
	many, _ := long()
	removal := plans["update"]
	removal.Interrupts = []string{"shop/old is removed, and with it: <b>images</b> of @all: 2; `x` *y*"}
	for name, plan := range map[string]Plan{"short": removal, "long": many, "none": NewPlan("ACME", "eu-west-3", nil)} {
		t.Run(name, func(t *testing.T) {
			p, b := recorded()
			p.Format = Markdown
			if err := p.Plan(plan); err != nil {
				t.Fatal(err)
			}
			golden.Match(t, b.String())
			if opened, closed := strings.Count(b.String(), "<details>"), strings.Count(b.String(), "</details>"); opened != closed {
				t.Errorf("%d folds are opened, %d closed", opened, closed)
			}
		})
	}
}

// What is too long for a comment is left out of it, group by group, and never what is dangerous.
func TestMarkdownFitsInAComment(t *testing.T) {
	var changes []provision.Change
	for i := range 9000 {
		changes = append(changes, named(change(provision.OpCreate, "cloudwatch/alarm", fmt.Sprintf("alarm-%04d", i), "", ""), strings.Repeat("é", 100)))
	}
	changes = append(changes, change(provision.OpUpdate, "ec2/security-group", "shop", "sg-1", "", provision.Diff{Field: "ingress", Want: "tcp 22 0.0.0.0/0"}))
	p, b := recorded()
	p.Format = Markdown
	if err := p.Plan(NewPlan("ACME", "eu-west-3", changes)); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1_000_000 {
		t.Errorf("the comment has %d bytes", b.Len())
	}
	for _, want := range []string{"9000 cloudwatch/alarm", "ingress: (none) → tcp 22 0.0.0.0/0", "Monitoring is too long for a comment"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestFencesHoldFences(t *testing.T) {
	var b strings.Builder
	fenced(&b, "  + a ``` b\n")
	if want := "\n````diff\n+ a ``` b\n````\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
