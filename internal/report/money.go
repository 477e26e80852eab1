package report

import (
	"strings"

	"gitlab.com/cicd/cicdctl/internal/price"
)

// The separators of numbers, and what stands between a number and its currency (Unicode CLDR:
// French groups by narrow no-break spaces).
const (
	narrowSpace = "\u202f"
	noBreak     = "\u00a0"
)

// Money is an amount in whole cents, with the code of its currency as AWS tells it:
// "1,234.56 USD", in French "1 234,56 USD".
func Money(l Lang, a price.Amount, currency string) string {
	return decimal(l, a.Fixed(2)) + noBreak + currency
}

// UnitPrice is an exact price, with two decimals or as many as it has.
func UnitPrice(l Lang, a price.Amount, currency string) string {
	text := a.String()
	if a.Fixed(2) == text || len(text)-strings.IndexByte(text, '.') < 3 || !strings.Contains(text, ".") {
		text = a.Fixed(2)
	}
	return decimal(l, text) + noBreak + currency
}

// Quantity is an exact number, with two decimals where it has more.
func Quantity(l Lang, a price.Amount) string {
	text := a.String()
	if at := strings.IndexByte(text, '.'); at >= 0 && len(text)-at > 3 {
		text = a.Fixed(2)
	}
	return decimal(l, text)
}

// decimal writes a decimal number as the language does.
func decimal(l Lang, text string) string {
	group, point := ",", "."
	if l == French {
		group, point = narrowSpace, ","
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, part, broken := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if broken {
		whole += point + part
	}
	return sign + whole
}

// Totals are sums of money, mostly one: nobody knows the rate between two currencies.
func Totals(l Lang, totals []price.Total) string {
	parts := make([]string, len(totals))
	for i, t := range totals {
		parts[i] = Money(l, t.Monthly, t.Currency)
	}
	return strings.Join(parts, " + ")
}
