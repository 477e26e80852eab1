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

	"github.com/goccy/go-yaml"

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
	for _, ch := range found {
		if within := cmp.Or(ch.from, ch.to); inside == within || strings.HasPrefix(inside, within+"/") {
			return changes{}, session.Usagef("put the clients' files themselves into the repository", "%s is a submodule: what has changed in it is not known", within)
		}
	}
	earlier := inside
	if slices.ContainsFunc(found, func(ch change) bool { return ch.from == configFile }) {
		earlier = earlierDir(ctx, root, base, inside)
	}
	specs := func(file, dir string) bool { _, is := specName(file); return is && path.Dir(file) == dir }
	var touched []string
	for _, ch := range found {
		if specs(ch.from, earlier) {
			touched = append(touched, ch.from)
		}
	}
	before, err := oldFiles(ctx, root, base, earlier, touched)
	if err != nil {
		return changes{}, err
	}
	byClient, byFile := map[string]client{}, map[string]client{}
	for _, c := range now {
		byClient[c.Client], byFile[path.Join(inside, path.Base(c.file))] = c, c
	}
	old := map[string]client{}
	var out changes
	for _, ch := range found {
		out.shared = out.shared || ch.from == configFile || ch.to == configFile
		if !specs(ch.from, earlier) {
			continue
		}
		data, file := before[ch.from]
		was, err := spec.ReadHead(ch.from, data)
		if !file || err != nil || checkHead(was) != nil {
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
		if !specs(ch.to, inside) {
			continue
		}
		c, there := byFile[ch.to]
		if was, had := old[c.Client]; there && (!had || was.place() != c.place()) {
			out.changed = append(out.changed, c)
		}
	}
	byName := func(a, b client) int { return cmp.Compare(a.Client, b.Client) }
	slices.SortFunc(out.changed, byName)
	out.changed = slices.CompactFunc(out.changed, func(a, b client) bool { return a.Client == b.Client })
	slices.SortFunc(out.gone, func(a, b gone) int { return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.place(), b.place())) })
	out.gone = slices.CompactFunc(out.gone, func(a, b gone) bool { return a.Head == b.Head })
	return out, nil
}

// earlierDir is where the files of clients were at a commit whose configuration was another one: its
// spec_dir, if that of today's is where they are now.
func earlierDir(ctx context.Context, root, base, inside string) string {
	dirOf := func(config []byte, err error) string {
		c := struct {
			SpecDir string `yaml:"spec_dir"`
		}{session.DefaultSpecDir}
		if err != nil || yaml.Unmarshal(config, &c) != nil {
			return session.DefaultSpecDir
		}
		return path.Clean(c.SpecDir)
	}
	if dirOf(os.ReadFile(filepath.Join(root, configFile))) != inside { // a flag says where they are, or a variable
		return inside
	}
	return dirOf(git(ctx, root, "cat-file", "blob", base+":"+configFile))
}

// sameContent reports whether a file has the content that it had.
func sameContent(file string, data []byte) bool {
	have, err := os.ReadFile(file)
	return err == nil && bytes.Equal(have, data)
}
