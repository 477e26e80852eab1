package fleet

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// changes are what has happened to clients, not to files: a file under another name with the same
// client is none.
type changes struct {
	changed []client // with a file that is new or says something else
	gone    []gone   // were in a file, and are in none any more, or somewhere else
	shared  bool     // the configuration has changed, which concerns all clients
}

// configFile is the configuration in the repository's root.
const configFile = "cicdctl.yaml"

// gone is a client that no file describes at this place any more.
type gone struct {
	client
	// now is where it, or what its file describes instead, is now; nil where the file is deleted.
	now *client
}

// findChanges compares the clients of the working tree with those of a commit.
func findChanges(ctx context.Context, root, dir, base string, now []client) (changes, error) {
	inside, err := insideOf(root, dir)
	if err != nil {
		return changes{}, err
	}
	found, err := changesSince(ctx, root, base)
	if err != nil {
		return changes{}, err
	}
	specs := func(file string) bool { return file != "" && path.Dir(file) == inside && isSpec(file) }
	byClient, byFile := map[string]client{}, map[string]client{}
	for _, c := range now {
		byClient[c.Client], byFile[path.Join(inside, path.Base(c.file))] = c, c
	}
	old := map[string]client{}
	var out changes
	for _, ch := range found {
		out.shared = out.shared || ch.from == configFile || ch.to == configFile
		if !specs(ch.from) {
			continue
		}
		data, err := oldFile(ctx, root, base, ch.from)
		if err != nil {
			return changes{}, err
		}
		was, err := spec.ReadHead(ch.from, data)
		if err != nil {
			continue // a broken file described nobody
		}
		c := client{was, ch.from}
		old[c.Client] = c
		same, there := byClient[c.Client]
		if there && same.place() == c.place() {
			if !sameContent(filepath.FromSlash(same.file), data) {
				out.changed = append(out.changed, same)
			}
			continue
		}
		left := gone{client: c}
		if there {
			left.now = &same
		} else if other, there := byFile[ch.to]; there {
			left.now = &other
		}
		out.gone = append(out.gone, left)
	}
	for _, ch := range found {
		if !specs(ch.to) {
			continue
		}
		c, there := byFile[ch.to]
		if was, before := old[c.Client]; there && (!before || was.place() != c.place()) {
			out.changed = append(out.changed, c)
		}
	}
	byName := func(a, b client) int { return cmp.Compare(a.Client, b.Client) }
	slices.SortFunc(out.changed, byName)
	out.changed = slices.CompactFunc(out.changed, func(a, b client) bool { return a.Client == b.Client })
	slices.SortFunc(out.gone, func(a, b gone) int { return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.place(), b.place())) })
	return out, nil
}

// isSpec reports whether a file of the spec directory is one, or was meant to be.
func isSpec(file string) bool { ext := path.Ext(file); return ext == ".yaml" || ext == ".yml" }

// sameContent reports whether a file has the content that it had.
func sameContent(file string, data []byte) bool {
	have, err := os.ReadFile(file)
	return err == nil && bytes.Equal(have, data)
}

// checkNames refuses files that were meant to be specs and that no command reads.
func checkNames(dir string) error {
	short, err := filepath.Glob(filepath.Join(dir, "*.yml"))
	if err != nil { // only a malformed pattern, which a directory's name may be
		return session.Usagef("give another directory with --spec-dir", "%s: %w", dir, err)
	}
	if len(short) == 0 {
		return nil
	}
	return session.Usagef(lang.Sprintf("rename it to %s", strings.TrimSuffix(short[0], ".yml")+".yaml"), "%s is not read: spec files end in .yaml", short[0])
}
