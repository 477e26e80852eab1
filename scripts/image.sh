#!/bin/sh
# Builds the container image of a release out of its archives, for every processor that there is one
# for, as the manifest NAME in buildah's storage. Usage: scripts/image.sh DIST NAME [FLAG OF BUILDAH…]
set -eu
cd "$(dirname "$0")/.."
dist=$1 name=$2
shift 2

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
trap 'exit 130' INT TERM
version=$(jq -r .version "$dist/metadata.json")
platforms=
for archive in "$dist/cicdctl_${version}_linux_"*.tar.gz; do
	file=$(basename "$archive")
	(cd "$dist" && grep "  $file\$" checksums.txt | sha256sum --check --quiet --strict)
	arch=${file##*_linux_}
	platform=linux/${arch%.tar.gz}
	mkdir -p "$context/$platform"
	tar -xzf "$archive" -C "$context/$platform" cicdctl LICENSE THIRD-PARTY-NOTICES.txt
	platforms=$platforms,$platform
done

# The program has the time of its commit, and so has all of the image: the same release is the same image.
buildah build --manifest "$name" --platform "${platforms#,}" --timestamp "$(stat -c %Y "$context/$platform/cicdctl")" \
	--build-arg VERSION="$version" --build-arg REVISION="$(jq -r .commit "$dist/metadata.json")" \
	--file packaging/Dockerfile "$@" "$context"
