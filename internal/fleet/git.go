package fleet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// git runs Git in a directory and returns what it writes. In a job of GitLab the clone
// belongs to another user than the one of the image, which Git refuses unless it is told that this
// is meant (safe.directory, git-config(1)).
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	return gitReads(ctx, dir, nil, args...)
}

// gitReads is git with a text to read.
func gitReads(ctx context.Context, dir string, in io.Reader, args ...string) ([]byte, error) {
	if os.Getenv("GITLAB_CI") != "" {
		args = append([]string{"-c", "safe.directory=*"}, args...)
	}
	cmd := exec.CommandContext(ctx, "git")
	cmd.Args = append(cmd.Args, args...) // revisions are checked to be none of Git's flags
	// Paths as they are, and messages that no language changes.
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &said
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, session.Usagef("install Git; in a pipeline, choose an image that has it", "git is not there: changes are found with it")
	case err != nil:
		return nil, lang.Errorf("git %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(said.String()))
	}
	return out.Bytes(), nil
}

// gitRoot is the root of the repository of the current directory.
func gitRoot(ctx context.Context) (string, error) {
	out, err := git(ctx, ".", "rev-parse", "--show-toplevel")
	if err != nil {
		return "", session.Usagef("run it in the repository of the clients; cicdctl fleet init begins one", "this is no Git repository: %w", err)
	}
	return filepath.FromSlash(strings.TrimSuffix(string(out), "\n")), nil
}

// change is what Git says of a path: from is empty where a file is new, to where it is gone.
type change struct{ from, to string }

// changesSince are the paths that differ from a commit in the working tree, which in a
// job is what was pushed. A commit that is not there is an error: nothing is known then of what
// has changed.
func changesSince(ctx context.Context, root, base string) ([]change, error) {
	if strings.HasPrefix(base, "-") {
		return nil, session.Usagef("give a commit, a branch or a tag", "--base %q is no revision", base)
	}
	if base == emptyTree {
		out, err := git(ctx, root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
		return added(out), err
	}
	if _, err := git(ctx, root, "rev-parse", "--verify", "--quiet", base+"^{commit}"); err != nil {
		return nil, session.Usagef("set GIT_DEPTH: \"0\" for the job, or fetch it: git fetch origin REVISION; after a forced push give --base, or --all for all clients",
			"%s is not in this clone: what has changed since is not known", base)
	}
	out, err := git(ctx, root, "diff", "--name-status", "-z", "-M", "--no-ext-diff", "--no-relative", base, "--")
	if err != nil {
		return nil, err
	}
	found, err := parseStatus(out)
	if err != nil {
		return nil, err
	}
	// What was not added yet, on a desk.
	out, err = git(ctx, root, "ls-files", "-z", "--others", "--exclude-standard")
	return append(found, added(out)...), err
}

// emptyTree stands for a repository before its first commit.
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// added are paths that are new, as ls-files -z lists them.
func added(out []byte) []change {
	var all []change
	for path := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if path != "" {
			all = append(all, change{to: path})
		}
	}
	return all
}

// parseStatus reads what git diff --name-status -z writes: a letter, with a score for renames and
// copies, and one path or two, each ended by NUL (git-diff(1)).
func parseStatus(out []byte) ([]change, error) {
	fields := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if len(out) == 0 {
		return nil, nil
	}
	var all []change
	for len(fields) > 0 {
		status := fields[0]
		paths := 1
		if status != "" && (status[0] == 'R' || status[0] == 'C') {
			paths = 2
		}
		if status == "" || len(fields) < 1+paths {
			return nil, lang.Errorf("git diff wrote what is not understood: %q", status)
		}
		one := fields[1]
		switch status[0] {
		case 'A':
			all = append(all, change{to: one})
		case 'D':
			all = append(all, change{from: one})
		case 'M', 'T':
			all = append(all, change{from: one, to: one})
		case 'R':
			all = append(all, change{from: one, to: fields[2]})
		case 'C':
			all = append(all, change{to: fields[2]})
		default: // U: not merged; X: unknown
			return nil, session.Usagef("end the merge first", "%s is not merged", one)
		}
		fields = fields[1+paths:]
	}
	return all, nil
}

// oldFiles are files of a directory as they were at a commit: those of a list that were files then, and
// neither links nor directories. All of them are read by one process.
func oldFiles(ctx context.Context, root, base, dir string, files []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	if len(files) == 0 {
		return out, nil
	}
	listed, err := git(ctx, root, "ls-tree", "-z", base, "--", dir+"/")
	if err != nil {
		return nil, err
	}
	blobs := map[string]string{}
	for line := range strings.SplitSeq(string(listed), "\x00") {
		entry, file, _ := strings.Cut(line, "\t") // 100644 blob 1f2e…
		if mode := strings.Fields(entry); len(mode) == 3 && strings.HasPrefix(mode[0], "100") {
			blobs[file] = mode[2]
		}
	}
	files = slices.DeleteFunc(slices.Clone(files), func(file string) bool { return blobs[file] == "" })
	var wanted strings.Builder
	for _, file := range files {
		wanted.WriteString(blobs[file] + "\n")
	}
	all, err := gitReads(ctx, root, strings.NewReader(wanted.String()), "cat-file", "--batch=%(objectsize)")
	if err != nil {
		return nil, err
	}
	for _, file := range files { // its size, a new line, itself, a new line
		head, rest, _ := bytes.Cut(all, []byte("\n"))
		size, err := strconv.Atoi(string(head))
		if err != nil || size < 0 || size >= len(rest) {
			return nil, lang.Errorf("git cat-file wrote what is not understood: %q", head)
		}
		out[file], all = rest[:size], rest[size+1:]
	}
	return out, nil
}
