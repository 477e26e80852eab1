package main

import (
	"errors"
	"fmt"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The exit codes.
const (
	exitDone        = 0 // or no change
	exitError       = 1
	exitUsage       = 2 // or an invalid spec or configuration
	exitFindings    = 3 // something would change
	exitRefused     = 4 // a guard, a foreign resource, a preflight, no confirmation
	exitNoSlot      = 5
	exitInterrupted = 130
)

// exitCode is the one place where an error becomes an exit code.
func exitCode(err error, interrupted bool) int {
	var only exitOnly
	var bad *usageError
	var invalid *spec.InvalidError
	var config *cloud.ConfigError
	var noSlot *cloud.NoSlotError
	var refused *refusal
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &only):
		return int(only)
	case interrupted:
		return exitInterrupted
	case errors.As(err, &bad), errors.As(err, &invalid), errors.As(err, &config):
		return exitUsage
	case errors.As(err, &refused), cloud.Refused(err):
		return exitRefused
	case errors.As(err, &noSlot):
		return exitNoSlot
	default:
		return exitError
	}
}

// exit tells an error and returns the exit code.
func (a *app) exit(err error) int {
	interrupted, expired := a.signals.how()
	code := exitCode(err, interrupted)
	var only exitOnly
	if err == nil || errors.As(err, &only) {
		return code
	}
	t := report.Trouble{Err: err, Interrupted: interrupted}
	if expired {
		t.Expired = a.flags.timeout
	}
	var stopped *stoppedError
	if errors.As(err, &stopped) {
		t.Applied, t.Done = true, stopped.done
	}
	if stopped != nil || interrupted || expired {
		if t.Again = a.again; t.Again == "" {
			t.Again = a.command()
		}
	}
	a.print.Failure(t)
	return code
}

// next is another command for the same account.
func (a *app) next(format string, args ...any) string {
	line := "cicdctl " + fmt.Sprintf(format, args...)
	if a.flags.sandboxFile != "" {
		return line + " --sandbox-file " + a.flags.sandboxFile
	}
	if a.sandbox() != "" {
		return line + " --sandbox"
	}
	return line
}

// command is the command line to go on with.
func (a *app) command(more ...string) string {
	words := []string{"cicdctl"}
	for _, arg := range append(append([]string(nil), a.args...), more...) {
		words = append(words, quoted(arg))
	}
	return strings.Join(words, " ")
}

// quoted is an argument as a shell wants it.
func quoted(arg string) string {
	if strings.ContainsAny(arg, " \t\n'\"\\$&|;<>()*?[]#~`!{}") || arg == "" {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
}

// exitOnly ends the program with a code; what there is to say was said.
type exitOnly int

func (e exitOnly) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// fixed is an error with what to do about it.
type fixed struct {
	error
	fix string
}

func (e *fixed) Remedy() string { return e.fix }
func (e *fixed) Unwrap() error  { return e.error }

// usageError is a command line that cannot be understood.
type usageError struct{ fixed }

func usage(err error) error {
	if _, ok := errors.AsType[*usageError](err); ok {
		return err
	}
	return &usageError{fixed{err, ""}}
}

func usagef(fix, format string, args ...any) error {
	return &usageError{fixed{fmt.Errorf(format, args...), fix}}
}

// refusal is a change that was not made because it may not, or was not wanted.
type refusal struct{ fixed }

func refuse(fix, format string, args ...any) error {
	return &refusal{fixed{fmt.Errorf(format, args...), fix}}
}

// stoppedError is a run that ended before its plan did.
type stoppedError struct {
	err  error
	done report.Tally
}

func (e *stoppedError) Error() string { return e.err.Error() }
func (e *stoppedError) Unwrap() error { return e.err }
