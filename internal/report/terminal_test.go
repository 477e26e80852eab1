package report_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/reporttest"
)

const restore = "cicdctl backup restore ACME --to-time 2026-11-30T10:14:36Z --sandbox-file account.json"

func put(p *report.Printer, text string) { _, _ = fmt.Fprintln(p.Out, text) }

// everything shows one of each thing that may be too long for a line.
func everything(p *report.Printer) error {
	t := p.Table(p.Out, "copy", "as of (UTC)", "kept until", "état", "ID").Details(2, 4)
	t.AppendRow([]any{"continuous", "2026-11-30 10:08 to 2026-11-30 10:14", "30 days each", "available", "acme"})
	t.AppendRow([]any{"archive", "2026-11-30 10:08", "2027-12-01", "la dernière tentative d'archive a échoué, à l'été", "arn:aws:rds:eu-west-3:123456789012:cluster-snapshot:acme-20261130100800"})
	put(p, t.Render())
	t = p.Table(p.Out, "client", "what", "note")
	t.AppendRow([]any{"ACME", "区域 欧洲 巴黎 区域 欧洲 巴黎 区域 欧洲 巴黎 区域 欧洲 巴黎", "wide characters take two columns each"})
	put(p, t.Render())
	t = p.Table(p.Out).Details(2, 3)
	t.AppendRow([]any{"rds/cluster", "database", "secret", "arn:aws:secretsmanager:eu-west-3:123456789012:secret:rds!cluster-00000000000000074-AbCdEf"})
	t.AppendRow([]any{"", "", "port", 5432})
	t.AppendRow([]any{"ecs/service", "shop-web-prod", "tasks", "0 of 0 running · image: no deploy yet · acme/shop-web-prod"})
	put(p, t.Render())
	t = p.Table(p.Out)
	t.AppendRow([]any{"✓", "admins", "private keys can be read by role operator and the account's root user; nobody else can open them: list a second role"})
	put(p, t.Render())

	style, b := p.Palette(p.Out), &strings.Builder{}
	p.Next(b, style, []string{
		p.Keep(restore),
		p.Sayf("to complete it: %s", p.Keep(restore)),
		p.Sayf("%s removes what was kept, for good", p.Keep(restore+" --purge-data")),
		p.Sayf("put this record into the DNS of %s, for its certificate: %s", "shop.example", p.Keep("_17af2326a7f48429250147aa23c9df4e.shop.example. CNAME _f95970541c39b912dc403406862c4b77.mhbtsbpdnt.acm-validations.aws.")),
	})
	put(p, b.String())
	p.Tell("the database of %s stops: nobody can connect to it, and RDS starts it by itself after seven days", "ACME")
	return p.Plan(report.NewPlan("ACME", "eu-west-3", []provision.Change{
		{Op: provision.OpCreate, Kind: "ec2/nat-gateway", Role: "nat-a", Name: "eu-west-3a", Scope: provision.ScopeRef{Level: provision.RegionLevel, Name: "eu-west-3"}},
		{Op: provision.OpCreate, Kind: "iam/service-linked-role", Role: "AWSServiceRoleForElasticLoadBalancing", Name: "AWSServiceRoleForElasticLoadBalancing"},
		{Op: provision.OpUpdate, Kind: "iam/role", Role: "app-shop", ID: "arn:aws:iam::123456789012:role/acme-shop", Diffs: []provision.Diff{{Field: "description", Have: "somebody has written a long text here, by hand", Want: "what the app shop of ACME may do"}}},
	}, p.Sayf("vpn.openvpn has no users: AWS bills its endpoint by the hour and availability zone all the same; remove openvpn from the spec where nobody needs it")))
}

func TestReportsFitOnTerminals(t *testing.T) {
	reporttest.OnTerminals(t, everything)
	for _, lang := range []report.Lang{report.English, report.French} {
		for _, width := range []int{80, 100} {
			t.Run(fmt.Sprintf("%s-%d", lang, width), func(t *testing.T) {
				p, b := reporttest.Recorded()
				p.Lang = lang
				p.OnTerminal(width)
				if err := everything(p); err != nil {
					t.Fatal(err)
				}
				golden.Match(t, b.String())
			})
		}
	}
}

// TestOnePipedRecordIsOneLine: what is not read on a terminal is for grep and awk.
func TestOnePipedRecordIsOneLine(t *testing.T) {
	p, b := reporttest.Recorded()
	if err := everything(p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"continuous  2026-11-30 10:08 to 2026-11-30 10:14  30 days each  available ",
		"  → to complete it: " + restore + "\n",
		"the database of ACME stops: nobody can connect to it, and RDS starts it by itself after seven days\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("lacks %q:\n%s", want, b.String())
		}
	}
}

// TestWrappingLosesNothing wraps any text at any width.
func TestWrappingLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "été", "区域", "12", "days", ":", "·", "!", "→", "ec2/vpn-connection", "\x1b[1mbold\x1b[0m", "\x1b[2mfaint", "text\x1b[0m", "cicdctl client show ACME", "aws s3 cp s3://bucket/key -"}), 1, 40).Draw(t, "words")
		line := strings.Repeat(" ", rapid.IntRange(0, 8).Draw(t, "indent")) + strings.Join(words, " ")
		p, b := reporttest.Recorded()
		p.Keep("cicdctl client show ACME")
		width := rapid.IntRange(40, 120).Draw(t, "width")
		p.OnTerminal(width)
		put(p, line)
		bare := func(s string) string {
			return strings.Join(strings.Fields(strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(s)), " ")
		}
		if got, want := bare(b.String()), bare(line); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		for _, command := range []string{"cicdctl client show ACME", "aws s3 cp s3://bucket/key -"} {
			if strings.Count(b.String(), command) != strings.Count(line, command) {
				t.Fatalf("%q is broken in:\n%s", command, b.String())
			}
		}
	})
}
