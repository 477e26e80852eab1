package session

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// ErrWritten says that a file that was to be new is there by now.
var ErrWritten = lang.New("the file exists")

// WriteNew writes a file that does not exist yet, whole or not at all.
func WriteNew(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return lang.Errorf("write %s: %w", path, err)
	}
	temporary, err := writeBeside(path, data, 0o644)
	if err != nil {
		return lang.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(temporary) }() // linked under its own name by then, or of no use
	// A link fails where a rename would replace what somebody else has just written.
	err = os.Link(temporary, path)
	if errors.Is(err, fs.ErrExist) {
		return lang.Errorf("write %s: %w", path, ErrWritten)
	}
	if err != nil {
		return lang.Errorf("write %s: %w", path, err)
	}
	return nil
}

// ErrChanged says that a file is not any more what it was when it was read.
var ErrChanged = lang.New("the file has changed")

// Rewrite gives a file another content, whole or not at all, where it still has
// the old one. The file keeps its mode; a link to it stays a link.
func Rewrite(path string, old, data []byte) error {
	err := replaceFile(path, old, data)
	if err != nil {
		return lang.Errorf("write %s: %w", path, err)
	}
	return nil
}

func replaceFile(path string, old, data []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	// A file that may not be written could still be replaced, which is not meant.
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	temporary, err := writeBeside(path, data, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary) }() // of no use, or renamed by then
	if !holds(path, old) {
		return ErrChanged
	}
	return os.Rename(temporary, path)
}

// writeBeside writes a file under a name of its own in the directory of path, down
// to the disk.
func writeBeside(path string, data []byte, mode fs.FileMode) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".cicdctl-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// holds reports whether a file has exactly this content: another run of the same
// command was first.
func holds(path string, data []byte) bool {
	have, err := os.ReadFile(path)
	return err == nil && bytes.Equal(have, data)
}

// made is in every report: a file without it was not written by cicdctl.
const made = "cicdctl"

// WriteReport writes a file, whole or not at all, in the place of an earlier report.
func WriteReport(path string, data []byte) error {
	have, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return WriteNew(path, data)
	case err != nil:
		return lang.Errorf("write %s: %w", path, err)
	case !bytes.Contains(have, []byte(made)):
		return Refuse("move it away, or give another directory with --out", "%s is there and is no report of cicdctl: it was left as it is", path)
	}
	return Rewrite(path, have, data)
}
