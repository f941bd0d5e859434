#!/bin/sh
# Installs those of the named Debian packages that are missing; says so where it can't.
set -eu

missing=
for package in "$@"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "missing Debian packages:$missing" >&2
  echo "hint: sudo apt-get install$missing" >&2
  exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# Another apt may hold the lock for some minutes.
apt="apt-get -o DPkg::Lock::Timeout=300"
# shellcheck disable=SC2086 # one word a package
$apt install --yes --no-install-recommends $missing >/dev/null 2>&1 || {
  $apt update >/dev/null
  $apt install --yes --no-install-recommends $missing >/dev/null
}
