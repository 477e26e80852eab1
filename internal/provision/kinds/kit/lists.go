package kit

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Texts are the texts of all items, in their order.
func Texts[T any](items []T, text func(T) string) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = text(item)
	}
	return out
}

// Where are the items that are as asked for.
func Where[T any](items []T, is func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(items), func(item T) bool { return !is(item) })
}

// Listed makes of everything that was read a list for people, without what has no text.
func Listed[T any](all []T, err error, text func(T) string) (string, error) {
	return Join(Texts(all, text)...), err
}

// Join is a list for people of all texts that are not empty.
func Join(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), ", ")
}

// Gather asks about every item, several at once, and leaves out those that AWS does not
// find: they are gone since they were listed.
func Gather[T, U any](ctx context.Context, items []T, ask func(context.Context, T) (U, error)) ([]U, error) {
	answers, found := make([]U, len(items)), make([]bool, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(oneByOne)
	for i, item := range items {
		group.Go(func() (err error) {
			answers[i], err = ask(ctx, item)
			found[i] = err == nil
			return awsapi.IgnoreNotFound(err)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var out []U
	for i, answer := range answers {
		if found[i] {
			out = append(out, answer)
		}
	}
	return out, nil
}

// InChunks asks about all items, as many with a call as AWS takes.
func InChunks[T, U any](items []T, most int, ask func([]T) ([]U, error)) ([]U, error) {
	var all []U
	for chunk := range slices.Chunk(items, most) {
		some, err := ask(chunk)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Each calls f for one item after the other until it fails.
func Each[T any](items []T, f func(T) error) error {
	for _, item := range items {
		if err := f(item); err != nil {
			return err
		}
	}
	return nil
}

// Drop is Each for calls that remove: items that AWS does not find are gone already.
func Drop[T any](items []T, remove func(T) error) error {
	return Each(items, func(item T) error { return awsapi.IgnoreNotFound(remove(item)) })
}

// List is a kind's List of one paginated call, for kinds that work with the SDK's own type.
func List[Opt, Page, Item any, P paginator[Opt, Page]](pages func(*provision.Sweep) P, items func(Page) []Item) func(context.Context, *provision.Sweep) ([]*Item, error) {
	return func(ctx context.Context, w *provision.Sweep) ([]*Item, error) {
		return Pointers(All(ctx, pages(w), items))
	}
}

// Concerns reports whether what a name tells of is of a client that the sweep is for.
func Concerns(w *provision.Sweep, of func(client string) bool) bool {
	return len(w.Clients) == 0 || slices.ContainsFunc(w.Clients, of)
}
