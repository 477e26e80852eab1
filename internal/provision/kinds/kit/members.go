package kit

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Member is a Part of a kind whose wanted resource is written down as AWS would
// describe it. Put takes the wanted one over into the call that changes all members.
type Member[T, In any] struct {
	Part[T]
	Put func(want T, in *In)
}

// MemberFields are the fields that the members make.
func MemberFields[D, A, T, In any](members []Member[T, In], want func(*provision.Step, D) T, have func(A) T) []provision.Field[D, A] {
	parts := make([]Part[T], len(members))
	for i, m := range members {
		parts[i] = m.Part
	}
	return Parts(want, have, parts)
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
	return Member[T, In]{Part[T]{name, text}, put}
}
