package sandbox

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// table is what a service has of one type of resource, in the order of creation.
type table[R any] []*R

// first returns the first resource that is meant, nil without one.
func (rows table[R]) first(is func(*R) bool) *R {
	if i := slices.IndexFunc(rows, is); i >= 0 {
		return rows[i]
	}
	return nil
}

// where returns the resources that are meant.
func (rows table[R]) where(is func(*R) bool) []*R {
	var out []*R
	for _, r := range rows {
		if is(r) {
			out = append(out, r)
		}
	}
	return out
}

func (rows *table[R]) add(r *R) { *rows = append(*rows, r) }

func (rows *table[R]) drop(gone *R) { rows.dropAll(func(r *R) bool { return r == gone }) }

func (rows *table[R]) dropAll(gone func(*R) bool) { *rows = slices.DeleteFunc(*rows, gone) }

// row is a resource as AWS's API has it, with what the sandbox remembers beside it.
type row[T any] struct {
	V T
	meta
}

// meta is what the sandbox remembers of any resource beside what AWS's API tells of it.
type meta struct {
	Lag   int    `json:",omitempty"` // lists that still leave it out
	Late  bool   `json:",omitempty"` // the list that is being read leaves it out
	Looks int    `json:",omitempty"` // describes until the next state
	Token string `json:",omitempty"` // client token of its creation
	Until int64  `json:",omitempty"` // Unix time before which it does not change
	Slow  int64  `json:",omitempty"` // the same in nanoseconds, of what was made by one of Options.Takes
}

// lagging is what is remembered of a new resource that the next lists leave out.
func (t *tx) lagging(token *string) meta { return meta{Lag: t.opts.Lag, Token: aws.ToString(token)} }

// pending is what is remembered of a new resource that is not ready at once.
func (t *tx) pending() meta { return meta{Looks: t.opts.Looks} }

// slow is what is remembered of a new resource that takes its time, by the operation that made it.
func (t *tx) slow(operation string) meta {
	m := t.pending()
	if takes := t.opts.Takes[operation]; takes > 0 {
		m.Slow = t.now.Add(takes).UnixNano()
	}
	return m
}

// waits is wait for what may be slow.
func (t *tx) waits(m *meta) bool { return m.wait() || t.now.UnixNano() < m.Slow }

// wait counts one describe, and reports whether the resource stays in its state for it.
func (m *meta) wait() bool {
	if m.Looks > 0 {
		m.Looks--
		return true
	}
	return false
}

// gone counts one list, and reports whether a deleted resource is no longer in it.
func (m *meta) gone() bool { return !m.wait() }

// late reports whether a list leaves a new resource out, the same on all its pages.
func (t *tx) late(m *meta) bool {
	if !t.more {
		if m.Late = m.Lag > 0; m.Late {
			m.Lag--
		}
	}
	return m.Late
}

// find returns the resource with an ID, a name or an ARN, nil without one.
func find[T any](rows []*row[T], id string, of func(*T) *string) *row[T] {
	return table[row[T]](rows).first(func(r *row[T]) bool { return aws.ToString(of(&r.V)) == id })
}

func count[T any](rows []*row[T], is func(T) bool) int {
	return len(table[row[T]](rows).where(func(r *row[T]) bool { return is(r.V) }))
}

// found is a resource that was looked for, or else the service's refusal.
func found[R any](r *R, refuse func(code, format string, args ...any) error, code, format string, args ...any) (*R, error) {
	if r == nil {
		return nil, refuse(code, format, args...)
	}
	return r, nil
}

// list cuts one page out of the resources that are shown, as the API has them.
func list[R, T any](t *tx, rows []*R, token *string, shown func(*R) (T, bool)) (part []T, next *string, err error) {
	var all []T
	for _, r := range rows {
		if v, ok := shown(r); ok {
			all = append(all, v)
		}
	}
	return page(t, all, token)
}

// again is the answer to a create call with a client token that was used before.
func again[T any](rows []*row[T], token *string, same func(T) bool) (*T, error) {
	for _, r := range rows {
		if aws.ToString(token) == "" || r.Token != *token {
			continue
		}
		if !same(r.V) {
			return nil, apiError("IdempotentParameterMismatch", "The client token you have provided is associated with a resource whose attributes differ from those of the request.")
		}
		return &r.V, nil
	}
	return nil, nil
}

// set overwrites what a request names.
func set[T any](old **T, by *T) {
	if by != nil {
		*old = by
	}
}

// setTo is set for what is no pointer.
func setTo[T any](old, by *T) {
	if by != nil {
		*old = *by
	}
}

// setList is set for lists: an empty one counts.
func setList[T any](old *[]T, by []T) {
	if by != nil {
		*old = by
	}
}

// each returns what of makes of all items.
func each[T, U any](items []T, of func(T) U) []U {
	var out []U
	for _, item := range items {
		out = append(out, of(item))
	}
	return out
}

// sorted returns what of makes of a map, in the order of the keys.
func sorted[U any](all map[string]string, of func(key, value *string) U) []U {
	return each(slices.Sorted(maps.Keys(all)), func(key string) U { return of(&key, aws.String(all[key])) })
}

// put adds to a map, which is made first where there is none.
func put[K comparable, V any](to *map[K]V, key K, value V) {
	if *to == nil {
		*to = map[K]V{}
	}
	(*to)[key] = value
}

// kind is what operations on a type of resource need to know of it.
type kind[T, G any] struct {
	service string // the SDK's service id
	prefix  string // of its resources in their ARNs: "vpc/"
	rows    func(*tx) table[row[T]]
	id      func(*T) *string // the ID or the name that requests have
	tags    func(*T) *[]G    // nil where they are kept elsewhere
	// missing and message are the refusal when a resource does not exist; the message has
	// a place for its ID, unless it is that of several.
	missing, message string
}

// find returns a resource, nil without one.
func (k kind[T, G]) find(t *tx, id string) *row[T] { return find(k.rows(t), id, k.id) }

// get finds a resource, or refuses in the service's words.
func (k kind[T, G]) get(t *tx, id *string) (*row[T], error) {
	return k.known(k.find(t, aws.ToString(id)), id)
}

// getLower is get for a service whose IDs are in lower case, however they are written.
func (k kind[T, G]) getLower(t *tx, id *string) (*row[T], error) {
	return k.known(k.find(t, strings.ToLower(aws.ToString(id))), id)
}

func (k kind[T, G]) known(r *row[T], id *string) (*row[T], error) {
	if strings.Contains(k.message, "%s") {
		return found(r, apiError, k.missing, k.message, aws.ToString(id))
	}
	return found(r, apiError, k.missing, "%s", k.message)
}

// on is for operations on one resource of the type.
func (k kind[T, G]) on(a *Account) resources[*string, *row[T]] { return on(a, k.service, k.get) }

// onLower is on with getLower.
func (k kind[T, G]) onLower(a *Account) resources[*string, *row[T]] {
	return on(a, k.service, k.getLower)
}

// tagsOf returns the tags of a resource, nil without one.
func (k kind[T, G]) tagsOf(t *tx, id string) *[]G {
	if r := k.find(t, id); r != nil {
		return k.tags(&r.V)
	}
	return nil
}

// eachTagged tells the tags of all resources of the type that lists have heard of.
func (k kind[T, G]) eachTagged(t *tx, see func(id string, tags []G)) {
	for _, r := range k.rows(t) {
		if !t.late(&r.meta) {
			see(aws.ToString(k.id(&r.V)), *k.tags(&r.V))
		}
	}
}

// refusal is what is said of a resource that does not exist by operations on several types.
func (k kind[T, G]) refusal() string { return k.missing }

// arnPrefix is how the ARN's resource begins.
func (k kind[T, G]) arnPrefix() string { return k.prefix }

// exists reports whether there is a resource.
func (k kind[T, G]) exists(t *tx, id string) bool { return k.find(t, id) != nil }

// tagged has GetResources tell the tags of the type.
func (k kind[T, G]) tagged(a *Account, tags tagList[G], service string) {
	tagged(a, k.service, tags, func(t *tx) []*row[T] { return k.rows(t) }, func(t *tx, r *row[T]) (string, []G) {
		return t.arn(service, k.prefix+*k.id(&r.V)), *k.tags(&r.V)
	})
}
