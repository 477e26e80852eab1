package backup

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// Retrieval is one of S3's ways out of Glacier Flexible Retrieval; its times are S3's
// ("Understanding archive retrieval options").
type Retrieval struct {
	Tier  string
	Takes string
	// How the price list tells the tier's data and its requests apart from those of others.
	data, dataOperation        string
	requests, requestOperation string
}

// Retrievals are the tiers, the slowest first.
func Retrievals() []Retrieval {
	return []Retrieval{
		{"bulk", "5 to 12 hours", "Bulk", "RestoreObject", "Tier5", ""},
		{"standard", "3 to 5 hours", "Standard", "RestoreObject", "Tier3", "RestoreObject"},
		{"expedited", "1 to 5 minutes", "Expedited", "", "Tier6", ""},
	}
}

// items are what S3 bills for bringing objects out of Glacier, and for their copies in S3
// Standard for some days ("Restoring an archived object": billed as long as they are there).
func (r Retrieval) items(objects int, size int64, days int) []price.Item {
	gb := price.Parts(size, gib)
	once := func(what string, p price.Product, n price.Amount) price.Item {
		return price.Item{What: what, Product: p, Per: price.ByMonth, Quantity: n}
	}
	return []price.Item{
		once("data out of S3 Glacier", price.S3Retrieval(r.data, r.dataOperation), gb),
		once("requests to bring objects out of S3 Glacier", price.S3Requests(r.requests, r.requestOperation), price.Count(int64(objects))),
		once("storage in S3 Standard", price.S3Storage(), gb.Times(price.Parts(int64(days)*24, price.HoursPerMonth))),
	}
}

// prices are what each of the tiers costs for what is in Glacier, by AWS's price list.
func (s *Stored) prices(ctx context.Context, o *cloud.Operator, days int) (*price.Estimate, error) {
	var tiers []price.Resource
	for _, r := range Retrievals() {
		items := r.items(s.Cold, s.size, days)
		tiers = append(tiers, price.Resource{Kind: "s3/bucket", Role: r.Tier, Now: items, After: items})
	}
	return o.Prices().Estimate(ctx, s.Region, tiers)
}

// costOf is what a tier costs, or why nobody knows.
func costOf(p *report.Printer, e *price.Estimate, tier string) string {
	if e.Unavailable != "" {
		return p.Lang.Sayf("no price: %s", e.Unavailable)
	}
	var lines []price.Line
	for _, l := range e.Lines {
		if l.Role != tier {
			continue
		}
		if l.NoPrice != "" {
			return p.Lang.Sayf("no price: %s", report.NoPrice(p.Lang, l.NoPrice))
		}
		lines = append(lines, l)
	}
	totals := price.Sum(lines, nil)
	if least := price.Parts(1, 100); len(totals) == 1 && totals[0].Monthly.Sign() > 0 && totals[0].Monthly.Cmp(least) < 0 {
		return p.Lang.Sayf("less than %s", report.Money(p.Lang, least, totals[0].Currency))
	}
	return report.Totals(p.Lang, totals)
}
