package price

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

const (
	// asksAtOnce is how many questions are under way at once: AWS documents no limit of the
	// price list, and answers some ten a second.
	asksAtOnce = 8
	// patience bounds all questions together: prices are worth less than the plan that they
	// go with.
	patience = 30 * time.Second
)

// sandboxSKU is how the SKUs of prices begin that are not AWS's.
const sandboxSKU = "SANDBOX"

// answer is what was answered to a question, or why not.
type answer struct {
	offers []offer
	err    error
}

// Estimate is what resources come to in a month in a region. Where the price list cannot be
// asked, or not all of it, that is in the Estimate; the error is that of the context alone.
func (l *List) Estimate(ctx context.Context, region string, resources []Resource) (*Estimate, error) {
	e := &Estimate{Region: region, Hours: HoursPerMonth, Lines: []Line{}}
	known, err := l.answers(ctx, region, resources)
	if err != nil {
		return nil, err
	}
	if e.Unavailable = unavailable(known); e.Unavailable != "" {
		return e, nil
	}
	for _, r := range resources {
		r.Region = cmp.Or(r.Region, region)
		for _, i := range r.After {
			e.Lines = append(e.Lines, e.line(known, r, i))
			if !has(r.Now, i) {
				e.Adds = append(e.Adds, e.line(known, r, i))
			}
		}
		for _, i := range r.Now {
			if !has(r.After, i) {
				e.Takes = append(e.Takes, e.line(known, r, i))
			}
		}
		for _, why := range r.Unknown {
			l := Line{Kind: r.Kind, Role: r.Role, ID: r.ID, Shared: r.Shared}
			l.NoPrice = why
			e.Lines = append(e.Lines, l)
		}
	}
	return e, nil
}

func has(items []Item, i Item) bool {
	return slices.ContainsFunc(items, i.same)
}

// answers asks everything that the resources need, once.
func (l *List) answers(ctx context.Context, region string, resources []Resource) (map[string]answer, error) {
	known := map[string]answer{}
	var questions []question
	for _, r := range resources {
		for _, i := range slices.Concat(r.Now, r.After) {
			q := i.Product.ask(cmp.Or(r.Region, region))
			if _, asked := known[q.key()]; !asked {
				known[q.key()] = answer{}
				questions = append(questions, q)
			}
		}
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var mu sync.Mutex // guards known
	var group errgroup.Group
	group.SetLimit(asksAtOnce)
	for _, q := range questions {
		group.Go(func() error {
			offers, err := l.products(within, q)
			if awsapi.Is(err, awsapi.Denied, awsapi.Credentials) {
				cancel() // the others are refused as well
			}
			mu.Lock()
			defer mu.Unlock()
			known[q.key()] = answer{offers, err}
			return nil
		})
	}
	_ = group.Wait() // the functions return no error
	return known, ctx.Err()
}

// unavailable is why no question was answered, the plainest reason of all; empty when one was.
func unavailable(known map[string]answer) string {
	why := ""
	for _, a := range known {
		switch {
		case a.err == nil:
			if !denied(known) {
				return ""
			}
		case errors.Is(a.err, context.Canceled), errors.Is(a.err, context.DeadlineExceeded):
			if why == "" {
				why = fmt.Sprintf("AWS's price list did not answer within %s", patience)
			}
		default:
			if text := oneLine(a.err); why == "" || strings.HasPrefix(why, "AWS's price list did not") || text < why {
				why = text
			}
		}
	}
	return why
}

// denied reports whether the price list refuses the caller: what the cache still knew is then
// too little to be of use.
func denied(known map[string]answer) bool {
	for _, a := range known {
		if awsapi.Is(a.err, awsapi.Denied, awsapi.Credentials) {
			return true
		}
	}
	return false
}

func oneLine(err error) string {
	text := strings.Join(strings.Fields(awsapi.Explain(err)), " ")
	if remedy := awsapi.Remedy(err); remedy != "" {
		text += ": " + remedy
	}
	return text
}

// line is the price of an item.
func (e *Estimate) line(known map[string]answer, r Resource, i Item) Line {
	q := i.Product.ask(r.Region)
	l := Line{
		Kind: r.Kind, Role: r.Role, ID: r.ID, Shared: r.Shared, What: i.What, Basis: i.Basis, Fixed: i.Per != ByUse,
		Service: q.service, Filters: q.filters, UsageType: i.Product.Usage,
	}
	if r.Region != e.Region {
		l.Region = r.Region
	}
	if l.Fixed {
		quantity := i.Quantity
		if i.Per == ByHour {
			quantity = quantity.Times(Count(HoursPerMonth))
		}
		l.Quantity = &quantity
	}
	a := known[q.key()]
	if a.err != nil {
		l.NoPrice = oneLine(a.err)
		return l
	}
	found, why := pick(a.offers, i.Product, r.Region)
	if why != "" {
		l.NoPrice = why
		return l
	}
	l.SKU, l.RateCode, l.Unit, l.UsageType = found.sku, found.rateCode, found.unit, found.usage
	e.Sandbox = e.Sandbox || strings.HasPrefix(found.sku, sandboxSKU)
	if hourly := ByTheHour(found.unit); l.Fixed && hourly != (i.Per == ByHour) {
		l.NoPrice = fmt.Sprintf("the price list has its price per %q, which is not what cicdctl counts", found.unit)
		return l
	}
	l.UnitPrice, l.Currency, l.Tier = &found.price, found.currency, found.tier
	if l.Fixed {
		monthly := l.Quantity.Times(found.price)
		l.Monthly = &monthly
	}
	return l
}

// ByTheHour reports whether a unit of the price list is an hour: "Hrs" with most services,
// "hours" or "Hour" with others.
func ByTheHour(unit string) bool {
	switch strings.ToLower(unit) {
	case "hrs", "hr", "hours", "hour":
		return true
	}
	return false
}
