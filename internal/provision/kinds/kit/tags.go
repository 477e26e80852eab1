package kit

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// TagCodec turns tags into those of one service's SDK and back. It is where the SDK's
// tag has its key and its value.
type TagCodec[T any] func(*T) (key, value **string)

// To are tags as the service takes them, sorted by key, so that every run sends the
// same call.
func (c TagCodec[T]) To(tags provision.Tags) []T {
	out := make([]T, len(tags))
	for i, k := range slices.Sorted(maps.Keys(tags)) {
		key, value := c(&out[i])
		*key, *value = aws.String(k), aws.String(tags[k])
	}
	return out
}

// Of are the tags that the service has told.
func (c TagCodec[T]) Of(tags []T) provision.Tags {
	out := make(provision.Tags, len(tags))
	for i := range tags {
		key, value := c(&tags[i])
		out[aws.ToString(*key)] = aws.ToString(*value)
	}
	return out
}
