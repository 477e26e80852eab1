package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/pricing"
)

// pricingRegion is where the price list is asked for the prices of all regions. It has
// endpoints in us-east-1, eu-central-1 and ap-south-1 only (AWS General Reference, "AWS Price
// List endpoints"); accounts are often kept from using regions outside of Europe.
const pricingRegion = "eu-central-1"

// Pricing is the part of the AWS Price List API that cicdctl uses: the same whatever the
// region of the Set.
type Pricing interface {
	GetProducts(context.Context, *pricing.GetProductsInput, ...func(*pricing.Options)) (*pricing.GetProductsOutput, error)
}
