package price

import (
	"math/big"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Amount is an exact decimal number: a price, a quantity, or what they come to. The zero
// value is 0. It is never rounded; who shows it does that.
type Amount struct{ rat *big.Rat }

// Count is a whole number as an Amount.
func Count(n int64) Amount { return Amount{new(big.Rat).SetInt64(n)} }

// Parts is a quantity that is told in smaller units than it is billed in: bytes of which a
// unit has 1 << 30. of is 1 or more.
func Parts(n, of int64) Amount { return Amount{big.NewRat(n, max(of, 1))} }

// ParseAmount reads a decimal number as AWS writes it: "0.0500000000".
func ParseAmount(text string) (Amount, error) {
	r, ok := new(big.Rat).SetString(text)
	if !ok || strings.ContainsAny(text, "/_eExXpP") {
		return Amount{}, lang.Errorf("%q is not a decimal number", text)
	}
	return Amount{r}, nil
}

func (a Amount) value() *big.Rat {
	if a.rat == nil {
		return new(big.Rat)
	}
	return a.rat
}

// Times is the product.
func (a Amount) Times(b Amount) Amount { return Amount{new(big.Rat).Mul(a.value(), b.value())} }

// Plus is the sum.
func (a Amount) Plus(b Amount) Amount { return Amount{new(big.Rat).Add(a.value(), b.value())} }

// Minus is the difference.
func (a Amount) Minus(b Amount) Amount { return Amount{new(big.Rat).Sub(a.value(), b.value())} }

// Sign is -1, 0 or 1.
func (a Amount) Sign() int { return a.value().Sign() }

// Cmp compares as cmp.Compare does.
func (a Amount) Cmp(b Amount) int { return a.value().Cmp(b.value()) }

// Fixed is the number with n decimals, rounded half away from zero.
func (a Amount) Fixed(n int) string { return a.value().FloatString(n) }

// decimals are enough for every exact result: prices of AWS have at most ten, and a byte is
// 1/2^30 of the unit that storage is billed in, which has thirty.
const decimals = 40

// String is the exact number without zeros at the end: "36.5".
func (a Amount) String() string {
	text := a.Fixed(decimals)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// MarshalText writes the exact number.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads it.
func (a *Amount) UnmarshalText(text []byte) error {
	read, err := ParseAmount(string(text))
	*a = read
	return err
}
