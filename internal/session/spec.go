package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Target is the client that a command is about.
type Target struct {
	name string
	File string     // of its spec, or where that would be
	Spec *spec.Spec // never nil after wanted
	New  bool       // there is no file: the spec is the document's defaults
}

// SpecPath is where a client's file is by default.
func SpecPath(a *Session, name string) string {
	return filepath.Join(a.Conf.SpecDir, specName(name))
}

// specName is what a client's file is called.
func specName(name string) string { return strings.ToLower(name) + ".yaml" }

// CheckClient checks the name of a client.
func CheckClient(name string) error {
	if err := spec.CheckClient(name); err != nil {
		return Usagef("", "NAME: %w", err)
	}
	return nil
}

// LoadSpec reads the client's file and holds it against the command line. The
// spec is nil when no file was asked for and there is none.
func LoadSpec(a *Session, name, asked string) (file string, s *spec.Spec, err error) {
	file, text, checks, err := readSpec(a, name, asked)
	if err != nil || text == nil {
		return file, nil, err
	}
	if s, err = parseSpec(a, name, file, text, checks); err == nil {
		err = a.required(file, s.RequiredVersion)
	}
	return file, s, err
}

// readSpec reads the text of the client's file and what its spec must pass. The
// text is nil when no file was asked for and there is none.
func readSpec(a *Session, name, asked string) (file string, text []byte, checks spec.Check, err error) {
	if err := CheckClient(name); err != nil {
		return "", nil, nil, err
	}
	if checks, err = a.Checks(); err != nil {
		return "", nil, nil, err
	}
	file = asked
	if file == "" {
		file = SpecPath(a, name)
	}
	if err := ReadSpecDir(a).Check(name, file); err != nil {
		return file, nil, nil, err
	}
	text, err = spec.Read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && asked == "":
		return file, nil, checks, nil
	case err != nil:
		return file, nil, nil, Unreadable(err)
	}
	return file, text, checks, Required(a, file, text)
}

// parseSpec is the spec of a file, which must describe the client. Its account becomes the one
// that the command is about.
func parseSpec(a *Session, name, file string, text []byte, checks ...spec.Check) (*spec.Spec, error) {
	s, err := spec.Parse(file, text, checks...)
	if err != nil {
		return nil, err
	}
	if s.Client != name {
		return nil, Usagef(lang.Sprintf("give the file of %s with --spec, or name the client that the file describes", name), "%s describes %s, not %s", file, s.Client, name)
	}
	return s, a.aboutSpec(file, s)
}

// Unreadable makes a file that cannot be read a matter of usage.
func Unreadable(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return AsUsage(err)
	}
	return err
}

// Unwritable makes a place that cannot be written a matter of usage.
func Unwritable(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return &UsageError{FixedError{err, lang.Say("choose another place with --spec-dir")}}
	}
	return err
}

// Wanted is what the client should have: its file, or else the defaults in the region asked for.
func Wanted(a *Session, name, region, asked string) (*Target, error) {
	if err := CheckRegion(region); err != nil {
		return nil, err
	}
	file, s, err := LoadSpec(a, name, asked)
	if err != nil {
		return nil, err
	}
	a.Client = name
	switch {
	case s == nil && region == "":
		return nil, Usagef(lang.Sprintf("add --region: one of %s", RegionsText()), "%s has no spec (%s does not exist), so its region must be told", name, file)
	case s == nil:
		checks, err := a.Checks()
		if err != nil {
			return nil, err
		}
		if s, err = spec.DefaultIn(name, region, a.Flags.Account, checks); err != nil {
			return nil, err
		}
		return &Target{name, file, s, true}, nil
	case region != "" && s.Region != region:
		return nil, Usagef("leave --region out; to move a client, create it under another name", "%s says region %s, --region says %s", file, s.Region, region)
	}
	return &Target{name, file, s, false}, nil
}

// PlanFor is what the client should have and what that takes; it only reads.
// What is asked of the run beyond the spec is done by ask before it is planned.
func PlanFor(ctx context.Context, a *Session, name, region, asked string, ask ...func(*cloud.Run)) (*Target, *cloud.Run, *cloud.Plan, error) {
	t, err := Wanted(a, name, region, asked)
	if err != nil {
		return nil, nil, nil, err
	}
	run, plan, err := Plan(ctx, a, t.Spec, ask...)
	return t, run, plan, err
}

// Plan is what a spec takes; it only reads.
func Plan(ctx context.Context, a *Session, s *spec.Spec, ask ...func(*cloud.Run)) (*cloud.Run, *cloud.Plan, error) {
	op, err := a.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	run, err := op.Build(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range ask {
		f(run)
	}
	plan, err := run.Plan(ctx)
	if err != nil {
		return run, plan, err
	}
	notes, err := NotElsewhere(ctx, a, s, plan)
	run.Notes = append(run.Notes, notes...)
	return run, plan, err
}

// WriteSpec writes the defaults for a client that has no file yet.
func WriteSpec(a *Session, t *Target) error {
	if !t.New {
		return nil
	}
	text, err := NewSpec(a, t.name, t.Spec.Region, t.Spec.Account)
	if err != nil {
		return err
	}
	switch err := WriteNew(t.File, text); {
	case errors.Is(err, ErrWritten) && holds(t.File, text):
		return nil // another run for the same client was first
	case errors.Is(err, ErrWritten):
		return Refuse("run the same command again to build what it says", "%s was written meanwhile and says something else", t.File)
	case err != nil:
		return Unwritable(err)
	}
	a.Print.Tell("wrote %s", t.File)
	return nil
}

// RegionsAsked are the names of the allowed regions, or the one of them that was asked for.
func RegionsAsked(asked string) []string {
	var out []string
	for _, r := range rules.Regions() {
		if asked == "" || asked == r.Name {
			out = append(out, r.Name)
		}
	}
	return out
}

// RegionsText lists the allowed regions for people.
func RegionsText() string {
	var out []string
	for _, r := range rules.Regions() {
		out = append(out, fmt.Sprintf("%s (%s)", r.Name, lang.Say(r.City)))
	}
	return strings.Join(out, ", ")
}

// City is where a region is.
func City(region string) string {
	for _, r := range rules.Regions() {
		if r.Name == region {
			return r.City
		}
	}
	return ""
}

// CheckRegion is a usage error for regions that the document does not allow.
func CheckRegion(name string) error {
	if name == "" {
		return nil
	}
	if err := rules.CheckRegion(name); err != nil {
		return AsUsage(err)
	}
	return nil
}
