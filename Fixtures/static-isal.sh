#!/bin/sh
# Makes DIRECTORY/libisal.a, the fast gzip decoder, from Debian's own source package: libisal-dev
# has no static library. Does nothing when it is there already.
set -eu

directory=$1
[ -f "$directory/libisal.a" ] && exit 0
mkdir -p "$directory"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The same places that packages come from, asked for sources; nothing of the host is changed.
mkdir -p "$work/parts" "$work/lists/partial" "$work/cache/archives/partial"
for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
  [ -f "$file" ] || continue
  case $file in
    *.sources) sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/parts/source.sources" ;;
    *) sed -n 's/^deb /deb-src /p' "$file" >"$work/parts/source.list" ;;
  esac
done
apt() {
  apt-get -q -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/parts" \
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" \
    -o APT::Sandbox::User=root "$@"
}
echo "making the static libisal" >&2
(
  cd "$work"
  apt update
  apt source --download-only libisal
  dpkg-source --extract ./*.dsc source
  make -C source -f Makefile.unx lib units="igzip crc"
) >"$work/log" 2>&1 || {
  tail -n 20 "$work/log" >&2
  exit 1
}
install -m 644 "$work/source/bin/isa-l.a" "$directory/libisal.a"
