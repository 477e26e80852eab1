package kit

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Member is a Batch field of a kind whose wanted resource is written down as AWS would
// describe it: its text is made of both in the same way. Put takes the wanted one over
// into the call that changes all members.
type Member[T, In any] struct {
	Name string
	Text func(T) string
	Put  func(want T, in *In)
}

// MemberFields are the fields that the members make.
func MemberFields[D, A, T, In any](members []Member[T, In], want func(*provision.Step, D) T, have func(A) T) []provision.Field[D, A] {
	out := make([]provision.Field[D, A], len(members))
	for i, m := range members {
		out[i] = provision.Field[D, A]{
			Name: m.Name, Batch: true,
			Want: func(s *provision.Step, d D) string {
				return m.Text(provision.Whole(s, func() T { return want(s, d) }))
			},
			Have: func(a A) string { return m.Text(have(a)) },
		}
	}
	return out
}

// PutMembers takes the members that were changed over into the call.
func PutMembers[T, In any](members []Member[T, In], changed []string, want T, in *In) {
	for _, m := range members {
		if slices.Contains(changed, m.Name) {
			m.Put(want, in)
		}
	}
}

// MemberOf makes a member.
func MemberOf[T, In any](name string, text func(T) string, put func(want T, in *In)) Member[T, In] {
	return Member[T, In]{Name: name, Text: text, Put: put}
}
