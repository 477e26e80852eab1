package kit

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Steps of kinds that are one call: api is the client of the service, call the
// operation as a method expression, such as awsapi.EC2.DeleteVpc; fill says what is sent.

// Delete is a kind's Delete of one call.
func Delete[API, In, Out, Opt, A any](api func(*provision.Step) API, call func(API, context.Context, *In, ...func(*Opt)) (*Out, error), fill func(A, *In)) func(context.Context, *provision.Step, A) error {
	return func(ctx context.Context, s *provision.Step, a A) error {
		in := new(In)
		fill(a, in)
		_, err := call(api(s), ctx, in)
		return err
	}
}

// Retag is a kind's Retag of one call.
func Retag[API, In, Out, Opt, A any](api func(*provision.Step) API, call func(API, context.Context, *In, ...func(*Opt)) (*Out, error), fill func(A, provision.Tags, *In)) func(context.Context, *provision.Step, A, provision.Tags) error {
	return func(ctx context.Context, s *provision.Step, a A, tags provision.Tags) error {
		in := new(In)
		fill(a, tags, in)
		_, err := call(api(s), ctx, in)
		return err
	}
}

// Untag is a kind's Untag of one call.
func Untag[API, In, Out, Opt, A any](api func(*provision.Step) API, call func(API, context.Context, *In, ...func(*Opt)) (*Out, error), fill func(A, []string, *In)) func(context.Context, *provision.Step, A, []string) error {
	return func(ctx context.Context, s *provision.Step, a A, keys []string) error {
		in := new(In)
		fill(a, keys, in)
		_, err := call(api(s), ctx, in)
		return err
	}
}

// Set is a field's Set of one call.
func Set[API, In, Out, Opt, D, A any](api func(*provision.Step) API, call func(API, context.Context, *In, ...func(*Opt)) (*Out, error), fill func(*provision.Step, D, A, *In)) func(context.Context, *provision.Step, D, A) error {
	return func(ctx context.Context, s *provision.Step, d D, a A) error {
		in := new(In)
		fill(s, d, a, in)
		_, err := call(api(s), ctx, in)
		return err
	}
}
