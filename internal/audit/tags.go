package audit

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// What AWS's tagging service tells an audit.

// tagged asks every region what carries cicdctl's tags.
func (a *auditing) tagged(ctx context.Context) map[string][]Tagged {
	found, errs := make([][]Tagged, len(a.Regions)), make([]error, len(a.Regions))
	var g sync.WaitGroup
	for i, region := range a.Regions {
		g.Go(func() { found[i], errs[i] = tagged(ctx, a.op.Factory.Set(region)) })
	}
	g.Wait()
	out := map[string][]Tagged{}
	for i, region := range a.Regions {
		out[region] = found[i]
		if errs[i] != nil {
			a.skip("what carries cicdctl's tags", region, errs[i])
		}
	}
	return out
}

// globalRegion is where AWS's tagging service tells of what is in no region: of IAM's.
const globalRegion = "us-east-1"

// taggedGlobally is what carries cicdctl's tags in no region. When the tagging
// service does not tell, IAM itself is asked, so nothing goes unaudited.
func (a *auditing) taggedGlobally(ctx context.Context) []Tagged {
	if found, err := tagged(ctx, a.op.Factory.Set(globalRegion)); err == nil {
		return found
	}
	return nil
}

// index are the tags by region and ARN: so that services that tell tags only one at
// a time are asked about nothing that is known already.
func index(tagged map[string][]Tagged, global []Tagged) map[string]map[string]provision.Tags {
	out := map[string]map[string]provision.Tags{}
	for region, all := range tagged {
		if len(all) == 0 {
			continue
		}
		out[region] = map[string]provision.Tags{}
		for _, t := range slices.Concat(all, global) {
			out[region][strings.TrimSuffix(t.ARN, ":*")] = t.Tags
		}
	}
	return out
}

// wider looks for what clients have left that are in no region any more: at all clients,
// and also at regions that have none, as far as anything there carries cicdctl's tags.
func (a *auditing) wider(request provision.Request, parts []*part) provision.Request {
	gone := func(name string) bool {
		return !slices.ContainsFunc(a.Clients, func(c Audience) bool { return c.Name == name })
	}
	if len(a.whom.Names) > 0 && !slices.ContainsFunc(a.whom.Names, gone) {
		return request
	}
	request.Everyone = true
	for _, p := range parts {
		if p.scopes != nil || p.here == nil || len(request.Index[p.region]) == 0 {
			continue
		}
		request.Scopes = append(slices.Clip(request.Scopes), p.here)
		names := map[string]bool{}
		for _, tags := range request.Index[p.region] {
			if name := tags[provision.TagClient]; name != "" && tags[provision.TagRegion] == p.region && a.asked(name) {
				names[name] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			request.Scopes = append(request.Scopes, a.op.Within(p.here, provision.ClientLevel, p.region, name))
		}
	}
	return request
}
