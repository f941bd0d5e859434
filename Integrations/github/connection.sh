# shellcheck shell=bash
# The SSH connection to the host: its address, the keys, and what a failure of ssh means. releases.sh
# reads this file; both use each other's variables.
# shellcheck disable=SC2034,SC2154

# Sets `host` and `port` from DEPLOY_HOST and DEPLOY_USER. An IPv6 address without brackets has no port.
read_host() {
  local text=${DEPLOY_HOST:-} user=${DEPLOY_USER:-deploy}
  text=${text//[$' \t\r\n']/} user=${user//[$' \t\r\n']/}
  [[ -n $text ]] || refuse "DEPLOY_HOST is not set
set it to the user and the address of the host: gh variable set DEPLOY_HOST --body $user@192.0.2.1"
  text=${text#ssh://}
  text=${text%/}
  if [[ $text == *@* ]]; then user=${text%@*} text=${text##*@}; fi
  port=22
  if [[ $text =~ ^\[([^]]*)\](:([0-9]+))?$ ]]; then
    text=${BASH_REMATCH[1]} port=${BASH_REMATCH[3]:-22}
  elif [[ $text =~ ^([^:]*):([0-9]+)$ ]]; then
    text=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}
  fi
  host=$user@$text address=$text login=$user
  [[ -n $text && -n $user && $host != -* ]] ||
    refuse "DEPLOY_HOST is not user@host or user@host:port"
}

# Runs a command of the tool on the host. It never prompts, and it notices a lost connection. The
# messages of ssh go to $ssh_log, so that they are not confused with the output of the host.
remote() {
  : > "$ssh_log"
  ssh -F none -E "$ssh_log" -i "$work/deploy_key" -p "$port" -o IdentitiesOnly=yes \
    -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$work/known_hosts" \
    -o ConnectTimeout="$connect_timeout" -o ServerAliveInterval=15 -o ServerAliveCountMax=8 \
    -o LogLevel=INFO "$host" -- releases "$(quote "$@")"
}

# Quotes arguments for the shell of the other side.
quote() {
  local word line=''
  for word in "$@"; do line+=" '${word//\'/\'\\\'\'}'"; done
  printf '%s' "${line# }"
}

# Prints a text with the line ends of Linux: secrets are often pasted with others.
with_line_ends() {
  local text=${1//$'\r\n'/$'\n'}
  printf '%s\n' "${text//$'\r'/$'\n'}"
}

# Writes a private key. ssh can't read one with other line ends, blanks around its lines, a byte order
# mark, or without a newline at its end.
write_key() {
  local text=${2#$'\xef\xbb\xbf'}
  (umask 077 && with_line_ends "$text" | sed 's/^[[:blank:]]*//; s/[[:blank:]]*$//; /./,$!d' \
    > "$work/$1")
}

# Checks that ssh can use a key, because its own message does not name the secret.
check_key() {
  local reason
  reason=$(ssh-keygen -y -P '' -f "$work/$1" 2>&1 > /dev/null) || refuse "$2 is not usable: it must \
be a whole private key without a passphrase, from its BEGIN line to its END line
${reason##*": "}"
}

# Tells GitHub to mask the lines of a key in all logs. A runner elsewhere would print them.
mask_lines() {
  local line
  [[ ${GITHUB_ACTIONS:-} == true ]] || return 0
  while IFS= read -r line; do
    line=${line//$'\r'/}
    if [[ ${#line} -ge 16 && $line != -----* ]]; then echo "::add-mask::$line"; fi
  done <<< "$1"
}

# Refuses what is missing, with the command that sets it.
check_settings() {
  [[ -n ${DEPLOY_KEY//[$' \t\r\n']/} ]] || refuse "DEPLOY_KEY is not set
set it to a private key made for deployments: gh secret set DEPLOY_KEY < KEYFILE"
  [[ -n ${DEPLOY_KNOWN_HOSTS//[$' \t\r\n']/} ]] || refuse "DEPLOY_KNOWN_HOSTS is not set
print the keys of the host: ssh-keyscan -p $port $address
compare them with the host's own: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
save them: ssh-keyscan -p $port $address | gh variable set DEPLOY_KNOWN_HOSTS"
}

connect() {
  case ${COMMAND:-deploy} in
    deploy | rollback | outcome) ;;
    *) refuse "the input command must be deploy, rollback or outcome, not $COMMAND" ;;
  esac
  DEPLOY_KEY=${DEPLOY_KEY:-} DEPLOY_KNOWN_HOSTS=${DEPLOY_KNOWN_HOSTS:-}
  check_settings
  mask_lines "$DEPLOY_KEY"
  mask_lines "${SIGNING_KEY:-}"
  write_key deploy_key "$DEPLOY_KEY"
  with_line_ends "$DEPLOY_KNOWN_HOSTS" > "$work/known_hosts"
  [[ -z ${SIGNING_KEY:-} ]] || write_key signing_key "$SIGNING_KEY"
  check_key deploy_key DEPLOY_KEY
  [[ -z ${SIGNING_KEY:-} ]] || check_key signing_key SIGNING_KEY
}

# Removes the keys, which the steps after this action do not need.
disconnect() { rm -f "$work/deploy_key" "$work/signing_key"; }

# Whether ssh failed before it could send a command.
never_connected() {
  grep -q '^ssh: \|Permission denied\|Too many authentication\|Host key verification failed\|^kex_exchange_identification: \|during banner exchange' \
    "$ssh_log"
}

# Describes a connection that ssh could not make, by what it said: sets `code`, `message`, `hint` and
# `runbook`, the row of the runbook that helps.
describe_connection_failure() {
  case $1 in
    *'Permission denied'* | *'Too many authentication failures'*)
      code=accessDenied message="the host refused the SSH key of $login"
      hint="add the public half of DEPLOY_KEY ($(fingerprint)) to the keys of $login, in a file with mode 0600; on the host, print those that are there:
  ssh-keygen -lf ~$login/.ssh/authorized_keys"
      runbook='Permission denied (publickey)'
      ;;
    *'HOST IDENTIFICATION HAS CHANGED'*)
      code=unknownHostKey message='the key of the host has changed: it is not the one in DEPLOY_KNOWN_HOSTS'
      hint="if the host was not reinstalled, this may be another machine; compare the key with the host's own, and save it if it is the right one:
  ssh-keyscan -p $port $address | gh variable set DEPLOY_KNOWN_HOSTS"
      runbook='host key changed'
      ;;
    *'Host key verification failed'*)
      code=unknownHostKey message='DEPLOY_KNOWN_HOSTS has no key of the host'
      hint="compare the key with the host's own, and save it if it is the right one:
  ssh-keyscan -p $port $address | gh variable set DEPLOY_KNOWN_HOSTS"
      runbook='host key changed'
      ;;
    *'Connection refused'*)
      message="the host refused the connection to port $port"
      hint='sshd does not run there, or a firewall rejects the connection; on the console of the host:
  systemctl status sshd; firewall-cmd --list-all'
      runbook='Connection refused'
      ;;
    *'timed out'* | *'No route to host'* | *'Network is unreachable'*)
      message="no connection to port $port of the host within $connect_timeout s"
      hint='the address is wrong, the host is down, or a firewall or a security group drops the connection; on the console of the host:
  firewall-cmd --list-all'
      runbook='Connection timed out'
      ;;
    *'resolve hostname'*)
      message='the name of the host in DEPLOY_HOST has no address'
      hint='check DEPLOY_HOST:
  gh variable list'
      runbook='Could not resolve hostname'
      ;;
    *)
      hint='the connection ended before the login; on the console of the host:
  journalctl -u sshd -n 20'
      ;;
  esac
}

# Prints the fingerprint of the key that was offered.
fingerprint() { ssh-keygen -lf "$work/deploy_key" 2> /dev/null | cut -d' ' -f2; }
