// Package kinds is everything cicdctl makes on AWS: one file per resource type,
// and the commented, ordered list of them in kinds.go.
package kinds

import (
	"context"
	"iter"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// paginator is what every paginator of the SDK has.
type paginator[Opt, Page any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Opt)) (Page, error)
}

// pages yields the items of all pages; an error ends it.
func pages[Opt, Page, Item any](ctx context.Context, p paginator[Opt, Page], items func(Page) []Item) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for p.HasMorePages() {
			page, err := p.NextPage(ctx)
			if err != nil {
				var none Item
				yield(none, err)
				return
			}
			for _, item := range items(page) {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// collect reads a sequence to its end.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range seq {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// replay yields what was collected before.
func replay[T, U any](all []T, err error, as func(T) U) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		if err != nil {
			var none U
			yield(none, err)
			return
		}
		for _, item := range all {
			if !yield(as(item), nil) {
				return
			}
		}
	}
}

// lines is the canonical text of a list: sorted, one item a line.
func lines(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	items = slices.Clone(items)
	slices.Sort(items)
	return strings.Join(slices.Compact(items), "\n")
}

// onOff is the canonical text of a switch.
func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// missing returns the items of the canonical list want that have lacks.
func missing(want, have string) []string {
	var out []string
	held := strings.Split(have, "\n")
	for item := range strings.SplitSeq(want, "\n") {
		if item != "" && !slices.Contains(held, item) {
			out = append(out, item)
		}
	}
	return out
}

// same is for what is replayed as it is.
func same[T any](item T) T { return item }

// placeOf is what ARNs of the scope share.
func placeOf(s *provision.Scope) rules.Place {
	return rules.Place{Partition: s.Partition, Region: s.Region, Account: s.Account}
}
