package cloud

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Whether anything in an account still needs the account's own things.

// audience is whose a resource is: a client's, a region's when the client is empty, or those of
// an account that had another admin_region.
type audience struct {
	region, client string
	account        bool
}

// unneeded is a *GuardError that lists what is left of clients and of regions in all regions of the
// document. It asks the services, of which each tells what it has at once: AWS's tagging service hears
// of changes late. What it has found of the account's own things comes with it.
func (o *Operator) unneeded(ctx context.Context, account *provision.Scope) (*provision.Inventory, error) {
	var everything []*provision.Scope
	for _, r := range rules.Regions() {
		region := o.Within(account, provision.RegionLevel, r.Name, "")
		everything = append(everything, o.Within(account, provision.AccountLevel, r.Name, ""), region, o.Within(region, provision.ClientLevel, r.Name, ""))
	}
	inv := provision.Observe(ctx, o.Types, provision.Request{Scopes: everything, Everyone: true})
	if err := inv.Err(); err != nil {
		return nil, err
	}
	left := o.leftIn(account, inv)
	if len(left) == 0 {
		return inv, nil
	}
	lines, err := o.describeLeft(ctx, account, left)
	if err != nil || len(lines) == 0 { // gone since
		return inv, err
	}
	return inv, Guardf("account %s still holds what its keys, its buckets and its trail are for:%s", account.Account, strings.Join(lines, ""))
}

// leftIn are those of whom the account holds something, by region and name. Private keys are in
// the admin bucket and go with it, which is told where it is removed.
func (o *Operator) leftIn(account *provision.Scope, inv *provision.Inventory) []audience {
	seen := map[audience]bool{}
	for _, r := range rules.Regions() {
		for _, t := range o.Types {
			for _, res := range inv.All(t.Name, r.Name) {
				tags := res.Tags
				if tags[provision.TagManagedBy] != provision.ManagedBy || res.State == provision.Gone || t.Name == escrowKind {
					continue
				}
				whose := audience{region: cmp.Or(tags[provision.TagRegion], r.Name)}
				switch tags[provision.TagScope] {
				case provision.AccountLevel.String():
					if whose.account = true; whose.region == account.Region {
						continue
					}
				case provision.ClientLevel.String():
					whose.client = tags[provision.TagClient]
				}
				seen[whose] = true
			}
		}
	}
	out := make([]audience, 0, len(seen))
	for whose := range seen {
		out = append(out, whose)
	}
	slices.SortFunc(out, func(a, b audience) int {
		first := func(whose audience) string { return cmp.Or(whose.client, "~") } // clients go before what they share
		return cmp.Or(strings.Compare(a.region, b.region), strings.Compare(first(a), first(b)))
	})
	return out
}

// escrowKind is that of private keys in the admin bucket.
const escrowKind = "s3/escrow"

// describeLeft says what there is of each, until when what was kept is kept, and how it goes.
func (o *Operator) describeLeft(ctx context.Context, account *provision.Scope, left []audience) ([]string, error) {
	scopes := make([]*provision.Scope, len(left))
	for i, whose := range left {
		switch region := o.Within(account, provision.RegionLevel, whose.region, ""); {
		case whose.account:
			scopes[i] = o.Within(account, provision.AccountLevel, whose.region, "")
		case whose.client == "":
			scopes[i] = region
		default:
			scopes[i] = o.Within(region, provision.ClientLevel, whose.region, whose.client)
		}
	}
	inv := provision.Observe(ctx, o.Types, provision.Request{Scopes: scopes, Destroy: scopes[0]})
	var lines []string
	for i, s := range scopes {
		plan, err := provision.Compare(o.Types, inv, provision.Request{Scopes: []*provision.Scope{s}, Destroy: s})
		if err != nil {
			return nil, err
		}
		if line := leftLine(left[i], plan.Changes()); line != "" {
			lines = append(lines, "\n  ! "+line)
		}
	}
	return lines, nil
}

// leftLine is empty where nothing is left any more.
func leftLine(whose audience, changes []provision.Change) string {
	var there int
	var kept []string
	for _, c := range changes {
		switch {
		case c.Kind == escrowKind:
		case c.Op == provision.OpRetain && c.Until != nil:
			kept = append(kept, lang.Sprintf("%s %s until %s", c.Kind, c.ID, c.Until.Format(time.DateOnly)))
		case c.Op == provision.OpRetain:
			kept = append(kept, lang.Sprintf("%s %s for good", c.Kind, c.ID))
		default:
			there++
		}
	}
	switch count := there + len(kept); {
	case count == 0:
		return ""
	case whose.account:
		return lang.Sprintf("%d {resource|resources} of the account in %s: write admin_region: %[2]s, and run account destroy", count, whose.region)
	case whose.client == "" && there > 0:
		return lang.Sprintf("%d {resource|resources} that clients share in %s: cicdctl region destroy %[2]s", count, whose.region)
	case whose.client == "":
		return lang.Sprintf("kept of %s: %s; it goes with cicdctl region destroy %[1]s --purge-data", whose.region, few(kept))
	case there > 0:
		return lang.Sprintf("client %s in %s, with %d {resource|resources}: cicdctl client destroy %[1]s --region %[2]s", whose.client, whose.region, count)
	default:
		return lang.Sprintf("kept of client %s in %s: %s; it goes with cicdctl client destroy %[1]s --region %[2]s --purge-data", whose.client, whose.region, few(kept))
	}
}

// fewest are as many as are named of a longer list.
const fewest = 6

func few(all []string) string {
	if len(all) <= fewest {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:fewest], ", ") + lang.Sprintf(" and %d more", len(all)-fewest)
}
