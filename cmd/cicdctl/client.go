package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/ops"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func newClient(a *app) *cobra.Command {
	return group("client", "Build, show and remove clients",
		"A client is what one YAML file describes: its slice of AWS in one region.",
		`  cicdctl client create ACME --region eu-west-3
  cicdctl client list`,
		newClientCreate(a), newClientPlan(a), newClientShow(a), newClientList(a), newClientDestroy(a))
}

// target is the client that a command is about.
type target struct {
	name string
	file string     // of its spec, or where that would be
	spec *spec.Spec // never nil after wanted
	new  bool       // there is no file: the spec is the document's defaults
}

// specFile is where a client's file is by default.
func (a *app) specFile(name string) string {
	return filepath.Join(a.conf.SpecDir, strings.ToLower(name)+".yaml")
}

func checkClient(name string) error {
	if err := spec.CheckClient(name); err != nil {
		return usagef("", "NAME: %w", err)
	}
	return nil
}

// loadSpec reads the client's file and holds it against the command line. The
// spec is nil when no file was asked for and there is none.
func (a *app) loadSpec(name, asked string) (file string, s *spec.Spec, err error) {
	if err := checkClient(name); err != nil {
		return "", nil, err
	}
	checks, err := a.opsConfig().Checks()
	if err != nil {
		return "", nil, err
	}
	file = asked
	if file == "" {
		file = a.specFile(name)
	}
	s, err = spec.Load(file, checks)
	switch {
	case err == nil && s.Client != name:
		return file, nil, usagef("give the file of "+name+" with --spec, or name the client that the file describes", "%s describes %s, not %s", file, s.Client, name)
	case errors.Is(err, fs.ErrNotExist) && asked == "":
		return file, nil, nil
	case err != nil:
		return file, nil, unreadable(err)
	}
	return file, s, nil
}

// unreadable makes a file that cannot be read a matter of usage.
func unreadable(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return usage(err)
	}
	return err
}

// unwritable makes a place that cannot be written a matter of usage.
func unwritable(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return &usageError{fixed{err, "choose another place with --spec-dir"}}
	}
	return err
}

// wanted is what the client should have: its file, or else the defaults in the region asked for.
func (a *app) wanted(name, region, asked string) (*target, error) {
	if err := checkRegion(region); err != nil {
		return nil, err
	}
	file, s, err := a.loadSpec(name, asked)
	if err != nil {
		return nil, err
	}
	switch {
	case s == nil && region == "":
		return nil, usagef("add --region: one of "+regionsText(), "%s has no spec (%s does not exist), so its region must be told", name, file)
	case s == nil:
		checks, err := a.opsConfig().Checks()
		if err != nil {
			return nil, err
		}
		if s, err = spec.Default(name, region, checks); err != nil {
			return nil, err
		}
		return &target{name, file, s, true}, nil
	case region != "" && s.Region != region:
		return nil, usagef("leave --region out; to move a client, create it under another name", "%s says region %s, --region says %s", file, s.Region, region)
	}
	return &target{name, file, s, false}, nil
}

// planned is what the client should have and what that takes; it only reads.
func (a *app) planned(ctx context.Context, name, region, asked string) (*target, *ops.Run, *ops.Plan, error) {
	t, err := a.wanted(name, region, asked)
	if err != nil {
		return nil, nil, nil, err
	}
	op, err := a.open(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	run, err := op.Build(ctx, t.spec)
	if err != nil {
		return nil, nil, nil, err
	}
	plan, err := run.Plan(ctx)
	return t, run, plan, err
}

// errWritten says that a file that was to be new is there by now.
var errWritten = errors.New("the file exists")

// writeNew writes a file that does not exist yet, whole or not at all.
func writeNew(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".cicdctl-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // linked under its own name by then, or of no use
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Sync(), temporary.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	// A link fails where a rename would replace what somebody else has just written.
	err = os.Link(temporary.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write %s: %w", path, errWritten)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// holds reports whether a file has exactly this content: another run of the same
// command was first.
func holds(path string, data []byte) bool {
	have, err := os.ReadFile(path)
	return err == nil && bytes.Equal(have, data)
}

// clientNames completes names from the spec directory.
func (a *app) clientNames(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	conf, err := loadSettings(cmd.Flags(), a.flags.config)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, file := range specFiles(conf.SpecDir) {
		names = append(names, clientOf(file))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// specFiles lists a directory's specs; one that does not exist has none.
func specFiles(dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil { // only a malformed pattern, which a directory's name may be
		return nil
	}
	return files
}

// clientOf is the client that a file's name speaks of.
func clientOf(file string) string {
	return strings.ToUpper(strings.TrimSuffix(filepath.Base(file), ".yaml"))
}
