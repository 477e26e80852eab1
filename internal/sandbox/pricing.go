package sandbox

import (
	_ "embed"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"
)

// priceList has a product of the price list on each line, as GetProducts answers it, for one
// region in the place of all. Its amounts are the sandbox's own: they are in the order of
// magnitude of AWS's, and none of them is AWS's.
//
//go:embed prices.jsonl
var priceList string

// priceRegions are the regions that the price list has prices of, with what AWS calls them in
// it, how usage types begin there, and what a price is there, as a share of that in the list.
var priceRegions = []struct {
	region, location, prefix string
	share                    *big.Rat
}{
	{"eu-west-3", "EU (Paris)", "EUW3-", big.NewRat(1, 1)},
	{"eu-west-1", "EU (Ireland)", "EU-", big.NewRat(19, 20)},
	{"eu-central-1", "EU (Frankfurt)", "EUC1-", big.NewRat(21, 20)},
	{"eu-west-2", "EU (London)", "EUW2-", big.NewRat(11, 10)},
}

// priceEndpoints are the regions that the Price List API answers from.
var priceEndpoints = []string{"us-east-1", "eu-central-1", "ap-south-1"}

// listed is a product of the price list.
type listed struct {
	service    string
	attributes map[string]string
	text       string
}

// pricesListed are the products of all regions, in a steady order; those of no region come last.
var pricesListed = sync.OnceValues(func() ([]listed, error) {
	var out []listed
	seen := map[string]bool{}
	for _, at := range priceRegions {
		fill := strings.NewReplacer("{region}", at.region, "{location}", at.location, "{prefix}", at.prefix, "{code}", strings.ToUpper(strings.ReplaceAll(at.region, "-", "")))
		for line := range strings.Lines(priceList) {
			text, err := atPrice(strings.TrimSpace(fill.Replace(line)), at.share, strings.Contains(line, "{region}"))
			if err != nil {
				return nil, err
			}
			var p struct {
				Product struct {
					SKU           string            `json:"sku"`
					ProductFamily string            `json:"productFamily"`
					Attributes    map[string]string `json:"attributes"`
				} `json:"product"`
				ServiceCode string `json:"serviceCode"`
			}
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				return nil, err
			}
			if seen[p.Product.SKU] {
				continue
			}
			seen[p.Product.SKU] = true
			p.Product.Attributes["productFamily"], p.Product.Attributes["sku"] = p.Product.ProductFamily, p.Product.SKU
			out = append(out, listed{p.ServiceCode, p.Product.Attributes, text})
		}
	}
	return out, nil
})

// atPrice is a product with the region's share of its prices.
func atPrice(text string, share *big.Rat, regional bool) (string, error) {
	if !regional {
		return text, nil
	}
	var p map[string]any
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return "", err
	}
	shared(p, share)
	out, err := json.Marshal(p)
	return string(out), err
}

func shared(node any, share *big.Rat) {
	tree, ok := node.(map[string]any)
	if !ok {
		return
	}
	for key, value := range tree {
		if key != "pricePerUnit" {
			shared(value, share)
			continue
		}
		for currency, amount := range value.(map[string]any) {
			price, _ := new(big.Rat).SetString(amount.(string))
			value.(map[string]any)[currency] = price.Mul(price, share).FloatString(10)
		}
	}
}

// priceLabel recognises what a service code can be.
func priceLabel(code string) bool {
	return !strings.ContainsFunc(code, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

func registerPricing(a *Account) {
	op(a, pricing.ServiceID, func(t *tx, in *pricing.GetProductsInput) (*pricing.GetProductsOutput, error) {
		invalid := func(format string, args ...any) error { return apiError("InvalidParameterException", format, args...) }
		all, err := pricesListed()
		if err != nil {
			return nil, err
		}
		service := aws.ToString(in.ServiceCode)
		switch {
		case !slices.Contains(priceEndpoints, t.region):
			return nil, apiError("UnknownEndpoint", "there is no endpoint of the Price List API in %s: it has some in %s", t.region, strings.Join(priceEndpoints, ", "))
		case service == "":
			return nil, invalid("Input Parameters are invalid. serviceCode cannot be null or empty")
		case !priceLabel(service):
			return nil, invalid("ServiceCode can only contain a-z, A-Z, 0-9")
		case !slices.ContainsFunc(all, func(p listed) bool { return p.service == service }):
			return nil, invalid("Input Parameters are invalid. Invalid ServiceCode: %s", service)
		case in.FormatVersion != nil && *in.FormatVersion != "aws_v1":
			return nil, invalid("Input Parameters are invalid. FormatVersion %s is not supported", *in.FormatVersion)
		case in.MaxResults != nil && (*in.MaxResults < 1 || *in.MaxResults > 100):
			return nil, invalid("Input Parameters are invalid. MaxResults has to be between 1 and 100")
		case len(in.Filters) > 50:
			return nil, invalid("Input Parameters are invalid. There are more than 50 filters")
		}
		for _, f := range in.Filters {
			if f.Type != types.FilterTypeTermMatch {
				return nil, invalid("the sandbox knows filters of the type TERM_MATCH only, not %s", f.Type)
			}
			if aws.ToString(f.Field) == "" || aws.ToString(f.Value) == "" {
				return nil, invalid("Input Parameters are invalid. Field and Value of a filter cannot be null or empty")
			}
		}
		var found []string
		for _, p := range all {
			if p.service == service && !slices.ContainsFunc(in.Filters, func(f types.Filter) bool { return p.attributes[*f.Field] != *f.Value }) {
				found = append(found, p.text)
			}
		}
		part, next, err := page(t, found, in.NextToken)
		if err != nil {
			return nil, apiError("InvalidNextTokenException", "The pagination token is invalid. Try again without a pagination token.")
		}
		return &pricing.GetProductsOutput{FormatVersion: aws.String("aws_v1"), PriceList: part, NextToken: next}, nil
	})
}
