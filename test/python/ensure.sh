#!/bin/sh
# Prints the path of a Python that has a module, as a file of requirements pins it,
# and installs it first when no earlier run has. Everything else goes to standard
# error. Nothing outside the cache directory is touched.
#
# usage: ensure.sh MODULE REQUIREMENTS [OPTION OF PIP]...
#
#   PYTHON                the interpreter to build on (default: python3)
#   XDG_CACHE_HOME        where the installation is kept (default: ~/.cache); the
#                         repository's own .cache when that can't be written
#   CICDCTL_MOTO_VERSION  the version of moto, instead of the one that is pinned
#
# Exit status: 0 done, 3 no Python on this machine, 1 anything else.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
module=$1
requirements=$2
shift 2
python=${PYTHON:-python3}

fail() {
	status=$1
	shift
	echo "ensure.sh: $*" >&2
	exit "$status"
}

command -v "$python" >/dev/null 2>&1 ||
	fail 3 "$python not found: install Python 3.10 or later, or name one in PYTHON"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
	fail 1 "$python is older than 3.10, which the tests need: name a later one in PYTHON"

wanted=$(cat "$requirements")
if [ -n "${CICDCTL_MOTO_VERSION:-}" ]; then
	wanted=$(sed "s/^\(moto[^=]*==\).*/\1$CICDCTL_MOTO_VERSION/" "$requirements")
fi
# The interpreter is part of the name: an installation made for one version of
# Python can't be used by another.
hash=$("$python" - "$wanted" "$@" <<'PY'
import hashlib, sys
digest = hashlib.sha256(f"{sys.version_info[:2]} {sys.executable}\n".encode())
digest.update("\n".join(sys.argv[1:]).encode() + b"\n")
print(digest.hexdigest()[:16])
PY
)

cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/cicdctl
if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then
	cache=$here/../../.cache/cicdctl
	mkdir -p "$cache" || fail 1 "no place to install to: neither XDG_CACHE_HOME nor the repository can be written"
	cache=$(CDPATH= cd -- "$cache" && pwd)
fi
target=$cache/$module-$hash

# The check runs the interpreter, because one that was removed or upgraded leaves
# a dangling link behind.
usable() {
	[ -e "$target/complete" ] && "$target/bin/python" -c "import $module" >/dev/null 2>&1
}

if usable; then
	echo "$target/bin/python"
	exit 0
fi

# Test binaries of several packages start at the same moment; one installs, the
# others wait. Without flock they would each install, which is slow but right,
# because a finished directory is put in place by one rename.
exec 9>"$target.lock"
if command -v flock >/dev/null 2>&1; then
	flock 9
	if usable; then
		echo "$target/bin/python"
		exit 0
	fi
	rm -rf "$target"
fi

work=$target.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$work"
echo "ensure.sh: installing $module into $target (once)" >&2

if "$python" -m venv "$work" >&2 && [ -x "$work/bin/python" ]; then
	printf '%s\n' "$wanted" | "$work/bin/python" -m pip install --quiet --disable-pip-version-check \
		"$@" --requirement /dev/stdin >&2 9>&- || fail 1 "pip could not install $requirements"
else
	# Debian ships Python without ensurepip unless python3-venv is installed.
	echo "ensure.sh: no venv module here, installing beside the interpreter's packages" >&2
	rm -rf "$work"
	mkdir -p "$work/bin"
	printf '%s\n' "$wanted" | "$python" -m pip install --quiet --disable-pip-version-check --target "$work/packages" \
		"$@" --requirement /dev/stdin >&2 9>&- ||
		fail 1 "neither venv nor pip works with $python: install python3-venv or python3-pip"
	cat >"$work/bin/python" <<SH
#!/bin/sh
PYTHONPATH='$target/packages' exec '$(command -v "$python")' "\$@"
SH
	chmod +x "$work/bin/python"
fi
: >"$work/complete"

# When another run was faster its installation is as good as this one.
"$python" - "$work" "$target" <<'PY' || fail 1 "could not put the installation in place at $target"
import os, sys
work, target = sys.argv[1:]
try:
    os.rename(work, target)
except OSError:
    if not os.path.exists(os.path.join(target, "complete")):
        raise
PY
echo "$target/bin/python"
