package kit

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// TagCodec turns tags into those of one service's SDK and back.
type TagCodec[T any] struct {
	make func(key, value *string) T
	read func(T) (key, value *string)
}

// Tags is the codec of a service: how it makes a tag, and how one is read.
func Tags[T any](make func(key, value *string) T, read func(T) (key, value *string)) TagCodec[T] {
	return TagCodec[T]{make, read}
}

// To are tags as the service takes them, sorted by key, so that the same call is sent
// in every run.
func (c TagCodec[T]) To(tags provision.Tags) []T {
	out := make([]T, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, c.make(aws.String(key), aws.String(tags[key])))
	}
	return out
}

// Of are the tags that the service has told.
func (c TagCodec[T]) Of(tags []T) provision.Tags {
	out := make(provision.Tags, len(tags))
	for _, t := range tags {
		key, value := c.read(t)
		out[aws.ToString(key)] = aws.ToString(value)
	}
	return out
}
