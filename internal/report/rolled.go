package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// A plan that is longer than a screen is rolled up: what is the same is said once, and what is
// created is counted unless it is billed by the hour, reached from the internet, or a database. What is removed,
// changed, in the way or kept is named, with all that differs.

// bundle is what a plan does in the same way to several resources of a kind.
type bundle []provision.Change

// bundles puts together what is the same, in the order in which it first comes.
func bundles(changes []provision.Change) []bundle {
	var out []bundle
	at := map[string]int{}
	for _, ch := range changes {
		key := fmt.Sprintf("%s %s %s %q %q", ch.Op, ch.Kind, ch.Scope.Level, ch.Why, ch.Diffs)
		i, there := at[key]
		if !there {
			i, at[key] = len(out), len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], ch)
	}
	return out
}

// counted reports whether it is enough to say of how many resources a bundle is.
func (u bundle) counted() bool {
	ch := u[0]
	return ch.Op == provision.OpLater || ch.Op == provision.OpCreate && ch.Why == "" && !costly(ch) && !exposed(ch) && !slices.Contains(databases, ch.Kind)
}

// leastNamed is how many of a bundle are named at least.
const leastNamed = 10

// names lists what a bundle is about.
func (p *Printer) names(u bundle) string {
	names, separator := make([]string, len(u)), ", "
	for i, ch := range u {
		if names[i] = ch.Role; ch.Op == provision.OpCreate && ch.Name != "" {
			names[i], separator = p.Lang.Value(ch.Name), "; " // what it costs goes by what it is
		}
	}
	if more := len(names) - leastNamed; more > 1 && (slices.Contains(plentiful, u[0].Kind) || len(u[0].Diffs) > 0) {
		return strings.Join(names[:leastNamed], separator) + " " + p.Lang.Sayf("and %d more", more)
	}
	return strings.Join(names, separator)
}

// rolledBody is planBody for a plan that is longer than a screen.
func (p *Printer) rolledBody(b *strings.Builder, c Palette, plan Plan) {
	names, members := grouped(plan.Changes, func(c provision.Change) string { return c.Kind })
	kindWidth := 0
	for _, ch := range plan.Changes {
		if ch.Op != provision.OpCreate || !(bundle{ch}).counted() {
			kindWidth = max(kindWidth, len(ch.Kind))
		}
	}
	for _, name := range names {
		fmt.Fprintln(b, c.Bold.Render(p.Lang.Say(name)))
		var counted []bundle
		for _, u := range bundles(members[name]) {
			ch := u[0]
			if u.counted() && ch.Op == provision.OpCreate {
				counted = append(counted, u)
				continue
			}
			remark := dotted(append([]string{p.names(u), p.owner(c, plan, ch)}, p.meaning(c, ch)...)...)
			switch {
			case u.counted():
				remark = dotted(append([]string{strconv.Itoa(len(u)), p.owner(c, plan, ch)}, p.meaning(c, ch)...)...)
			case len(u) == 1:
				remark = dotted(ch.Role, p.remark(c, plan, ch))
			}
			fmt.Fprintf(b, "  %s %-*s  %s\n", c.mark(ch.Op), kindWidth, ch.Kind, remark)
			for _, d := range ch.Diffs {
				p.diff(b, c, d)
			}
		}
		if line := p.counts(counted); line != "" {
			fmt.Fprintf(b, "  %s %s\n", c.mark(provision.OpCreate), line)
		}
	}
}

// counts is what is created, the most frequent kind first: "6 ec2/subnet, 1 ec2/vpc".
func (p *Printer) counts(all []bundle) string {
	by, kinds := map[string]int{}, []string{}
	for _, u := range all {
		if by[u[0].Kind] == 0 {
			kinds = append(kinds, u[0].Kind)
		}
		by[u[0].Kind] += len(u)
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(by[b], by[a]) })
	for i, kind := range kinds {
		kinds[i] = p.Keep(fmt.Sprintf("%d %s", by[kind], kind))
	}
	return strings.Join(kinds, ", ")
}
