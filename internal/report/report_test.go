package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

func change(op provision.Op, kind, role, id, why string, diffs ...provision.Diff) provision.Change {
	scope := provision.ScopeRef{Level: provision.ClientLevel, Name: "ACME"}
	if strings.HasPrefix(role, "nat-") || kind == "ec2/vpc" {
		scope = provision.ScopeRef{Level: provision.RegionLevel, Name: "eu-west-3"}
	}
	return provision.Change{Op: op, Kind: kind, Scope: scope, Role: role, ID: id, Why: why, Diffs: diffs}
}

func named(c provision.Change, name string) provision.Change {
	c.Name = name
	return c
}

// recorded is a printer that writes everything into one text.
func recorded() (*Printer, *bytes.Buffer) {
	var b bytes.Buffer
	return New(strings.NewReader(""), &b, &b), &b
}

// plans are made by hand: one of each kind of line.
var plans = map[string]Plan{
	"create": NewPlan("ACME", "eu-west-3", []provision.Change{
		named(change(provision.OpCreate, "ec2/vpc", "vpc", "", ""), "10.20.0.0/16"),
		named(change(provision.OpCreate, "ec2/elastic-ip", "nat-a", "", ""), "eu-west-3a"),
		change(provision.OpCreate, "ec2/nat-gateway", "nat-a", "", ""),
		change(provision.OpCreate, "ec2/security-group", "shop-web", "", ""),
		change(provision.OpCreate, "kms/key", "client", "", ""),
		named(change(provision.OpCreate, "ec2/key-pair", "ssh", "", "acme is still being deleted"), "acme"),
		named(change(provision.OpCreate, "s3/bucket", "shop", "", ""), "acme-shop-123456789012-eu-west-3-an"),
		change(provision.OpCreate, "ecs/service", "shop-web-prod", "", ""),
		change(provision.OpCreate, "elb/load-balancer", "web", "", ""),
		change(provision.OpCreate, "rds/instance", "1", "", ""),
	}, "private keys can be read by role ops and the account's root user"),
	"update": NewPlan("ACME", "eu-west-3", []provision.Change{
		change(provision.OpUpdate, "ec2/security-group", "shop-web", "sg-1", "",
			provision.Diff{Field: "ingress", Have: "tcp 22 0.0.0.0/0\ntcp 8080 load-balancer", Want: "tcp 8080 load-balancer\ntcp 8443 load-balancer"}),
		change(provision.OpUpdate, "iam/role", "app-shop", "acme-shop", "",
			provision.Diff{Field: "policy", Have: `{"Statement":[{"Action":"s3:*"}]}`, Want: `{"Statement":[{"Action":"s3:GetObject"}]}`}),
		change(provision.OpUpdate, "rds/cluster", "database", "acme", "",
			provision.Diff{Field: "backup retention", Have: "7", Want: "30"},
			provision.Diff{Field: "tag Name", Have: "", Want: "acme-database"}),
		change(provision.OpDelete, "ecs/service", "shop-old-prod", "acme/shop-old-prod", "no longer in the spec"),
	}),
	"refused": NewPlan("ACME", "eu-west-3", []provision.Change{
		change(provision.OpForeign, "s3/bucket", "shop", "acme-shop-123456789012-eu-west-3-an", "acme-shop-123456789012-eu-west-3-an exists already and carries none of cicdctl's tags"),
		change(provision.OpBlocked, "rds/cluster", "database", "acme", "",
			provision.Diff{Field: "engine", Have: "aurora-mysql", Want: "aurora-postgresql", Fix: "restore into a new cluster"}),
	}),
	"destroy": NewPlan("ACME", "eu-west-3", []provision.Change{
		change(provision.OpDelete, "ec2/subnet", "a", "subnet-1", ""),
		change(provision.OpDelete, "rds/cluster", "database", "acme", "after a final snapshot"),
		change(provision.OpRetain, "s3/bucket", "shop", "acme-shop-123456789012-eu-west-3-an", "holds data; --purge-data removes it"),
	}),
	"nothing": NewPlan("ACME", "eu-west-3", nil),
	"nothing-yet": NewPlan("ACME", "eu-west-3", []provision.Change{
		named(change(provision.OpLater, "elb/listener", "https", "", "until AWS has issued a certificate"), "acme-web:443"),
	}),
	"something-later": NewPlan("ACME", "eu-west-3", []provision.Change{
		named(change(provision.OpCreate, "acm/certificate", "shop.example", "", ""), "shop.example"),
		named(change(provision.OpLater, "elb/listener", "https", "", "until AWS has issued a certificate"), "acme-web:443"),
	}),
	"region": NewPlan("", "eu-west-3", []provision.Change{change(provision.OpDelete, "ec2/vpc", "vpc", "vpc-1", "")}),
}

func TestPlan(t *testing.T) {
	for name, plan := range plans {
		for _, lang := range []Lang{English, French} {
			t.Run(name+"-"+string(lang), func(t *testing.T) {
				p, b := recorded()
				p.Lang = lang
				if err := p.Plan(plan); err != nil {
					t.Fatal(err)
				}
				golden.File(t, "../../testdata/plans/"+filepath.Base(t.Name())+".golden", b.String())
			})
		}
		t.Run(name+"-json", func(t *testing.T) {
			p, b := recorded()
			p.Format = JSON
			if err := p.Plan(plan); err != nil {
				t.Fatal(err)
			}
			var back Plan
			if err := json.Unmarshal(b.Bytes(), &back); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(plan, back); d != "" {
				t.Errorf("the JSON says something else:\n%s", d)
			}
			golden.File(t, "../../testdata/plans/"+filepath.Base(t.Name())+".golden", b.String())
		})
	}
}

func TestColoursOnlyOnTerminals(t *testing.T) {
	p, b := recorded()
	p.Color = true
	if err := p.Plan(plans["update"]); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("escape codes without a terminal")
	}
	b.Reset()
	p.Out.terminal = true
	if err := p.Plan(plans["update"]); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\x1b[33m~") {
		t.Errorf("no colours on a terminal: %q", b.String())
	}
}

// events are a short run: a creation, a long wait, a failure and what it skipped.
func events(send func(provision.Event), wait func(time.Duration)) {
	vpc := change(provision.OpCreate, "ec2/vpc", "vpc", "", "")
	cluster := change(provision.OpCreate, "rds/cluster", "database", "", "")
	subnet := named(change(provision.OpCreate, "ec2/subnet", "a", "", ""), "10.20.0.0/21 eu-west-3a")
	send(provision.Event{Change: vpc, Phase: provision.PhaseStart})
	send(provision.Event{Change: cluster, Phase: provision.PhaseStart})
	wait(2100 * time.Millisecond)
	vpc.ID = "vpc-1"
	send(provision.Event{Change: vpc, Phase: provision.PhaseDone, Elapsed: 2100 * time.Millisecond})
	send(provision.Event{Change: cluster, Phase: provision.PhaseWorking, Text: "waits until AWS has it ready", Elapsed: 2100 * time.Millisecond})
	send(provision.Event{Change: subnet, Phase: provision.PhaseStart})
	wait(90 * time.Second)
	send(provision.Event{Change: subnet, Phase: provision.PhaseFailed, Text: "refused\nby AWS", Elapsed: 90 * time.Second})
	send(provision.Event{Change: change(provision.OpCreate, "ecs/service", "shop-web-prod", "", ""), Phase: provision.PhaseSkipped, Text: "not tried"})
}

func TestProgress(t *testing.T) {
	for name, verbose := range map[string]bool{"plain": false, "verbose": true} {
		t.Run(name, func(t *testing.T) {
			p, b := recorded()
			p.Verbose = verbose
			now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			g := p.progress(4, func() time.Time { return now })
			events(g.Event, func(d time.Duration) {
				now = now.Add(d)
				g.stillWaiting()
			})
			fmt.Fprintln(b, g.Close())
			fmt.Fprintln(b, strings.Join(g.liveLines(60), "\n"))
			fmt.Fprintln(b, g.liveTotal())
			golden.Match(t, b.String())
		})
	}
}

func TestLiveAreaLeavesOnlyWhatIsFinished(t *testing.T) {
	p, b := recorded()
	p.err.terminal = true
	g := p.Progress(4)
	events(g.Event, func(time.Duration) {})
	if got := g.Close(); got != (Tally{Created: 1, Failed: 1, Skipped: 1}) {
		t.Errorf("tally is %+v", got)
	}
	if !strings.Contains(b.String(), "✓ create ec2/vpc vpc vpc-1 (2.1s)") {
		t.Errorf("the finished resource is missing: %q", b.String())
	}
}

func TestFailure(t *testing.T) {
	denied := &smithy.OperationError{ServiceID: "EC2", OperationName: "CreateVpc", Err: &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation."}}
	quota := &smithy.OperationError{ServiceID: "EC2", OperationName: "AllocateAddress", Err: &smithy.GenericAPIError{Code: "AddressLimitExceeded", Message: "The maximum number of addresses has been reached."}}
	failure := func(kind, role string, err error) provision.Failure {
		return provision.Failure{Change: change(provision.OpCreate, kind, role, "", ""), Err: err}
	}
	for name, trouble := range map[string]Trouble{
		"one":    {Err: fmt.Errorf("list ec2/vpc in eu-west-3: %w", denied)},
		"joined": {Err: errors.Join(fmt.Errorf("list a: %w", denied), errors.New("list b: broken"), errors.New("list b: broken"))},
		"apply": {
			Err:     &provision.ApplyError{Failures: []provision.Failure{failure("ec2/vpc", "vpc", denied), failure("ec2/elastic-ip", "nat-a", quota), failure("ec2/elastic-ip", "nat-b", quota)}, Skipped: make([]provision.Change, 45)},
			Applied: true, Done: Tally{Created: 12, Updated: 2, Failed: 3, Skipped: 45}, Again: "cicdctl client create ACME",
		},
		"interrupted-run": {
			Err: &provision.ApplyError{Skipped: make([]provision.Change, 3)}, Interrupted: true,
			Applied: true, Done: Tally{Created: 5, Skipped: 3}, Again: "cicdctl client create ACME",
		},
		"interrupted-early": {Err: errors.New("context canceled"), Interrupted: true, Again: "cicdctl client plan ACME"},
		"refused":           {Err: &provision.RefusedError{Changes: plans["refused"].Changes}},
	} {
		for _, lang := range []Lang{English, French} {
			t.Run(name+"-"+string(lang), func(t *testing.T) {
				p, b := recorded()
				p.Lang = lang
				p.Failure(trouble)
				golden.Match(t, b.String())
			})
		}
	}
}

func TestLineDiffKeepsWhatIsCommon(t *testing.T) {
	got := strings.Join(lineDiff([]string{"a", "b", "c", "d"}, []string{"b", "x", "d", "e"}), " ")
	if want := "- a - c + x + e"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVisibleSteersNoTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"GET /é\t200":             "GET /é\t200",
		"\x1b[2J\x1b]0;owned\x07": `\x1b[2J\x1b]0;owned\x07`,
		"a\rb\u009b31m":           `a\x0db\x9b31m`,
	} {
		if got := Visible(text); got != want {
			t.Errorf("%q shows as %q, want %q", text, got, want)
		}
	}
}
