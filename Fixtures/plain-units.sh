#!/bin/sh
# Makes the units that 0.1 installed from the templates: the same, for the store /opt/diting.
#
#   plain-units.sh DIRECTORY
set -eu

mkdir -p "$1"
for template in Integrations/systemd/releases-*@.*; do
  name=${template##*/}
  plain=$(echo "$name" | tr -d @)
  {
    echo "# $name as 0.1 named it, for the store /opt/diting; the name stays for one version."
    echo "# Made by \`make generate\`. Both names at once do no harm."
    # What the template's head says, on enabling an instance, is not for this one.
    sed -e '1,/^$/{/^$/!d;}' -e 's,%f,/opt/diting,g' -e 's,%i,opt-diting,g' "$template"
  } > "$1/$plain"
  # Of the two names for recovery, one waits for the other; and 0.1 ordered its own so.
  if [ "$plain" = releases-recover.service ]; then
    sed -i -e 's/^After=local-fs.target$/& releases-recover@opt-diting.service/' \
      -e 's/^RequiresMountsFor=/Before=diting.service\n&/' "$1/$plain"
  fi
done
