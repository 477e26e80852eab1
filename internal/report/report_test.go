package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares with testdata/<name of the test>.golden.
func golden(t *testing.T, got string) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(t.Name())+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("differs from %s (run with -update after a wanted change):\n%s", path, d)
	}
}

// recorded is a printer that writes everything into one text.
func recorded() (*Printer, *bytes.Buffer) {
	var b bytes.Buffer
	return New(strings.NewReader(""), &b, &b), &b
}

func change(op provision.Op, kind, role, id, why string, diffs ...provision.Diff) provision.Change {
	scope := "client ACME"
	if strings.HasPrefix(role, "nat-") || kind == "ec2/vpc" {
		scope = "region eu-west-3"
	}
	return provision.Change{Op: op, Kind: kind, Scope: scope, Role: role, ID: id, Why: why, Diffs: diffs}
}

func named(c provision.Change, name string) provision.Change {
	c.Name = name
	return c
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
				golden(t, b.String())
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
			golden(t, b.String())
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
	p.out.terminal = true
	if err := p.Plan(plans["update"]); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\x1b[33m~") {
		t.Errorf("no colours on a terminal: %q", b.String())
	}
}

func acme() Client {
	subnet := func(id, cidr, zone, zoneID string) cloud.Subnet {
		return cloud.Subnet{ID: id, CIDR: netip.MustParsePrefix(cidr), Zone: zone, ZoneID: zoneID}
	}
	fact := func(name, value string) []provision.Fact { return []provision.Fact{{Name: name, Value: value}} }
	return Client{
		Client: "ACME", Region: "eu-west-3", City: "Paris", Slot: 1, State: Pending, Summary: Summary{Update: 2}, Spec: "clients/acme.yaml",
		Subnets: []cloud.Subnet{
			subnet("subnet-1", "10.20.24.0/21", "eu-west-3a", "euw3-az1"), subnet("subnet-2", "10.20.32.0/21", "eu-west-3b", "euw3-az2"),
			subnet("subnet-3", "10.20.40.0/21", "eu-west-3c", "euw3-az3"),
		},
		Resources: []provision.Held{
			{Kind: "ec2/elastic-ip", Scope: "region eu-west-3", Role: "nat-a", ID: "eipalloc-1", State: "ready", Facts: fact("address", "192.0.2.1")},
			{Kind: "ec2/security-group", Scope: "client ACME", Role: "hosts", ID: "sg-1", State: "ready"},
			{Kind: "ec2/subnet", Scope: "client ACME", Role: "a", ID: "subnet-1", State: "ready", Facts: append(fact("CIDR", "10.20.24.0/21"), provision.Fact{Name: "zone", Value: "eu-west-3a"})},
			{Kind: "ec2/subnet", Scope: "region eu-west-3", Role: "edge-a", ID: "subnet-9", State: "ready", Facts: append(fact("CIDR", "10.20.240.0/22"), provision.Fact{Name: "zone", Value: "eu-west-3a"})},
			{Kind: "ec2/security-group", Scope: "client ACME", Role: "shop-web", ID: "sg-2", State: "ready"},
			{Kind: "elb/load-balancer", Scope: "client ACME", Role: "web", ID: "arn:1", State: "pending", Facts: fact("DNS name", "acme-web-1.eu-west-3.elb.amazonaws.com")},
			{Kind: "rds/cluster", Scope: "client ACME", Role: "database", ID: "acme", State: "ready", Facts: append(fact("writer", "acme.cluster-x.rds.amazonaws.com"), provision.Fact{Name: "reader", Value: "acme.cluster-ro-x.rds.amazonaws.com"}, provision.Fact{Name: "port", Value: "5432"}, provision.Fact{Name: "engine", Value: "aurora-postgresql 16.11"})},
			{Kind: "rds/instance", Scope: "client ACME", Role: "1", ID: "acme-1", State: "failed"},
		},
		Next: []string{"cicdctl client plan ACME"},
	}
}

func TestClient(t *testing.T) {
	show := map[string]func(*Printer) error{
		"show": func(p *Printer) error { return p.Client(acme()) },
		"not-created": func(p *Printer) error {
			return p.Client(Client{Client: "NEWCO", Region: "eu-west-1", City: "Ireland", Slot: -1, State: NotCreated, Next: []string{"cicdctl client create NEWCO --region eu-west-1"}})
		},
		"region": func(p *Printer) error {
			return p.Region(Region{
				Region: "eu-west-3", City: "Paris", State: Pending, Slots: 10, Clients: []cloud.Client{{Name: "ACME", Region: "eu-west-3", Slot: 1}},
				Differences: []provision.Change{change(provision.OpUpdate, "ec2/vpc", "vpc", "vpc-1", "", provision.Diff{Field: "DNS hostnames", Have: "false", Want: "true"})},
				Resources:   acme().Resources[:1],
			})
		},
		"list": func(p *Printer) error {
			return p.List([]Listed{
				{Client: cloud.Client{Name: "ACME", Region: "eu-west-3", Slot: 1, Subnets: acme().Subnets}, State: OnAWS},
				{Client: cloud.Client{Name: "NEWCO", Region: "eu-west-1", Slot: -1}, Spec: "clients/newco.yaml", State: string(NotCreated)},
			})
		},
		"no-clients": func(p *Printer) error { return p.List(nil) },
		"success": func(p *Printer) error {
			return p.Success("ACME is removed from eu-west-3: 45 deleted (12m3s)", Outcome{Kept: plans["destroy"].Changes[2:], Next: []string{"cicdctl client destroy ACME --region eu-west-3 --purge-data"}})
		},
		"doctor": func(p *Printer) error {
			h := &account.Health{
				Identity: awsapi.Identity{Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/eve"}, Region: "eu-west-3", Slots: 10,
				Admins:   []string{"arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:user/eve"},
				Auditors: []string{"arn:aws:iam::123456789012:role/audit", "arn:aws:iam::123456789012:role/*/audit"},
				Zones:    []provision.Zone{{Name: "eu-west-3a", ID: "euw3-az1"}},
				Clients:  []cloud.Client{{Name: "ACME"}},
				Room: cloud.Room{Quotas: []cloud.QuotaCheck{
					{Name: "VPCs per region", Code: "L-1", Region: "eu-west-3", Used: 4, Needed: 1, Allowed: 5},
					{Name: "Elastic IPs", Code: "L-2", Region: "eu-west-3", Used: 4, Needed: 3, Allowed: 5},
					{Name: "NAT gateways per AZ", Code: "L-3", Region: "eu-west-3", Used: 0, Needed: 1, Unknown: "access denied"},
					{Name: "NAT gateways per availability zone", Code: "L-4", Region: "eu-west-3", Place: "eu-west-3a", Needed: 1, Most: 1, Allowed: 5},
					{Name: "vCPUs", Code: "L-5", Region: "eu-west-3", Used: 0, Needed: 6, Most: 12, Allowed: 8},
				}, Offers: []cloud.OfferCheck{
					{Type: "m6i.large", Region: "eu-west-3", Lacking: []string{}, Offered: []string{"eu-west-3a", "eu-west-3b"}},
					{Type: "db.r6g.large", Engine: "aurora-postgresql 16", Region: "eu-west-3", Lacking: []string{"eu-west-3a"}, Offered: []string{"eu-west-3b"}},
					{Type: "db.t4g.large", Engine: "aurora-postgresql 16", Region: "eu-west-3", Lacking: []string{}, Offered: []string{}, Unknown: "access denied"},
				}},
			}
			return p.Doctor(p.Diagnose(h, nil))
		},
		"doctor-no-auditors": func(p *Printer) error {
			h := &account.Health{Region: "eu-west-3", Slots: 10, Admins: []string{"arn:aws:iam::123456789012:root"}, Auditors: []string{}, Zones: []provision.Zone{{Name: "eu-west-3a", ID: "euw3-az1"}}}
			return p.Doctor(p.Diagnose(h, nil))
		},
		"specs": func(p *Printer) error {
			return p.SpecFiles([]SpecFile{{File: "acme.yaml", OK: true, Client: "ACME", Region: "eu-west-3", Warnings: []string{"a close fit"}}, {File: "b.yaml", Problems: []Problem{{2, 9, "region", "bad"}}, Text: "b.yaml:2:9: region: bad"}})
		},
	}
	for name, f := range show {
		for _, variant := range []string{"en", "fr", "json"} {
			t.Run(name+"-"+variant, func(t *testing.T) {
				p, b := recorded()
				if variant == "json" {
					p.Format = JSON
				} else {
					p.Lang = Lang(variant)
				}
				if err := f(p); err != nil {
					t.Fatal(err)
				}
				golden(t, b.String())
			})
		}
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
			golden(t, b.String())
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
				golden(t, b.String())
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

func TestTranslationsTakeTheSameArguments(t *testing.T) {
	verbs := func(s string) string {
		var out []string
		for i := 0; i+1 < len(s); i++ {
			if s[i] == '%' {
				out = append(out, s[i:i+2])
			}
		}
		return strings.Join(out, " ")
	}
	for en, fr := range french {
		if verbs(en) != verbs(fr) {
			t.Errorf("%q takes %q, its translation %q takes %q", en, verbs(en), fr, verbs(fr))
		}
	}
}
