package sandbox

// settling is what a resource was before one of its settings was written a moment ago.
// Not all of a service's servers have heard of the new value at once, so that looks are
// told the new and the former one by turns. S3 does so with lifecycles above all, and
// longest in London (Terraform's provider, internal/service/s3/bucket_lifecycle_configuration.go:
// three equal reads in a row "works in, e.g. us-west-2, but larger values are required in,
// e.g. eu-west-2"); KMS with policies, rotation and tags (internal/service/kms/key.go).
type settling[T any] struct {
	Was   T
	Looks int // that are told by turns still
}

// settlingLooks are told by turns: an even number, so that the former value is told both
// early and late. How long slow things take has no say in it.
const settlingLooks = 4

// settle notes what r was before a setting is written.
func settle[T any](t *tx, all *map[string]*settling[T], name string, was T) {
	if t.opts.Looks <= 0 {
		return
	}
	if *all == nil {
		*all = map[string]*settling[T]{}
	}
	(*all)[name] = &settling[T]{Was: was, Looks: settlingLooks}
}

// told is what a look at a setting is told of: what is, or what was. Of turns, odd says
// whether the first and every other look after it is told what was, or the second.
func told[T any](all map[string]*settling[T], name string, odd bool, is T) T {
	seen := peek(all, name, odd, is)
	looked(all, name)
	return seen
}

// peek is told for a look that has more pages to come.
func peek[T any](all map[string]*settling[T], name string, odd bool, is T) T {
	if s := all[name]; s != nil && (s.Looks%2 == 0) == odd {
		return s.Was
	}
	return is
}

// looked ends a look.
func looked[T any](all map[string]*settling[T], name string) {
	if s := all[name]; s != nil {
		if s.Looks--; s.Looks == 0 {
			delete(all, name)
		}
	}
}
