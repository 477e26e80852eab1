package session

import (
	"errors"
	"fmt"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// The exit codes.
const (
	ExitDone        = 0 // or no change
	ExitError       = 1
	ExitUsage       = 2 // or an invalid spec or configuration
	ExitFindings    = 3 // something would change
	ExitRefused     = 4 // a guard, a foreign resource, a preflight, no confirmation
	ExitNoSlot      = 5
	ExitInterrupted = 130
)

// ExitCode ends the program with a code; what there is to say was said.
type ExitCode int

func (e ExitCode) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// FixedError is an error with what to do about it.
type FixedError struct {
	error
	fix string
}

// Remedy is what a person can do.
func (e *FixedError) Remedy() string { return e.fix }

func (e *FixedError) Unwrap() error { return e.error }

// UsageError is a command line that cannot be understood.
type UsageError struct{ FixedError }

// AsUsage makes an error one of how the command was typed.
func AsUsage(err error) error {
	if _, ok := errors.AsType[*UsageError](err); ok {
		return err
	}
	return &UsageError{FixedError{err, ""}}
}

// Usagef makes an error of how the command was typed, with what to do about it.
func Usagef(fix, format string, args ...any) error {
	return &UsageError{FixedError{lang.Errorf(format, args...), lang.Say(fix)}}
}

// RefusalError is a change that was not made because it may not, or was not wanted.
type RefusalError struct{ FixedError }

// Refuse makes an error of a guard, with what to do about it.
func Refuse(fix, format string, args ...any) error {
	return &RefusalError{FixedError{lang.Errorf(format, args...), lang.Say(fix)}}
}

// StoppedError is a run that ended before its plan did.
type StoppedError struct {
	Err  error
	Done report.Tally
}

func (e *StoppedError) Error() string { return e.Err.Error() }

func (e *StoppedError) Unwrap() error { return e.Err }

// Stopped ends the program after a wait that was cut short, which has been told.
func Stopped(a *Session) error {
	if interrupted, _ := a.Signals.How(); interrupted {
		return ExitCode(ExitInterrupted)
	}
	return ExitCode(ExitError)
}
