package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/appfiles"
	"gitlab.com/cicd/cicdctl/internal/report"
)

type appInitOptions struct {
	appPlace
	dir string
	yes bool
}

func newApp(a *app) *cobra.Command {
	return group("app", "Start the repositories of apps, and say who may send files",
		`What an app's repository starts with, from the runtimes of its services, and who may
send files to those that take some.`,
		`  cicdctl app init ACME shop --dir ~/src/shop
  cicdctl app users set ACME shop/files --env prod --file users.json`,
		newAppInit(a), newAppUsers(a))
}

func newAppInit(a *app) *cobra.Command {
	var o appInitOptions
	cmd := &cobra.Command{
		Use:   "init NAME APP",
		Short: "Write what an app's repository starts with",
		Long: `Writes into an app's repository:

  Dockerfile          the image of the service's runtime, with what it copies; each
                      service in a directory of its own when there are several
  .gitlab-ci.yml      the pipeline (cicdctl pipeline render)
  compose.yaml        the services on the developer's machine, as confined as on ECS
  .devcontainer/      a place to develop in for VSCode, with Docker inside

The files are the app's from then on: change them. When some are there and differ,
you are asked whether they may be replaced; without a terminal nothing is written,
unless --yes says that they may.`,
		Example: `  cicdctl app init ACME shop --dir ~/src/shop
  cicdctl app init ACME shop --account 123456789012 --yes`,
		Args:              named("NAME", "APP"),
		ValidArgsFunction: a.appNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name, o.app = args[0], args[1]
			return runAppInit(cmd.Context(), a, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.dir, "dir", ".", "directory of the repository")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "replace files that differ, and do not ask")
	complete(cmd, "dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}

func runAppInit(ctx context.Context, a *app, o appInitOptions) error {
	p, err := a.project(ctx, o.appPlace)
	if err != nil {
		return err
	}
	files, err := p.Files()
	if err != nil {
		return err
	}
	r := report.AppFiles{App: p.App.Name, Dir: o.dir}
	old := make([][]byte, len(files))
	var differ []string
	for i, f := range files {
		path := filepath.Join(o.dir, filepath.FromSlash(f.Path))
		data, err := os.ReadFile(path)
		state := report.FileWritten
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return usagef("choose another place with --dir", "%w", err)
		case bytes.Equal(data, f.Data):
			state = report.FileSame
		default:
			state, old[i] = report.FileReplaced, data
			differ = append(differ, path)
		}
		r.Files = append(r.Files, report.AppFile{Path: path, State: state})
	}
	if err := a.replaces(ctx, differ, o.yes); err != nil {
		return err
	}
	for i, f := range files {
		if err := writeAppFile(r.Files[i], f, old[i]); err != nil {
			return err
		}
	}
	return a.print.AppFiles(r)
}

// replaces asks whether files of other content may be replaced.
func (a *app) replaces(ctx context.Context, differ []string, yes bool) error {
	if len(differ) == 0 || yes {
		return nil
	}
	others := strings.Join(differ, ", ")
	if !a.print.Asks {
		return refuse("compare them, or replace them: "+a.command("--yes"), "nothing was written: there are others of %s", others)
	}
	ok, err := a.print.Yes(ctx, "Replace %s?", others)
	if err == nil && !ok {
		return refuse("", "nothing was written: there are others of %s", others)
	}
	return err
}

// writeAppFile writes one file; what somebody has changed meanwhile stays.
func writeAppFile(to report.AppFile, f appfiles.File, old []byte) error {
	var err error
	switch to.State {
	case report.FileSame:
	case report.FileReplaced:
		err = rewrite(to.Path, old, f.Data)
	default:
		err = writeNew(to.Path, f.Data)
	}
	if err == nil && f.Runs {
		err = os.Chmod(to.Path, 0o755) //nolint:gosec // Docker copies it with its mode, and other uids run it
	}
	switch {
	case errors.Is(err, errWritten), errors.Is(err, errChanged):
		return refuse("look at it, and run again", "%w", err)
	case err != nil:
		return usagef("choose another place with --dir", "%w", err)
	}
	return nil
}
