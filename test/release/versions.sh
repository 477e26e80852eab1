# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164 # part of run.sh, whose variables and functions it uses
# The versions of packages, and the files for all targets: of a program that is built at once, in a
# repository with tags, configuration and documents like this one's.

stand_in() {
	repository "$work/other" &&
		git -C "$work/first" archive HEAD | tar -x -C "$work/other" &&
		cp -r "$work/first/build" "$work/other/" &&
		one_target "$work/other" &&
		cd "$work/other" &&
		find . -name '*.go' -delete &&
		printf 'module gitlab.com/cicd/cicdctl\n\ngo 1.26\n' >go.mod &&
		mkdir -p cmd/cicdctl &&
		printf 'package main\n\nvar version string\n\nfunc main() { println(version) }\n' >cmd/cicdctl/main.go &&
		git add -A
}

# package SECOND TAG|- FLAG...: a release or a snapshot of one more commit; notes the versions of its packages.
package() {
	local how=--snapshot second=$1 tag=$2
	shift 2
	GIT_COMMITTER_DATE="2026-01-01T00:00:${second}Z" git commit -q --allow-empty -m "$second" || return
	if [ "$tag" != - ]; then
		git tag "$tag" || return
		how=--skip=publish
	fi
	"$goreleaser" release --clean $how --skip=before "$@" &&
		echo "$(dpkg-deb --field dist/*_linux_"$arch".deb Version) $(rpm -qp --queryformat '%{VERSION}' dist/*_linux_"$arch".rpm)" >>"$work/versions"
}

step "versions sort, as Debian and RPM compare them"
log stand-in stand_in
cd "$work/other"
second=10
for tag_or_not in v1.0.0 - - v1.0.1-rc.1 - v1.0.1-rc.2 v1.0.1-rc.10 - v1.0.1 -; do
	log "version-$second" package $second "$tag_or_not" --config "$work/one.yaml" --skip=sbom,archive
	second=$((second + 1))
done
previous=
while read -r deb rpm; do
	if [ "$previous" ]; then
		read -r deb_before rpm_before <<<"$previous"
		dpkg --compare-versions "$deb_before" lt "$deb" || fail "Debian does not see $deb_before before $deb"
		[ "$(rpm --eval "%{lua:print(rpm.vercmp('$rpm_before', '$rpm'))}")" = -1 ] || fail "RPM does not see $rpm_before before $rpm"
	fi
	previous="$deb $rpm"
done <"$work/versions"
[ "$(wc -l <"$work/versions")" = 10 ] || fail "packages of ten commits were made: $(cat "$work/versions")"

step "all targets have their files"
log targets package $second v1.2.0
for target in {linux,darwin,windows}_{amd64,arm64}; do
	file=dist/cicdctl_1.2.0_$target program=cicdctl
	if [ "${target%_*}" = windows ]; then
		program=cicdctl.exe
		unzip -Z1 "$file.zip" >"$work/listed"
	else
		tar -tzf "$file.tar.gz" >"$work/listed"
	fi
	LC_ALL=C sort "$work/listed" >"$work/files"
	grep -qx "$program" "$work/files" || fail "$file lacks the program: $(cat "$work/files")"
	diff <(grep -vx "$program" "$work/files") <(tar -tzf "$dist/cicdctl_${version}_linux_$arch.tar.gz" | grep -vx cicdctl | LC_ALL=C sort) ||
		fail "$file has other files than the archive of this machine"
	jq -e '.bomFormat == "CycloneDX"' "$file.cdx.json" >/dev/null || fail "$file.cdx.json is no bill of materials"
done
[ "$(grep -cE '_linux_(amd64|arm64)\.(deb|rpm)$' dist/checksums.txt)" = 4 ] || fail "packages are missing: $(cat dist/checksums.txt)"
cd "$root"
