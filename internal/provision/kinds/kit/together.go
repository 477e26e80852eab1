package kit

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Fields that are set together are a table of Changes. Most of them are one member of the
// call: Text, Count and Flag say what it is to be, where the resource has it, and where
// the call has it.

// Text is a member that is a string.
func Text[D, A, In any](name string, want func(*provision.Step, D) string, have func(A) *string, member func(*In) **string) Change[D, A, In] {
	return Change[D, A, In]{
		Name: name, Want: want, Have: func(a A) string { return aws.ToString(have(a)) },
		Put: func(s *provision.Step, d D, _ A, in *In) { *member(in) = aws.String(want(s, d)) },
	}
}

// Count is a member that is a number; nothing is 0.
func Count[D, A, In any](name string, want func(D) int32, have func(A) *int32, member func(*In) **int32) Change[D, A, In] {
	return Change[D, A, In]{
		Name: name, Have: func(a A) string { return Number(have(a)) },
		Want: func(_ *provision.Step, d D) string { return Number(aws.Int32(want(d))) },
		Put:  func(_ *provision.Step, d D, _ A, in *In) { *member(in) = aws.Int32(want(d)) },
	}
}

// Flag is a member that is always the same switch.
func Flag[D, A, In any](name string, want bool, have func(A) *bool, member func(*In) **bool) Change[D, A, In] {
	return Change[D, A, In]{
		Name: name, Have: func(a A) string { return OnOff(aws.ToBool(have(a))) },
		Want: func(*provision.Step, D) string { return OnOff(want) },
		Put:  func(_ *provision.Step, _ D, _ A, in *In) { *member(in) = aws.Bool(want) },
	}
}

// Put is a Batch field that Update puts again whatever differs.
func Put[D, A any](name string, want func(*provision.Step, D) string, have func(A) string) provision.Field[D, A] {
	return provision.Field[D, A]{Name: name, Batch: true, Want: want, Have: have}
}

// Part is one text of what AWS sets as a whole.
type Part[W any] struct {
	Name string
	Text func(W) string
}

// Parts are the Batch fields of a whole: the same texts of the one wanted and of the one
// that is there.
func Parts[D, A, W any](want func(*provision.Step, D) W, have func(A) W, parts []Part[W]) []provision.Field[D, A] {
	out := make([]provision.Field[D, A], len(parts))
	for i, p := range parts {
		out[i] = provision.Field[D, A]{
			Name: p.Name, Batch: true, Have: func(a A) string { return p.Text(have(a)) },
			Want: func(s *provision.Step, d D) string {
				return p.Text(provision.Whole(s, func() W { return want(s, d) }))
			},
		}
	}
	return out
}
