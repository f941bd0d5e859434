# shellcheck shell=sh
# For the scripts of both packages. It works where systemd does not run, where /proc is missing, and
# where there is no systemctl.

has_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

reload_units() {
  if has_systemd; then systemctl daemon-reload || true; fi
}
