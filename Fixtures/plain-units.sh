#!/bin/sh
# Makes the units with the names of 0.1 from the templates, for the store /opt/diting.
#
#   plain-units.sh DIRECTORY
set -eu

mkdir -p "$1"
for template in Integrations/systemd/releases-*@.*; do
  name=${template##*/}
  plain=$(echo "$name" | tr -d @)
  {
    echo "# $name for the store /opt/diting, under the name that 0.1 used."
    echo "# The name is kept for one version. Made by \`make generate\`. Both may be enabled."
    echo "# For another store, enable an instance of $name instead. Its head says how, and"
    echo "# nothing in it needs editing."
    # The template's head explains how to enable an instance, which does not apply here.
    sed -e '1,/^$/{/^$/!d;}' -e 's,%f,/opt/diting,g' -e 's,%i,opt-diting,g' "$template"
  } > "$1/$plain"
  # One of the two recovery units waits for the other. Before=diting.service is as in 0.1.
  if [ "$plain" = releases-recover.service ]; then
    sed -i -e 's/^After=local-fs.target$/& releases-recover@opt-diting.service/' \
      -e 's/^RequiresMountsFor=/Before=diting.service\n&/' "$1/$plain"
  fi
done
