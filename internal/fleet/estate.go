package fleet

import (
	"errors"
	"io/fs"
	"os"
	"path"
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
// or is not called after its client is an error that names it, and so is one that no command reads.
// A directory that is not there has no clients.
func clientsIn(dir string) ([]client, error) {
	files, err := specFiles(dir)
	if err != nil {
		return nil, err
	}
	out, wrong := make([]client, len(files)), make([]error, len(files))
	var group errgroup.Group
	// Reading waits for the disk more than it computes.
	group.SetLimit(4 * runtime.GOMAXPROCS(0))
	for i, file := range files {
		group.Go(func() error {
			data, err := readSpec(file)
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

// specFiles are the files of a directory that are specs.
func specFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, session.AsUsage(err)
	}
	var out []string
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		switch name, is := specName(e.Name()); {
		case is && name != e.Name():
			return nil, session.Usagef(lang.Sprintf("rename it to %s", filepath.Join(dir, name)), "%s is not read: spec files end in .yaml", file)
		case is:
			out = append(out, file)
		}
	}
	return out, nil
}

// specName is how a file has to be called that is a spec, or was meant to be.
func specName(file string) (string, bool) {
	ext := path.Ext(file)
	is := strings.EqualFold(ext, ".yaml") || strings.EqualFold(ext, ".yml")
	return strings.TrimSuffix(file, ext) + ".yaml", is
}

// readSpec reads a file, and none that is elsewhere: Git does not say that a link has changed when
// what it names has.
func readSpec(file string) ([]byte, error) {
	if info, err := os.Lstat(file); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil, lang.Errorf("%s is a symbolic link: nobody is told when what it names changes; put the file itself there", file)
	}
	return spec.Read(file)
}

// headOf reads the head of a file, and holds it against what there is.
func headOf(file string, data []byte) (spec.Head, error) {
	h, err := spec.ReadHead(file, data)
	if err != nil {
		return h, err
	}
	if err := checkHead(h); err != nil {
		return h, lang.Errorf("%s: %w", file, err)
	}
	if want := strings.ToLower(h.Client) + ".yaml"; filepath.Base(file) != want {
		return h, lang.Errorf("%s describes %s, and is not called after it: rename it to %s", file, h.Client, want)
	}
	return h, nil
}

// checkHead refuses what is no client: names get into jobs, and into what shells are given.
func checkHead(h spec.Head) error {
	if err := spec.CheckClient(h.Client); err != nil {
		return lang.Errorf("client: %w", err)
	}
	if err := rules.CheckRegion(h.Region); err != nil {
		return lang.Errorf("region: %w", err)
	}
	if h.Account == "" {
		return nil
	}
	if err := spec.CheckAccount(h.Account); err != nil {
		return lang.Errorf("account: %w", err)
	}
	return nil
}

// insideOf is a path below the repository's root, as Git writes it.
func insideOf(root, dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if linked, err := filepath.EvalSymlinks(absolute); err == nil { // Git tells its root without links
		absolute = linked
	}
	inside, err := filepath.Rel(root, absolute)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(os.PathSeparator)) {
		return "", session.Usagef("give a directory of the repository with --spec-dir", "%s is outside of the Git repository %s", dir, root)
	}
	return filepath.ToSlash(inside), nil
}
