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
# $name for a user's systemd and a store of that user, without
# root. Made by \`make generate\`. The user's units run without a login once root has run:
#
#   loginctl enable-linger USER
#
# Name and enable the instance as the template says, but with systemctl --user. The application's
# unit must be a unit of the same user, see the template.

END
    # Only root's systemd can bind directories and drop capabilities. The user already owns the
    # store.
    sed -e '1,/^$/d' -e '/^#/d' -e 's/multi-user\.target/default.target/' \
      -e '/^After=local-fs\.target$/d' \
      -e 's/^After=local-fs\.target \(releases-recover@%i\.service\) .*/After=\1/' \
      -e '/^RequiresMountsFor=/d' -e '/^Protect/d' -e '/^Private/d' -e '/^ProcSubset/d' \
      -e '/^Bind/d' -e '/^ReadWritePaths/d' -e '/^IPAddress/d' -e '/Capabilit/d' \
      -e '/^SystemCallFilter=@setuid$/d' "$template" | cat -s
  } > "$1/$name"
done
