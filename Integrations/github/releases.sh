#!/usr/bin/env bash
# The steps of deploy.yml and rollback.yml on the runner. Copy it beside them, to
# .github/workflows/releases.sh.
#
#   releases.sh connect                   write the keys for ssh
#   releases.sh deploy ARCHIVE REF        sign and send an archive, and wait for the outcome
#   releases.sh rollback [ID]             roll back (default: to the rollback target)
#   releases.sh outcome                   wait for the outcome of a canceled deployment
#   releases.sh issue TITLE               open an issue about the failure, or comment on an open one
#
# These variables come from the environment, never from the command line or a script's text:
#
#   DEPLOY_HOST         user@host, user@host:port, user@[IPv6]:port or ssh://user@host:port
#   DEPLOY_KEY          the private SSH key; on the host it is forced to `releases gate --allow ci`
#   DEPLOY_KNOWN_HOSTS  the output of ssh-keyscan for the host, reviewed once
#   SIGNING_KEY         optional: the private key of `ssh-keygen -Y sign -n release`
#
# If the connection drops, the script asks the host for the outcome; RETRY_DELAY is the pause before
# it asks a second time (default: 10 seconds).
#
# Everything that the host or ssh answers is checked before it is written to an output, a summary, an
# annotation or an issue: IDs and words by their form, numbers by their range. The tool on the host masks
# secrets in its texts; the messages of ssh, which come from elsewhere, are masked here.
#
# It needs bash, ssh, jq and, for issues, gh, which GitHub's runners provide.
set -euo pipefail

work=${RUNNER_TEMP:-/tmp}
report=$work/releases.json
ssh_log=$work/ssh.log
summary=${GITHUB_STEP_SUMMARY:-/dev/stderr}
output=${GITHUB_OUTPUT:-/dev/null}

# Functions for jq. `masked` knows the common shapes of secrets, for text that no `releases` has masked;
# `harmless` neutralizes control characters and commands to the log. `answer` takes from a report the
# fields that are used here, each only if it has the right form. In a summary or an issue, texts must
# not become markup, which `safe` prevents.
# shellcheck disable=SC2016
functions='
  def masked:
    gsub("-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*"; "[masked]")
    | gsub("(?<a>[a-z][a-z0-9+.-]*://[^/ :]*):[^ /@][^ ]*@"; "\(.a):[masked]@"; "i")
    | gsub("(?<a>\\b(bearer|basic) +)(?!\\[masked)[A-Za-z0-9._~+/=-]{8,}"; "\(.a)[masked]"; "i")
    | gsub("(?<a>\\b(gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|sk-|AKIA|ASIA|LTAI|AIza|eyJ))[A-Za-z0-9_.-]{12,}";
        "\(.a)[masked]")
    | gsub("(?<a>(password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie|_pass|_pwd)[\"\u0027]?\\s*[:=]\\s*)(?!\\[masked\\]$)\\S.*";
        "\(.a)[masked]"; "i");
  def harmless: gsub("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]"; "?") | gsub("##(?<a>[A-Za-z]*)\\["; "## \(.a)[")
    | gsub("(?<a>^|\\W)::(?<b>[A-Za-z][A-Za-z-]*[^:]*::)"; "\(.a): :\(.b)");
  def masked_but($ids): if $ids == [] then masked else
    $ids[0] as $id | split($id) | map(masked_but($ids[1:])) | join($id) end;
  def text($ids): if type == "string" and . != "" then .[:2000] | harmless | masked_but($ids)
    else null end;
  def word: if type == "string" and test("\\A[A-Za-z-]{1,40}\\z") then . else null end;
  def id: if type == "string" and test("\\A[0-9A-Za-z][0-9A-Za-z._-]{0,63}\\z") then . else null end;
  def number($least; $most):
    if type == "number" and . >= $least and . <= $most then . else null end;
  def failure($ids): if . == null then null elif type != "object" then {exitStatus: 1} else {
      code: (.code | word), message: (.message | text($ids)), cause: (.cause | text($ids)),
      hint: (.hint | text($ids)), exitStatus: (.exitStatus | number(1; 255) | if . == null then 1 else floor end)} end
    | if . != null then .code //= "unknown" else . end;
  def all(f): if type == "array" then .[:100] | map(f | values) else [] end;
  def answer: ([.id, .current, .previous] | map(id | values | select(masked != .))) as $ids | {
    command: (.command | word), id: (.id | id), outcome: (.outcome | word),
    current: (.current | id), previous: (.previous | id), error: (.error | failure($ids)),
    steps: (.steps | all(if type != "object" then null else
      {name: (.name | word), seconds: (.seconds | number(0; 1e6))} | select(.name and .seconds) end)),
    pruned: (.pruned | all(id)), warnings: (.warnings | all(text($ids))),
    last: (.last | if type == "object" then {operation: (.operation | word), id: (.id | id),
      outcome: (.outcome | word), state: (.state | word)} else null end)};
  def safe: tostring | gsub("[\\r\\n]+"; " ") | gsub("&"; "&amp;") | gsub("<"; "&lt;")
    | gsub("\\|"; "&#124;") | gsub("`"; "&#96;") | gsub("@"; "&#64;") | gsub("\\["; "&#91;");
  def row($name; $value): select($value != null and $value != "") | "| \($name) | \($value | safe) |";
  def state: "live: \(.current // "nothing"); last: \(.last.operation // "nothing") \(.last.id // "") "
    + "\(.last.outcome // .last.state // "")";'

# Prints an error in the log of GitHub, which reserves %, CR and LF, and ends.
refuse() {
  local text
  text=$(clean <<< "$1")
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  echo "::error title=releases.sh::${text//$'\n'/%0A}" >&2
  exit 2
}

# Masks and neutralizes text that does not come from a report, line by line.
clean() { jq -Rr "$functions"'harmless | masked'; }

# Sets `host` and `port` from DEPLOY_HOST. An IPv6 address without brackets has no port.
read_host() {
  local text=${DEPLOY_HOST//[$' \t\r\n']/} user=''
  text=${text#ssh://}
  text=${text%/}
  if [[ $text == *@* ]]; then user=${text%@*}@ text=${text##*@}; fi
  port=22
  if [[ $text =~ ^\[([^]]*)\](:([0-9]+))?$ ]]; then
    text=${BASH_REMATCH[1]} port=${BASH_REMATCH[3]:-22}
  elif [[ $text =~ ^([^:]*):([0-9]+)$ ]]; then
    text=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}
  fi
  host=$user$text
  [[ -n $text && $host != -* ]] || refuse "DEPLOY_HOST is not user@host or user@host:port"
}

# Runs a command of the tool on the host. It never prompts, and it notices a lost connection. The
# messages of ssh go to $ssh_log, so that they are not confused with the output of the host.
remote() {
  : > "$ssh_log"
  ssh -F none -E "$ssh_log" -i "$work/deploy_key" -p "$port" -o IdentitiesOnly=yes \
    -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$work/known_hosts" \
    -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=8 -o LogLevel=INFO \
    "$host" -- releases "$(quote "$@")"
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

connect() {
  mask_lines "$DEPLOY_KEY"
  mask_lines "${SIGNING_KEY:-}"
  write_key deploy_key "$DEPLOY_KEY"
  with_line_ends "$DEPLOY_KNOWN_HOSTS" > "$work/known_hosts"
  [[ -z ${SIGNING_KEY:-} ]] || write_key signing_key "$SIGNING_KEY"
  check_key deploy_key DEPLOY_KEY
  [[ -z ${SIGNING_KEY:-} ]] || check_key signing_key SIGNING_KEY
}

# Prints the error for one line of a log command.
annotation() { jq -r '.error | [.message, .cause, .hint] | map(select(.)) | join("\n")
  | gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A")' "$report"; }

# Prints the report as Markdown.
summarize() {
  jq -r "$functions"'
    "### \(.command // "releases"): \(if .error then .error.code else .outcome end | safe)", "",
    "| | |", "|---|---|",
    row("release"; .id), row("live"; .current), row("rollback target"; .previous),
    row("error"; .error.message), row("cause"; .error.cause), row("hint"; .error.hint),
    row("exit status"; .error.exitStatus),
    row("steps"; (.steps // []) | map("\(.name) \(.seconds * 100 | round / 100) s") | join(", ")),
    row("removed"; (.pruned // []) | join(", ")),
    (.warnings // [] | .[] | row("warning"; .)), ""' "$report"
}

# Runs a command on the host, and writes its output to a file. What it prints besides is in the log,
# where it can't give commands to the runner, whether or not its last line is complete.
run_remote() {
  local file=$1 status=0 end
  shift
  end=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$end"
  remote "$@" > "$file" || status=$?
  printf '\n::%s::\n' "$end"
  return "$status"
}

# Takes from the answer of the host what is used here. Fails if it is not one whole report.
take_report() {
  jq -es "$functions"'if length == 1 and (.[0] | type == "object") then .[0] | answer
    else error("no report") end' "$1" > "$1.new" 2> /dev/null && mv "$1.new" "$1"
}

# Whether there is a report; see take_report.
has_report() { jq -es 'length == 1 and (.[0] | type == "object")' "$report" > /dev/null 2>&1; }

# Runs a command on the host whose output is a report.
run_reporting() {
  local status=0
  run_remote "$report" "$@" || status=$?
  take_report "$report" || : > "$report"
  return "$status"
}

# Prints the exit status in the report, which take_report has checked.
reported_status() { jq '.error.exitStatus // 0' "$report"; }

# Reports why there is no answer, with the messages of ssh. The arguments are the command, the exit
# status of ssh, and what ask_outcome returned.
report_no_answer() {
  local code=noAnswer message='the host did not answer' cause
  local hint='see the outcome on the host: releases status'
  cause=$(grep -v '^\*\*\|^Warning: ' "$ssh_log" | tr -d '\r' | tail -n 3 | clean) || true
  if never_connected; then
    hint='nothing has changed on the host; check DEPLOY_HOST, its firewall and its sshd'
    case $cause in
      *'Permission denied'* | *'Too many authentication failures'*)
        code=accessDenied message='the host refused the SSH key'
        hint='put the public half of DEPLOY_KEY into authorized_keys on the host'
        ;;
      *'Host key verification failed'*)
        code=unknownHostKey message='the key of the host is not the one in DEPLOY_KNOWN_HOSTS'
        hint="review the key, and save it there if it is the right one: ssh-keyscan -p $port ${host##*@}"
        ;;
    esac
  elif [[ $2 -lt 128 ]]; then
    message='the command ended on the host without a report'
    hint='the output of the host is above, in the log of this step'
  elif [[ $3 -eq 4 ]]; then
    code=notBegun message='the connection was lost before the host began; nothing has changed'
    hint='run the workflow again'
  fi
  jq -n --arg command "$1" --arg code "$code" --arg message "$message" --arg cause "$cause" \
    --arg hint "$hint" --argjson status "$2" '{command: $command, error: {code: $code,
      exitStatus: (if $status == 0 then 255 else $status end),
      message: $message, cause: (if $cause == "" then null else $cause end), hint: $hint}}' \
    > "$report"
}

# Whether ssh failed before it could send a command.
never_connected() {
  grep -q '^ssh: \|Permission denied\|Too many authentication\|Host key verification failed\|^kex_exchange_identification: ' \
    "$ssh_log"
}

# Asks the host how a command ended whose connection was lost, until it answers. Keeps what ssh said
# about the loss. Returns 4 if the host has no record of it, 255 if it does not answer.
ask_outcome() {
  local attempt status found=255
  : >> "$ssh_log"
  cp "$ssh_log" "$work/lost.log"
  for attempt in 1 2 3 4 5 6; do
    status=0
    run_reporting wait "$1" --json --timeout "$2" < /dev/null || status=$?
    if has_report; then
      case $(jq -r '.error.code // ""' "$report") in
        usage | notAllowed) break ;; # an older version on the host
        noSuchAttempt)
          # The command may be just about to begin.
          if [[ $found -eq 4 ]]; then break; fi
          found=4
          ;;
        *) return 0 ;;
      esac
    elif [[ $status -ne 255 ]]; then
      break # The host answers, but not with a report.
    fi
    if [[ $attempt -lt 6 ]]; then sleep $((attempt * ${RETRY_DELAY:-10})); fi
  done
  cp "$work/lost.log" "$ssh_log"
  return "$found"
}

# Reports the command in the log, the summary and the outputs of the step.
finish() {
  local status
  status=$(reported_status)
  summarize >> "$summary"
  # Words and IDs alone: no value can begin another line.
  jq -r '"outcome=\(.error.code // .outcome // "unknown")", "id=\(.id // "")",
    "live=\(.current // "")"' "$report" >> "$output"
  if [[ $status -ne 0 ]]; then echo "::error title=releases $1::$(annotation)"; fi
  return "$status"
}

# Prints a name with which the host keeps the outcome, which a dropped connection would lose.
new_request() { echo "${GITHUB_RUN_ID:-local}-${GITHUB_RUN_ATTEMPT:-1}-$RANDOM$RANDOM"; }

deploy() {
  local archive=$1 ref=$2 size digest token signed=() status=0 found=0
  size=$(stat -c %s "$archive")
  digest=$(sha256sum "$archive" | cut -d' ' -f1)
  if [[ -f $work/signing_key ]]; then
    rm -f "$archive.sig"
    ssh-keygen -q -Y sign -n release -f "$work/signing_key" "$archive"
    signed=(--signature "base64:$(base64 -w0 "$archive.sig")")
  fi
  token=$(new_request)
  echo "$token" > "$work/request"
  run_reporting deploy - --json --request "$token" --ref "$ref" --wait 10m --size "$size" \
    --sha256 "$digest" "${signed[@]}" < "$archive" || status=$?
  if ! has_report; then
    if [[ $status -ge 128 ]]; then never_connected || ask_outcome "$token" 20m || found=$?; fi
    has_outcome deploy || report_no_answer deploy "$status" "$found"
  fi
  finish deploy
}

# Whether the report is one of this command, or says that it still runs.
has_outcome() {
  has_report && jq -e --arg command "$1" \
    '.command == $command or .error.code == "stillRunning"' "$report" > /dev/null
}

rollback() {
  local id=${1:-} status=0 found=0 token
  # The text of an input may end with a line end. Blanks alone are refused on the host.
  if [[ -n ${id//[$' \t\r\n']/} ]]; then
    while [[ $id == *[$'\r\n'] ]]; do id=${id%?}; done
  fi
  token=$(new_request)
  run_reporting rollback --json --request "$token" --wait 5m ${id:+--to="$id"} < /dev/null ||
    status=$?
  if ! has_report; then
    if [[ $status -ge 128 ]]; then never_connected || ask_outcome "$token" 10m || found=$?; fi
    if ! has_outcome rollback; then
      report_no_answer rollback "$status" "$found"
      if [[ $status -ge 128 ]] && ! never_connected; then add_state; fi
    fi
  fi
  finish rollback
}

# Adds to a report what is live now, if the host answers.
add_state() {
  run_remote "$work/status.json" status --json < /dev/null || true
  take_report "$work/status.json" || return 0
  jq --slurpfile status "$work/status.json" "$functions"'$status[0] as $now
    | . + ($now | {current, previous}) | .error.message += "; \($now | state)"' "$report" \
    > "$work/report.new" 2> /dev/null && mv "$work/report.new" "$report"
}

# Canceling a run ends ssh, but not the command on the host: once the archive has arrived, the
# deployment is completed or rolled back there.
outcome() {
  local found=0 status=0
  echo '### After this run was canceled' >> "$summary"
  if [[ -s $work/request ]]; then
    ask_outcome "$(< "$work/request")" 4m || found=$?
    if has_outcome deploy; then summarize >> "$summary" && return; fi
    if [[ $found -eq 4 ]]; then
      printf '\nThe host has not begun the deployment.\n' >> "$summary" && return
    fi
  fi
  run_remote "$work/status.json" status --json < /dev/null || status=$?
  take_report "$work/status.json" || echo null > "$work/status.json"
  jq -r "$functions"'"", (state | safe)' "$work/status.json" >> "$summary"
  # Status 7 means that something needs attention, which the summary shows.
  [[ $status -eq 7 ]] || return "$status"
}

issue() {
  local body=$work/issue.md open
  run_remote "$work/diagnosis.txt" diagnose < /dev/null ||
    echo "the host did not answer" >> "$work/diagnosis.txt"
  {
    summarize
    printf 'Run: %s/%s/actions/runs/%s\nCommit: %s\n\n' "${GITHUB_SERVER_URL:-}" \
      "${GITHUB_REPOSITORY:-}" "${GITHUB_RUN_ID:-}" "${GITHUB_SHA:-}"
    # The host masks secrets, and more of their shapes than this script knows. With four spaces of indentation no line can end the block of text.
    printf '<details><summary>releases diagnose</summary>\n\n'
    head -c 50000 "$work/diagnosis.txt" | tr -d '\r' | clean | sed 's/^/    /'
    printf '\n</details>\n'
  } > "$body"
  open=$(gh issue list --label ci-cd --state open --search "in:title $1" --json number,title \
    --jq 'map(select(.title == env.TITLE)) | .[0].number // empty')
  if [[ -n $open ]]; then
    gh issue comment "$open" --body-file "$body"
  else
    # An issue can't be created with a label that is missing. A label that exists is not changed.
    gh label create ci-cd --description "Deployments and rollbacks" > /dev/null 2>&1 || true
    gh label create bug > /dev/null 2>&1 || true
    gh issue create --title "$1" --label ci-cd --label bug --body-file "$body"
  fi
}

command=${1:?"missing command: connect, deploy, rollback, outcome or issue"}
shift
read_host
case $command in
  connect | deploy | rollback | outcome) "$command" "$@" ;;
  issue) TITLE=$1 issue "$@" ;;
  *) echo "releases.sh: unknown command: $command" >&2 && exit 2 ;;
esac
