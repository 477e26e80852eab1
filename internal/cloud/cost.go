package cloud

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/price"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// prices is the price list. What AWS tells is kept for a day; what an account tells that stands
// for AWS is asked in each run.
func (o *Operator) prices() *price.List {
	l := &price.List{API: o.Factory.Set(o.cfg.AdminRegion).Pricing}
	if o.Factory.PricesAreReal() {
		l.Cache = price.UserCache()
	}
	return l
}

// Cost is what a client costs in a month, and what it shares with others does, by AWS's price
// list: its region's and its account's resources. It reads those that AWS bills. s is the
// client's spec, or nil. Where the price list cannot be asked, the estimate says why.
func (o *Operator) Cost(ctx context.Context, client, region string, s *spec.Spec) (*price.Estimate, error) {
	scopes, err := o.scopesOf(ctx, client, region, s)
	if err != nil {
		return nil, err
	}
	held, err := provision.LookBilled(ctx, o.Types, provision.Request{Scopes: scopes})
	if err != nil {
		return nil, err
	}
	return o.estimate(ctx, region, held)
}

// Cost is what there is after a plan, what the plan adds to it and what it takes away.
func (r *Run) Cost(ctx context.Context, plan *Plan) (*price.Estimate, error) {
	return r.Op.estimate(ctx, r.Scope().Region, plan.Bills())
}

func (o *Operator) estimate(ctx context.Context, region string, resources []price.Resource) (*price.Estimate, error) {
	e, err := o.Prices().Estimate(ctx, region, resources)
	if err != nil {
		return nil, err
	}
	for _, t := range o.Types {
		if !t.Billed() {
			e.Free = append(e.Free, price.Free{Kind: t.Name, Why: t.Free()})
		}
	}
	return e, nil
}
