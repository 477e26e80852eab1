package dossier

import (
	"context"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The prices of a dossier are those of AWS's price list, put together without losing anything.
func TestPricesAreThoseOfThePriceList(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		d, err := Gather(ctx, open(t, r.account), Asked{Client: "ACME", Region: region, Spec: s, Cost: true})
		if err != nil {
			t.Fatal(err)
		}
		e, err := open(t, r.account).Cost(ctx, "ACME", region, s)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Price.NotRead) > 0 || d.Price.Unavailable != "" || len(d.Price.Lines) == 0 {
			t.Fatalf("%+v", d.Price)
		}
		for _, shared := range []bool{false, true} {
			want := price.Sum(e.Lines, func(l price.Line) bool { return l.Shared == shared })
			got := d.Price.Totals
			if shared {
				got = d.Price.Shared
			}
			var lines price.Amount
			for _, l := range d.Price.Lines {
				if l.Shared == shared && l.Fixed && l.Monthly != nil {
					lines = lines.Plus(*l.Monthly)
				}
			}
			if len(want) != 1 || len(got) != 1 || got[0].Monthly.Cmp(want[0].Monthly) != 0 || lines.Cmp(want[0].Monthly) != 0 || lines.Sign() <= 0 {
				t.Errorf("shared %t: the total is %v, the lines come to %s, the price list says %v", shared, got, lines, want)
			}
		}
		for l, wanted := range map[lang.Lang][]string{lang.English: {"## Price", "Fixed, the client's own", "Shared by the clients of the region"}, lang.French: {"## Prix", "Fixe, propre au client"}} {
			for _, want := range wanted {
				if text := markdown(t, d, l); !strings.Contains(text, want) {
					t.Errorf("%s: lacks %q:\n%s", l, want, section(text, "Price"))
				}
			}
		}
		if d := r.gather(ctx, s, false); d.Price != nil {
			t.Error("there are prices that nobody asked for")
		}
	})
}
