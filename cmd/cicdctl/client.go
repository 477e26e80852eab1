package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/cloud"
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
	file, text, checks, err := a.readSpec(name, asked)
	if err != nil || text == nil {
		return file, nil, err
	}
	s, err = parseSpec(name, file, text, checks)
	return file, s, err
}

// readSpec reads the text of the client's file and what its spec must pass. The
// text is nil when no file was asked for and there is none.
func (a *app) readSpec(name, asked string) (file string, text []byte, checks spec.Check, err error) {
	if err := checkClient(name); err != nil {
		return "", nil, nil, err
	}
	if checks, err = a.opsConfig().Checks(); err != nil {
		return "", nil, nil, err
	}
	file = asked
	if file == "" {
		file = a.specFile(name)
	}
	text, err = spec.Read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && asked == "":
		return file, nil, checks, nil
	case err != nil:
		return file, nil, nil, unreadable(err)
	}
	return file, text, checks, nil
}

// parseSpec is the spec of a file, which must describe the client.
func parseSpec(name, file string, text []byte, checks ...spec.Check) (*spec.Spec, error) {
	s, err := spec.Parse(file, text, checks...)
	if err == nil && s.Client != name {
		return nil, usagef("give the file of "+name+" with --spec, or name the client that the file describes", "%s describes %s, not %s", file, s.Client, name)
	}
	return s, err
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
func (a *app) planned(ctx context.Context, name, region, asked string) (*target, *cloud.Run, *cloud.Plan, error) {
	t, err := a.wanted(name, region, asked)
	if err != nil {
		return nil, nil, nil, err
	}
	run, plan, err := a.plan(ctx, t.spec)
	return t, run, plan, err
}

// plan is what a spec takes; it only reads.
func (a *app) plan(ctx context.Context, s *spec.Spec) (*cloud.Run, *cloud.Plan, error) {
	op, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	run, err := op.Build(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	plan, err := run.Plan(ctx)
	return run, plan, err
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

// anyClientNames completes several names.
func (a *app) anyClientNames(cmd *cobra.Command, args []string, to string) ([]string, cobra.ShellCompDirective) {
	names, directive := a.clientNames(cmd, nil, to)
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(args, name) }), directive
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
