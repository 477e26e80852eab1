package kit

import (
	"context"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// oneByOne is how many calls are under way at once where AWS answers about one
// resource at a time: enough to hide the latency, few enough for its rate limits.
const oneByOne = 12

// Parallel calls f for every item, several at once; the first error ends it.
func Parallel[T any](ctx context.Context, items []T, f func(context.Context, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(oneByOne)
	for _, item := range items {
		group.Go(func() error { return f(ctx, item) })
	}
	return group.Wait()
}

// Present asks about every item, several at once, and leaves out those that AWS does
// not find: they are gone since they were listed.
func Present[T any](ctx context.Context, items []T, ask func(context.Context, T) error) ([]T, error) {
	found := make([]bool, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(oneByOne)
	for i, item := range items {
		group.Go(func() error {
			err := ask(ctx, item)
			found[i] = err == nil
			return awsapi.IgnoreNotFound(err)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var present []T
	for i, item := range items {
		if found[i] {
			present = append(present, item)
		}
	}
	return present, nil
}

// WithTags reads the tags of resources whose service tells them only one at a time:
// from the look's index, or else from the service. What is gone since it was listed is
// left out.
func WithTags[A any](ctx context.Context, w *provision.Sweep, all []A, arn func(A) string, tags func(A) *provision.Tags, ask func(context.Context, A) (provision.Tags, error)) ([]A, error) {
	return Present(ctx, all, func(ctx context.Context, a A) (err error) {
		into := tags(a)
		if told, there := w.Index[arn(a)]; there {
			*into = told
			return nil
		}
		*into, err = ask(ctx, a)
		return err
	})
}
