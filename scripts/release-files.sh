#!/bin/sh
# Writes what a release contains besides the program into DIR: completions, compressed man pages
# and the licences of what the program is built from. Run by GoReleaser (scripts/goreleaser.sh).
# Usage: scripts/release-files.sh DIR
set -eu
cd "$(dirname "$0")/.."
out=$1
rm -rf "$out"
mkdir -p "$out/completions" "$out/man"
export CGO_ENABLED=0 # as .goreleaser.yaml has it, whose build then finds all in the cache

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
go build -trimpath -o "$work/cicdctl" ./cmd/cicdctl

for shell in bash zsh fish powershell; do
	case $shell in
	bash | fish) file=cicdctl.$shell ;;
	zsh) file=_cicdctl ;;
	powershell) file=cicdctl.ps1 ;;
	esac
	"$work/cicdctl" completion "$shell" >"$out/completions/$file"
done

for page in docs/man/*.1; do
	gzip --best --no-name --stdout "$page" >"$out/man/${page##*/}.gz"
done

# Modules of all platforms. A licence that packaging/licences.json does not allow is an error.
for platform in linux darwin windows; do
	GOOS=$platform go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}' ./cmd/cicdctl >"$work/$platform"
done
LC_ALL=C sort -u "$work/linux" "$work/darwin" "$work/windows" >"$work/modules"
# shellcheck disable=SC2046 # words
go list -m -json $(cat "$work/modules") >"$work/modules.json"
notices=$out/THIRD-PARTY-NOTICES.txt
go-licence-detector -in "$work/modules.json" -includeIndirect \
	-rules packaging/licences.json -noticeTemplate packaging/notices.tmpl -noticeOut "$notices"

part() { # part TITLE FILE: one more text of the notices
	printf '\n%s\n%s\n\n' "$(printf '%080d' 0 | tr 0 =)" "$1" >>"$notices"
	cat "$2" >>"$notices"
}
# The Apache License, section 4(d): the notices of those modules go along.
# shellcheck disable=SC2046 # words
go list -m -f '{{.Path}} {{.Dir}}' $(cat "$work/modules") >"$work/directories"
while read -r module dir; do
	for notice in "$dir"/NOTICE*; do
		[ ! -f "$notice" ] || part "Notice of $module" "$notice"
	done
done <"$work/directories"
part "The Go standard library" "$(go env GOROOT)/LICENSE"
# What lies among the sources and is somebody else's has its licence beside it.
git ls-files -- 'internal/**/NOTICE' 'internal/**/LICENSE' >"$work/embedded"
while read -r file; do
	part "$(basename "$file") of $(dirname "$file")" "$file"
done <"$work/embedded"
