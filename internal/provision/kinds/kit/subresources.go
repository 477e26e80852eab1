package kit

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// Subresources are what AWS tells, and takes, by calls of their own: the settings of a
// bucket, the rules of a listener, the items of a list.

// Optional reads what a resource may be without; then there is nothing to note.
func Optional[In, Out, Opt any](ctx context.Context, call func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In, note func(*Out)) error {
	out, err := call(ctx, in)
	if err == nil {
		note(out)
	}
	return awsapi.IgnoreNotFound(err)
}

// ListAs reads all pages and makes of each item what a kind works with, or leaves it out
// where as returns nil.
func ListAs[Opt, Page, Item, A any](ctx context.Context, p paginator[Opt, Page], items func(Page) []Item, as func(Item) *A) ([]*A, error) {
	all, err := All(ctx, p, items)
	if err != nil {
		return nil, err
	}
	return Chosen(all, as), nil
}

// Chosen is what as makes of the items, without nil.
func Chosen[Item, A any](all []Item, as func(Item) *A) []*A {
	var out []*A
	for _, item := range all {
		if a := as(item); a != nil {
			out = append(out, a)
		}
	}
	return out
}

// LinesOf is the canonical text of a list: that of each item, sorted, one a line.
func LinesOf[T any](items []T, text func(T) string) string { return Lines(Texts(items, text)) }
