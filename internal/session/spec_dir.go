package session

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Checks are what every spec must pass, whatever the command.
func (a *Session) Checks() (spec.Check, error) {
	byAccount := map[string]spec.Check{}
	for _, c := range append([]Account{{}}, a.Conf.Accounts...) {
		checks, err := a.configOf(c).Checks()
		if err != nil {
			return nil, err
		}
		byAccount[c.Name] = checks
	}
	return func(s *spec.Spec) []spec.Problem {
		problems := a.checkAccount(s)
		if checks := byAccount[s.Account]; checks != nil {
			problems = append(problems, checks(s)...)
		}
		if a.Accept != nil {
			problems = append(problems, a.Accept(s)...)
		}
		return problems
	}, nil
}

// SpecFiles lists a directory's specs; one that does not exist has none.
func SpecFiles(dir string) []string {
	entries, err := os.ReadDir(dir) // not by a pattern, which the directory's name may be
	if err != nil {
		return nil
	}
	var files []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".yaml" {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// ClientOf is the client that a file is about, by its name.
func ClientOf(file string) string {
	return strings.ToUpper(strings.TrimSuffix(filepath.Base(file), ".yaml"))
}

// DefaultSpecDir is where the clients' files are that no configuration says otherwise of.
const DefaultSpecDir = "clients"

// Whereabouts are what a file that is not valid says of where its client is. One that does not say an
// account may be about that of the credentials.
func Whereabouts(file string) *spec.Spec {
	text, err := spec.Read(file)
	if err != nil {
		return &spec.Spec{}
	}
	head, err := spec.ReadHead(file, text)
	if err != nil {
		return &spec.Spec{}
	}
	return &spec.Spec{Client: head.Client, Region: head.Region, Account: head.Account}
}

// SpecDir is what the spec directory holds: the files by the client that they describe.
type SpecDir struct {
	path  string
	files map[string][]string
}

// ReadSpecDir reads the spec directory.
func ReadSpecDir(a *Session) SpecDir {
	return SpecDir{filepath.Clean(a.Conf.SpecDir), filesByClient(a.Conf.SpecDir)}
}

// Check refuses a spec directory in which the client has a second file, or one that is not
// called after it: which of them counts would depend on the command. A file outside the
// directory, given with --spec, is nobody's rival.
func (d SpecDir) Check(name, file string) error {
	if filepath.Dir(file) != d.path {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(d.files[name]), func(other string) bool { return sameFile(other, file) })
	return checkFiles(name, file, others)
}

// CheckAllFiles is SpecDir.Check for all clients of the spec directory.
func CheckAllFiles(a *Session) error {
	var errs []error
	dir := ReadSpecDir(a)
	for _, name := range slices.Sorted(maps.Keys(dir.files)) {
		if err := dir.Check(name, SpecPath(a, name)); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return AsUsage(errors.Join(errs...))
}

func checkFiles(name, file string, others []string) error {
	if len(others) == 0 {
		return nil
	}
	if _, err := os.Stat(file); err != nil && len(others) == 1 {
		return Usagef(lang.Sprintf("rename it to %s, or give it with --spec", specName(name)), "%s describes %s, and is not called after it", others[0], name)
	} else if err == nil {
		others = append([]string{file}, others...)
	}
	return Usagef("leave one of them in the directory", "%s has several spec files: %s", name, strings.Join(others, ", "))
}

// filesByClient are the files of a directory that are specs, by the client that they describe.
func filesByClient(dir string) map[string][]string {
	out := map[string][]string{}
	entries, err := os.ReadDir(dir)
	if err != nil { // there is no directory yet, or whoever reads a file of it is told
		return out
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if name := spec.ClientIn(path); name != "" {
			out[name] = append(out[name], path)
		}
	}
	return out
}

// sameFile reports whether two paths are one file, also on a disk that tells no capital
// letters from small ones.
func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
