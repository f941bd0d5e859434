#!/bin/sh
# Builds the package of 0.1 once, for upgrades from it and for comparisons with it.
#
#   build_old_package.sh DIRECTORY       prints the path of the package
#
# This is called from the top of the repository and needs its history.
set -eu

commit=6004505
mkdir -p "$1"
directory=$(cd "$1" && pwd)
package=$directory/releases-0.1.deb
if [ ! -f "$package" ]; then
  tree=$directory/old-tree
  git worktree remove --force "$tree" 2>/dev/null || true
  git worktree add --quiet --detach "$tree" "$commit"
  trap 'git worktree remove --force "$tree"' EXIT
  made=$(${MAKE:-make} --silent -C "$tree" deb RELEASES_ISAL="$RELEASES_ISAL" | tail -n 1)
  mv "$made" "$package"
fi
echo "$package"
