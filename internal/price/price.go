// Package price tells what AWS asks for resources: it looks products up in AWS's price list,
// keeps the answers for a day, and calculates what things come to in a month. It knows no
// amount itself, and no currency.
package price

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// HoursPerMonth is how many hours a month has where prices by the hour are told by the month,
// as AWS's own calculator has it: 730, which is 365 × 24 / 12 (AWS Pricing Calculator User
// Guide, "Assumptions").
const HoursPerMonth = 730

// Product names one product of the price list. The region of the price is not among the
// filters: it is always added, as regionCode.
type Product struct {
	// Service is the service code: "AmazonEC2".
	Service string
	// Filters are attributes that the product has, by name, and "productFamily".
	Filters map[string]string
	// Usage is the usage type without the region's prefix: "NatGateway-Hours".
	Usage string
	// Either are attributes with the values that the product may have, the best first: where
	// some products have that, the others are not meant. The empty value is none at all, for
	// which the price list cannot be asked.
	Either map[string][]string
	// RegionField is the attribute that has the region, where it is not regionCode.
	RegionField string
	// Global says that the product is the same in all regions and has none.
	Global bool
}

// String is the product as it can be looked for: "AmazonEC2 NatGateway-Hours".
func (p Product) String() string {
	return strings.TrimSpace(p.Service + " " + p.Usage)
}

// key is the same for the same product.
func (p Product) key() string {
	return p.ask("").key() + "\n" + p.Usage + "\n" + strings.Join(slices.Sorted(maps.Keys(p.Either)), "\n")
}

// Per is what the quantity of an Item counts.
type Per int

// ByHour are things that AWS bills by the hour as long as they exist, ByMonth those that it
// bills by the month. What is ByUse costs what it is used for: nobody knows how much.
const (
	ByHour Per = iota
	ByMonth
	ByUse
)

// Item is one thing that AWS bills a resource for.
type Item struct {
	// What is billed, in English: "instances (t4g.medium)". Details that no language changes
	// are in brackets at the end.
	What    string
	Product Product
	Per     Per
	// Quantity is how many there are at a time, or how many units of the price; ignored ByUse.
	Quantity Amount
	// Basis says where the quantity comes from, or what is not in it, where that is not
	// plain: "what the group wants now".
	Basis string
}

// same reports whether two items come to the same.
func (i Item) same(o Item) bool {
	return i.What == o.What && i.Per == o.Per && i.Product.key() == o.Product.key() && i.Quantity.Cmp(o.Quantity) == 0
}

// Resource is what AWS bills for one resource, as it is and as a plan would leave it. Without
// a plan both are the same.
type Resource struct {
	Kind, Role, ID string
	Region         string // whose prices count; that of the Estimate when empty
	Shared         bool   // by the clients of a region, or all of the account
	Now, After     []Item
	// Unknown is what cannot be told of it, and why; empty when all of it is in the items.
	Unknown []string
}

// Line is an Item of a Resource with its price.
type Line struct {
	Kind   string `json:"kind"`
	Role   string `json:"role"`
	ID     string `json:"id,omitempty"`
	Shared bool   `json:"shared"`
	Region string `json:"region,omitempty"` // whose price it is, where that is not the Estimate's
	What   string `json:"what"`
	Basis  string `json:"basis,omitempty"`
	// Fixed costs are there as long as the resource is; the others depend on use, have a unit
	// price only, and no quantity.
	Fixed    bool    `json:"fixed"`
	Quantity *Amount `json:"quantity,omitempty"` // of units, a month
	Unit     string  `json:"unit,omitempty"`     // as AWS names it: "Hrs", "GB-Mo"
	// UnitPrice and Monthly are exact. Both are nil without a price.
	UnitPrice *Amount `json:"unit_price,omitempty"`
	Monthly   *Amount `json:"monthly,omitempty"`
	Currency  string  `json:"currency,omitempty"` // as AWS tells it: "USD"
	Tier      string  `json:"tier,omitempty"`     // the range of units that the price is for, where there are several
	// How the price was found, to look it up again.
	Service   string            `json:"service,omitempty"`
	Filters   map[string]string `json:"filters,omitempty"`
	UsageType string            `json:"usage_type,omitempty"`
	SKU       string            `json:"sku,omitempty"`
	RateCode  string            `json:"rate_code,omitempty"`
	// NoPrice is why there is no price.
	NoPrice string `json:"no_price,omitempty"`
}

// Estimate is what resources come to in a month, at list prices without taxes, discounts,
// commitments or free tiers.
type Estimate struct {
	Region string `json:"region"`
	// Sandbox says that the prices are those of the sandbox, not AWS's.
	Sandbox bool   `json:"sandbox,omitempty"`
	Hours   int    `json:"hours_per_month"`
	Lines   []Line `json:"lines"`
	// Adds and Takes are what a plan adds, and what it takes away; Lines are then what there
	// is after it. Empty without a plan.
	Adds  []Line `json:"adds,omitempty"`
	Takes []Line `json:"takes,omitempty"`
	// Free are the kinds that AWS bills nothing for, with where it says so.
	Free []Free `json:"free,omitempty"`
	// Unavailable is why there are no prices at all: nothing else is told then.
	Unavailable string `json:"unavailable,omitempty"`
}

// Free is a kind of resources that AWS bills nothing for.
type Free struct {
	Kind string `json:"kind"`
	Why  string `json:"source"` // where AWS says so
}

// Total is the sum of the fixed costs of lines.
type Total struct {
	Currency string `json:"currency"`
	Monthly  Amount `json:"monthly"`
}

// Sum adds up the fixed costs of those lines that which says, by currency, in their order.
// Nobody knows the rate between two currencies, so there may be several totals. Which may be nil.
func Sum(lines []Line, which func(Line) bool) []Total {
	totals := map[string]Amount{}
	for _, l := range lines {
		if l.Fixed && l.Monthly != nil && (which == nil || which(l)) {
			totals[l.Currency] = totals[l.Currency].Plus(*l.Monthly)
		}
	}
	out := make([]Total, 0, len(totals))
	for _, currency := range slices.Sorted(maps.Keys(totals)) {
		out = append(out, Total{currency, totals[currency]})
	}
	return out
}

// Together are the lines that which chooses, those that are billed alike put together: a client has
// dozens of alarms. Quantities and amounts are added up where they are fixed.
func Together(lines []Line, which func(Line) bool) []Line {
	type alike struct {
		what, sku, region, noPrice string
		fixed                      bool
	}
	var out []Line
	at := map[alike]int{}
	for _, l := range lines {
		if !which(l) {
			continue
		}
		key := alike{cmp.Or(l.What, l.Kind), l.SKU, l.Region, l.NoPrice, l.Fixed}
		i, known := at[key]
		if !known {
			at[key] = len(out)
			out = append(out, l)
			continue
		}
		if l.Fixed && l.Monthly != nil {
			quantity, monthly := out[i].Quantity.Plus(*l.Quantity), out[i].Monthly.Plus(*l.Monthly)
			out[i].Quantity, out[i].Monthly = &quantity, &monthly
		}
	}
	return out
}
