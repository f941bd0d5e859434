#!/bin/sh
# Makes the units for the systemd of a user (systemctl --user) from the templates.
#
#   user-units.sh DIRECTORY
set -eu

mkdir -p "$1"
for template in Integrations/systemd/releases-*@.*; do
  name=${template##*/}
  {
    cat <<END
# $name for the systemd of a user, for a store that needs no root at all. Made by
# \`make generate\`. The user's units run while nobody is logged in after root has typed, once:
#
#   loginctl enable-linger USER
#
# The name of the instance is that of the template, and so is what to do with it:
# systemctl --user enable. The application's unit is the same user's, see the template.

END
    # Only root's systemd can bind directories, and has capabilities to take away; the user is the
    # owner of the store already.
    sed -e '1,/^$/d' -e '/^#/d' -e 's/multi-user\.target/default.target/' \
      -e '/^After=local-fs\.target$/d' \
      -e 's/^After=local-fs\.target \(releases-recover@%i\.service\) .*/After=\1/' \
      -e '/^RequiresMountsFor=/d' -e '/^Protect/d' -e '/^Private/d' -e '/^ProcSubset/d' \
      -e '/^Bind/d' -e '/^ReadWritePaths/d' -e '/^IPAddress/d' -e '/Capabilit/d' \
      -e '/^SystemCallFilter=@setuid$/d' "$template" | cat -s
  } > "$1/$name"
done
