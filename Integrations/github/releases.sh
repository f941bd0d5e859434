#!/usr/bin/env bash
# What deploy.yml and rollback.yml do on the runner; copy it beside them, to
# .github/workflows/releases.sh.
#
#   releases.sh connect                   the key and the host's own key, for ssh
#   releases.sh deploy ARCHIVE REF        sends an archive, signed, and waits for the outcome
#   releases.sh rollback [ID]             to the fallback, or to a release
#   releases.sh outcome                   what became of a run that was cut off
#   releases.sh issue TITLE               an issue with what failed, or a comment to an open one
#
# From the environment, never from the command line or a script's text:
#
#   DEPLOY_HOST         user@host, or user@host:port
#   DEPLOY_KEY          the private SSH key; on the host it is forced to `releases gate --allow ci`
#   DEPLOY_KNOWN_HOSTS  the line of ssh-keyscan for the host, looked at by a person once
#   SIGNING_KEY         optional: the private key of `ssh-keygen -Y sign -n release`
#
# Needs bash, ssh, jq, and gh for issues: what GitHub's own runners have.
set -euo pipefail

work=${RUNNER_TEMP:-/tmp}
report=$work/releases.json
summary=${GITHUB_STEP_SUMMARY:-/dev/stderr}
output=${GITHUB_OUTPUT:-/dev/null}

# A command of the tool on the host. Nobody is asked anything, and a dead line is noticed.
remote() {
  local host=${DEPLOY_HOST%:*} port=22
  [[ $DEPLOY_HOST == *:* ]] && port=${DEPLOY_HOST##*:}
  ssh -F none -i "$work/deploy_key" -p "$port" -o IdentitiesOnly=yes -o BatchMode=yes \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$work/known_hosts" \
    -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=8 -o LogLevel=ERROR \
    "$host" -- releases "$(quoted "$@")"
}

# Words as the other side takes them apart again.
quoted() {
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

# Text for one line of a log command: %, carriage return and newline are GitHub's own.
annotated() { jq -r '.error | [.message, .cause, .hint] | map(select(.)) | join("\n")
  | gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A")' "$report"; }

# Markdown that no text of the store can break out of.
tell() {
  jq -r '
    def safe: tostring | gsub("[\\r\\n]+"; " ") | gsub("&"; "&amp;") | gsub("<"; "&lt;")
      | gsub("\\|"; "&#124;") | gsub("`"; "&#96;") | gsub("@"; "&#64;") | gsub("\\["; "&#91;");
    def row($name; $value): select($value != null and $value != "") | "| \($name) | \($value | safe) |";
    "### \(.command // "releases"): \(if .error then .error.code else .outcome end | safe)", "",
    "| | |", "|---|---|",
    row("release"; .id), row("live"; .current), row("way back"; .previous),
    row("error"; .error.message), row("cause"; .error.cause), row("what to do"; .error.hint),
    row("exit status"; .error.exitStatus),
    row("steps"; (.steps // []) | map("\(.name) \(.seconds * 100 | round / 100) s") | join(", ")),
    row("removed"; (.pruned // []) | join(", ")),
    (.warnings // [] | .[] | row("warning"; .)), ""' "$report"
}

# Runs a command on the host, and tells of it wherever GitHub shows something.
run() {
  local status=0
  remote "$@" > "$report" || status=$?
  if ! jq -es 'length == 1 and (.[0] | type == "object")' "$report" > "$work/checked" 2>&1; then
    # The line broke before it answered, or there was never one.
    jq -n --arg command "$1" --argjson status "$status" '{command: $command, error: {
      code: "noAnswer", exitStatus: $status, message: "the host did not answer",
      hint: "what became of it says: releases status"}}' > "$report"
    [[ $status -ne 0 ]] || status=255
  fi
  tell >> "$summary"
  jq -r '"outcome=\(.error.code // .outcome)", "id=\(.id // "")", "live=\(.current // "")"' \
    "$report" >> "$output"
  if [[ $status -ne 0 ]]; then echo "::error title=releases $1::$(annotated)"; fi
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

# A run that is cancelled takes ssh with it, not what the host does: once the archive is there, the
# deployment goes on, or back, by itself.
outcome() {
  local status=0
  remote status --json < /dev/null > "$work/status.json" || status=$?
  jq -r '"### After this run was cut off", "",
    "live: \(.current // "nothing"); last: \(.last.operation) \(.last.id // "") \(.last.state)"' \
    "$work/status.json" >> "$summary"
  # 7 is that something needs attention, which the summary says.
  [[ $status -eq 7 ]] || return "$status"
}

issue() {
  local body=$work/issue.md open
  {
    tell
    printf 'Run: %s/%s/actions/runs/%s\nCommit: %s\n\n' "${GITHUB_SERVER_URL:-}" \
      "${GITHUB_REPOSITORY:-}" "${GITHUB_RUN_ID:-}" "${GITHUB_SHA:-}"
    # Secrets are masked on the host. Four spaces: nothing in it ends a block of text.
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

command=${1:?"what to do: connect, deploy, rollback, outcome or issue"}
shift
case $command in
  connect | deploy | rollback | outcome) "$command" "$@" ;;
  issue) TITLE=$1 issue "$@" ;;
  *) echo "releases.sh: unknown: $command" >&2 && exit 2 ;;
esac
