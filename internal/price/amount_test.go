package price

import "testing"

func TestAmountsAreExact(t *testing.T) {
	t.Parallel()
	read := func(text string) Amount {
		a, err := ParseAmount(text)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for what, c := range map[string]struct{ got, want string }{
		"ten decimals of AWS's survive a month":       {read("0.0000004500").Times(Count(730)).String(), "0.0003285"},
		"a tenth and two tenths are three tenths":     {read("0.1").Plus(read("0.2")).String(), "0.3"},
		"a whole number has no point":                 {Count(1200).String(), "1200"},
		"half a cent goes up":                         {read("0.005").Fixed(2), "0.01"},
		"half a cent less goes down":                  {read("-0.005").Fixed(2), "-0.01"},
		"a byte is an exact part of a GiB":            {Parts(1<<29, 1<<30).String(), "0.5"},
		"a byte less than a GiB keeps all its digits": {Parts(1, 1<<30).Times(Count(1 << 30)).String(), "1"},
		"nothing is 0":                                {Amount{}.String(), "0"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, not %s", what, c.got, c.want)
		}
	}
	for _, text := range []string{"", "1/3", "1e3", "0x10", "1_000", "USD", "Inf"} {
		if a, err := ParseAmount(text); err == nil {
			t.Errorf("%q is read as %s", text, a)
		}
	}
}
