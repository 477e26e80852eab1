package lang

import "fmt"

// New makes an error of a text, which is told in the language of the run.
func New(text string) error { return &told{format: text, plain: true} }

// Errorf makes an error as fmt.Errorf does, with any number of %w. It is put into words when it is
// told, in the language of the run.
func Errorf(format string, args ...any) error {
	said := told{format: format, args: args}
	switch err := fmt.Errorf(format, args...).(type) { //nolint:errorlint // how it wraps, not what it is
	case interface{ Unwrap() error }:
		return &wrapping{said, err.Unwrap()}
	case interface{ Unwrap() []error }:
		return &joining{said, err.Unwrap()}
	default:
		return &said
	}
}

// told is an error that wraps none.
type told struct {
	format string
	args   []any
	plain  bool // is no format
}

func (e *told) Error() string {
	l := Current()
	if e.plain {
		return l.Say(e.format)
	}
	return fmt.Errorf(l.format(e.format, e.args), l.local(e.args)...).Error()
}

// wrapping is an error that wraps one.
type wrapping struct {
	told
	err error
}

func (e *wrapping) Unwrap() error { return e.err }

// joining is an error that wraps several.
type joining struct {
	told
	errs []error
}

func (e *joining) Unwrap() []error { return e.errs }
