package client

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// InitSpecOptions are those of the spec init command.
type InitSpecOptions struct {
	Name, Region, File string
	Workspace          bool // files for VS Code as well
}

// InitSpec writes a spec file with the defaults.
func InitSpec(a *session.Session, o InitSpecOptions) error {
	if err := session.CheckClient(o.Name); err != nil {
		return err
	}
	if o.Region == "" {
		return session.Usagef(lang.Sprintf("add --region: one of %s", session.RegionsText()), "the region of %s is missing", o.Name)
	}
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	checks, err := a.Checks()
	if err != nil {
		return err
	}
	if _, err := spec.DefaultIn(o.Name, o.Region, a.Flags.Account, checks); err != nil {
		return err
	}
	if o.File == "" {
		o.File = session.SpecPath(a, o.Name)
	}
	text, err := session.NewSpec(a, o.Name, o.Region, a.Flags.Account)
	if err != nil {
		return err
	}
	if err := session.WriteNew(o.File, append([]byte(modeline), text...)); err != nil {
		if errors.Is(err, session.ErrWritten) {
			return session.Refuse("edit that file, or choose another with --file", "%s exists already, nothing was written", o.File)
		}
		return session.Unwritable(err)
	}
	dir := filepath.Dir(o.File)
	schema, err := writeSchema(dir)
	if err != nil {
		return session.Unwritable(err)
	}
	if schema != "" {
		a.Print.Tell("wrote %s", schema)
	}
	if o.Workspace {
		files, err := writeWorkspace(dir)
		for _, f := range files {
			a.Print.Tell("wrote %s", f)
		}
		if err != nil {
			return session.Unwritable(err)
		}
	}
	return a.Print.Says(SpecFile{File: o.File, Client: o.Name, Region: o.Region, OK: true}, "wrote %s", o.File)
}

// ValidateSpecs checks spec files and tells all problems.
func ValidateSpecs(a *session.Session, files []string) error {
	checks, err := a.Checks()
	if err != nil {
		return err
	}
	var results []SpecFile
	dir := session.ReadSpecDir(a)
	for _, file := range files {
		r := SpecFile{File: file}
		s, err := session.LoadFile(a, file, checks)
		var invalid *spec.InvalidError
		if err == nil {
			err = dir.Check(s.Client, file)
		}
		switch {
		case err == nil:
			r.Client, r.Region, r.OK, r.Warnings = s.Client, s.Region, true, rules.PlacesNotes(s)
		case errors.As(err, &invalid):
			for _, p := range invalid.Problems {
				r.Problems = append(r.Problems, Problem{Line: p.Line, Column: p.Column, Path: strings.TrimPrefix(strings.TrimPrefix(p.Path, "$"), "."), Message: p.Message})
			}
			r.Text = invalid.Error()
		default:
			r.Problems, r.Text = []Problem{{Message: err.Error()}}, err.Error()
		}
		results = append(results, r)
	}
	if err := showSpecFiles(a.Print, results); err != nil {
		return err
	}
	if slices.ContainsFunc(results, func(r SpecFile) bool { return !r.OK }) {
		return session.ExitCode(session.ExitUsage)
	}
	return nil
}
