# shellcheck shell=sh
# Both packages include this in their scripts. It also works without a running systemd, without
# /proc and without systemctl.

has_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

reload_units() {
  if has_systemd; then systemctl daemon-reload || true; fi
}

# The unit of 0.1 remains active after it has run, so later starts of the service would not run it.
end_old_recovery() {
  if has_systemd; then systemctl stop releases-recover.service || true; fi
}
