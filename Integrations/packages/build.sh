#!/bin/sh
# Builds a package of the files of `make install`. The same commit gives the same bytes.
#
#   build.sh deb|rpm DIRECTORY [VERSION]     prints the package's path
#
# Beside the package lies its bill of materials, PACKAGE.spdx.json. What is linked into the program is
# read from the map of the linker, RELEASES_LINK_MAP.
#
# `make deb` and `make rpm` call it from the top of the repository.
set -eu

kind=$1 out=$2
here=Integrations/packages
version=${3:-$(sed -n '1s/^releases (\([^)]*\)).*/\1/p' "$here/changelog")}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
link_map=${RELEASES_LINK_MAP:?is not set; run: make $kind}
umask 022

mkdir -p "$out"
out=$(cd "$out" && pwd)
tree=$(mktemp -d "$out/tree.XXXXXX")
trap 'rm -rf "$tree"' EXIT
# mktemp creates the directory with mode 0700, and the package would apply that mode to /.
chmod 755 "$tree"

# Both kinds of package install these files.
${MAKE:-make} --silent install DESTDIR="$tree" PREFIX=/usr >&2
find "$tree/usr/share/man" -type f -exec gzip -9n {} +
# Copies units with the path of the packaged program and without the manual installation.
packaged() {
  mkdir -p "$2"
  for unit in "$1"/releases-*; do
    sed -e 's,/usr/local/bin/releases,/usr/bin/releases,' \
      -e '/^#   install /d' "$unit" > "$2/${unit##*/}"
  done
}
packaged Integrations/systemd "$tree/usr/lib/systemd/system"
packaged Integrations/systemd/user "$tree/usr/lib/systemd/user"
doc=$tree/usr/share/doc/releases
mkdir -p "$doc/examples"
cp -R Integrations/ansible Integrations/cron Integrations/github Integrations/nginx \
  Integrations/polkit Integrations/prometheus Integrations/sudoers Integrations/tmpfiles \
  "$doc/examples/"
rm "$doc/examples/ansible/.ansible-lint" "$doc/examples/ansible/LICENSE"
# The units of the application, its sockets, and the setting for one of them.
cp -R Integrations/systemd/diting* "$doc/examples/"
cp README.md Integrations/runbook.en.md Integrations/runbook.zh-CN.md "$doc/"
cp -R man/guides man/schemas "$doc/"
notices() { python3 -B "$here/notices.py" "$version" "$link_map" "$@"; }
notices > "$doc/THIRD-PARTY-NOTICES.txt"

deb() {
  name=releases_${version}_$(dpkg --print-architecture).deb
  mkdir -p "$tree/DEBIAN" "$tree/usr/share/lintian/overrides"
  notices copyright > "$doc/copyright"
  sed "1s/(.*)/($version)/" "$here/changelog" | gzip -9n > "$doc/changelog.gz"
  install -m 644 "$here/lintian-overrides" "$tree/usr/share/lintian/overrides/releases"
  size=$(du -k -s --apparent-size "$tree" | cut -f1)
  sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$(dpkg --print-architecture)/" \
    -e "s/@SIZE@/$size/" "$here/control" > "$tree/DEBIAN/control"
  for script in postinst prerm postrm; do
    {
      printf '#!/bin/sh\nset -e\n\n'
      cat "$here/reload.sh"
      if [ "$script" = prerm ]; then cat "$here/disable.sh"; fi
      cat "$here/deb-$script"
    } > "$tree/DEBIAN/$script"
    chmod 755 "$tree/DEBIAN/$script"
  done
  (cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) \
    > "$tree/DEBIAN/md5sums"
  find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  # With more threads, the bytes would depend on the number of processors.
  DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group -Zxz --build "$tree" "$out/$name" >&2
  finish "$out/$name"
}

rpm() {
  # Debian has the text of this license; other distributions expect it in the package.
  install -D -m 644 LICENSE "$tree/usr/share/licenses/releases/LICENSE"
  find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  top=$(mktemp -d "$out/rpm.XXXXXX")
  trap 'rm -rf "$tree" "$top"' EXIT
  rpmbuild --quiet -bb --define "_topdir $top" --define "release_tree $tree" \
    --define "release_version $version" --define "release_license $(notices expression)" \
    --define "release_scripts $PWD/$here" \
    --define "_rpmdir $out" --define "_rpmfilename releases-$version-1.%{_arch}.rpm" \
    "$here/releases.spec" >&2
  finish "$out/releases-$version-1.$(uname -m).rpm"
}

# Writes what the program is linked with beside the package, and prints the package's path.
finish() {
  python3 -B "$here/sbom.py" "$version" "$1" "$tree/usr/bin/releases" "$link_map" \
    > "$1.spdx.json"
  echo "$1"
}

"$kind"
