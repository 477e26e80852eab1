package price

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	pricingtypes "github.com/aws/aws-sdk-go-v2/service/pricing/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/count"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// List is AWS's price list, as its Query API tells it. It asks the same question once.
type List struct {
	API awsapi.Pricing
	// Cache keeps what was asked for a day; nil keeps nothing.
	Cache *Cache
	// Now is the time; time.Now when nil.
	Now func() time.Time

	told sync.Map // of *told, by the key of their question
}

// told is what was answered to a question, if it was.
type told struct {
	sync.Mutex // while it is asked
	offers     []offer
	answered   bool
}

// question is one call of GetProducts, without its pages.
type question struct {
	service string
	filters map[string]string
}

// ask is what to ask for a product in a region. Products that differ only in their usage type
// share it: its prefix is told in several ways, so that it is compared here.
func (p Product) ask(region string) question {
	filters := maps.Clone(p.Filters)
	if filters == nil {
		filters = map[string]string{}
	}
	field := p.RegionField
	if field == "" {
		field = "regionCode"
	}
	if !p.Global {
		filters[field] = region
	}
	return question{p.Service, filters}
}

// key is the same for the same question.
func (q question) key() string {
	parts := []string{q.service}
	for _, name := range slices.Sorted(maps.Keys(q.filters)) {
		parts = append(parts, name+"="+q.filters[name])
	}
	return strings.Join(parts, "\n")
}

// offer is a product with its prices on demand, as the price list has them.
type offer struct {
	Product struct {
		SKU        string            `json:"sku"`
		Attributes map[string]string `json:"attributes"`
	} `json:"product"`
	Terms struct {
		OnDemand map[string]term `json:"OnDemand"`
	} `json:"terms"`
}

type term struct {
	Dimensions map[string]dimension `json:"priceDimensions"`
}

// dimension is the price of a range of units.
type dimension struct {
	RateCode     string            `json:"rateCode"`
	Unit         string            `json:"unit"`
	BeginRange   string            `json:"beginRange"`
	EndRange     string            `json:"endRange"`
	PricePerUnit map[string]string `json:"pricePerUnit"` // by currency
}

// page is the most that GetProducts answers at once (AWS Price List API reference).
const page = 100

// products answers a question, from the cache where it was asked within a day.
func (l *List) products(ctx context.Context, q question) ([]offer, error) {
	known, _ := l.told.LoadOrStore(q.key(), &told{})
	once := known.(*told)
	once.Lock()
	defer once.Unlock()
	if once.answered {
		return once.offers, nil
	}
	offers, err := l.ask(ctx, q)
	once.offers, once.answered = offers, err == nil
	return offers, err
}

func (l *List) ask(ctx context.Context, q question) ([]offer, error) {
	now := time.Now
	if l.Now != nil {
		now = l.Now
	}
	if l.Cache != nil {
		if known, ok := l.Cache.read(q, now()); ok {
			return known, nil
		}
	}
	in := &pricing.GetProductsInput{ServiceCode: &q.service, FormatVersion: aws.String("aws_v1"), MaxResults: aws.Int32(page)}
	for _, name := range slices.Sorted(maps.Keys(q.filters)) {
		in.Filters = append(in.Filters, pricingtypes.Filter{Field: &name, Type: pricingtypes.FilterTypeTermMatch, Value: aws.String(q.filters[name])})
	}
	out := []offer{}
	for p := pricing.NewGetProductsPaginator(l.API, in); p.HasMorePages(); {
		answer, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, text := range answer.PriceList {
			var o offer
			if err := json.Unmarshal([]byte(text), &o); err != nil {
				return nil, lang.Errorf("read AWS's price list of %s: %w", q.service, err)
			}
			out = append(out, o)
		}
	}
	if l.Cache != nil {
		l.Cache.write(q, now(), out)
	}
	return out, nil
}

// quote is the one price of a product.
type quote struct {
	sku, rateCode, usage string
	unit, currency, tier string
	price                Amount
}

// regional is the prefix of a region before a usage type: "EU-", "EUW3-".
var regional = lazyregexp.New(`^[A-Z]{2,4}[0-9]?-$`)

// isUsage reports whether a product's usage type is the one asked for, with the prefix of any
// region: none in us-east-1, "EU-", "EUW3-", or with AWS KMS the whole name, "eu-west-3-". The
// region itself is a filter.
func isUsage(have, usage, region string) bool {
	prefix, ok := strings.CutSuffix(have, usage)
	return ok && (prefix == "" || prefix == region+"-" || regional.MatchString(prefix))
}

// pick finds the one price of a product among what was answered. Where there is none, or more
// than one, it says why: nothing is chosen among several.
func pick(offers []offer, p Product, region string) (q quote, why string) {
	var found []offer
	for _, o := range offers {
		if p.Usage == "" || isUsage(o.Product.Attributes["usagetype"], p.Usage, region) {
			found = append(found, o)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Either)) {
		found = prefer(found, name, p.Either[name])
	}
	switch {
	case len(found) == 0:
		return q, "the price list has no such product in the region"
	case len(found) > 1:
		skus := make([]string, len(found))
		for i, o := range found {
			skus[i] = o.Product.SKU
		}
		slices.Sort(skus)
		return q, count.Sprintf("the price list has %d such {product|products} in the region: %s", len(found), strings.Join(skus, ", "))
	case len(found[0].Terms.OnDemand) != 1:
		return q, count.Sprintf("%s has %d {price|prices} on demand in the price list", found[0].Product.SKU, len(found[0].Terms.OnDemand))
	}
	q = quote{sku: found[0].Product.SKU, usage: found[0].Product.Attributes["usagetype"]}
	for _, t := range found[0].Terms.OnDemand {
		d, tier, err := firstTier(t)
		if err != nil {
			return quote{}, count.Sprintf("the price of %s cannot be read: %s", q.sku, err)
		}
		q.rateCode, q.unit, q.tier = d.RateCode, d.Unit, tier
		for currency, text := range d.PricePerUnit {
			amount, err := ParseAmount(text)
			if err != nil {
				return quote{}, count.Sprintf("the price of %s cannot be read: %s", q.sku, err)
			}
			q.currency, q.price = currency, amount
		}
	}
	return q, ""
}

// prefer keeps those of some products whose attribute has the first of some values that any of
// them has.
func prefer(some []offer, attribute string, values []string) []offer {
	for _, value := range values {
		var have []offer
		for _, o := range some {
			if o.Product.Attributes[attribute] == value {
				have = append(have, o)
			}
		}
		if len(have) > 0 {
			return have
		}
	}
	return nil
}

// firstTier is the price that the first units have that are not free, and the range that it is
// for where there are several.
func firstTier(t term) (dimension, string, error) {
	type tierOf struct {
		dimension
		begin, price Amount
	}
	var tiers []tierOf
	for _, d := range t.Dimensions {
		if len(d.PricePerUnit) != 1 {
			return dimension{}, "", lang.Errorf("%s is in %d {currency|currencies}", d.RateCode, len(d.PricePerUnit))
		}
		r := tierOf{dimension: d}
		var err error
		if d.BeginRange != "" {
			r.begin, err = ParseAmount(d.BeginRange)
		}
		for _, text := range d.PricePerUnit {
			price, bad := ParseAmount(text)
			r.price, err = price, errors.Join(err, bad)
		}
		if err != nil {
			return dimension{}, "", lang.Errorf("%s: %w", d.RateCode, err)
		}
		tiers = append(tiers, r)
	}
	if len(tiers) == 0 {
		return dimension{}, "", lang.New("it has no price")
	}
	slices.SortFunc(tiers, func(a, b tierOf) int { return a.begin.Cmp(b.begin) })
	first := tiers[0]
	if i := slices.IndexFunc(tiers, func(r tierOf) bool { return r.price.Sign() != 0 }); i > 0 {
		first = tiers[i]
	}
	if len(tiers) == 1 {
		return first.dimension, "", nil
	}
	return first.dimension, first.BeginRange + "-" + first.EndRange, nil
}
