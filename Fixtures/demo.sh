#!/usr/bin/env bash
# The main job on a throw-away store: each command with what it prints.
set -euo pipefail

binary=$(realpath "$1")
fixtures=$(dirname "$(realpath "$0")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

export RELEASES_STORE=$scratch/store
export PATH=$scratch/bin:$PATH
mkdir "$scratch/bin"
ln -s "$binary" "$scratch/bin/releases"
cd "$scratch"

say() { printf '\n# %s\n' "$*"; }
show() {
  printf '$ %s\n' "$*"
  "$@"
}

pack() {
  cp -a "$fixtures/application" "app-$1"
  echo "$1" > "app-$1/VERSION"
  tar -czf "app-$1.tar.gz" -C "app-$1" .
}

say "Two versions of the fixture application, as CI would send them"
pack 1.0
pack 2.0
show ls -s app-1.0.tar.gz app-2.0.tar.gz

say "A new store, and a first release"
show releases init
show releases unpack app-1.0.tar.gz --ref v1.0
show releases activate latest

say "The next one arrives on standard input, with its digest"
digest=$(sha256sum app-2.0.tar.gz | cut -d ' ' -f 1)
printf '$ cat app-2.0.tar.gz | releases unpack - --ref v2.0 --sha256 %.12s...\n' "$digest"
# shellcheck disable=SC2002 # as it comes over SSH
cat app-2.0.tar.gz | releases unpack - --ref v2.0 --sha256 "$digest"
show releases list

say "The switch to it is killed half-way: 'previous' is new, 'current' is not"
new=$(releases list --quiet | head -n 1)
kill_second_rename=(strace -f -o /dev/null -e trace=renameat -e inject=renameat:signal=KILL:when=2)
printf '$ releases activate %s   (SIGKILL at its second rename)\n' "$new"
"${kill_second_rename[@]}" releases activate "$new" || echo "exit status $?"
show ls -l --time-style=+ "$RELEASES_STORE"
printf '$ cat current/VERSION\n'
cat "$RELEASES_STORE/current/VERSION"
show releases status || echo "exit status $?"

say "Recovery brings it to an end"
show releases recover
show releases list
printf '$ cat current/VERSION\n'
cat "$RELEASES_STORE/current/VERSION"

say "Rolled back; the release it came from is bad from now on"
show releases rollback
show releases list

say "Pruned by count and age, with the reasons first"
for ref in v2.1 v2.2 v2.3; do
  releases unpack app-2.0.tar.gz --ref "$ref" > /dev/null
  releases activate latest > /dev/null
done
show releases prune --keep 1 --keep-within 0d --dry-run
show releases prune --keep 1 --keep-within 0d

say "Verified, to the last bit"
show releases verify --all --strict
show releases history
