package sandbox

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// tagFault is what may be wrong with a tag.
type tagFault int

const (
	reservedTag  tagFault = 1 << iota // the key begins with "aws:", as only AWS's own do
	repeatedTag                       // the key was there before
	emptyTag                          // the key is empty
	longTag                           // the key is longer than 128 bytes
	longTagValue                      // the value is longer than 256 bytes

	anyTagFault = reservedTag | repeatedTag | emptyTag | longTag | longTagValue
)

// tagRules are what a service refuses of the tags in a request.
type tagRules struct {
	faults  tagFault
	pattern *lazyregexp.Regexp // of keys; nil for any
	folded  bool               // keys that differ in case only are the same
	refuse  func(fault tagFault, key string) error

	most     int  // tags; 0 for any number
	sum      bool // most is of all tags that the resource has then, not of those in the request
	sumFirst bool // the number is looked at before the tags
	tooMany  error
}

// reserves are the rules of a service that refuses keys of AWS's own, and nothing else.
func reserves(refusal error) tagRules {
	return tagRules{faults: reservedTag, refuse: func(tagFault, string) error { return refusal }}
}

// refuses are those of a service that has one refusal for all that it finds wrong with a tag.
func refuses(faults tagFault, refuse func(key string) error) tagRules {
	return tagRules{faults: faults, refuse: func(_ tagFault, key string) error { return refuse(key) }}
}

// upTo adds a limit, which is looked at last.
func (r tagRules) upTo(most int, tooMany error) tagRules {
	r.most, r.tooMany = most, tooMany
	return r
}

// firstUpTo adds a limit, which is looked at first.
func (r tagRules) firstUpTo(most int, tooMany error) tagRules {
	r.sumFirst = true
	return r.upTo(most, tooMany)
}

// ofAll makes the limit one of all tags of a resource.
func (r tagRules) ofAll() tagRules {
	r.sum = true
	return r
}

// judge refuses tags, of which there will be so many.
func (r tagRules) judge(tags iter.Seq2[string, string], n int) error {
	over := r.most > 0 && n > r.most
	if over && r.sumFirst {
		return r.tooMany
	}
	seen := map[string]bool{}
	for key, value := range tags {
		if fault := r.fault(key, value, seen); fault != 0 {
			return r.refuse(fault, key)
		}
		seen[r.fold(key)] = true
	}
	if over {
		return r.tooMany
	}
	return nil
}

func (r tagRules) fault(key, value string, seen map[string]bool) tagFault {
	switch {
	case r.faults&reservedTag != 0 && strings.HasPrefix(strings.ToLower(key), "aws:"):
		return reservedTag
	case r.faults&repeatedTag != 0 && seen[r.fold(key)]:
		return repeatedTag
	case r.faults&emptyTag != 0 && key == "":
		return emptyTag
	case r.faults&longTag != 0 && len(key) > 128, r.pattern != nil && !r.pattern.MatchString(key):
		return longTag
	case r.faults&longTagValue != 0 && len(value) > 256:
		return longTagValue
	}
	return 0
}

func (r tagRules) fold(key string) string {
	if r.folded {
		return strings.ToLower(key)
	}
	return key
}

// tagKind is how a service keeps the tags of a resource.
type tagKind[S any] interface {
	add(have *S, added S) error
	remove(have *S, keys []string)
	each(tags S) iter.Seq2[string, string]
}

// tagList are tags in the order in which they came, as most services keep them.
type tagList[T any] struct {
	parts func(T) (key, value *string)
	tagRules
}

func (k tagList[T]) each(tags []T) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, tag := range tags {
			if key, value := k.parts(tag); !yield(aws.ToString(key), aws.ToString(value)) {
				return
			}
		}
	}
}

// check refuses the tags of a new resource.
func (k tagList[T]) check(tags []T) error { return k.judge(k.each(tags), len(tags)) }

// merge lays new tags over old ones.
func (k tagList[T]) merge(have, added []T) []T {
	out := slices.Clone(have)
	for _, tag := range added {
		key, _ := k.parts(tag)
		out = slices.DeleteFunc(out, func(old T) bool {
			had, _ := k.parts(old)
			return k.fold(aws.ToString(had)) == k.fold(aws.ToString(key))
		})
		out = append(out, tag)
	}
	return out
}

func (k tagList[T]) add(have *[]T, added []T) error {
	merged, n := k.merge(*have, added), len(added)
	if k.sum {
		n = len(merged)
	}
	if err := k.judge(k.each(added), n); err != nil {
		return err
	}
	*have = merged
	return nil
}

func (k tagList[T]) remove(have *[]T, keys []string) {
	*have = slices.DeleteFunc(slices.Clone(*have), func(tag T) bool {
		key, _ := k.parts(tag)
		return slices.Contains(keys, aws.ToString(key))
	})
}

// same compares tags whatever their order.
func (k tagList[T]) same(a, b []T) bool {
	return len(a) == len(b) && maps.Equal(maps.Collect(k.each(a)), maps.Collect(k.each(b)))
}

// tagMap are tags without an order, as some services keep them.
type tagMap struct{ tagRules }

func (tagMap) each(tags map[string]string) iter.Seq2[string, string] { return maps.All(tags) }

// check refuses the tags of a new resource.
func (k tagMap) check(tags map[string]string) error { return k.judge(maps.All(tags), len(tags)) }

func (k tagMap) add(have *map[string]string, added map[string]string) error {
	if err := k.check(added); err != nil {
		return err
	}
	for key, value := range added {
		put(have, key, value)
	}
	return nil
}

func (tagMap) remove(have *map[string]string, keys []string) {
	for _, key := range keys {
		delete(*have, key)
	}
}

// taggable are resources whose tags can be changed.
type taggable[K, S any] struct {
	resources[K, *S]
	kind tagKind[S]
}

func tagsOn[K, R, S any](on resources[K, R], kind tagKind[S], of func(R) *S) taggable[K, S] {
	return taggable[K, S]{kind: kind, resources: resources[K, *S]{on.account, on.service, func(t *tx, key K) (*S, error) {
		r, err := on.find(t, key)
		if err != nil {
			return nil, err
		}
		return of(r), nil
	}}}
}

// opTag registers the operation that adds tags.
func opTag[O, I, K, S any](on taggable[K, S], of func(*I) (key K, added S)) {
	key := func(in *I) K { key, _ := of(in); return key }
	opChange[O](on.resources, key, func(_ *tx, have *S, in *I) error {
		_, added := of(in)
		return on.kind.add(have, added)
	})
}

// opUntag registers the operation that removes tags.
func opUntag[O, I, K, S any](on taggable[K, S], of func(*I) (key K, gone []string)) {
	key := func(in *I) K { key, _ := of(in); return key }
	opChange[O](on.resources, key, func(_ *tx, have *S, in *I) error {
		_, gone := of(in)
		on.kind.remove(have, gone)
		return nil
	})
}

// opListTags registers the operation that lists tags, on one page.
func opListTags[I, O, K, S any](on taggable[K, S], key func(*I) K, answer func(*O, S)) {
	opOn(on.resources, key, func(_ *tx, have *S, _ *I) (*O, error) {
		out := new(O)
		answer(out, *have)
		return out, nil
	})
}
