# shellcheck shell=sh
# Both packages include this in their scripts, after reload.sh.

# Succeeds for the path of a unit of the package, and fails for one of the administrator.
is_ours() {
  case ${1%/*} in
    /usr/lib/systemd/system | /lib/systemd/system) ;;
    *) return 1 ;;
  esac
  for kind in recover prune verify metrics; do
    case ${1##*/} in
      "releases-$kind.service" | "releases-$kind.timer") return 0 ;;
      "releases-$kind@"*.service | "releases-$kind@"*.timer) return 0 ;;
    esac
  done
  return 1
}

# Stops and disables all instances, since their program is being removed.
disable_units() {
  for link in /etc/systemd/system/*.wants/releases-* /etc/systemd/system/*.requires/releases-*; do
    if [ -L "$link" ] && is_ours "$(readlink "$link")"; then
      rm -f "$link"
      rmdir "${link%/*}" 2>/dev/null || true
    fi
  done
  for kind in prune verify metrics; do
    rm -f "/var/lib/systemd/timers/stamp-releases-$kind.timer" \
      "/var/lib/systemd/timers/stamp-releases-$kind@"*.timer
  done
  has_systemd || return 0
  units=$(systemctl list-units --all --full --plain --no-legend 'releases-*' |
    sed 's/ .*//') || return 0
  # Timers come first, because they would start their services again.
  for kind in timer service; do
    for unit in $units; do
      [ "${unit##*.}" = "$kind" ] || continue
      path=$(systemctl show --property=FragmentPath --value -- "$unit") || continue
      if is_ours "$path"; then systemctl stop -- "$unit" || true; fi
    done
  done
}
