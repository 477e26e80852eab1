package kms

import (
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// billKey: a key that waits for its deletion is not billed, and not listed here. Each of its
// first two rotations is billed like another key (AWS KMS pricing, "Key storage").
func billKey(_ *provision.Bill, _ *wantKey, _ **Key) []price.Item {
	of := func(family, usage string) price.Product {
		return price.Product{Service: "awskms", Filters: map[string]string{"productFamily": family}, Usage: usage}
	}
	return []price.Item{
		{What: "KMS keys", Product: of("Encryption Key", "KMS-Keys"), Per: price.ByMonth, Quantity: price.Count(1), Basis: "the first two yearly rotations each add as much"},
		{What: "requests to KMS", Product: of("API Request", "KMS-Requests"), Per: price.ByUse},
	}
}
