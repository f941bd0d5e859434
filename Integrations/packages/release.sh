#!/bin/sh
# Makes all that is published of a version: the program, both packages, the source, the bills of
# materials, and the checksums of these files. The same commit gives the same bytes in any directory.
#
#   release.sh DIRECTORY       prints the checksums
#
# `make release` calls it from the top of the repository.
set -eu

here=Integrations/packages
version=$(sed -n '1s/^releases (\([^)]*\)).*/\1/p' "$here/changelog")
name=releases-$version-linux-$(uname -m)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
umask 022

# The source that is published must be that of the program.
if [ -n "$(git status --porcelain)" ]; then
  printf 'release: there are changes that are not committed:\n%s\n' "$(git status --short)" >&2
  exit 1
fi
# The program is built from the beginning, so that no module or cache of an earlier build is used, and
# with the options of the Makefile. make takes the directory from the environment, build.sh the map.
unset MAKEFLAGS
export RELEASES_BUILD=.build/from-scratch
export RELEASES_LINK_MAP="$PWD/$RELEASES_BUILD/releases.map"
rm -rf "$RELEASES_BUILD"
${MAKE:-make} --silent build >&2

rm -rf "$1"
mkdir -p "$1"
out=$(cd "$1" && pwd)
tree=$(mktemp -d "$out/tree.XXXXXX")
trap 'rm -rf "$tree"' EXIT

git archive --format=tar --prefix="releases-$version/" HEAD | gzip -9n > "$out/releases-$version.tar.gz"
"$here/build.sh" deb "$out" >&2
"$here/build.sh" rpm "$out" >&2

# The program for hosts without packages, with what a host needs besides it.
${MAKE:-make} --silent install DESTDIR="$tree/$name" PREFIX=/ >&2
git archive --format=tar HEAD LICENSE README.md Integrations | tar -x -C "$tree/$name"
rm -r "${tree:?}/$name/$here"
python3 -B "$here/notices.py" "$version" "$RELEASES_LINK_MAP" \
  > "$tree/$name/THIRD-PARTY-NOTICES.txt"
tar -c -C "$tree" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  --mode=u+rw,go+r-w "$name" | gzip -9n > "$out/$name.tar.gz"
python3 -B "$here/sbom.py" "$version" "$out/$name.tar.gz" "$tree/$name/bin/releases" \
  "$RELEASES_LINK_MAP" > "$out/$name.tar.gz.spdx.json"

cd "$out"
rm -rf "$tree"
sha256sum -- *.* > SHA256SUMS
cat SHA256SUMS
