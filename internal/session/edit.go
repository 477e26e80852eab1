package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// edition is a client's file with new values. Nothing of it is written yet.
type edition struct {
	Target
	was       *spec.Spec
	old, text []byte
	changes   []spec.Change // those that differ from what was
}

// editSpec reads a client's file and gives it new values. What comes out passes all
// that a file must pass.
func editSpec(a *Session, name, asked string, changes []spec.Change) (*edition, error) {
	file, old, checks, err := readSpec(a, name, asked)
	if err != nil {
		return nil, err
	}
	if old == nil {
		return nil, NoFile(a, name, file)
	}
	// The checks are not for the old values: the new ones may be what mends them.
	was, err := parseSpec(a, name, file, old)
	if err != nil {
		return nil, err
	}
	if err := a.required(file, was.RequiredVersion); err != nil {
		return nil, err
	}
	text, err := spec.Edit(file, old, changes...)
	if byHand, ok := errors.AsType[*spec.EditError](err); ok {
		return nil, Refuse(lang.Sprintf("when that is done, run: %s", a.Next("client create %s", name)), "nothing was changed: %w", byHand)
	}
	if err != nil {
		return nil, notOnDisk(err)
	}
	s, err := parseSpec(a, name, file, text, checks)
	if err != nil {
		return nil, notOnDisk(err)
	}
	differs := func(c spec.Change) bool { return was.Value(c.Path) != s.Value(c.Path) }
	changes = slices.DeleteFunc(slices.Clone(changes), func(c spec.Change) bool { return !differs(c) })
	if value, other := a.requires(was); other && len(changes) > 0 {
		raise := spec.Change{Path: spec.RequiredPath, Value: value}
		if text, err = spec.Edit(file, text, raise); err != nil {
			return nil, notOnDisk(err)
		}
		if s, err = parseSpec(a, name, file, text, checks); err != nil {
			return nil, notOnDisk(err)
		}
		changes = append(changes, raise)
	}
	return &edition{Target{name, file, s, false}, was, old, text, changes}, nil
}

// NoFile refuses a command that needs a spec file where there is none.
func NoFile(a *Session, name, file string) error {
	return Usagef(lang.Sprintf("write one with %s, or build the client with %s", a.Next("spec init %s --region REGION", name), a.Next("client create %s --region REGION", name)),
		"%s has no spec file: %s does not exist", name, file)
}

// notOnDisk takes the lines out of problems of a text that nobody can look into.
func notOnDisk(err error) error {
	invalid, ok := errors.AsType[*spec.InvalidError](err)
	if !ok {
		return err
	}
	out := &spec.InvalidError{File: lang.Sprintf("%s with these values", invalid.File)}
	for _, p := range invalid.Problems {
		p.Line, p.Column = 0, 0
		out.Problems = append(out.Problems, p)
	}
	return &FixedError{out, lang.Say("nothing was changed, neither on AWS nor in the file")}
}

// ChangeSpec gives a client's file new values and brings the client to what it then says.
func ChangeSpec(ctx context.Context, a *Session, name, asked string, c Consent, changes []spec.Change) error {
	e, err := editSpec(a, name, asked, changes)
	if err != nil {
		return err
	}
	run, plan, err := Plan(ctx, a, e.Spec)
	if err != nil {
		return err
	}
	return Ensure(ctx, a, Job{
		Target: &e.Target, Run: run, Plan: plan, Consent: c, Notes: editNotes(a, e), edited: len(e.changes) > 0,
		Save: func() error { return saveEdition(a, e, asked) },
	})
}

// editNotes tell what the file will say, and what that means for copies there are.
func editNotes(a *Session, e *edition) []string {
	var notes []string
	for _, c := range e.changes {
		notes = append(notes, fmt.Sprintf("%s: %s %v → %v", e.File, c.Path, e.was.Value(c.Path), c.Value))
	}
	if e.Spec.Stopped.Preview && !e.was.Stopped.Preview {
		notes = append(notes, a.Print.Sayf("all tasks of %s stop, and deployments to it are refused, until: %s", spec.Preview, a.Next("start %s --env %s", e.name, spec.Preview)))
	}
	if was, now := e.was.Backup.RetentionDays, e.Spec.Backup.RetentionDays; now < was {
		notes = append(notes, a.Print.Sayf("the continuous backup will go back %d {day|days} instead of %d: AWS drops what is older", now, was))
	}
	return notes
}

// saveEdition writes the file, if nobody else did since it was read. From there on
// it is the file that says what the client should have.
func saveEdition(a *Session, e *edition, asked string) error {
	if len(e.changes) == 0 {
		return nil
	}
	switch err := Rewrite(e.File, e.old, e.text); {
	case errors.Is(err, ErrChanged) && holds(e.File, e.text): // the same command, run twice
	case errors.Is(err, ErrChanged):
		return Refuse("run the same command again", "nothing was changed: %s was changed by somebody else meanwhile", e.File)
	case err != nil:
		return Unreadable(err)
	default:
		a.Print.Tell("wrote %s", e.File)
	}
	a.Again = a.Next("client create %s", e.name)
	if asked != "" || slices.ContainsFunc(a.Args, func(arg string) bool { return strings.HasPrefix(arg, "--spec-dir") }) {
		a.Again = a.Next("client create %s --spec %s", e.name, quoted(e.File))
	}
	return nil
}
