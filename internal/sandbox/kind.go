package sandbox

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

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
