package main

import (
	"cmp"
	"errors"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// exitCode is the one place where an error becomes an exit code.
func exitCode(err error, interrupted bool) int {
	var only session.ExitCode
	var bad *session.UsageError
	var invalid *spec.InvalidError
	var config *cloud.ConfigError
	var noSlot *cloud.NoSlotError
	var refused *session.RefusalError
	switch {
	case err == nil:
		return session.ExitDone
	case errors.As(err, &only):
		return int(only)
	case interrupted:
		return session.ExitInterrupted
	case errors.As(err, &bad), errors.As(err, &invalid), errors.As(err, &config):
		return session.ExitUsage
	case errors.As(err, &refused), cloud.Refused(err):
		return session.ExitRefused
	case errors.As(err, &noSlot):
		return session.ExitNoSlot
	default:
		return session.ExitError
	}
}

// codeWords are those of the exit codes in JSON; what is not among them is an "error".
var codeWords = map[int]string{session.ExitUsage: "usage", session.ExitRefused: "refused", session.ExitNoSlot: "no-slot", session.ExitInterrupted: "interrupted"}

// exit tells an error and returns the exit code.
func exit(a *session.Session, err error) int {
	interrupted, expired := a.Signals.How()
	code := exitCode(err, interrupted)
	var only session.ExitCode
	if err == nil || errors.As(err, &only) {
		return code
	}
	t := report.Trouble{Err: err, Interrupted: interrupted, Code: cmp.Or(codeWords[code], "error"), Exit: code}
	if a.Client != "" {
		t.TakeBack = func(c provision.Change) string {
			return a.Next("client import %s %s %s %s", a.Client, c.Kind, c.Role, c.ID)
		}
	}
	if expired {
		t.Expired = a.Flags.Timeout
	}
	var stopped *session.StoppedError
	if errors.As(err, &stopped) {
		t.Applied, t.Done = true, stopped.Done
	}
	if stopped != nil || interrupted || expired {
		if t.Again = a.Again; t.Again == "" {
			t.Again = a.Command()
		}
	}
	a.Print.Failure(t)
	return code
}
