package session

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
)

// RepositoryFile is a file that a command writes into somebody's Git repository.
type RepositoryFile struct {
	Path string // with slashes, from the repository's root
	Data []byte
	// Other is the file in the other language; colleagues need not share one. May be nil.
	Other []byte
	// Runs marks what is executed.
	Runs bool
	// Begins marks what is the team's own from then on: one that is there stays.
	Begins bool
}

// WrittenFile is what became of one of them.
type WrittenFile struct {
	Path  string    `json:"path"`
	State FileState `json:"state"`
}

// FileState is what became of a file.
type FileState string

// The states.
const (
	FileWritten  FileState = "written"
	FileReplaced FileState = "replaced"
	FileSame     FileState = "unchanged"
	FileKept     FileState = "kept" // it differs, and is the team's own
)

// WriteRepository writes files below a directory. Where others of their names differ, it asks, and
// without a terminal it writes nothing at all unless yes is given.
func WriteRepository(ctx context.Context, a *Session, dir string, files []RepositoryFile, yes bool) ([]WrittenFile, error) {
	var written []WrittenFile
	old := make([][]byte, len(files))
	var differ []string
	for i, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		data, err := os.ReadFile(path)
		state := FileWritten
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, Usagef("choose another place with --dir", "%w", err)
		case bytes.Equal(data, f.Data), f.Other != nil && bytes.Equal(data, f.Other):
			state = FileSame
		case f.Begins:
			state = FileKept
		default:
			state, old[i] = FileReplaced, data
			differ = append(differ, path)
		}
		written = append(written, WrittenFile{Path: path, State: state})
	}
	if err := replaces(ctx, a, differ, yes); err != nil {
		return nil, err
	}
	for i, f := range files {
		if err := writeFile(written[i], f, old[i]); err != nil {
			return nil, err
		}
	}
	return written, nil
}

// replaces asks whether files of other content may be replaced.
func replaces(ctx context.Context, a *Session, differ []string, yes bool) error {
	if len(differ) == 0 || yes {
		return nil
	}
	others := strings.Join(differ, ", ")
	if !a.Print.Asks {
		return Refuse(lang.Sprintf("compare them, or replace them: %s", a.Command("--yes")), "nothing was written: there are others of %s", others)
	}
	ok, err := a.Print.Yes(ctx, "Replace %s?", others)
	if err == nil && !ok {
		return Refuse("", "nothing was written: there are others of %s", others)
	}
	return err
}

// writeFile writes one file; what somebody has changed meanwhile stays.
func writeFile(to WrittenFile, f RepositoryFile, old []byte) error {
	var err error
	switch to.State {
	case FileSame, FileKept:
		return nil
	case FileReplaced:
		err = Rewrite(to.Path, old, f.Data)
	default:
		err = WriteNew(to.Path, f.Data)
	}
	if err == nil && f.Runs {
		err = os.Chmod(to.Path, 0o755) //nolint:gosec // Docker copies it with its mode, and other uids run it
	}
	switch {
	case errors.Is(err, ErrWritten), errors.Is(err, ErrChanged):
		return Refuse("look at it, and run again", "%w", err)
	case err != nil:
		return Usagef("choose another place with --dir", "%w", err)
	}
	return nil
}

// ShowWritten says what became of the files.
func ShowWritten(p *report.Printer, files []WrittenFile) error {
	for _, f := range files {
		format := map[FileState]string{FileWritten: p.Lang.Say("wrote %s"), FileReplaced: p.Lang.Say("replaced %s"), FileSame: p.Lang.Say("%s is as it should be"), FileKept: p.Lang.Say("kept %s, which is there already")}[f.State]
		if err := p.Line(format, f.Path); err != nil {
			return err
		}
	}
	return nil
}
