# Functions for jq(1) that releases.sh uses. `masked` knows the common shapes of secrets, for text that no
# `releases` has masked; `harmless` neutralizes control characters and commands to the log. `answer` takes
# from a report the fields that are used here, each only if it has the right form. In a summary or an
# issue, texts must not become markup, which `safe` prevents.
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
  + "\(.last.outcome // .last.state // "")";

# The error of a report, for one line of a log command.
def annotation: .error | [.message, .cause, .hint, (.runbook | values | "runbook: \(.)")]
  | map(select(.)) | join("\n") | gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");

# A report as lines of Markdown.
def summary:
  "### \(.command // "releases"): \(if .error then .error.code else .outcome end | safe)", "",
  "| | |", "|---|---|",
  row("release"; .id), row("live"; .current), row("rollback target"; .previous),
  row("error"; .error.message), row("cause"; .error.cause), row("hint"; .error.hint),
  row("runbook"; .error.runbook), row("exit status"; .error.exitStatus),
  row("steps"; (.steps // []) | map("\(.name) \(.seconds * 100 | round / 100) s") | join(", ")),
  row("removed"; (.pruned // []) | join(", ")),
  (.warnings // [] | .[] | row("warning"; .)), "";
