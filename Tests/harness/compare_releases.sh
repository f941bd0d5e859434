#!/bin/sh
# Makes a release again in another directory, from a clone, and compares every byte.
#
#   compare_releases.sh DIRECTORY FIRST     FIRST is what `make release` has made
#
# This is called from the top of the repository.
set -eu

mkdir -p "$1"
place=$(cd "$1" && pwd)/another-directory
first=$(cd "$2" && pwd)
rm -rf "$place"
git clone --quiet . "$place"
# The clone has its own paths.
env -u RELEASES_ISAL -u RELEASES_LINK_MAP -u MAKEFLAGS "${MAKE:-make}" --silent -C "$place" release >&2
status=0
for file in "$first"/*; do
  name=${file##*/}
  if cmp "$file" "$place/.build/dist/$name"; then echo "same  $name"; else status=1; fi
done
[ "$(ls "$first")" = "$(ls "$place/.build/dist")" ] || status=1
exit "$status"
