package sandbox

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"
	"github.com/aws/smithy-go"
)

func priceClient(t *testing.T, region string) *pricing.Client {
	t.Helper()
	a, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := aws.Config{Region: region}
	a.Install(&cfg)
	return pricing.NewFromConfig(cfg)
}

func term(field, value string) types.Filter {
	return types.Filter{Type: types.FilterTypeTermMatch, Field: &field, Value: &value}
}

// What the Price List API refuses is refused.
func TestThePriceListIsStrict(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		in     pricing.GetProductsInput
		region string
		code   string
	}{
		"no service":                      {pricing.GetProductsInput{ServiceCode: aws.String("")}, "eu-central-1", "InvalidParameterException"},
		"a service code with a space":     {pricing.GetProductsInput{ServiceCode: aws.String("Compute Instance")}, "eu-central-1", "InvalidParameterException"},
		"a service that there is not":     {pricing.GetProductsInput{ServiceCode: aws.String("AmazonVpc")}, "eu-central-1", "InvalidParameterException"},
		"another format":                  {pricing.GetProductsInput{ServiceCode: aws.String("AmazonVPC"), FormatVersion: aws.String("aws_v2")}, "us-east-1", "InvalidParameterException"},
		"more than a page has":            {pricing.GetProductsInput{ServiceCode: aws.String("AmazonVPC"), MaxResults: aws.Int32(101)}, "ap-south-1", "InvalidParameterException"},
		"a filter without a value":        {pricing.GetProductsInput{ServiceCode: aws.String("AmazonVPC"), Filters: []types.Filter{term("operation", "")}}, "us-east-1", "InvalidParameterException"},
		"a region without an endpoint":    {pricing.GetProductsInput{ServiceCode: aws.String("AmazonVPC")}, "eu-west-3", "UnknownEndpoint"},
		"a token of somewhere else":       {pricing.GetProductsInput{ServiceCode: aws.String("AmazonVPC"), NextToken: aws.String("x")}, "us-east-1", "InvalidNextTokenException"},
		"what it answers is no exception": {pricing.GetProductsInput{ServiceCode: aws.String("AmazonVPC"), MaxResults: aws.Int32(100)}, "us-east-1", ""},
	} {
		_, err := priceClient(t, c.region).GetProducts(t.Context(), &c.in)
		code := ""
		if refused, ok := errors.AsType[smithy.APIError](err); ok {
			code = refused.ErrorCode()
		}
		if code != c.code || (err != nil) != (c.code != "") {
			t.Errorf("%s: %v, not %q", what, err, c.code)
		}
	}
}

// All products say that they are the sandbox's, are written as AWS writes them, and are those
// that the filters name, of one region.
func TestPricesAreToldByFilters(t *testing.T) {
	t.Parallel()
	api := priceClient(t, "eu-central-1")
	amounts := map[string]string{}
	for _, region := range []string{"eu-west-3", "eu-west-1", "eu-central-1", "eu-west-2"} {
		in := &pricing.GetProductsInput{ServiceCode: aws.String("AmazonEC2"), MaxResults: aws.Int32(100), Filters: []types.Filter{
			term("regionCode", region), term("instanceType", "m6i.large"), term("operatingSystem", "Linux"), term("capacitystatus", "Used"),
		}}
		var all []string
		for p := pricing.NewGetProductsPaginator(api, in); p.HasMorePages(); {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if *page.FormatVersion != "aws_v1" {
				t.Error(*page.FormatVersion)
			}
			all = append(all, page.PriceList...)
		}
		if len(all) != 1 {
			t.Fatalf("%s: %d products", region, len(all))
		}
		var p struct {
			Product struct {
				SKU        string
				Attributes map[string]string
			}
			Terms struct {
				OnDemand map[string]struct {
					PriceDimensions map[string]struct {
						RateCode     string
						PricePerUnit map[string]string
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(all[0]), &p); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(p.Product.SKU, "SANDBOX") || p.Product.Attributes["servicename"] != "Prices of the sandbox, not AWS's" || p.Product.Attributes["regionCode"] != region {
			t.Errorf("%+v", p.Product)
		}
		for _, term := range p.Terms.OnDemand {
			for _, d := range term.PriceDimensions {
				if !strings.HasPrefix(d.RateCode, p.Product.SKU+".") {
					t.Errorf("%+v", d)
				}
				amounts[region] = d.PricePerUnit["USD"]
			}
		}
	}
	if amounts["eu-west-3"] != "0.0760000000" || amounts["eu-west-1"] != "0.0722000000" || amounts["eu-west-2"] != "0.0836000000" {
		t.Errorf("%v", amounts)
	}
}
