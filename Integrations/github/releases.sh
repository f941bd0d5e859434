#!/usr/bin/env bash
# The steps of deploy.yml and rollback.yml on the runner. Copy it beside them, to
# .github/workflows/releases.sh.
#
#   releases.sh connect                   write the keys for ssh
#   releases.sh deploy ARCHIVE REF        sign and send an archive, and wait for the outcome
#   releases.sh rollback [ID]             roll back (default: to the rollback target)
#   releases.sh outcome                   report the outcome of a canceled run
#   releases.sh issue TITLE               open an issue about the failure, or comment on an open one
#
# These variables come from the environment, never from the command line or a script's text:
#
#   DEPLOY_HOST         user@host, or user@host:port
#   DEPLOY_KEY          the private SSH key; on the host it is forced to `releases gate --allow ci`
#   DEPLOY_KNOWN_HOSTS  the output of ssh-keyscan for the host, reviewed once
#   SIGNING_KEY         optional: the private key of `ssh-keygen -Y sign -n release`
#
# It needs bash, ssh, jq and, for issues, gh, which GitHub's runners provide.
set -euo pipefail

work=${RUNNER_TEMP:-/tmp}
report=$work/releases.json
summary=${GITHUB_STEP_SUMMARY:-/dev/stderr}
output=${GITHUB_OUTPUT:-/dev/null}

# Runs a command of the tool on the host. It never prompts, and it notices a lost connection.
remote() {
  local host=${DEPLOY_HOST%:*} port=22
  [[ $DEPLOY_HOST == *:* ]] && port=${DEPLOY_HOST##*:}
  ssh -F none -i "$work/deploy_key" -p "$port" -o IdentitiesOnly=yes -o BatchMode=yes \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$work/known_hosts" \
    -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=8 -o LogLevel=ERROR \
    "$host" -- releases "$(quote "$@")"
}

# Quotes arguments for the shell of the other side.
quote() {
  local word line=''
  for word in "$@"; do line+=" '${word//\'/\'\\\'\'}'"; done
  printf '%s' "${line# }"
}

secret_file() { (umask 077 && printf '%s\n' "$2" > "$work/$1"); }

connect() {
  secret_file deploy_key "$DEPLOY_KEY"
  printf '%s\n' "$DEPLOY_KNOWN_HOSTS" > "$work/known_hosts"
  [[ -z ${SIGNING_KEY:-} ]] || secret_file signing_key "$SIGNING_KEY"
}

# Prints the error for one line of a log command, in which GitHub reserves %, CR and LF.
annotation() { jq -r '.error | [.message, .cause, .hint] | map(select(.)) | join("\n")
  | gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A")' "$report"; }

# Prints the report as Markdown, in which texts of the store are escaped.
summarize() {
  jq -r '
    def safe: tostring | gsub("[\\r\\n]+"; " ") | gsub("&"; "&amp;") | gsub("<"; "&lt;")
      | gsub("\\|"; "&#124;") | gsub("`"; "&#96;") | gsub("@"; "&#64;") | gsub("\\["; "&#91;");
    def row($name; $value): select($value != null and $value != "") | "| \($name) | \($value | safe) |";
    "### \(.command // "releases"): \(if .error then .error.code else .outcome end | safe)", "",
    "| | |", "|---|---|",
    row("release"; .id), row("live"; .current), row("rollback target"; .previous),
    row("error"; .error.message), row("cause"; .error.cause), row("hint"; .error.hint),
    row("exit status"; .error.exitStatus),
    row("steps"; (.steps // []) | map("\(.name) \(.seconds * 100 | round / 100) s") | join(", ")),
    row("removed"; (.pruned // []) | join(", ")),
    (.warnings // [] | .[] | row("warning"; .)), ""' "$report"
}

# Runs a command on the host and reports it in the log, the summary and the outputs of the step.
run() {
  local status=0
  remote "$@" > "$report" || status=$?
  if ! jq -es 'length == 1 and (.[0] | type == "object")' "$report" > "$work/checked" 2>&1; then
    # The connection broke before the answer, or was never made.
    jq -n --arg command "$1" --argjson status "$status" '{command: $command, error: {
      code: "noAnswer", exitStatus: $status, message: "the host did not answer",
      hint: "see the outcome on the host: releases status"}}' > "$report"
    [[ $status -ne 0 ]] || status=255
  fi
  summarize >> "$summary"
  jq -r '"outcome=\(.error.code // .outcome)", "id=\(.id // "")", "live=\(.current // "")"' \
    "$report" >> "$output"
  if [[ $status -ne 0 ]]; then echo "::error title=releases $1::$(annotation)"; fi
  return "$status"
}

deploy() {
  local archive=$1 ref=$2 size digest signed=()
  size=$(stat -c %s "$archive")
  digest=$(sha256sum "$archive" | cut -d' ' -f1)
  if [[ -f $work/signing_key ]]; then
    rm -f "$archive.sig"
    ssh-keygen -q -Y sign -n release -f "$work/signing_key" "$archive"
    signed=(--signature "base64:$(base64 -w0 "$archive.sig")")
  fi
  run deploy - --json --ref "$ref" --wait 10m --size "$size" --sha256 "$digest" "${signed[@]}" \
    < "$archive"
}

rollback() { run rollback --json --wait 5m ${1:+--to="$1"} < /dev/null; }

# Canceling a run ends ssh, but not the command on the host: once the archive has arrived, the
# deployment is completed or rolled back there.
outcome() {
  local status=0
  remote status --json < /dev/null > "$work/status.json" || status=$?
  jq -r '"### After this run was canceled", "",
    "live: \(.current // "nothing"); last: \(.last.operation) \(.last.id // "") \(.last.state)"' \
    "$work/status.json" >> "$summary"
  # Status 7 means that something needs attention, which the summary shows.
  [[ $status -eq 7 ]] || return "$status"
}

issue() {
  local body=$work/issue.md open
  {
    summarize
    printf 'Run: %s/%s/actions/runs/%s\nCommit: %s\n\n' "${GITHUB_SERVER_URL:-}" \
      "${GITHUB_REPOSITORY:-}" "${GITHUB_RUN_ID:-}" "${GITHUB_SHA:-}"
    # The host masks secrets. With four spaces of indentation no line can end the block of text.
    printf '<details><summary>releases diagnose</summary>\n\n'
    { remote diagnose < /dev/null || echo "the host did not answer"; } |
      head -c 50000 | sed 's/^/    /'
    printf '\n</details>\n'
  } > "$body"
  open=$(gh issue list --label ci-cd --state open --search "in:title $1" --json number,title \
    --jq 'map(select(.title == env.TITLE)) | .[0].number // empty')
  if [[ -n $open ]]; then
    gh issue comment "$open" --body-file "$body"
  else
    gh issue create --title "$1" --label ci-cd --label bug --body-file "$body"
  fi
}

command=${1:?"missing command: connect, deploy, rollback, outcome or issue"}
shift
case $command in
  connect | deploy | rollback | outcome) "$command" "$@" ;;
  issue) TITLE=$1 issue "$@" ;;
  *) echo "releases.sh: unknown command: $command" >&2 && exit 2 ;;
esac
