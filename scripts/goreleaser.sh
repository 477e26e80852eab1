#!/bin/sh
# Runs GoReleaser with the companions that .goreleaser.yaml needs on its PATH, all as pinned in
# tools/release/go.mod. What is not there yet is built, once for each of their versions and of Go: minutes.
set -eu
module=$(dirname "$0")/../tools/release
key=$({ cat "$module/go.mod" "$module/go.sum" && go version; } | sha256sum | cut -c 1-16)
dir=${XDG_CACHE_HOME:-$HOME/.cache}/cicdctl/release-$key
if [ ! -d "$dir" ]; then
	mkdir -p "$(dirname "$dir")"
	new=$(mktemp -d "$dir.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	trap 'exit 130' INT TERM
	echo "building the tools of a release into $dir" >&2
	(cd "$module" && GOBIN=$new CGO_ENABLED=0 go install -trimpath tool)
	chmod 755 "$new"
	# Whoever comes second has built the same.
	mv -T "$new" "$dir" 2>/dev/null || [ -d "$dir" ]
fi
PATH=$dir:$PATH
export PATH
exec goreleaser "$@"
