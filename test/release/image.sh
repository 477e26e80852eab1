# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164 # part of run.sh, whose variables and functions it uses
# The container image, on an empty base in place of its own, which is not fetched here.

# In storage of its own, with nothing that a job of CI has not either: no daemon, no new namespaces.
cat >"$work/storage.conf" <<-CONF
	[storage]
	driver = "vfs"
	graphroot = "$work/storage"
	runroot = "$work/run"
CONF
export CONTAINERS_STORAGE_CONF=$work/storage.conf BUILDAH_ISOLATION=chroot

step "the image has the program of the release, and is the same of both builds"
log image "$root/scripts/image.sh" "$dist" first --from scratch
log image-again "$root/scripts/image.sh" "$rebuilt" second --from scratch
digest() { buildah manifest inspect "$1" | jq -r '.manifests[].digest'; }
[ -n "$(digest first)" ] || fail "the image is for no processor"
[ "$(digest first)" = "$(digest second)" ] || fail "the images differ: $(digest first) $(digest second)"

container=$(buildah from --pull-never first)
files=$(buildah mount "$container")
buildah inspect --type image first | jq .OCIv1.config >"$work/image.json"
jq -e --arg version "$version" --arg commit "$(git -C "$work/first" rev-parse HEAD)" '.User == "10001:10001" and .Entrypoint == ["/usr/local/bin/cicdctl"]
	and .Labels["org.opencontainers.image.version"] == $version and .Labels["org.opencontainers.image.revision"] == $commit' "$work/image.json" >/dev/null ||
	fail "the image is configured as $(cat "$work/image.json")"
cmp "$work/archive/cicdctl" "$files/usr/local/bin/cicdctl" || fail "the image has another program than the archive"
cmp "$work/archive/THIRD-PARTY-NOTICES.txt" "$files/usr/share/doc/cicdctl/THIRD-PARTY-NOTICES.txt" || fail "the image lacks the notices"
# As its user, with nothing else there: no shell, no library, no home.
[ "$(find "$files" -type f | wc -l)" = 3 ] || fail "the image has $(find "$files" -type f)"
env -i /usr/sbin/chroot --userspec=10001:10001 "$files" /usr/local/bin/cicdctl version >"$work/command.log" 2>&1 || fail "in the image: $(cat "$work/command.log")"
grep -qF "$tag " "$work/command.log" || fail "in the image: $(cat "$work/command.log")"
log unmount buildah rm "$container"
