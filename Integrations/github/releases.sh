#!/usr/bin/env bash
# The steps of action.yml on the runner.
#
#   releases.sh connect                   check the settings, and write the keys for ssh
#   releases.sh pack ARCHIVE              make an archive of the commit that is checked out
#   releases.sh deploy ARCHIVE REF        sign and send an archive, and wait for the outcome
#   releases.sh rollback [ID]             roll back (default: to the rollback target)
#   releases.sh outcome                   wait for the outcome of a canceled deployment
#   releases.sh issue TITLE               open an issue about the failure, or comment on an open one
#   releases.sh disconnect                remove the keys
#
# These variables come from the environment, never from the command line or a script's text:
#
#   DEPLOY_HOST         user@host, user@host:port, user@[IPv6]:port or ssh://user@host:port
#   DEPLOY_USER         the user where DEPLOY_HOST has none (default: deploy)
#   DEPLOY_KEY          the private SSH key; on the host it is forced to `releases gate --allow ci`
#   DEPLOY_KNOWN_HOSTS  the output of ssh-keyscan for the host, reviewed once
#   SIGNING_KEY         optional: the private key of `ssh-keygen -Y sign -n release`
#
# If the connection drops, the script asks the host for the outcome; RETRY_DELAY is the pause before
# it asks a second time (default: 10 seconds). CONNECT_TIMEOUT limits the time that a connection may
# take to be made (default: 20 seconds).
#
# Everything that the host or ssh answers is checked before it is written to an output, a summary, an
# annotation or an issue: IDs and words by their form, numbers by their range. The tool on the host masks
# secrets in its texts; the messages of ssh, which come from elsewhere, are masked here.
#
# It needs bash, ssh, jq and, for issues, gh, which GitHub's runners provide.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=${RUNNER_TEMP:-/tmp}
report=$work/releases.json
ssh_log=$work/ssh.log
summary=${GITHUB_STEP_SUMMARY:-/dev/stderr}
output=${GITHUB_OUTPUT:-/dev/null}
connect_timeout=${CONNECT_TIMEOUT:-20}

# shellcheck source=Integrations/github/connection.sh
source "$here/connection.sh"

# Runs a program for jq that can use the functions of report.jq. Options and files follow.
with_functions() { jq -L "$here" 'include "report"; '"$1" "${@:2}"; }

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
clean() { with_functions 'harmless | masked' -Rr; }

# Prints the report as Markdown.
summarize() { with_functions summary -r "$report"; }

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
  with_functions 'if length == 1 and (.[0] | type == "object") then .[0] | answer
    else error("no report") end' -es "$1" > "$1.new" 2> /dev/null && mv "$1.new" "$1"
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
  local code=noAnswer message='the host did not answer' cause runbook=''
  local hint=$'see the outcome on the host:\n  releases status'
  cause=$(grep -v '^\*\*\|^Warning: ' "$ssh_log" | tr -d '\r' | tail -n 3 | clean) || true
  if never_connected; then
    describe_connection_failure "$(< "$ssh_log")"
    message+='; nothing has changed there'
  elif [[ $2 -lt 128 ]]; then
    message='the command ended on the host without a report'
    hint='the output of the host is above, in the log of this step'
  elif [[ $3 -eq 4 ]]; then
    code=notBegun message='the connection was lost before the host began; nothing has changed'
    hint='run the workflow again'
  fi
  jq -n --arg command "$1" --arg code "$code" --arg message "$message" --arg cause "$cause" \
    --arg hint "$hint" --arg runbook "$runbook" --argjson status "$2" 'def text: if . == "" then null else . end;
      {command: $command, error: {code: $code, exitStatus: (if $status == 0 then 255 else $status end),
        message: $message, cause: ($cause | text), hint: $hint, runbook: ($runbook | text)}}' > "$report"
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
  if [[ $status -ne 0 ]]; then echo "::error title=releases $1::$(with_functions annotation -r "$report")"; fi
  return "$status"
}

# Prints a name with which the host keeps the outcome, which a dropped connection would lose.
new_request() { echo "${GITHUB_RUN_ID:-local}-${GITHUB_RUN_ATTEMPT:-1}-$RANDOM$RANDOM"; }

# Makes an archive of the commit that is checked out. The same commit always makes the same bytes.
pack() {
  git rev-parse --verify --quiet HEAD > /dev/null || refuse "nothing is checked out
put actions/checkout before this step, or name an archive to deploy with the input archive"
  git archive --format=tar HEAD | gzip -9n > "$1"
}

# Prints the path of an archive, which may be named by its directory.
find_archive() {
  local files=("$1")
  if [[ -d $1 ]]; then mapfile -t files < <(find "$1" -type f ! -name '*.sig' | LC_ALL=C sort); fi
  [[ ${#files[@]} -eq 1 && -f ${files[0]} ]] ||
    refuse "the input archive must be a file, or a directory that holds one file: $1"
  printf '%s\n' "${files[0]}"
}

deploy() {
  local archive ref=$2 size digest token signed=() status=0 found=0
  archive=$(find_archive "$1")
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
  # shellcheck disable=SC2016
  with_functions '$status[0] as $now
    | . + ($now | {current, previous}) | .error.message += "; \($now | state)"' \
    --slurpfile status "$work/status.json" "$report" > "$work/report.new" 2> /dev/null && mv "$work/report.new" "$report"
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
  with_functions '"", (state | safe)' -r "$work/status.json" >> "$summary"
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
    # The host masks secrets, and more of their shapes than this script knows. With four spaces of
    # indentation no line can end the block of text.
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

command=${1:?"missing command: connect, pack, deploy, rollback, outcome, issue or disconnect"}
shift
case $command in
  pack | disconnect) ;;
  *) read_host ;;
esac
case $command in
  connect | pack | deploy | rollback | outcome | disconnect) "$command" "$@" ;;
  issue) TITLE=$1 issue "$@" ;;
  *) echo "releases.sh: unknown command: $command" >&2 && exit 2 ;;
esac
