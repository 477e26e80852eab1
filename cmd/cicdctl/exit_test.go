package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestExitCodes(t *testing.T) {
	for name, test := range map[string]struct {
		err         error
		interrupted bool
		want        int
	}{
		"done":                            {want: session.ExitDone},
		"anything else":                   {err: errors.New("boom"), want: session.ExitError},
		"a command line":                  {err: session.Usagef("", "what?"), want: session.ExitUsage},
		"an invalid spec":                 {err: fmt.Errorf("read: %w", &spec.InvalidError{}), want: session.ExitUsage},
		"an invalid configuration":        {err: &cloud.ConfigError{Err: errors.New("bad")}, want: session.ExitUsage},
		"drift":                           {err: session.ExitCode(session.ExitFindings), want: session.ExitFindings},
		"not confirmed":                   {err: session.Refuse("", "no"), want: session.ExitRefused},
		"a guard":                         {err: &cloud.GuardError{Reason: "no"}, want: session.ExitRefused},
		"no slot":                         {err: &cloud.NoSlotError{}, want: session.ExitNoSlot},
		"no slot, found out in the run":   {err: &session.StoppedError{Err: &cloud.NoSlotError{}, Done: report.Tally{}}, want: session.ExitNoSlot},
		"interrupted":                     {err: context.Canceled, interrupted: true, want: session.ExitInterrupted},
		"interrupted after all was done":  {interrupted: true, want: session.ExitDone},
		"interrupted when it had to stop": {err: &session.StoppedError{Err: errors.New("boom"), Done: report.Tally{}}, interrupted: true, want: session.ExitInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exitCode(test.err, test.interrupted); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestCommandToGoOnWithCanBePasted(t *testing.T) {
	a := &session.Session{Print: report.New(nil, nil, nil), Args: []string{"client", "create", "ACME", "--spec", "my file.yaml", "--lang", ""}}
	if got, want := a.Command("--yes"), "cicdctl client create ACME --spec 'my file.yaml' --lang '' --yes"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
