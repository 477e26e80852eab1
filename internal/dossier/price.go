package dossier

import (
	"cmp"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// price tells what AWS asks for the client's resources; nil where nobody asked.
func (l *look) price() *Price {
	if !l.Cost {
		return nil
	}
	p := &Price{Told: l.told(askedPrices), Lines: []PriceLine{}, Totals: []price.Total{}, Shared: []price.Total{}}
	if l.estimate == nil {
		return p
	}
	p.Hours, p.Unavailable, p.Sandbox = l.estimate.Hours, l.estimate.Unavailable, l.estimate.Sandbox
	for _, shared := range []bool{false, true} {
		which := func(x price.Line) bool { return x.Shared == shared }
		for _, line := range price.Together(l.estimate.Lines, which) {
			p.Lines = append(p.Lines, PriceLine{
				What: cmp.Or(line.What, line.Kind), Region: line.Region, SKU: line.SKU, Shared: line.Shared, Fixed: line.Fixed, Quantity: line.Quantity, Unit: line.Unit,
				UnitPrice: line.UnitPrice, Monthly: line.Monthly, Currency: line.Currency, Tier: line.Tier, NoPrice: line.NoPrice,
			})
		}
	}
	p.Totals = append(p.Totals, price.Sum(l.estimate.Lines, func(x price.Line) bool { return !x.Shared })...)
	p.Shared = append(p.Shared, price.Sum(l.estimate.Lines, func(x price.Line) bool { return x.Shared })...)
	return p
}

func (c *composer) price() []document.Block {
	p := c.d.Price
	if p.Unavailable != "" {
		return []document.Block{document.Notice{Tone: document.Warning, Text: words(c.Sayf("AWS's price list could not be asked: %s", p.Unavailable))}}
	}
	out := []document.Block{paragraph(c.Say("List prices of AWS, without taxes, discounts, commitments or free tiers. Fixed costs are those of a month of 730 hours; what depends on use has a price for each unit."))}
	if p.Sandbox {
		out = append(out, document.Notice{Tone: document.Warning, Text: words(c.Say("These are prices of the sandbox, not AWS's."))})
	}
	for _, part := range []struct {
		title         string
		fixed, shared bool
		totals        []price.Total
	}{
		{c.Say("Fixed, the client's own"), true, false, p.Totals},
		{c.Say("Shared by the clients of the region"), true, true, p.Shared},
		{c.Say("By use, the client's own"), false, false, nil},
		{c.Say("By use, shared"), false, true, nil},
	} {
		t := document.Table{Caption: part.title, Head: []string{c.Say("what"), c.Say("quantity"), c.Say("unit price"), c.Say("a month")}, Numbers: []int{1, 2, 3}}
		for _, line := range p.Lines {
			if line.Fixed != part.fixed || line.Shared != part.shared {
				continue
			}
			cells := []document.Text{words(report.Billed(c.Lang, line.What, line.Region)), nil, nil, nil}
			switch {
			case line.UnitPrice == nil:
				cells[3] = document.Text{toned(c.Sayf("no price: %s", report.NoPrice(c.Lang, line.NoPrice)), document.Warning)}
			case line.Fixed && line.Quantity != nil && line.Monthly != nil:
				cells[1], cells[2] = words(report.Quantity(c.Lang, *line.Quantity)+" "+line.Unit), words(report.UnitPrice(c.Lang, *line.UnitPrice, line.Currency))
				cells[3] = words(report.Money(c.Lang, *line.Monthly, line.Currency))
			default:
				cells[2] = words(report.PerUnit(c.Lang, *line.UnitPrice, line.Currency, line.Unit, line.Tier))
			}
			t.Rows = append(t.Rows, cells)
		}
		for _, total := range part.totals {
			t.Rows = append(t.Rows, []document.Text{{strong(c.Say("in all"))}, nil, nil, {strong(report.Money(c.Lang, total.Monthly, total.Currency))}})
		}
		if len(t.Rows) > 0 {
			out = append(out, t)
		}
	}
	return out
}
