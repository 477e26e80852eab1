// Package version compares releases of cicdctl: the one that runs with those that AWS's tags
// and spec files name.
package version

import (
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

var (
	// exact is a version with all of its three numbers: "v7" may be a commit as well.
	exact = lazyregexp.New(`^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	// described is what git describe makes of a commit after a tag: "v1.4.0-3-g1a2b3c4". Semantic
	// Versioning takes it for a pre-release of the tag.
	described = lazyregexp.New(`-[0-9]+-g[0-9a-f]{7,40}(-dirty)?$`)
	// unfinished is how builds are marked that are no release: by Go and git (dirty), GoReleaser's
	// snapshots, and people.
	unfinished = lazyregexp.New(`(?i)[-+.](dirty|snapshot|next|dev|devel)([-+.].*)?$`)
)

// Release is the release that a build says it is, in canonical form: "v1.4.0" for "1.4.0". It is
// empty for a development build, which is no release: one without a version, of a commit without
// a tag, or of changed files.
func Release(build string) string {
	if build != "" && build[0] >= '0' && build[0] <= '9' {
		build = "v" + build
	}
	return Parse(build)
}

// Parse is the release that a tag or a file names, in canonical form and without build metadata;
// empty when the text is none. Unlike a build, it names a release with its v.
func Parse(text string) string {
	if !exact.MatchString(text) || described.MatchString(text) || unfinished.MatchString(text) || module.IsPseudoVersion(text) {
		return ""
	}
	return semver.Canonical(text)
}

// Newer reports whether one release is newer than another, as Semantic Versioning orders them: a
// pre-release comes before its release. An empty one is neither newer nor older.
func Newer(one, other string) bool {
	return one != "" && other != "" && semver.Compare(one, other) > 0
}

// Newest is the newest of some releases; empty when there is none.
func Newest(all ...string) string {
	newest := ""
	for _, one := range all {
		if newest == "" || Newer(one, newest) {
			newest = one
		}
	}
	return newest
}
