package fleet

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// client is where a client is, by a file.
type client struct {
	spec.Head
	file string // with slashes, from the repository's root
}

// place is the account and region of a client.
func (c client) place() string {
	if c.Account == "" {
		return c.Region
	}
	return c.Account + " " + c.Region
}

// clientsIn reads the heads of all files of a directory, sorted by name. A file that cannot be read
// or is not called after its client is an error that names it.
func clientsIn(dir string) ([]client, error) {
	files := session.SpecFiles(dir)
	out, wrong := make([]client, len(files)), make([]error, len(files))
	var group errgroup.Group
	// Reading waits for the disk more than it computes.
	group.SetLimit(4 * runtime.GOMAXPROCS(0))
	for i, file := range files {
		group.Go(func() error {
			data, err := spec.Read(file)
			if err == nil {
				out[i].file = filepath.ToSlash(file)
				out[i].Head, err = headOf(file, data)
			}
			wrong[i] = err
			return nil
		})
	}
	_ = group.Wait() // errors are told together, by file
	if err := errors.Join(wrong...); err != nil {
		return nil, session.AsUsage(err)
	}
	return out, nil
}

// headOf reads the head of a file, and holds it against what there is.
func headOf(file string, data []byte) (spec.Head, error) {
	h, err := spec.ReadHead(file, data)
	if err != nil {
		return h, err
	}
	if err := rules.CheckRegion(h.Region); err != nil {
		return h, lang.Errorf("%s: region: %w", file, err)
	}
	if want := strings.ToLower(h.Client) + ".yaml"; filepath.Base(file) != want {
		return h, lang.Errorf("%s describes %s, and is not called after it: rename it to %s", file, h.Client, want)
	}
	return h, nil
}

// insideOf is a path below the repository's root, as Git writes it.
func insideOf(root, path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if linked, err := filepath.EvalSymlinks(absolute); err == nil { // Git tells its root without links
		absolute = linked
	}
	inside, err := filepath.Rel(root, absolute)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(os.PathSeparator)) {
		return "", session.Usagef("give a directory of the repository with --spec-dir", "%s is outside of the Git repository %s", path, root)
	}
	return filepath.ToSlash(inside), nil
}
