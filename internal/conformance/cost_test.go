package conformance

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Every kind says how AWS bills it, or where AWS says that it does not.
func TestEveryKindSaysHowItIsBilled(t *testing.T) {
	t.Parallel()
	for _, k := range kinds.All() {
		if k.Billed() == (k.Free() != "") {
			t.Errorf("%s: Billing has neither or both of Items and Free", k.Name)
		}
	}
}

// costs are those of a plan for a client, and of the same client once it is there.
func costs(t *testing.T, s *spec.Spec) (planned, held *price.Estimate) {
	t.Helper()
	r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
	ctx := t.Context()
	run, err := r.Build(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := run.Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if planned, err = run.Cost(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := create(ctx, r.Operator, s); err != nil {
		t.Fatal(err)
	}
	if held, err = operator(t, r.account, cloud.Config{}).Cost(ctx, s.Client, s.Region, s); err != nil {
		t.Fatal(err)
	}
	return planned, held
}

// rarelyBilled are kinds of which such a client has none, or none that is billed.
var rarelyBilled = []string{"backup/recovery-point", "rds/cluster-snapshot", "ec2/vpc-endpoint"}

// What each kind is billed for is one product of the price list, in every region, with one price.
func TestEveryItemHasOnePrice(t *testing.T) {
	t.Parallel()
	for _, at := range rules.Regions() {
		t.Run(at.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := acme(t)
				s.Region = at.Name
				planned, held := costs(t, s)
				for _, k := range kinds.All() {
					tells := func(l price.Line) bool { return l.Kind == k.Name }
					if k.Billed() && !slices.ContainsFunc(planned.Lines, tells) && !slices.ContainsFunc(held.Lines, tells) && !slices.Contains(rarelyBilled, k.Name) {
						t.Errorf("no line of %s", k.Name)
					}
				}
				for _, e := range []*price.Estimate{planned, held} {
					if !e.Sandbox || e.Unavailable != "" || len(e.Lines) == 0 {
						t.Fatalf("sandbox %v, %d lines, unavailable: %s", e.Sandbox, len(e.Lines), e.Unavailable)
					}
					for _, l := range e.Lines {
						if l.What != "" && l.NoPrice != "" || l.What == "" && l.NoPrice == "" {
							t.Errorf("%s %s %s: %q", l.Kind, l.Role, l.What, l.NoPrice)
						}
						if l.SKU != "" && (!strings.HasPrefix(l.SKU, "SANDBOX") || !strings.HasPrefix(l.RateCode, l.SKU) || l.Unit == "" || l.Currency == "") {
							t.Errorf("%s %s: %+v", l.Kind, l.What, l)
						}
					}
				}
			})
		})
	}
}

// Once a client is there it costs what the plan said, and then a plan adds nothing.
func TestAClientCostsWhatItsPlanSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		planned, held := costs(t, acme(t))
		if len(planned.Takes) > 0 || len(planned.Adds) == 0 {
			t.Errorf("the first plan takes away %d lines and adds %d", len(planned.Takes), len(planned.Adds))
		}
		if len(held.Adds)+len(held.Takes) > 0 {
			t.Error("a look adds or takes away something")
		}
		told := func(e *price.Estimate) []string {
			var out []string
			for _, l := range e.Lines {
				what := l.What // what no language changes is in brackets at its end
				if at := strings.LastIndex(what, " ("); strings.HasSuffix(what, ")") {
					what = what[:at]
				}
				for _, text := range []string{what, l.Basis, l.NoPrice} {
					if text != "" && !report.French.Has(text) {
						t.Errorf("no French for %q", text)
					}
				}
				if l.Monthly != nil {
					out = append(out, strings.Join([]string{l.Kind, l.Role, l.What, l.Quantity.String(), l.Monthly.String(), l.Currency}, " "))
				}
			}
			slices.Sort(out)
			return out
		}
		if diff := cmp.Diff(told(planned), told(held)); diff != "" {
			t.Errorf("planned (-) and there (+) differ:\n%s", diff)
		}
	})
}

// Who may not ask for prices is told so in one line, and the plan is as it was.
func TestAPlanGoesOnWithoutPrices(t *testing.T) {
	t.Parallel()
	for what, fault := range map[string]error{
		"a caller without the permission": &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: arn:aws:iam::123456789012:user/x is not authorized to perform: pricing:GetProducts"},
		"a price list that is broken":     sandbox.Broken(),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
				r.account.OnCall(func(c sandbox.Call) (f sandbox.Fault) {
					if c.Service == pricing.ServiceID {
						f.Before = fault
					}
					return f
				})
				run, err := r.Build(t.Context(), client(t, "ACME"))
				if err != nil {
					t.Fatal(err)
				}
				p, err := run.Plan(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				e, err := run.Cost(t.Context(), p)
				if err != nil || e.Unavailable == "" || strings.Contains(e.Unavailable, "\n") || len(e.Lines)+len(e.Adds) > 0 {
					t.Errorf("%v: %+v", err, e)
				}
				if strings.Contains(what, "permission") && !strings.Contains(e.Unavailable, "pricing:GetProducts") {
					t.Errorf("does not name the permission: %s", e.Unavailable)
				}
			})
		})
	}
}

// Without --cost nobody asks for prices.
func TestNobodyAsksForPricesUnasked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{PageSize: 100, Looks: -1, Lag: -1})
		ctx, s := t.Context(), acme(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		plan(ctx, t, r.Operator, s)
		for _, c := range r.account.Calls() {
			if c.Service == pricing.ServiceID {
				t.Fatal("a price was asked for")
			}
		}
	})
}
