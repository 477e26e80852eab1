#!/usr/bin/env bash
# Common guess: nfpm has one list of dependencies for all its formats, so it puts "name (>= 2.0)" into the form of each;
#               what it cannot, it refuses. And `rpm --query --requires` would show what was lost.
# Version:      nfpm 2.45.2, RPM 4.18.0 (Debian 12).
# Behaviour:    the text is taken over. In an RPM, "(>= 2.0)" becomes the version and the comparison is empty, which RPM
#               reads as any version. A requirement of 2.0 is met by 1.0, and a conflict with what is before 2.0 is one with
#               3.0 too. RPM prints the relation as it was written, so that it looks right. The other way round, RPM's form
#               in a Debian package is a field that dpkg cannot read. nfpm warns of neither.
# Output seen:  rpm --requires: library (>= 2.0)
#               in the package: library, 0, (>= 2.0)
#               library 1.0 is there, library (>= 2.0) is required: can be installed
#               library 1.0 is there, library >= 2.0 is required: cannot be installed
#               older 3.0 is there, older (<< 2.0) is in conflict: cannot be installed
#               dpkg, of "library >= 2.0": cannot be read
# Seen on 2026-12-01 on Debian 12 with Go 1.26. Needs Go, rpm and dpkg. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
GOBIN=$work CGO_ENABLED=0 go install github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2 2>/dev/null

pack() { # pack FORMAT NAME VERSION [RELATION]: makes NAME.FORMAT
	{
		printf 'name: %s\narch: all\nversion: %s\nmaintainer: A <a@example.org>\ndescription: a sample\n' "$2" "$3"
		[ $# -lt 4 ] || printf '%s\n' "$4"
	} >"$2.yaml"
	./nfpm package --config "$2.yaml" --packager "$1" --target "$2.$1" >nfpm.log 2>&1 || { cat nfpm.log; exit 1; }
	! grep -qi warn nfpm.log || { cat nfpm.log; exit 1; }
}
pack rpm library 1.0
pack rpm older 3.0
pack rpm needs 1.0 'depends: ["library (>= 2.0)"]'
pack rpm clash 1.0 'conflicts: ["older (<< 2.0)"]'
pack rpm right 1.0 'depends: ["library >= 2.0"]'
pack deb other 1.0 'depends: ["library >= 2.0"]'

root=$work/root
mkdir "$root"
can() { # can NAME: whether the package could be installed beside library 1.0 and older 3.0
	if rpm --root "$root" --install --test "$1.rpm" >rpm.log 2>&1; then echo "can be installed"; else echo "cannot be installed"; fi
}
rpm --root "$root" --initdb
rpm --root "$root" --install --justdb library.rpm older.rpm 2>/dev/null # Debian's warns of itself
seen=$(
	echo "rpm --requires: $(rpm --query --package --requires needs.rpm)"
	echo "in the package: $(rpm --query --package --queryformat '[%{REQUIRENAME}, %{REQUIREFLAGS}, %{REQUIREVERSION}]' needs.rpm)"
	echo "library 1.0 is there, library (>= 2.0) is required: $(can needs)"
	echo "library 1.0 is there, library >= 2.0 is required: $(can right)"
	echo "older 3.0 is there, older (<< 2.0) is in conflict: $(can clash)"
	if dpkg --no-act --root="$root" --install other.deb >dpkg.log 2>&1; then read="read"; else read="$(grep -q 'syntax error' dpkg.log && echo 'cannot be read')"; fi
	echo "dpkg, of \"library >= 2.0\": $read"
)
echo "$seen"
expected='rpm --requires: library (>= 2.0)
in the package: library, 0, (>= 2.0)
library 1.0 is there, library (>= 2.0) is required: can be installed
library 1.0 is there, library >= 2.0 is required: cannot be installed
older 3.0 is there, older (<< 2.0) is in conflict: cannot be installed
dpkg, of "library >= 2.0": cannot be read'
if [ "$seen" != "$expected" ]; then
	echo "this has changed; expected:" >&2
	echo "$expected" >&2
	exit 1
fi
