package vpn

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// File is one file of a gateway.
type File struct {
	Path string // from the root directory, without its slash
	Mode fs.FileMode
	Text string
}

// Print joins files for a person to read, each under its name.
func Print(files []File) string {
	var b strings.Builder
	for i, f := range files {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "# ==> /%s, mode %#o <==\n%s", f.Path, f.Mode.Perm(), f.Text)
	}
	return b.String()
}

// Write puts files below a directory. Others see a file whole or not at all, and the keys never.
func Write(dir string, files []File) error {
	for _, f := range files {
		if err := write(filepath.Join(dir, filepath.FromSlash(f.Path)), f); err != nil {
			return lang.Errorf("write %s: %w", f.Path, err)
		}
	}
	return nil
}

func write(path string, f File) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".cicdctl-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = temp.WriteString(f.Text)
	if err := errors.Join(err, temp.Chmod(f.Mode), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
