package report

import (
	"encoding/json"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/price"
)

func amount(t *testing.T, text string) *price.Amount {
	t.Helper()
	a, err := price.ParseAmount(text)
	if err != nil {
		t.Fatal(err)
	}
	return &a
}

func TestMoneyIsWrittenAsTheLanguageDoes(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ amount, en, fr string }{
		"thousands are grouped":        {"1234.56", "1,234.56\u00a0USD", "1\u202f234,56\u00a0USD"},
		"millions too":                 {"1234567.891", "1,234,567.89\u00a0USD", "1\u202f234\u202f567,89\u00a0USD"},
		"hundreds are not":             {"999.995", "1,000.00\u00a0USD", "1\u202f000,00\u00a0USD"},
		"nothing is whole cents":       {"0", "0.00\u00a0USD", "0,00\u00a0USD"},
		"less is less":                 {"-1234.5", "-1,234.50\u00a0USD", "-1\u202f234,50\u00a0USD"},
		"what is below a cent is told": {"0.001", "0.00\u00a0USD", "0,00\u00a0USD"},
	} {
		if en, fr := Money(English, *amount(t, c.amount), "USD"), Money(French, *amount(t, c.amount), "USD"); en != c.en || fr != c.fr {
			t.Errorf("%s: %q and %q, not %q and %q", what, en, fr, c.en, c.fr)
		}
	}
	for text, want := range map[string]string{"0.05": "0.05", "0.5": "0.50", "3": "3.00", "0.0000004500": "0.00000045", "1234.5": "1,234.50", "0.125": "0.125"} {
		if got := UnitPrice(English, *amount(t, text), "USD"); got != want+"\u00a0USD" {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// some is an estimate with a line of each form.
func some(t *testing.T) *price.Estimate {
	t.Helper()
	line := func(kind, role, what, quantity, unit, each, sku string) price.Line {
		l := price.Line{Kind: kind, Role: role, What: what, Unit: unit, UnitPrice: amount(t, each), Currency: "USD", SKU: sku, RateCode: sku + ".A.B", Service: "AmazonEC2", UsageType: "EUW3-X"}
		if quantity != "" {
			l.Fixed, l.Quantity = true, amount(t, quantity)
			monthly := l.Quantity.Times(*l.UnitPrice)
			l.Monthly = &monthly
		}
		return l
	}
	alarm := func(role string) price.Line {
		return line("cloudwatch/alarm", role, "alarms, by their metrics", "1", "Alarms", "0.12", "S4")
	}
	hosts := line("autoscaling/group", "hosts", "instances (m6i.large, Linux)", "2190", "Hrs", "0.576", "S2")
	hosts.Basis = "what the group wants now"
	shared := line("ec2/nat-gateway", "nat-a", "NAT gateways", "730", "Hrs", "0.06", "S1")
	shared.Shared = true
	elsewhere := line("kms/key", "trail", "KMS keys", "1", "Keys", "1.1", "S9")
	elsewhere.Shared, elsewhere.Region = true, "eu-west-1"
	free := line("sqs/queue", "failed", "requests to SQS", "", "Requests", "0.0000004500", "S5")
	free.Tier = "1000000-Inf"
	none := price.Line{Kind: "scheduler/group", Role: "schedules", NoPrice: "cicdctl does not know which product invocations by EventBridge Scheduler are"}
	double := price.Line{
		Kind: "kms/key", Role: "client", What: "KMS keys", Fixed: true, NoPrice: "the price list has 2 such products in the region: A, B",
	}
	euro := line("secretsmanager/secret", "shop", "secrets", "2", "Secrets", "0.5", "S6")
	euro.Currency = "EUR"
	was := line("rds/instance", "1", "database instances (db.r6g.large)", "730", "Hrs", "0.32", "S7")
	will := line("rds/instance", "1", "database instances (db.r6g.xlarge)", "730", "Hrs", "0.64", "S8")
	return &price.Estimate{
		Region: "eu-west-3", Hours: 730, Lines: []price.Line{shared, elsewhere, hosts, will, alarm("a"), alarm("b"), free, none, double, euro},
		Adds: []price.Line{will, alarm("b")}, Takes: []price.Line{was}, Free: []price.Free{{Kind: "ec2/vpc", Why: "Amazon VPC FAQs"}},
	}
}

func TestCostGolden(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*price.Estimate{
		"priced":      some(t),
		"unavailable": {Region: "eu-west-3", Hours: 730, Unavailable: "Pricing GetProducts: not authorized (AccessDeniedException)"},
	} {
		for _, lang := range []Lang{English, French} {
			t.Run(name+"/"+string(lang), func(t *testing.T) {
				t.Parallel()
				p, out := recorded()
				p.Lang = lang
				c, b := NewCost(e), &strings.Builder{}
				p.Cost(b, p.Out, c)
				golden.File(t, "testdata/cost/"+name+"."+string(lang)+".txt", b.String())
				for line := range strings.Lines(b.String()) {
					if len([]rune(line)) > 101 && !strings.HasPrefix(line, "  ·") { // sentences are wrapped on terminals
						t.Errorf("longer than 100 columns: %s", line)
					}
				}
				plan := NewPlan("ACME", "eu-west-3", nil)
				plan.Cost = c
				for _, format := range []Format{Text, Markdown} {
					p.Format = format
					out.Reset()
					if err := p.Plan(plan); err != nil {
						t.Fatal(err)
					}
					golden.File(t, "testdata/cost/"+name+".plan."+string(lang)+"."+string(format), out.String())
				}
				text, err := json.MarshalIndent(PricedPlan{plan, c}, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				if lang == English {
					golden.File(t, "testdata/cost/"+name+".plan.json", string(text)+"\n")
				}
			})
		}
	}
}
