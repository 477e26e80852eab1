package version

import "testing"

func TestReleaseOfABuild(t *testing.T) {
	t.Parallel()
	for name, each := range map[string]struct{ build, want string }{
		"a tag of Git":                               {"v1.4.0", "v1.4.0"},
		"as GoReleaser writes it":                    {"1.4.0", "v1.4.0"},
		"a pre-release":                              {"v1.4.0-rc.1", "v1.4.0-rc.1"},
		"a packager's metadata":                      {"v1.4.0+deb12", "v1.4.0"},
		"nothing":                                    {"", ""},
		"go build without version control":           {"(devel)", ""},
		"no repository":                              {"unknown", ""},
		"a commit":                                   {"624e757", ""},
		"a commit of digits alone":                   {"6247571", ""},
		"a commit after a tag, by git describe":      {"v1.4.0-3-g1a2b3c4", ""},
		"a commit after a pre-release":               {"v1.4.0-rc.1-3-g1a2b3c4", ""},
		"changed files, by git describe":             {"v1.4.0-dirty", ""},
		"changed files after a tag, by git describe": {"v1.4.0-3-g1a2b3c4-dirty", ""},
		"changed files, by go build":                 {"v1.4.0+dirty", ""},
		"a pseudo-version":                           {"v0.0.0-20261130101500-1a2b3c4d5e6f", ""},
		"a pseudo-version after a tag":               {"v1.4.1-0.20261130101500-1a2b3c4d5e6f", ""},
		"a changed pseudo-version":                   {"v1.4.1-0.20261130101500-1a2b3c4d5e6f+dirty", ""},
		"a snapshot of GoReleaser":                   {"1.4.1-SNAPSHOT-1a2b3c4", ""},
		"the next one":                               {"1.4.1-next", ""},
		"two numbers":                                {"v1.4", ""},
		"a leading zero":                             {"v1.04.0", ""},
	} {
		if got := Release(each.build); got != each.want {
			t.Errorf("%s: %q is %q, want %q", name, each.build, got, each.want)
		}
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for name, each := range map[string]struct {
		one, other string
		newer      bool
	}{
		"a patch":                        {"v1.4.1", "v1.4.0", true},
		"numbers are no text":            {"v1.10.0", "v1.9.0", true},
		"the same":                       {"v1.4.0", "v1.4.0", false},
		"an older one":                   {"v1.3.9", "v1.4.0", false},
		"a release after its candidate":  {"v1.4.0", "v1.4.0-rc.1", true},
		"a candidate before its release": {"v1.4.0-rc.1", "v1.4.0", false},
		"a candidate after the last one": {"v1.4.0-rc.1", "v1.3.9", true},
		"nothing is not older":           {"v1.4.0", "", false},
		"nothing is not newer":           {"", "v1.4.0", false},
	} {
		if got := Newer(each.one, each.other); got != each.newer {
			t.Errorf("%s: %q after %q: %v, want %v", name, each.one, each.other, got, each.newer)
		}
	}
	if got := Newest("", "v1.9.0", "v1.10.0-rc.1", "v1.2.0"); got != "v1.10.0-rc.1" {
		t.Errorf("the newest is %q", got)
	}
	if got := Newest("", ""); got != "" {
		t.Errorf("the newest of none is %q", got)
	}
}

func TestWhatTagsHold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"v1.4.0": "v1.4.0", "1.4.0": "", "latest": "", "v1.4": "", "v1.4.0-rc.1": "v1.4.0-rc.1", "v1.4.0-3-g1a2b3c4": "", "v0.0.0-20261130101500-1a2b3c4d5e6f": ""} {
		if got := Parse(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
