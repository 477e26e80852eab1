// Package kit is what kinds of several services share: pages, tags, canonical text,
// fields that are changed by one call.
package kit

import (
	"context"
	"iter"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// paginator is what every paginator of the SDK has.
type paginator[Opt, Page any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Opt)) (Page, error)
}

// Pages yields the items of all pages; an error ends it.
func Pages[Opt, Page, Item any](ctx context.Context, p paginator[Opt, Page], items func(Page) []Item) iter.Seq2[Item, error] {
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

// Collect reads a sequence to its end.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range seq {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// Replay yields what was collected before.
func Replay[T, U any](all []T, err error, as func(T) U) iter.Seq2[U, error] {
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

// Same is for what is replayed as it is.
func Same[T any](item T) T { return item }

// Shared collects all pages of a list that several kinds need, once a sweep.
func Shared[Opt, Page, Item any](ctx context.Context, w *provision.Sweep, name string, p paginator[Opt, Page], items func(Page) []Item) ([]Item, error) {
	return provision.Shared(w, name, func() ([]Item, error) { return Collect(Pages(ctx, p, items)) })
}
