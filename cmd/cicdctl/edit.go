package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// edition is a client's file with new values. Nothing of it is written yet.
type edition struct {
	target
	was       *spec.Spec
	old, text []byte
	changes   []spec.Change // those that differ from what was
}

// edit reads a client's file and gives it new values. What comes out passes all
// that a file must pass.
func (a *app) edit(name, asked string, changes []spec.Change) (*edition, error) {
	file, old, checks, err := a.readSpec(name, asked)
	if err != nil {
		return nil, err
	}
	if old == nil {
		return nil, noFile(a, name, file)
	}
	// The checks are not for the old values: the new ones may be what mends them.
	was, err := parseSpec(name, file, old)
	if err != nil {
		return nil, err
	}
	text, err := spec.Edit(file, old, changes...)
	if byHand, ok := errors.AsType[*spec.EditError](err); ok {
		return nil, refuse("when that is done, run: "+a.next("client create %s", name), "nothing was changed: %w", byHand)
	}
	if err != nil {
		return nil, notOnDisk(err)
	}
	s, err := parseSpec(name, file, text, checks)
	if err != nil {
		return nil, notOnDisk(err)
	}
	differs := func(c spec.Change) bool { return was.Value(c.Path) != s.Value(c.Path) }
	changes = slices.DeleteFunc(slices.Clone(changes), func(c spec.Change) bool { return !differs(c) })
	return &edition{target{name, file, s, false}, was, old, text, changes}, nil
}

func noFile(a *app, name, file string) error {
	return usagef(fmt.Sprintf("write one with %s, or build the client with %s", a.next("spec init %s --region REGION", name), a.next("client create %s --region REGION", name)),
		"%s has no spec file: %s does not exist", name, file)
}

// notOnDisk takes the lines out of problems of a text that nobody can look into.
func notOnDisk(err error) error {
	invalid, ok := errors.AsType[*spec.InvalidError](err)
	if !ok {
		return err
	}
	out := &spec.InvalidError{File: invalid.File + " with these values"}
	for _, p := range invalid.Problems {
		p.Line, p.Column = 0, 0
		out.Problems = append(out.Problems, p)
	}
	return &fixed{out, "nothing was changed, neither on AWS nor in the file"}
}

// set gives a client's file new values and brings the client to what it then says.
func (a *app) set(ctx context.Context, name, asked string, yes bool, changes []spec.Change) error {
	e, err := a.edit(name, asked, changes)
	if err != nil {
		return err
	}
	run, plan, err := a.plan(ctx, e.spec)
	if err != nil {
		return err
	}
	return a.ensure(ctx, job{
		target: &e.target, run: run, plan: plan, yes: yes, notes: a.editNotes(e), edited: len(e.changes) > 0,
		save: func() error { return a.saveEdition(e, asked) },
	})
}

// editNotes tell what the file will say, and what that means for copies there are.
func (a *app) editNotes(e *edition) []string {
	var notes []string
	for _, c := range e.changes {
		notes = append(notes, fmt.Sprintf("%s: %s %v → %v", e.file, c.Path, e.was.Value(c.Path), c.Value))
	}
	if was, now := e.was.Backup.RetentionDays, e.spec.Backup.RetentionDays; now < was {
		notes = append(notes, a.print.Sayf("the continuous backup will go back %d days instead of %d: AWS drops what is older", now, was))
	}
	return notes
}

// saveEdition writes the file, if nobody else did since it was read. From there on
// it is the file that says what the client should have.
func (a *app) saveEdition(e *edition, asked string) error {
	if len(e.changes) == 0 {
		return nil
	}
	switch err := rewrite(e.file, e.old, e.text); {
	case errors.Is(err, errChanged) && holds(e.file, e.text): // the same command, run twice
	case errors.Is(err, errChanged):
		return refuse("run the same command again", "nothing was changed: %s was changed by somebody else meanwhile", e.file)
	case err != nil:
		return unreadable(err)
	default:
		a.print.Tell("wrote %s", e.file)
	}
	a.again = a.next("client create %s", e.name)
	if asked != "" || slices.ContainsFunc(a.args, func(arg string) bool { return strings.HasPrefix(arg, "--spec-dir") }) {
		a.again = a.next("client create %s --spec %s", e.name, quoted(e.file))
	}
	return nil
}
