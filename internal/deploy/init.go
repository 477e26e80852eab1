package deploy

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/appfiles"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// AppInitOptions are those of the app init command.
type AppInitOptions struct {
	AppPlace
	Dir string
	Yes bool
}

// InitApp writes the files that an app's repository starts with.
func InitApp(ctx context.Context, a *session.Session, o AppInitOptions) error {
	p, err := Project(ctx, a, o.AppPlace)
	if err != nil {
		return err
	}
	files, err := p.Files()
	if err != nil {
		return err
	}
	others, err := p.InOtherLanguage().Files()
	if err != nil {
		return err
	}
	r := AppFiles{App: p.App.Name, Dir: o.Dir}
	old := make([][]byte, len(files))
	var differ []string
	for i, f := range files {
		path := filepath.Join(o.Dir, filepath.FromSlash(f.Path))
		data, err := os.ReadFile(path)
		state := FileWritten
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return session.Usagef("choose another place with --dir", "%w", err)
		case bytes.Equal(data, f.Data), bytes.Equal(data, others[i].Data): // colleagues need not share a language
			state = FileSame
		default:
			state, old[i] = FileReplaced, data
			differ = append(differ, path)
		}
		r.Files = append(r.Files, AppFile{Path: path, State: state})
	}
	if err := replaces(ctx, a, differ, o.Yes); err != nil {
		return err
	}
	for i, f := range files {
		if err := writeAppFile(r.Files[i], f, old[i]); err != nil {
			return err
		}
	}
	return showAppFiles(a.Print, r)
}

// replaces asks whether files of other content may be replaced.
func replaces(ctx context.Context, a *session.Session, differ []string, yes bool) error {
	if len(differ) == 0 || yes {
		return nil
	}
	others := strings.Join(differ, ", ")
	if !a.Print.Asks {
		return session.Refuse(lang.Sprintf("compare them, or replace them: %s", a.Command("--yes")), "nothing was written: there are others of %s", others)
	}
	ok, err := a.Print.Yes(ctx, "Replace %s?", others)
	if err == nil && !ok {
		return session.Refuse("", "nothing was written: there are others of %s", others)
	}
	return err
}

// writeAppFile writes one file; what somebody has changed meanwhile stays.
func writeAppFile(to AppFile, f appfiles.File, old []byte) error {
	var err error
	switch to.State {
	case FileSame:
	case FileReplaced:
		err = session.Rewrite(to.Path, old, f.Data)
	default:
		err = session.WriteNew(to.Path, f.Data)
	}
	if err == nil && f.Runs {
		err = os.Chmod(to.Path, 0o755) //nolint:gosec // Docker copies it with its mode, and other uids run it
	}
	switch {
	case errors.Is(err, session.ErrWritten), errors.Is(err, session.ErrChanged):
		return session.Refuse("look at it, and run again", "%w", err)
	case err != nil:
		return session.Usagef("choose another place with --dir", "%w", err)
	}
	return nil
}
