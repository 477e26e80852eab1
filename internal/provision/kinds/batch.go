package kinds

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// change is a Batch field with its part of the one call that changes them all.
type change[D, A, In any] struct {
	name string
	want func(*provision.Step, D) string
	have func(A) string
	put  func(*provision.Step, D, A, *In)
}

// batchFields are the fields that the changes make.
func batchFields[D, A, In any](changes []change[D, A, In]) []provision.Field[D, A] {
	out := make([]provision.Field[D, A], len(changes))
	for i, c := range changes {
		out[i] = provision.Field[D, A]{Name: c.name, Want: c.want, Have: c.have, Batch: true}
	}
	return out
}

// fill writes what was changed into the call.
func fill[D, A, In any](changes []change[D, A, In], changed []string, s *provision.Step, d D, a A, in *In) {
	for _, c := range changes {
		if slices.Contains(changed, c.name) {
			c.put(s, d, a, in)
		}
	}
}
