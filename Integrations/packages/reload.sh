# shellcheck shell=sh
# For the scripts of both packages. It works where systemd does not run, where /proc is missing, and
# where there is no systemctl.

has_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

reload_units() {
  if has_systemd; then systemctl daemon-reload || true; fi
}

# The unit of 0.1 stays active once it has run, and no start of the service would run it again.
end_old_recovery() {
  if has_systemd; then systemctl stop releases-recover.service || true; fi
}
