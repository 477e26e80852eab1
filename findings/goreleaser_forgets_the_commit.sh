#!/usr/bin/env bash
# Common guess: `goreleaser --snapshot` builds the commit that is checked out, and `goreleaser check` looks at the
#               configuration; a remote of the repository matters to a release alone.
# Version:      GoReleaser 2.15.1.
# Behaviour:    without a remote, a snapshot forgets all of Git: the tag is v0.0.0, the commit "none", its time that
#               of the year 1, of whatever commit. One line of the log tells, at the level of information, and it
#               ends with 0. So snapshots in a clone without remotes (a CI's mirror, a test's `git init`) all have the
#               same version, and files dated by {{ .CommitTimestamp }} have no date. `check` calls a configuration
#               that names a project on GitLab invalid there, and one that names a repository on GitHub valid:
#               it knows no token, so it takes the forge for GitHub, and looks for its name in the remote.
# Output seen:  without a remote: v0.0.0 none 0.0.0-dev.-62135596800.none
#               with a remote: v1.0.0 COMMIT 1.0.0-dev.1767225600.SHORT
#               check of gitlab without a remote: 1
#               check of github without a remote: 0
#               check of gitlab with a remote: 0
# Seen on 2026-11-30 with Go 1.26, which builds GoReleaser for some minutes. Ends with 0 while it is so, with 1
# when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
GOBIN=$work go install -trimpath github.com/goreleaser/goreleaser/v2@v2.15.1
mkdir "$work/project"
cd "$work/project"
unset GITLAB_TOKEN GITHUB_TOKEN GITEA_TOKEN
export GIT_CONFIG_GLOBAL=/dev/null GIT_COMMITTER_DATE=2026-01-01T00:00:00Z

config() { # config RELEASE
	cat >.goreleaser.yaml <<-YAML
		version: 2
		project_name: project
		snapshot: {version_template: "{{ .Version }}-dev.{{ .CommitTimestamp }}.{{ .ShortCommit }}"}
		release: {$1: {owner: group, name: project}}
	YAML
}
snapshot() {
	"$work/goreleaser" build --snapshot --single-target --clean >"$work/log" 2>&1
	sed -E 's/.*"tag":"([^"]*)".*"version":"([^"]*)","commit":"([^"]*)".*/\1 \3 \2/' dist/metadata.json |
		sed "s/$(git rev-parse HEAD)/COMMIT/; s/$(git rev-parse --short=7 HEAD)/SHORT/"
}
check() {
	code=0
	"$work/goreleaser" check >"$work/log" 2>&1 || code=$?
	echo "$code"
}

printf 'module project\n\ngo 1.24\n' >go.mod
printf 'package main\n\nfunc main() {}\n' >main.go
echo dist >.gitignore
config gitlab
git init -q
git add -A
git -c user.name=nobody -c user.email=nobody@example.com commit -qm first
git tag v1.0.0
{
	echo "without a remote: $(snapshot)"
	git remote add origin https://gitlab.com/group/project.git
	echo "with a remote: $(snapshot)"
	git remote remove origin
	echo "check of gitlab without a remote: $(check)"
	config github
	echo "check of github without a remote: $(check)"
	config gitlab
	git remote add origin https://gitlab.com/group/project.git
	echo "check of gitlab with a remote: $(check)"
} >"$work/seen"
cat >"$work/want" <<'TEXT'
without a remote: v0.0.0 none 0.0.0-dev.-62135596800.none
with a remote: v1.0.0 COMMIT 1.0.0-dev.1767225600.SHORT
check of gitlab without a remote: 1
check of github without a remote: 0
check of gitlab with a remote: 0
TEXT
diff "$work/want" "$work/seen"
echo "as described: without a remote, GoReleaser knows no commit"
