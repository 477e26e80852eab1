package price

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/smithy-go"
)

// listing answers GetProducts with one product a page, as far as the filters fit.
type listing struct {
	products []product
	err      error
	asked    []*pricing.GetProductsInput
}

type product struct {
	sku, unit  string
	attributes map[string]string
	terms      int                  // on demand
	tiers      map[string][2]string // begin → amount, currency
}

func (l *listing) GetProducts(_ context.Context, in *pricing.GetProductsInput, _ ...func(*pricing.Options)) (*pricing.GetProductsOutput, error) {
	l.asked = append(l.asked, in)
	if l.err != nil {
		return nil, l.err
	}
	var found []string
	for _, p := range l.products {
		fits := true
		for _, f := range in.Filters {
			fits = fits && p.attributes[*f.Field] == *f.Value
		}
		if fits {
			found = append(found, p.text())
		}
	}
	at := 0
	if in.NextToken != nil {
		_, _ = fmt.Sscan(*in.NextToken, &at)
	}
	out := &pricing.GetProductsOutput{FormatVersion: aws.String("aws_v1")}
	if at < len(found) {
		out.PriceList = found[at : at+1]
	}
	if at+1 < len(found) {
		out.NextToken = aws.String(fmt.Sprint(at + 1))
	}
	return out, nil
}

func (p product) text() string {
	dimensions := map[string]any{}
	for begin, tier := range p.tiers {
		dimensions[p.sku+"."+begin] = map[string]any{
			"rateCode": p.sku + "." + begin, "unit": p.unit, "beginRange": begin, "endRange": "Inf",
			"pricePerUnit": map[string]string{tier[1]: tier[0]}, "appliesTo": []string{},
		}
	}
	onDemand := map[string]any{}
	for n := range p.terms {
		onDemand[fmt.Sprint(p.sku, ".", n)] = map[string]any{"sku": p.sku, "priceDimensions": dimensions}
	}
	text, _ := json.Marshal(map[string]any{
		"product": map[string]any{"sku": p.sku, "attributes": p.attributes}, "serviceCode": "AmazonEC2",
		"terms": map[string]any{"OnDemand": onDemand, "Reserved": map[string]any{"x": map[string]any{"priceDimensions": map[string]any{}}}},
	})
	return string(text)
}

func nat(sku, usage string) product {
	return product{sku, "Hrs", map[string]string{"regionCode": "eu-west-3", "productFamily": "NAT Gateway", "usagetype": usage}, 1, map[string][2]string{"0": {"0.0500000000", "EUR"}}}
}

var gateways = Item{What: "NAT gateways", Product: Product{Service: "AmazonEC2", Filters: map[string]string{"productFamily": "NAT Gateway"}, Usage: "NatGateway-Hours"}, Quantity: Count(3)}

func estimate(t *testing.T, l *List, items ...Item) *Estimate {
	t.Helper()
	e, err := l.Estimate(t.Context(), "eu-west-3", []Resource{{Kind: "ec2/nat-gateway", Role: "nat-a", Now: items, After: items}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAPriceIsThatOfOneProduct(t *testing.T) {
	t.Parallel()
	other := func(change func(*product)) product {
		p := nat("A", "EUW3-NatGateway-Hours")
		change(&p)
		return p
	}
	for what, c := range map[string]struct {
		products      []product
		item          Item
		monthly, none string
	}{
		"an hour is billed 730 times a month, in AWS's currency": {[]product{nat("A", "EUW3-NatGateway-Hours"), nat("B", "EUW3-NatGateway-Bytes")}, gateways, "109.5 EUR", ""},
		"a usage type of Ireland begins in another way":          {[]product{nat("A", "EU-NatGateway-Hours")}, gateways, "109.5 EUR", ""},
		"a usage type may begin with the region's name":          {[]product{nat("A", "eu-west-3-NatGateway-Hours")}, gateways, "109.5 EUR", ""},
		"another usage type that ends alike is another product":  {[]product{nat("A", "EUW3-Regional-NatGateway-Hours")}, gateways, "", "the price list has no such product in the region"},
		"another region's price is not taken":                    {[]product{other(func(p *product) { p.attributes["regionCode"] = "eu-west-1" })}, gateways, "", "the price list has no such product in the region"},
		"of two products none is taken":                          {[]product{nat("B", "EUW3-NatGateway-Hours"), nat("A", "EUW3-NatGateway-Hours")}, gateways, "", "the price list has 2 such products in the region: A, B"},
		"of two prices on demand none is taken":                  {[]product{other(func(p *product) { p.terms = 2 })}, gateways, "", "A has 2 prices on demand in the price list"},
		"what is only reserved has no price":                     {[]product{other(func(p *product) { p.terms = 0 })}, gateways, "", "A has 0 prices on demand in the price list"},
		"a unit that is not counted is no price":                 {[]product{other(func(p *product) { p.unit = "GB" })}, gateways, "", `the price list has its price per "GB", which is not what cicdctl counts`},
		"a price that is no number is none":                      {[]product{other(func(p *product) { p.tiers["0"] = [2]string{"free", "USD"} })}, gateways, "", `the price of A cannot be read: A.0: "free" is not a decimal number`},
		"free units at the beginning are not counted": {[]product{other(func(p *product) {
			p.tiers = map[string][2]string{"0": {"0.0000000000", "USD"}, "750": {"0.0100000000", "USD"}, "10000": {"0.0050000000", "USD"}}
		})}, gateways, "21.9 USD", ""},
		"what is free in the price list costs nothing": {[]product{other(func(p *product) { p.tiers["0"] = [2]string{"0.0000000000", "USD"} })}, gateways, "0 USD", ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			api := &listing{products: c.products}
			l := estimate(t, &List{API: api}, c.item).Lines[0]
			got := ""
			if l.Monthly != nil {
				got = l.Monthly.String() + " " + l.Currency
			}
			if got != c.monthly || l.NoPrice != c.none {
				t.Errorf("%q %q, not %q %q", got, l.NoPrice, c.monthly, c.none)
			}
			for _, in := range api.asked {
				if *in.ServiceCode != "AmazonEC2" || *in.FormatVersion != "aws_v1" || *in.MaxResults != 100 || len(in.Filters) != 2 || in.Filters[0].Type != "TERM_MATCH" {
					t.Errorf("asked %+v", in)
				}
			}
		})
	}
}

// The better value of an attribute is meant where some products have it.
func TestTheNearerOfTwoProductsIsMeant(t *testing.T) {
	t.Parallel()
	of := func(sku, engine string) product {
		p := nat(sku, "EUW3-Aurora:StorageUsage")
		p.attributes["databaseEngine"], p.attributes["productFamily"], p.unit = engine, "Database Storage", "GB-Mo"
		return p
	}
	item := Item{What: "storage", Per: ByUse, Product: Aurora("Aurora PostgreSQL", "Database Storage", "Aurora:StorageUsage")}
	for what, c := range map[string]struct {
		products []product
		sku      string
	}{
		"its own engine before any":   {[]product{of("ANY", "Any"), of("PG", "Aurora PostgreSQL"), of("MY", "Aurora MySQL")}, "PG"},
		"any where it has none":       {[]product{of("ANY", "Any"), of("MY", "Aurora MySQL")}, "ANY"},
		"never that of another one":   {[]product{of("MY", "Aurora MySQL")}, ""},
		"two of its own are too many": {[]product{of("A", "Aurora PostgreSQL"), of("B", "Aurora PostgreSQL")}, ""},
	} {
		l := estimate(t, &List{API: &listing{products: c.products}}, item).Lines[0]
		if l.SKU != c.sku || l.Monthly != nil || l.Quantity != nil {
			t.Errorf("%s: %+v", what, l)
		}
	}
}

// What a plan changes is what it adds and takes away; the rest is only there.
func TestAPlanAddsAndTakesAway(t *testing.T) {
	t.Parallel()
	one := gateways
	one.Quantity = Count(1)
	l := &List{API: &listing{products: []product{nat("A", "EUW3-NatGateway-Hours")}}}
	e, err := l.Estimate(t.Context(), "eu-west-3", []Resource{
		{Kind: "k", Role: "stays", Now: []Item{one}, After: []Item{one}},
		{Kind: "k", Role: "grows", Now: []Item{one}, After: []Item{gateways}},
		{Kind: "k", Role: "goes", Now: []Item{one}},
		{Kind: "k", Role: "comes", Region: "eu-west-3", After: []Item{one}},
	})
	if err != nil {
		t.Fatal(err)
	}
	roles := func(lines []Line) string {
		var out []string
		for _, l := range lines {
			out = append(out, l.Role+" "+l.Quantity.String())
		}
		return strings.Join(out, ", ")
	}
	for what, c := range map[string]struct{ got, want string }{
		"after": {roles(e.Lines), "stays 730, grows 2190, comes 730"},
		"adds":  {roles(e.Adds), "grows 2190, comes 730"},
		"takes": {roles(e.Takes), "grows 730, goes 730"},
		"sum":   {fmt.Sprint(Sum(e.Lines, nil)), "[{EUR 182.5}]"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, not %s", what, c.got, c.want)
		}
	}
}

// Without the right, or without a network, there are no prices and one line that says why.
func TestWhereThePriceListCannotBeAsked(t *testing.T) {
	t.Parallel()
	refused := &smithy.OperationError{ServiceID: "Pricing", OperationName: "GetProducts", Err: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x is not authorized to perform: pricing:GetProducts"}}
	for what, c := range map[string]struct {
		err  error
		want string
	}{
		"the caller may not":  {refused, "pricing:GetProducts"},
		"there is no network": {&smithy.OperationError{ServiceID: "Pricing", OperationName: "GetProducts", Err: errors.New("dial tcp:\nno route to host")}, "no route to host"},
	} {
		e := estimate(t, &List{API: &listing{err: c.err}}, gateways)
		if !strings.Contains(e.Unavailable, c.want) || strings.Contains(e.Unavailable, "\n") || len(e.Lines) > 0 {
			t.Errorf("%s: %+v", what, e)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&List{API: &listing{err: context.Canceled}}).Estimate(ctx, "eu-west-3", []Resource{{After: []Item{gateways}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Ctrl-C is told as %v", err)
	}
}

func TestTheCacheKeepsAnswersForADay(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for what, c := range map[string]struct {
		later time.Duration
		spoil func(t *testing.T, path string)
		asks  int
	}{
		"just before a day is over":   {24*time.Hour - time.Second, nil, 0},
		"when a day is over":          {24 * time.Hour, nil, 1},
		"when the clock was put back": {-time.Minute, nil, 1},
		"when the file is cut off":    {time.Minute, func(t *testing.T, path string) { write(t, path, `{"asked": "2026-11-30T12:`) }, 1},
		"when the file is something else": {time.Minute, func(t *testing.T, path string) {
			write(t, path, `{"asked": "2026-11-30T12:00:00Z", "service": "AmazonS3", "filters": {}, "offers": []}`)
		}, 1},
		"when the file is empty":           {time.Minute, func(t *testing.T, path string) { write(t, path, "") }, 1},
		"when the file cannot be read":     {time.Minute, func(t *testing.T, path string) { replaceByDirectory(t, path) }, 1},
		"when the cache is gone meanwhile": {time.Minute, func(_ *testing.T, path string) { _ = os.RemoveAll(filepath.Dir(path)) }, 1},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir, now := filepath.Join(t.TempDir(), "cicdctl", "prices"), first
			api := &listing{products: []product{nat("A", "EUW3-NatGateway-Hours")}}
			run := func() *Estimate {
				return estimate(t, &List{API: api, Cache: NewCache(dir), Now: func() time.Time { return now }}, gateways)
			}
			before := run()
			files, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil || len(files) != 1 {
				t.Fatalf("%v, %v", files, err)
			}
			if c.spoil != nil {
				c.spoil(t, files[0])
			}
			api.asked, now = nil, first.Add(c.later)
			after := run()
			if len(api.asked) != c.asks {
				t.Errorf("asked %d times, not %d", len(api.asked), c.asks)
			}
			if before.Lines[0].Monthly.Cmp(*after.Lines[0].Monthly) != 0 || before.Lines[0].RateCode != after.Lines[0].RateCode {
				t.Errorf("%+v, then %+v", before.Lines[0], after.Lines[0])
			}
		})
	}
}

// Clients are priced at once, by what is the same for all of them.
func TestAListAsksOnce(t *testing.T) {
	t.Parallel()
	api := &listing{products: []product{nat("A", "EUW3-NatGateway-Hours")}}
	l := &List{API: api}
	estimate(t, l, gateways)
	estimate(t, l, gateways)
	if len(api.asked) != 1 {
		t.Errorf("asked %d times", len(api.asked))
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func replaceByDirectory(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
}

// What was refused is not kept, nor is the rest of a cache of use then.
func TestARefusalIsNotKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	api := &listing{err: errors.New("broken")}
	l := &List{API: api, Cache: NewCache(dir)}
	estimate(t, l, gateways)
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("kept %v", files)
	}
	api.err, api.products = nil, []product{nat("A", "EUW3-NatGateway-Hours")}
	if e := estimate(t, l, gateways); e.Unavailable != "" || e.Lines[0].Monthly == nil {
		t.Errorf("%+v", e)
	}
}
