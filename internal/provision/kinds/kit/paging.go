// Package kit is what kinds of several services share: pages, tags, canonical text,
// fields that are changed by one call.
package kit

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// paginator is what every paginator of the SDK has.
type paginator[Opt, Page any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Opt)) (Page, error)
}

// All reads the items of all pages.
func All[Opt, Page, Item any](ctx context.Context, p paginator[Opt, Page], items func(Page) []Item) ([]Item, error) {
	var all []Item
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, items(page)...)
	}
	return all, nil
}

// AllByToken is All for operations for which the SDK has no paginator: page asks for the page
// that a token stands for, nil for the first, and returns the token of the next.
func AllByToken[Item any](page func(token *string) (items []Item, next *string, err error)) ([]Item, error) {
	all, next, err := page(nil)
	for err == nil && next != nil {
		var more []Item
		more, next, err = page(next)
		all = append(all, more...)
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Map makes of everything that was read what a kind works with.
func Map[T, U any](all []T, err error, as func(T) U) ([]U, error) {
	if err != nil {
		return nil, err
	}
	out := make([]U, len(all))
	for i, item := range all {
		out[i] = as(item)
	}
	return out, nil
}

// Pointers is for kinds that work with the SDK's own type. What is shared by a sweep
// is copied, so that a kind may write to it.
func Pointers[T any](all []T, err error) ([]*T, error) {
	return Map(all, err, func(item T) *T { return &item })
}

// Shared reads all pages of a list that several kinds need, once a sweep.
func Shared[Opt, Page, Item any](ctx context.Context, w *provision.Sweep, name string, p paginator[Opt, Page], items func(Page) []Item) ([]Item, error) {
	return provision.Shared(w, name, func() ([]Item, error) { return All(ctx, p, items) })
}
