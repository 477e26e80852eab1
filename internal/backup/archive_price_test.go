package backup

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// What it costs to bring an archive out of Glacier is one price for each part of it.
func TestBringingAnArchiveOutHasAPrice(t *testing.T) {
	t.Parallel()
	account, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		objects int
		size    int64
		days    int
		want    map[string]string
	}{
		// 10 GiB in 1,000 files for 73 days (2.4 months) at the sandbox's prices: storage 10 × 2.4 × 0.025 = 0.60,
		// data 0, 0.12 and 0.36, requests 0.035, 0.07 and 12.
		"by data, requests and the copies' days": {1000, 10 << 30, 73, map[string]string{"bulk": "0.64\u00a0USD", "standard": "0.79\u00a0USD", "expedited": "12.96\u00a0USD"}},
		"what is below a cent is not nothing":    {1, 1 << 10, 1, map[string]string{"bulk": "less than 0.01\u00a0USD", "standard": "less than 0.01\u00a0USD", "expedited": "0.01\u00a0USD"}},
	} {
		var tiers []price.Resource
		for _, r := range Retrievals() {
			items := r.items(c.objects, c.size, c.days)
			tiers = append(tiers, price.Resource{Role: r.Tier, Now: items, After: items})
		}
		e, err := (&price.List{API: factory.Set("eu-west-3").Pricing}).Estimate(t.Context(), "eu-west-3", tiers)
		if err != nil {
			t.Fatal(err)
		}
		p := report.New(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
		for tier, want := range c.want {
			if got := costOf(p, e, tier); got != want {
				t.Errorf("%s, %s: %q, not %q", what, tier, got, want)
			}
		}
	}
	p := report.New(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	if got := costOf(p, &price.Estimate{Unavailable: "no network"}, "bulk"); got != "no price: no network" {
		t.Error(got)
	}
	missing := &price.Estimate{Lines: []price.Line{{Role: "bulk", What: "data out of S3 Glacier", NoPrice: "the price list has no such product in the region"}}}
	if got := costOf(p, missing, "bulk"); got != fmt.Sprint("no price: ", missing.Lines[0].NoPrice) {
		t.Error(got)
	}
}
