package kit

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Change is a Batch field with its part of the one call that changes them all.
type Change[D, A, In any] struct {
	Name string
	Want func(*provision.Step, D) string
	Have func(A) string
	Put  func(*provision.Step, D, A, *In)
}

// BatchFields are the fields that the changes make.
func BatchFields[D, A, In any](changes []Change[D, A, In]) []provision.Field[D, A] {
	out := make([]provision.Field[D, A], len(changes))
	for i, c := range changes {
		out[i] = provision.Field[D, A]{Name: c.Name, Want: c.Want, Have: c.Have, Batch: true}
	}
	return out
}

// Fill writes what was changed into the call.
func Fill[D, A, In any](changes []Change[D, A, In], changed []string, s *provision.Step, d D, a A, in *In) {
	for _, c := range changes {
		if slices.Contains(changed, c.Name) {
			c.Put(s, d, a, in)
		}
	}
}
