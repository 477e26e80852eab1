package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestExitCodes(t *testing.T) {
	for name, test := range map[string]struct {
		err         error
		interrupted bool
		want        int
	}{
		"done":                            {want: exitDone},
		"anything else":                   {err: errors.New("boom"), want: exitError},
		"a command line":                  {err: usagef("", "what?"), want: exitUsage},
		"an invalid spec":                 {err: fmt.Errorf("read: %w", &spec.InvalidError{}), want: exitUsage},
		"an invalid configuration":        {err: &cloud.ConfigError{Err: errors.New("bad")}, want: exitUsage},
		"drift":                           {err: exitOnly(exitFindings), want: exitFindings},
		"not confirmed":                   {err: refuse("", "no"), want: exitRefused},
		"a guard":                         {err: &cloud.GuardError{Reason: "no"}, want: exitRefused},
		"no slot":                         {err: &cloud.NoSlotError{}, want: exitNoSlot},
		"no slot, found out in the run":   {err: &stoppedError{&cloud.NoSlotError{}, report.Tally{}}, want: exitNoSlot},
		"interrupted":                     {err: context.Canceled, interrupted: true, want: exitInterrupted},
		"interrupted after all was done":  {interrupted: true, want: exitDone},
		"interrupted when it had to stop": {err: &stoppedError{errors.New("boom"), report.Tally{}}, interrupted: true, want: exitInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exitCode(test.err, test.interrupted); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestCommandToGoOnWithCanBePasted(t *testing.T) {
	a := &app{args: []string{"client", "create", "ACME", "--spec", "my file.yaml", "--lang", ""}}
	if got, want := a.command("--yes"), "cicdctl client create ACME --spec 'my file.yaml' --lang '' --yes"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
