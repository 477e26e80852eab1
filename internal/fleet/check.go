package fleet

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"path"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// CheckOptions are those of the fleet check command.
type CheckOptions struct {
	Name, Remote, Branch string
}

// Check refuses to go on where the client's file or the configuration, which every client is also made
// from, is another one on the branch by now: a job that is started again, or that has waited, would
// apply old ones. Settings of GitLab do that for deployments, but not for all of their jobs.
func Check(ctx context.Context, a *session.Session, o CheckOptions) error {
	remote := cmp.Or(o.Remote, os.Getenv("CI_REPOSITORY_URL"), "origin")
	branch := cmp.Or(o.Branch, os.Getenv("CI_DEFAULT_BRANCH"))
	if branch == "" || strings.HasPrefix(branch, "-") || strings.HasPrefix(remote, "-") {
		return session.Usagef("give the branch that is applied: --branch main", "--branch is missing")
	}
	root, err := gitRoot(ctx)
	if err != nil {
		return err
	}
	dir, err := insideOf(root, a.Conf.SpecDir)
	if err != nil {
		return err
	}
	file := path.Join(dir, strings.ToLower(o.Name)+".yaml")
	tip, err := fetched(ctx, root, remote, branch)
	if err != nil { // which may have the address in it, and that the job's token
		return session.Usagef("look whether the job may read the repository", "the branch %s could not be fetched: whether %s is still the file to apply is not known", branch, file)
	}
	for _, each := range []struct{ file, fix string }{
		{file, lang.Say("the pipeline of the newer commit applies it")},
		{configFile, lang.Say("start a new pipeline that applies all clients, with the variable FLEET_FLAGS: --event push --all")},
	} {
		now, err := git(ctx, root, "ls-tree", "-z", tip, "--", each.file)
		if err != nil {
			return err
		}
		mine, err := git(ctx, root, "ls-tree", "-z", "HEAD", "--", each.file)
		if err != nil {
			return err
		}
		if each.file == file && len(mine) == 0 {
			return session.Usagef("give the name of a client that has a file", "%s is not in the current commit", file)
		}
		if !bytes.Equal(now, mine) {
			return session.Refuse(each.fix, "%s is another one on %s by now", each.file, branch)
		}
	}
	return a.Print.Says(Checked{Client: o.Name, File: file, Branch: branch}, "%s is the one on %s", file, branch)
}

// fetched is the newest commit of a branch, which is in the clone then. No reference is written: jobs
// may share a clone.
func fetched(ctx context.Context, root, remote, branch string) (string, error) {
	out, err := git(ctx, root, "ls-remote", "--quiet", "--exit-code", remote, "refs/heads/"+branch)
	if err != nil {
		return "", err
	}
	tip := ""
	for line := range strings.Lines(string(out)) { // branches whose names end so are listed, too
		if commit, ref, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ref == "refs/heads/"+branch {
			tip = commit
		}
	}
	if tip == "" {
		return "", lang.Errorf("there is no branch %s", branch)
	}
	if _, err := git(ctx, root, "cat-file", "-e", tip+"^{commit}"); err == nil {
		return tip, nil
	}
	_, err = git(ctx, root, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", remote, "refs/heads/"+branch)
	return tip, err
}

// Checked says that a file is the one to apply. As JSON:
//
//	{"client": "ACME", "file": "clients/acme.yaml", "branch": "main"}
type Checked struct {
	Client string `json:"client"`
	File   string `json:"file"`
	Branch string `json:"branch"`
}
