#!/bin/sh
# Writes the bill of materials of a binary, as CycloneDX in JSON: its Go modules, the standard
# library and what packaging/embedded.json tells of. The same binary has the same. GoReleaser
# runs it in its own directory. Usage: scripts/sbom.sh BINARY DOCUMENT VERSION
set -eu
root=$(dirname "$0")/..
embedded=$root/packaging/embedded.json
sum=$(sha256sum "$root/internal/document/graphviz/graphviz.wasm" | cut -d ' ' -f 1)
grep -q "$sum" "$embedded" || {
	echo "$embedded tells of another graphviz.wasm than that with SHA-256 $sum" >&2
	exit 1
}
cyclonedx-gomod bin -json -noserial -notimestamp -std -version "$3" -output "$2.modules" "$1"
jq --slurpfile embedded "$embedded" '
	($embedded[0] | map(."bom-ref")) as $refs | .metadata.component."bom-ref" as $program |
	.components += $embedded[0] | .dependencies += ($refs | map({ref: .})) |
	(.dependencies[] | select(.ref == $program)).dependsOn += $refs' "$2.modules" >"$2"
rm "$2.modules"
