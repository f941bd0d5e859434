# shellcheck shell=sh
# Part of the scripts of both packages. It also works where systemd does not run, where /proc is
# missing, and where there is no systemctl.

has_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

reload_units() {
  if has_systemd; then systemctl daemon-reload || true; fi
}

# The unit of 0.1 remains active after it has run, so no later start of the service would run it.
end_old_recovery() {
  if has_systemd; then systemctl stop releases-recover.service || true; fi
}
