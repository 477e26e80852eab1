package secrets

import (
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

func billSecret(*provision.Bill, *wantSecret, **secret) []price.Item {
	of := func(family, usage string) price.Product {
		return price.Product{Service: "AWSSecretsManager", Filters: map[string]string{"productFamily": family}, Usage: usage}
	}
	return []price.Item{
		{What: "secrets", Product: of("Secret", "AWSSecretsManager-Secrets"), Per: price.ByMonth, Quantity: price.Count(1)},
		{What: "requests to Secrets Manager", Product: of("API Request", "AWSSecretsManagerAPIRequest"), Per: price.ByUse},
	}
}
