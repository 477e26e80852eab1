package report

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/price"
)

// Cost is what resources come to in a month. As JSON:
//
//	{"region": "eu-west-3", "sandbox": true, "hours_per_month": 730,
//	 "totals": [{"shared": false, "currency": "USD", "monthly": "512.34"}],
//	 "groups": [{"group": "Network", "shared": false, "currency": "USD", "monthly": "43.8"}],
//	 "lines": [{"kind": "ec2/nat-gateway", "role": "nat-a", "id": "…", "shared": true, "what": "NAT gateways", "fixed": true,
//	            "quantity": "730", "unit": "Hrs", "unit_price": "0.05", "monthly": "36.5", "currency": "USD", "tier": "…",
//	            "service": "AmazonEC2", "filters": {"regionCode": "eu-west-3", "productFamily": "NAT Gateway"},
//	            "usage_type": "EUW3-NatGateway-Hours", "sku": "…", "rate_code": "…", "no_price": "…"}],
//	 "adds": [lines], "takes": [lines], "free": [{"kind": "ec2/vpc", "source": "…"}], "unavailable": "…"}
//
// Amounts are exact. Totals and groups have the fixed costs alone; lines that depend on use have
// a unit price and no quantity. With a plan, all but adds and takes is what there is after it.
type Cost struct {
	*price.Estimate
	Totals []CostTotal `json:"totals"`
	Groups []CostTotal `json:"groups"`
}

// CostTotal is a sum of fixed costs: of a client, or of what it shares with others.
type CostTotal struct {
	Group  string `json:"group,omitempty"`
	Shared bool   `json:"shared"`
	price.Total
}

// NewCost adds up an estimate.
func NewCost(e *price.Estimate) *Cost {
	c := &Cost{Estimate: e, Totals: []CostTotal{}, Groups: []CostTotal{}}
	for _, shared := range []bool{false, true} {
		for _, t := range price.Sum(e.Lines, of(shared, "")) {
			c.Totals = append(c.Totals, CostTotal{Shared: shared, Total: t})
		}
		for _, group := range order {
			for _, t := range price.Sum(e.Lines, of(shared, group)) {
				c.Groups = append(c.Groups, CostTotal{Group: group, Shared: shared, Total: t})
			}
		}
	}
	return c
}

// of chooses the lines of a client, or the shared ones, and of a group; of all groups when empty.
func of(shared bool, group string) func(price.Line) bool {
	return func(l price.Line) bool { return l.Shared == shared && (group == "" || groupOf(l.Kind) == group) }
}

// Cost writes what there is, by group, with what depends on use and what has no price. The
// lines end with a new line.
func (p *Printer) Cost(b *strings.Builder, s stream, c *Cost) {
	style := p.Palette(s)
	if !p.costHead(b, style, c) {
		return
	}
	t := p.Table(s)
	for _, shared := range []bool{false, true} {
		if shared && len(price.Sum(c.Lines, of(true, ""))) > 0 {
			t.AppendRow([]any{"", "", ""})
			t.AppendRow([]any{style.Bold.Render(p.sharedTitle(c)), "", ""})
		}
		for _, group := range order {
			lines := c.fixed(c.Lines, of(shared, group))
			if len(lines) == 0 {
				continue
			}
			t.AppendRow([]any{style.Bold.Render(p.Lang.Say(group)), "", p.amount(style, Totals(p.Lang, price.Sum(lines, nil)))})
			for _, l := range lines {
				t.AppendRow([]any{"  " + p.billed(l), p.calculation(l), p.right(Money(p.Lang, *l.Monthly, l.Currency))})
			}
		}
		if totals := price.Sum(c.Lines, of(shared, "")); len(totals) > 0 {
			what := "Fixed, per month"
			if shared {
				what = "Fixed and shared, per month"
			}
			t.AppendRow([]any{style.Bold.Render(p.Lang.Say(what)), "", p.amount(style, Totals(p.Lang, totals))})
		}
	}
	fmt.Fprintln(b, t.Render())
	p.costFoot(b, s, style, c)
}

// PlanCost writes what a plan adds and takes away by group, and what there is after it.
func (p *Printer) PlanCost(b *strings.Builder, s stream, c *Cost) {
	style := p.Palette(s)
	if !p.costHead(b, style, c) {
		return
	}
	t := p.Table(s, p.Lang.Say("per month"), p.right(p.Lang.Say("adds")), p.right(p.Lang.Say("takes away")), p.right(p.Lang.Say("after it")))
	row := func(name string, which func(price.Line) bool) {
		adds, takes, after := price.Sum(c.Adds, which), price.Sum(c.Takes, which), price.Sum(c.Lines, which)
		if len(adds)+len(takes)+len(after) > 0 {
			t.AppendRow([]any{name, p.right(Totals(p.Lang, adds)), p.right(Totals(p.Lang, takes)), p.right(Totals(p.Lang, after))})
		}
	}
	for _, group := range order {
		row(p.Lang.Say(group), of(false, group))
	}
	row(style.Bold.Render(p.Lang.Say("Fixed, of the client")), of(false, ""))
	row(p.sharedTitle(c), of(true, ""))
	fmt.Fprintln(b, t.Render())
	p.differing(b, "+", c.fixed(c.Adds, nil), len(c.Takes) > 0)
	p.differing(b, "-", c.fixed(c.Takes, nil), true)
	p.costFoot(b, s, style, c)
}

// mostDiffering are as many lines of a plan as are told one by one: what makes a client whole
// is told by group.
const mostDiffering = 12

func (p *Printer) differing(b *strings.Builder, sign string, lines []price.Line, told bool) {
	if len(lines) > mostDiffering && !p.Full && !told {
		return
	}
	for _, l := range lines {
		fmt.Fprintf(b, "  %s %s = %s\n", sign, p.Lang.Sayf("%s: %s", p.billed(l), p.calculation(l)), Money(p.Lang, *l.Monthly, l.Currency))
	}
}

// costHead is the title; false where there is nothing else to tell.
func (p *Printer) costHead(b *strings.Builder, style Palette, c *Cost) bool {
	if c.Unavailable != "" {
		fmt.Fprintf(b, "\n%s\n", p.Lang.Sayf("No prices: %s", c.Unavailable))
		return false
	}
	source := "AWS's list prices in %s, %d {hour|hours} a month, without taxes"
	if c.Sandbox {
		source = "prices of the sandbox, not AWS's, in %s, %d {hour|hours} a month"
	}
	fmt.Fprintf(b, "\n%s (%s)\n", style.Bold.Render(p.Lang.Say("Price per month")), p.Lang.Sayf(source, c.Region, c.Hours))
	return true
}

func (p *Printer) sharedTitle(c *Cost) string {
	return p.Lang.Sayf("Shared by the clients of %s", c.Region)
}

// costFoot tells what quantities rest on, what depends on use, and what has no price.
func (p *Printer) costFoot(b *strings.Builder, s stream, style Palette, c *Cost) {
	var told []string
	for _, l := range c.Lines {
		if l.Basis == "" {
			continue
		}
		if note := p.Lang.Sayf("%s: %s", p.billed(l), p.Lang.Say(l.Basis)); !slices.Contains(told, note) {
			told = append(told, note)
			fmt.Fprintf(b, "  · %s\n", note)
		}
	}
	if uses := c.uses(); len(uses) > 0 {
		fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("Depends on use, and is in no sum (free tiers are not counted)")))
		t := p.Table(s)
		for _, l := range uses {
			t.AppendRow([]any{"  " + p.billed(l), PerUnit(p.Lang, *l.UnitPrice, l.Currency, l.Unit, l.Tier)})
		}
		fmt.Fprintln(b, t.Render())
	}
	title := false
	for _, why := range p.unpriced(c.Lines) {
		if !title {
			title = true
			fmt.Fprintf(b, "\n%s\n", style.Bold.Render(p.Lang.Say("Without a price")))
		}
		fmt.Fprintf(b, "  · %s\n", why)
	}
}

// unpriced are the reasons for which lines have no price, each with what it is about.
func (p *Printer) unpriced(lines []price.Line) []string {
	var reasons []string
	about := map[string][]string{}
	for _, l := range lines {
		if l.NoPrice == "" {
			continue
		}
		why := NoPrice(p.Lang, l.NoPrice)
		if about[why] == nil {
			reasons = append(reasons, why)
		}
		what := l.Kind
		if l.What != "" {
			what += " (" + p.billed(l) + ")"
		}
		if !slices.Contains(about[why], what) {
			about[why] = append(about[why], what)
		}
	}
	for i, why := range reasons {
		reasons[i] = p.Lang.Sayf("%s: %s", strings.Join(about[why], ", "), why)
	}
	return reasons
}

// NoPrice is why something has no price, in the language: a sentence of a kind's, or one that was
// made of what the price list has.
func NoPrice(l Lang, why string) string { return l.Value(l.Say(why)) }

// fixed are the lines with a price, put together.
func (c *Cost) fixed(lines []price.Line, which func(price.Line) bool) []price.Line {
	return price.Together(lines, func(l price.Line) bool { return l.Fixed && l.Monthly != nil && (which == nil || which(l)) })
}

// uses are the unit prices of what depends on use, each once.
func (c *Cost) uses() []price.Line {
	return price.Together(c.Lines, func(l price.Line) bool { return !l.Fixed && l.UnitPrice != nil })
}

// Billed is what a line of an estimate is about, in the language. What no language changes is in
// brackets at its end. A region that is not the client's is named: what the account has is there.
func Billed(l Lang, what, region string) string {
	elsewhere := Prefixed(", ", region)
	if at := strings.LastIndex(what, " ("); at > 0 && strings.HasSuffix(what, ")") {
		return l.Say(what[:at]) + what[at:] + elsewhere
	}
	return l.Say(what) + elsewhere
}

func (p *Printer) billed(l price.Line) string { return Billed(p.Lang, l.What, l.Region) }

// calculation is how a sum came about: "3 × 730 h × 0.05 USD".
func (p *Printer) calculation(l price.Line) string {
	quantity := Quantity(p.Lang, *l.Quantity)
	switch {
	case price.ByTheHour(l.Unit):
		quantity = Quantity(p.Lang, l.Quantity.Times(price.Parts(1, price.HoursPerMonth))) + " × " + fmt.Sprint(price.HoursPerMonth) + " h"
	case strings.HasPrefix(l.Unit, "GB"):
		quantity += " " + p.Lang.Say("GB")
	}
	return quantity + " × " + UnitPrice(p.Lang, *l.UnitPrice, l.Currency)
}

// million are as many units as a price is told for where one costs next to nothing.
const million = 1_000_000

// PerUnit is the price of a unit, or of a million where one costs next to nothing. A price with a
// tier is that of the first units.
func PerUnit(l Lang, each price.Amount, currency, unit, tier string) string {
	if each.Sign() != 0 && each.Times(price.Count(10_000)).Cmp(price.Count(1)) < 0 {
		each, unit = each.Times(price.Count(million)), decimal(l, fmt.Sprint(million))+" "+unit
	}
	text := UnitPrice(l, each, currency) + " / " + unit
	if tier != "" {
		text += " " + l.Say("(first tier)")
	}
	return text
}

// moneyWidth is as wide as an amount of a million with its currency.
const moneyWidth = 16

// right aligns amounts at the right.
func (p *Printer) right(text string) string { return fmt.Sprintf("%*s", moneyWidth, text) }

func (p *Printer) amount(style Palette, text string) string { return style.Bold.Render(p.right(text)) }
