package fleet

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// gitRepo is a Git repository for a test, which it makes the current directory.
type gitRepo struct{ t *testing.T }

func newRepository(t *testing.T) gitRepo {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"GITLAB_CI", "CI_PIPELINE_SOURCE", "CI_COMMIT_BEFORE_SHA", "CI_DEFAULT_BRANCH", "CI_COMMIT_BRANCH", "CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_PIPELINE_CREATED_AT"} {
		t.Setenv(name, "")
	}
	r := gitRepo{t}
	r.git("init", "--quiet", "--initial-branch=main")
	r.git("config", "user.name", "somebody")
	r.git("config", "user.email", "somebody@example.com")
	return r
}

func (r gitRepo) git(args ...string) string {
	r.t.Helper()
	out, err := exec.CommandContext(r.t.Context(), "git", args...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r gitRepo) write(file, text string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// commit commits all there is, and returns the commit.
func (r gitRepo) commit() string {
	r.git("add", "--all")
	r.git("commit", "--quiet", "--allow-empty", "--message", "change")
	return r.git("rev-parse", "HEAD")
}

func text(client, region string, more ...string) string {
	return strings.Join(append([]string{"client: " + client, "region: " + region}, append(more, "")...), "\n")
}

// changesIn are the changes of a spec directory since a commit.
func changesIn(t *testing.T, dir, base string) changes {
	t.Helper()
	now, err := clientsIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	root, err := gitRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := findChanges(t.Context(), root, dir, base, now)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// changesFound are those of the directory clients, in words.
func changesFound(t *testing.T, base string) []string {
	t.Helper()
	got := changesIn(t, "clients", base)
	var out []string
	for _, c := range got.changed {
		out = append(out, "changed "+c.Client+" in "+c.place())
	}
	for _, g := range got.gone {
		line := "gone " + g.Client + " in " + g.place()
		if g.now != nil {
			line += ", now " + g.now.Client + " in " + g.now.place()
		}
		out = append(out, line)
	}
	if got.shared {
		out = append(out, "shared")
	}
	return out
}

// The directory of the files may get another name, and clients may go with the same commit.
func TestChangesWhenTheDirectoryMoves(t *testing.T) {
	r := newRepository(t)
	for _, name := range []string{"ACME", "GLOBEX", "INITECH"} {
		r.write("clients/"+strings.ToLower(name)+".yaml", text(name, "eu-west-3"))
	}
	r.write("cicdctl.yaml", "admin_region: eu-west-3\n")
	base := r.commit()
	r.git("mv", "clients", "estate")
	r.git("rm", "--quiet", "-f", "estate/globex.yaml")
	r.write("estate/initech.yaml", text("INITECH", "eu-west-3", "hosts: {min: 3, max: 6}"))
	r.write("cicdctl.yaml", "admin_region: eu-west-3\nspec_dir: estate/\n")
	r.commit()
	got := changesIn(t, "estate", base)
	if len(got.changed) != 1 || got.changed[0].Client != "INITECH" || len(got.gone) != 1 || got.gone[0].Client != "GLOBEX" || !got.shared {
		t.Errorf("%+v", got)
	}
}

func TestChangesAreThoseOfClients(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r gitRepo)
		want   []string
	}{
		"nothing": {func(gitRepo) {}, nil},
		"a new file": {
			func(r gitRepo) { r.write("clients/newco.yaml", text("NEWCO", "eu-west-1")) },
			[]string{"changed NEWCO in eu-west-1"},
		},
		"another line": {
			func(r gitRepo) {
				r.write("clients/acme.yaml", text("ACME", "eu-west-3", "stopped: {preview: true}"))
			},
			[]string{"changed ACME in eu-west-3"},
		},
		"deleted": {
			func(r gitRepo) { r.git("rm", "--quiet", "clients/acme.yaml") },
			[]string{"gone ACME in eu-west-3"},
		},
		"another mode": {func(r gitRepo) { r.git("update-index", "--chmod=+x", "clients/acme.yaml") }, nil},
		"moved away": {func(r gitRepo) {
			r.write("old/README", "")
			r.git("mv", "clients/acme.yaml", "old/acme.yaml")
		}, []string{"gone ACME in eu-west-3"}},
		"moved to another account": {
			func(r gitRepo) { r.write("clients/globex.yaml", text("GLOBEX", "eu-west-3", "account: staging")) },
			[]string{"changed GLOBEX in staging eu-west-3", "gone GLOBEX in production eu-west-3, now GLOBEX in staging eu-west-3"},
		},
		"moved to another region": {
			func(r gitRepo) { r.write("clients/acme.yaml", text("ACME", "eu-west-1")) },
			[]string{"changed ACME in eu-west-1", "gone ACME in eu-west-3, now ACME in eu-west-1"},
		},
		"another client in the file": {func(r gitRepo) {
			r.git("mv", "clients/acme.yaml", "clients/acme-paris.yaml")
			r.write("clients/acme-paris.yaml", text("ACME-PARIS", "eu-west-3", "hosts: {min: 3, max: 6}"))
		}, []string{"changed ACME-PARIS in eu-west-3", "gone ACME in eu-west-3, now ACME-PARIS in eu-west-3"}},
		"a copy for a new client": {
			func(r gitRepo) { r.write("clients/acme2.yaml", text("ACME2", "eu-west-3")) },
			[]string{"changed ACME2 in eu-west-3"},
		},
		"names with spaces and accents elsewhere": {func(r gitRepo) {
			r.write("notes/un été à Paris.yaml", text("ETE", "eu-west-3"))
			r.write("clients/sub/new line\n.yaml", text("SUB", "eu-west-3"))
		}, nil},
		"the README and the configuration": {func(r gitRepo) {
			r.write("clients/README.md", "# Clients")
			r.write("cicdctl.yaml", "spec_dir: clients\n")
		}, []string{"shared"}},
		"taken back": {func(r gitRepo) {
			r.write("clients/acme.yaml", text("ACME", "eu-west-1"))
			r.commit()
			r.write("clients/acme.yaml", text("ACME", "eu-west-3", "hosts: {min: 3, max: 6}"))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.write("clients/acme.yaml", text("ACME", "eu-west-3", "hosts: {min: 3, max: 6}"))
			r.write("clients/globex.yaml", text("GLOBEX", "eu-west-3", "account: production"))
			base := r.commit()
			c.change(r)
			if name != "a new file" { // which is found on a desk before it is added, too
				r.commit()
			}
			if got := changesFound(t, base); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A merge commit brings what its branch has changed, and not what the target has.
func TestMergeCommits(t *testing.T) {
	r := newRepository(t)
	r.write("clients/acme.yaml", text("ACME", "eu-west-3"))
	r.commit()
	r.git("checkout", "--quiet", "-b", "feature")
	r.write("clients/newco.yaml", text("NEWCO", "eu-west-3"))
	r.commit()
	r.git("checkout", "--quiet", "main")
	r.write("clients/other.yaml", text("OTHER", "eu-west-3"))
	target := r.commit()
	r.git("merge", "--quiet", "--no-edit", "feature")
	if got, want := changesFound(t, target), []string{"changed NEWCO in eu-west-3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := changesFound(t, emptyTree); len(got) != 3 {
		t.Errorf("a new branch has %q", got)
	}
}

func TestRenamedFileOfTheSameClient(t *testing.T) {
	r := newRepository(t)
	r.write("clients/acme.yml", text("ACME", "eu-west-3"))
	base := r.commit()
	if _, err := specFiles("clients"); err == nil {
		t.Error("a file that no command reads is taken")
	}
	r.git("mv", "clients/acme.yml", "clients/acme.yaml")
	r.commit()
	if got := changesFound(t, base); got != nil {
		t.Errorf("renamed: %q", got)
	}
	r.write("clients/acme.yaml", text("ACME", "eu-west-3", "network: {nat: single}", "hosts: {min: 1}", "database: {instances: 1}"))
	r.commit()
	if got, want := changesFound(t, base), []string{"changed ACME in eu-west-3"}; !slices.Equal(got, want) {
		t.Errorf("renamed and changed: got %q, want %q", got, want)
	}
}

// A shallow clone has no base: that is an error, never "nothing has changed".
func TestShallowClone(t *testing.T) {
	r := newRepository(t)
	r.write("clients/acme.yaml", text("ACME", "eu-west-3"))
	base := r.commit()
	r.write("clients/acme.yaml", text("ACME", "eu-west-3", "hosts: {min: 4}"))
	r.commit()
	from, _ := os.Getwd()
	clone := t.TempDir()
	r.git("clone", "--quiet", "--depth=1", "file://"+from, clone)
	t.Chdir(clone)
	root, err := gitRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = changesSince(t.Context(), root, base)
	if err == nil || !strings.Contains(err.Error(), "not in this clone") {
		t.Errorf("got %v", err)
	}
	if _, err := changesSince(t.Context(), root, "--output=/tmp/x"); err == nil {
		t.Error("a flag of Git is taken for a revision")
	}
}

func TestStatusOfGit(t *testing.T) {
	for name, c := range map[string]struct {
		out  string
		want []change
	}{
		"nothing":       {"", nil},
		"all kinds":     {"A\x00a\x00D\x00b\x00M\x00c\x00T\x00d\x00", []change{{"", "a"}, {"b", ""}, {"c", "c"}, {"d", "d"}}},
		"two paths":     {"R100\x00a\x00b\x00C075\x00c\x00d\x00M\x00e\x00", []change{{"a", "b"}, {"", "d"}, {"e", "e"}}},
		"odd names":     {"M\x00clients/été 1.yaml\x00A\x00a\nb\x00", []change{{"clients/été 1.yaml", "clients/été 1.yaml"}, {"", "a\nb"}}},
		"looks like it": {"A\x00R100\x00D\x00M\x00", []change{{"", "R100"}, {"M", ""}}},
	} {
		got, err := parseStatus([]byte(c.out))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
	for _, bad := range []string{"A\x00", "R100\x00a\x00", "\x00a\x00", "U\x00a\x00"} {
		if got, err := parseStatus([]byte(bad)); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}

func FuzzStatusOfGit(f *testing.F) {
	f.Add([]byte("R100\x00a\x00b\x00M\x00e\x00"))
	f.Fuzz(func(t *testing.T, out []byte) {
		all, err := parseStatus(out)
		for _, c := range all {
			if err == nil && c.from == "" && c.to == "" && !strings.Contains(string(out), "\x00\x00") {
				t.Errorf("%q: a change of nothing", out)
			}
		}
	})
}

func TestBrokenFilesAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"no YAML":        {"acme.yaml", "client: [\n", "acme.yaml"},
		"no region":      {"acme.yaml", "client: ACME\n", "region"},
		"another region": {"acme.yaml", text("ACME", "us-east-1"), "us-east-1"},
		"another name":   {"acme.yaml", text("GLOBEX", "eu-west-3"), "globex.yaml"},
	} {
		r := newRepository(t)
		r.write("clients/globex.yaml", text("GLOBEX", "eu-west-3"))
		r.write("clients/"+c.file, c.text)
		_, err := clientsIn("clients")
		if err == nil || !strings.Contains(err.Error(), c.file) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOutsideOfTheRepository(t *testing.T) {
	newRepository(t)
	if _, err := insideOf(mustRoot(t), t.TempDir()); err == nil {
		t.Error("a directory outside is taken")
	}
	t.Chdir(t.TempDir())
	if _, err := gitRoot(context.Background()); err == nil {
		t.Error("no repository is one")
	}
}

func mustRoot(t *testing.T) string {
	t.Helper()
	root, err := gitRoot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return root
}
