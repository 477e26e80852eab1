package kit

import "context"

// Do makes a call whose answer nobody needs.
func Do[In, Out, Opt any](ctx context.Context, call func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) error {
	_, err := call(ctx, in)
	return err
}

// Get makes a call and takes of its answer what is needed.
func Get[In, Out, Opt, T any](ctx context.Context, call func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In, take func(*Out) T) (T, error) {
	out, err := call(ctx, in)
	if err != nil {
		var none T
		return none, err
	}
	return take(out), nil
}
