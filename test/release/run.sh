#!/bin/bash
# Makes a release of the commit that is checked out, twice, as CI's job does for a tag, and tries what
# comes out: its files, bills of materials, versions, packages and image. The Debian package is installed
# on this machine and removed again. To save time only one of the six targets is built of cicdctl itself;
# the files of all six are looked at around another program.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
here=$root/test/release

fail() {
	echo "release: $*" >&2
	exit 1
}
skip() {
	[ -z "${CI:-}" ] || fail "$*"
	echo "the release is not tried: $*"
	exit 0
}
step() { printf '== %s (%d s)\n' "$*" "$SECONDS"; }
# log NAME COMMAND...: what it prints is shown if it fails. Functions chain their commands by &&, because
# bash does not end them at the first that fails here.
log() {
	local name=$1
	shift
	"$@" >"$work/$name.log" 2>&1 || {
		tail -n 40 "$work/$name.log" >&2
		fail "$name fails: $*"
	}
}

# shellcheck source=/dev/null
[ "$(id -u)" = 0 ] || skip "it installs packages, as root"
grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release || skip "it installs packages, on Debian 12"
for program in rpm rpm2cpio cpio unzip jq man buildah git go; do
	command -v $program >/dev/null || skip "$program is missing (.ci/run installs it)"
done
[ -f /usr/share/bash-completion/bash_completion ] || skip "bash-completion is missing (.ci/run installs it)"
! command -v cicdctl >/dev/null || skip "$(command -v cicdctl) is on this machine, which has to be a fresh one"

work=$(mktemp -d)
installed=
cleanup() {
	[ -z "$installed" ] || apt-get purge -qq -y cicdctl >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --global user.name release
git config --global user.email release@example.com
git config --global safe.directory '*'
git config --global advice.detachedHead false
# one_target DIRECTORY: its configuration for this machine alone.
one_target() {
	sed "s/goos: \[linux, darwin, windows\]/goos: [linux]/; s/goarch: \[amd64, arm64\]/goarch: [$arch]/" "$1/.goreleaser.yaml" >"$work/one.yaml"
	[ "$(diff "$1/.goreleaser.yaml" "$work/one.yaml" | grep -c '^>')" = 2 ] || fail ".goreleaser.yaml names its targets differently"
}
# GoReleaser takes nothing from a repository without a remote.
repository() { git init -q "$1" && git -C "$1" remote add origin https://gitlab.com/cicd/cicdctl.git; }
unset GITLAB_TOKEN GITHUB_TOKEN GITEA_TOKEN
goreleaser=$root/scripts/goreleaser.sh
arch=$(dpkg --print-architecture)
tag=v0.0.0-rc.1 # of the copies alone
version=${tag#v}

step "the configuration is valid"
log check "$goreleaser" check

# shellcheck source=test/release/files.sh
. "$here/files.sh"
# shellcheck source=test/release/versions.sh
. "$here/versions.sh"
# shellcheck source=test/release/packages.sh
. "$here/packages.sh"
# shellcheck source=test/release/image.sh
. "$here/image.sh"

step "the release is whole, installs, works and goes"
