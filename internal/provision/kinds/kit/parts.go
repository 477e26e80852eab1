package kit

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Part is a Batch field of a kind whose wanted resource is written down as AWS would
// describe it: its text is made of both in the same way. Put takes the wanted one over
// into the call that changes all parts; it is nil where another call does.
type Part[T, In any] struct {
	Name string
	Text func(T) string
	Put  func(want T, in *In)
}

// PartFields are the fields that the parts make.
func PartFields[D, A, T, In any](parts []Part[T, In], want func(*provision.Step, D) T, have func(A) T) []provision.Field[D, A] {
	out := make([]provision.Field[D, A], len(parts))
	for i, p := range parts {
		out[i] = provision.Field[D, A]{
			Name: p.Name, Batch: true,
			Want: func(s *provision.Step, d D) string {
				return p.Text(provision.Whole(s, func() T { return want(s, d) }))
			},
			Have: func(a A) string { return p.Text(have(a)) },
		}
	}
	return out
}

// PutParts takes the parts that were changed over into the call.
func PutParts[T, In any](parts []Part[T, In], changed []string, want T, in *In) {
	for _, p := range parts {
		if slices.Contains(changed, p.Name) {
			p.Put(want, in)
		}
	}
}

// PartOf makes a part.
func PartOf[T, In any](name string, text func(T) string, put func(want T, in *In)) Part[T, In] {
	return Part[T, In]{Name: name, Text: text, Put: put}
}
