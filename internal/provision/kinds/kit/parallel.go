package kit

import (
	"context"

	"golang.org/x/sync/errgroup"
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
