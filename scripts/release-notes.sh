#!/bin/sh
# Prints what CHANGELOG.md says of a version, for its release; a candidate may still be under
# Unreleased. Nothing said is an error. Usage: scripts/release-notes.sh v1.2.0[-rc.1]
set -eu
cd "$(dirname "$0")/.."
version=${1#v}
final=${version%%-*}
section() { # section HEADING: what follows the heading that begins like this
	awk -v heading="## $1" '/^## / { on = index($0, heading) == 1; next } on' CHANGELOG.md | sed '/./,$!d'
}
notes=$(section "$final - ")
[ "$notes" ] || [ "$version" = "$final" ] || notes=$(section Unreleased)
if [ -z "$notes" ]; then
	echo "CHANGELOG.md says nothing under '## $final - YYYY-MM-DD': write that section, then tag v$version" >&2
	exit 1
fi
printf '%s\n' "$notes"
