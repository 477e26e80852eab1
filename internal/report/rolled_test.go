package report

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// long is a plan that does not fit on a screen, with some changes between many others that
// nobody may overlook.
func long() (plan Plan, dangers []string) {
	var changes []provision.Change
	for i := range 30 {
		changes = append(changes, change(provision.OpCreate, "cloudwatch/alarm", fmt.Sprintf("alarm-%02d", i), "", ""), change(provision.OpUpdate, "elb/target-group", fmt.Sprintf("group-%02d", i), "", "", provision.Diff{Field: "health check", Have: "/", Want: "/health"}))
	}
	changes = append(changes,
		named(change(provision.OpCreate, "ec2/nat-gateway", "nat-a", "", ""), "eu-west-3a"),
		named(change(provision.OpCreate, "ec2/nat-gateway", "nat-b", "", ""), "eu-west-3b"),
		change(provision.OpUpdate, "ec2/security-group", "shop-files", "sg-1", "", provision.Diff{Field: "ingress", Have: "tcp 2222 203.0.113.0/24", Want: "tcp 2222 0.0.0.0/0"}),
		change(provision.OpUpdate, "ec2/security-group", "shop-ftp", "sg-2", "", provision.Diff{Field: "ingress", Have: "tcp 2121 203.0.113.0/24", Want: "tcp 2121 0.0.0.0/0"}),
		change(provision.OpDelete, "ecs/service", "shop-api-prod", "acme/shop-api-prod", "no longer in the spec"),
		change(provision.OpDelete, "ecr/repository", "shop-api", "acme/shop-api", "no longer in the spec"),
		change(provision.OpUpdate, "rds/cluster", "database", "acme", "", provision.Diff{Field: "backup retention", Have: "30", Want: "7"}),
		change(provision.OpUpdate, "elb/target-group", "odd", "", "", provision.Diff{Field: "health check", Have: "/", Want: "/admin"}),
		named(change(provision.OpCreate, "elb/load-balancer", "web", "", ""), "acme-web"),
		change(provision.OpForeign, "s3/bucket", "shop", "acme-shop", "acme-shop exists already and carries none of cicdctl's tags"),
		change(provision.OpBlocked, "kms/key", "client", "key-1", "", provision.Diff{Field: "type", Have: "a", Want: "b", Fix: "a key keeps its type"}),
		change(provision.OpRetain, "secretsmanager/secret", "shop-files-prod-users", "", "no longer in the spec; kept because it may hold data"),
	)
	return NewPlan("ACME", "eu-west-3", changes), []string{
		"- tcp 2222 203.0.113.0/24", "+ tcp 2222 0.0.0.0/0", "+ tcp 2121 0.0.0.0/0", "shop-api-prod", "acme/shop-api ", "backup retention: 30 → 7", "odd", "/ → /admin",
		"acme-web · billed by the hour · reached from the internet", "eu-west-3a; eu-west-3b · shared · billed by the hour", "acme-shop exists already", "a key keeps its type",
		"shop-files-prod-users",
	}
}

func TestLongPlansAreRolledUp(t *testing.T) {
	plan, dangers := long()
	p, b := recorded()
	if err := p.Plan(plan); err != nil {
		t.Fatal(err)
	}
	golden.Match(t, b.String())
	if n := strings.Count(b.String(), "\n"); n > screen {
		t.Errorf("the plan has %d lines", n)
	}
	short := b.String()
	b.Reset()
	p.Full = true
	if err := p.Plan(plan); err != nil {
		t.Fatal(err)
	}
	for _, danger := range append(dangers, "group-00") {
		if !strings.Contains(short, strings.TrimPrefix(strings.TrimPrefix(danger, "- "), "+ ")) {
			t.Errorf("a long plan does not say %q", danger)
		}
	}
	for _, ch := range plan.Changes {
		if !strings.Contains(b.String(), ch.Role) {
			t.Errorf("--full does not show %s %s", ch.Kind, ch.Role)
		}
	}
}

func TestLongRunsAreToldByGroup(t *testing.T) {
	plan, _ := long()
	for name, full := range map[string]bool{"by-group": false, "full": true} {
		t.Run(name, func(t *testing.T) {
			p, b := recorded()
			p.Full = full
			g := p.Progress(len(plan.Changes)).Of(plan.Changes)
			for i, ch := range plan.Changes {
				phase := provision.PhaseDone
				switch ch.Op {
				case provision.OpCreate, provision.OpUpdate, provision.OpDelete:
				default:
					continue
				}
				g.Event(provision.Event{Change: ch, Phase: provision.PhaseStart})
				if i == len(plan.Changes)-4 {
					phase = provision.PhaseFailed
				}
				g.Event(provision.Event{Change: ch, Phase: phase, Text: "refused"})
			}
			g.Event(provision.Event{Change: change(provision.OpUpdate, "cloudwatch/alarm", "late", "", ""), Phase: provision.PhaseDone})
			t.Log(g.Close())
			said := b.String()
			if lines := strings.Count(said, "\n"); !full && lines > 10 || full && lines < 60 {
				t.Errorf("%d lines:\n%s", lines, said)
			}
			for _, want := range map[bool][]string{true: {"✓ create cloudwatch/alarm alarm-07", "✗ create elb/load-balancer web"}, false: {"✓ Monitoring: 30 created", "… Load balancer: 31 changed", "✓ Storage: 1 deleted", "✗ create elb/load-balancer web", "✓ update cloudwatch/alarm late"}}[full] {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q:\n%s", want, said)
				}
			}
		})
	}
}
