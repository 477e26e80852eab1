package kit

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// Texts are the texts of all items.
func Texts[T any](items []T, text func(T) string) []string {
	var out []string
	for _, item := range items {
		out = append(out, text(item))
	}
	return out
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

// Drop removes one item after the other; those that AWS does not find are gone already.
func Drop[T any](items []T, remove func(T) error) error {
	for _, item := range items {
		if err := awsapi.IgnoreNotFound(remove(item)); err != nil {
			return err
		}
	}
	return nil
}
