package kit

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Immutable is a field that AWS cannot change; fix is what a person can do about a
// difference.
func Immutable[D, A any](name string, want func(*provision.Step, D) string, have func(A) string, fix string) provision.Field[D, A] {
	return provision.Field[D, A]{Name: name, Want: want, Have: have, Fix: fix}
}

// Settable is a field that is changed by itself.
func Settable[D, A any](name string, want func(*provision.Step, D) string, have func(A) string, set func(context.Context, *provision.Step, D, A) error) provision.Field[D, A] {
	return provision.Field[D, A]{Name: name, Want: want, Have: have, Set: set}
}

// Const is a field's Want that is the same for every resource.
func Const[D any](text string) func(*provision.Step, D) string {
	return func(*provision.Step, D) string { return text }
}

// Wanted is a field's Want that needs no more than what is wanted.
func Wanted[D any](text func(D) string) func(*provision.Step, D) string {
	return func(_ *provision.Step, d D) string { return text(d) }
}

// IDOf is a field's Want that is the identifier of another resource.
func IDOf[D any](kind string, role provision.Role) func(*provision.Step, D) string {
	return func(s *provision.Step, _ D) string { return s.ID(kind, role) }
}

// One wants a single resource with one role, about which there is nothing to choose.
func One(role provision.Role) func(*provision.Scope) map[provision.Role]struct{} {
	return func(*provision.Scope) map[provision.Role]struct{} { return map[provision.Role]struct{}{role: {}} }
}

// OneOf wants a single resource with one role.
func OneOf[D any](role provision.Role, want func(*provision.Scope) D) func(*provision.Scope) map[provision.Role]D {
	return func(s *provision.Scope) map[provision.Role]D { return map[provision.Role]D{role: want(s)} }
}

// ByRole wants all of a list, each with its own role.
func ByRole[D any](all []D, role func(D) provision.Role) map[provision.Role]D {
	out := make(map[provision.Role]D, len(all))
	for _, d := range all {
		out[role(d)] = d
	}
	return out
}

// Name is a KeyOf that needs no more than what is wanted.
func Name[D any](name func(D) string) func(*provision.Scope, D) string {
	return func(_ *provision.Scope, d D) string { return name(d) }
}

// Title is a Title that needs no more than what is wanted.
func Title[D any](title func(D) string) func(*provision.Scope, provision.Role, D) string {
	return func(_ *provision.Scope, _ provision.Role, d D) string { return title(d) }
}

// Named is the naming of a kind of which a wanted name says everything.
func Named[A any](name func(A) string) provision.Naming[string, A] {
	return provision.Naming[string, A]{Key: name, KeyOf: func(_ *provision.Scope, name string) string { return name }}
}

// Fact is the one thing that there is to know about a resource.
func Fact[A any](name string, value func(A) *string) func(A) []provision.Fact {
	return func(a A) []provision.Fact { return []provision.Fact{{Name: name, Value: aws.ToString(value(a))}} }
}

// WorkloadTags are the ExtraTags of what is there for a workload.
func WorkloadTags(_ *provision.Scope, d Workload) provision.Tags { return d.Labels() }
