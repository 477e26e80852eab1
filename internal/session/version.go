package session

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/internal/version"
)

// Admit refuses to change something of a client that a newer cicdctl last applied, and tells what is
// risked where somebody has allowed that. Commands that change things without a plan of the client
// call it before they ask anything.
func Admit(ctx context.Context, a *Session, op *cloud.Operator, client, region string) error {
	newer, err := op.Admit(ctx, client, region)
	for _, m := range newer {
		if err == nil {
			a.Print.Tell("cicdctl %[1]s last applied %[2]s; this is %[3]s, which may overwrite what it does not know", m.Version, m.What(), m.Running)
		}
	}
	return err
}

// CheckDowngrade is a usage error for a --allow-downgrade that names no release.
func CheckDowngrade(asked string) error {
	if asked == "" || version.Parse(asked) == asked {
		return nil
	}
	return Usagef("give the version that the refusal names, such as v1.4.0", "--allow-downgrade %q is no version of cicdctl", asked)
}

// MarkNotes tell what marks of scopes mean for who reads about them with this release: a newer
// one manages them, or nobody knows which one does. changed reports whether something of a scope differs
// from what is wanted; fileOf is the client's spec, or nil.
func MarkNotes(a *Session, marks []provision.Mark, changed func(provision.ScopeRef) bool, fileOf func(client string) *spec.Spec) []string {
	var notes []string
	for _, m := range marks {
		client := m.Scope.Level == provision.ClientLevel
		switch {
		case m.Newer():
			notes = append(notes, a.Print.Sayf("cicdctl %[1]s last applied %[2]s; this is %[3]s, which does not know all of it: to change it, install %[1]s or newer", m.Version, m.What(), m.Running))
		case m.Told != "" && m.Version == "":
			notes = append(notes, a.Print.Sayf("the tag %s of %s says %q, which is no version: it is not known which cicdctl last applied %s, until the next change writes it again", provision.TagVersion, m.ID, m.Told, m.What()))
		case !client || m.Running == "" || !changed(m.Scope):
		case m.Version == "":
			notes = append(notes, a.Print.Sayf("it is not known which cicdctl last applied %s: %s has no tag %s", m.What(), m.ID, provision.TagVersion))
		case m.Older() && cloud.SpecIs(fileOf(m.Scope.Name), m):
			notes = append(notes, a.Print.Sayf("the spec of %s says what cicdctl %s applied: what differs comes from cicdctl %s (docs/upgrading.md tells what its versions change), from the configuration, or from a change on AWS", m.What(), m.Version, m.Running))
		}
	}
	return notes
}

// markNotes are the notes of a plan.
func markNotes(a *Session, run *cloud.Run, plan *cloud.Plan) []string {
	changes := plan.Changes()
	return MarkNotes(a, plan.Marks(), func(s provision.ScopeRef) bool {
		return slices.ContainsFunc(changes, func(c provision.Change) bool { return c.Scope == s && c.Op != provision.OpRetain })
	}, func(string) *spec.Spec { return run.Scope().Spec })
}

// downgrades say what is risked by who goes back from a newer release.
func downgrades(a *Session, run *cloud.Run, plan *cloud.Plan) []string {
	if run.Request.Downgrade == "" {
		return nil
	}
	var lines []string
	for _, m := range plan.Marks() {
		if m.Newer() && plan.TooOld() == nil {
			lines = append(lines, a.Print.Sayf("this takes %[1]s back from cicdctl %[2]s to %[3]s: what only %[2]s knows is not in this plan; it stays and is looked after by nobody, or is overwritten", m.What(), m.Version, m.Running))
		}
	}
	return lines
}

// Required refuses a file that needs a newer cicdctl than the one that runs, before anything else
// of it is looked at: that one may know more keys.
func Required(a *Session, file string, text []byte) error {
	return a.required(file, spec.Required(text))
}

func (a *Session) required(file, needs string) error {
	running := version.Release(a.Version)
	if !version.Newer(needs, running) || a.Flags.AllowDowngrade != "" && !version.Newer(needs, a.Flags.AllowDowngrade) {
		return nil
	}
	return Refuse(lang.Sprintf("install cicdctl %[1]s or newer; to go back to %[2]s all the same, read docs/upgrading.md and add --allow-downgrade %[1]s", needs, running),
		"%s requires cicdctl %s, and this is %s", file, needs, running)
}

// LoadFile is spec.Load, but for files that need a newer cicdctl.
func LoadFile(a *Session, file string, checks ...spec.Check) (*spec.Spec, error) {
	text, err := spec.Read(file)
	if err != nil {
		return nil, err
	}
	if err := Required(a, file, text); err != nil {
		return nil, err
	}
	s, err := spec.Parse(file, text, checks...)
	if err != nil {
		return nil, err
	}
	return s, a.required(file, s.RequiredVersion)
}

// NewSpec is the file of a client that has none. A release writes that it is required.
func NewSpec(a *Session, client, region, account string) ([]byte, error) {
	text := spec.New(client, region, account)
	running := version.Release(a.Version)
	if running == "" {
		return text, nil
	}
	return spec.Edit("client "+client, text, spec.Change{Path: spec.RequiredPath, Value: running})
}

// requires is the release that a file is to require once this one has applied it, and whether it
// says another one.
func (a *Session) requires(s *spec.Spec) (value string, differs bool) {
	running := version.Release(a.Version)
	lower := version.Newer(s.RequiredVersion, running) // which somebody has allowed
	return running, running != "" && (s.RequiredVersion == "" || lower || version.Newer(running, s.RequiredVersion))
}

// noteRequired writes into a client's file that it requires the release that has just applied it,
// where the file says such a thing. That is left undone, and told, in a pipeline, whose files nobody
// keeps, and where the file cannot be written: nothing depends on it.
func noteRequired(a *Session, t *Target) {
	value, differs := a.requires(t.Spec)
	if t.Spec.RequiredVersion == "" || !differs {
		return
	}
	left := func(why string) {
		a.Print.Tell("%s still requires cicdctl %s: %s; set required_version: %s where the file is kept", t.File, t.Spec.RequiredVersion, why, value)
	}
	if os.Getenv("CI") != "" {
		left(lang.Say("a pipeline does not change it"))
		return
	}
	old, err := spec.Read(t.File)
	if err == nil {
		var text []byte
		if text, err = spec.Edit(t.File, old, spec.Change{Path: spec.RequiredPath, Value: value}); err == nil {
			err = Rewrite(t.File, old, text)
		}
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	if err != nil {
		left(err.Error())
		return
	}
	a.Print.Tell("wrote %s: it requires cicdctl %s, which has applied it", t.File, value)
}
