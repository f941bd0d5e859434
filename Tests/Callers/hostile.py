"""Command lines that a key which may deploy and look must not get through."""

SHELL = [
    "; id", "&& id", "|| id", "| id", "& id", "\nid", "\r\nid", "$(id)", "`id`", "> /tmp/x",
    ">> /tmp/x", "< /etc/passwd", "<<< x", "2>&1", "$HOME", "${IFS}id", "$((1+1))", "(id)",
    "*", "?", "[a]", "~root", "# x", "\\\nid", '"$(id)"', '"`id`"', '"$HOME"', "'", '"', "\\",
    "'\n'", '"\n"', "'\x1b[2J'", "'a'\"b", "\x7f", "&>/tmp/x",
]
PATHS = [
    "app.tar.gz", "/etc/passwd", "../../etc/shadow", "./-", "--", "''", "/dev/stdin",
    "/proc/self/fd/0", "base64:QUJD", "base64:/../../etc/passwd", "- -", "- /etc/passwd",
    "file:///etc/passwd", "http://127.0.0.1/x", "-- app.tar.gz",
]
OPTIONS = [
    "--store /srv/other", "--store=/srv/other", "-s /srv/other", "-s/srv/other", "-qs/srv/other",
    "--store '/srv/other'", "--stor /srv/other", "--Store=/srv/other", "--store", "--config x",
    "--configuration=x", "--hook 'id'", "--hooks.activate=id", "--signature /etc/shadow",
    "--signature ./key.sig", "--signature=-", "--signature=/dev/stdin", "--signature file:x",
    "--signature ''", "--boot", "--allow operator", "--allow=operator", "--name root",
    "--archive /tmp/x", "--archive=-", "--env X=1", "-o ProxyCommand=id", "--exec id", "-c id",
    "--user root", "--no-such-thing", "-Z", "--json=yes", "--quiet=no", "--wait", "--wait ''",
    "--id", "--size ten", "--size -1", "--progress /dev/tty", "--output /tmp/x", "--output=yaml",
]
COMMANDS = [
    "", " ", "\t", "''", "sh", "bash -i", "/bin/sh -c id", "sudo id", "id", "ls", "cat /etc/passwd",
    "scp -t /tmp", "scp -f /etc/passwd", "rsync --server . /", "/usr/lib/openssh/sftp-server",
    "internal-sftp", "sftp", "nc -l 1", "python3 -c 'print(1)'", "env", "exec id", "eval id",
    ". /tmp/x", "source x", "true", "git-upload-pack x", "X=1 status", "LD_PRELOAD=/tmp/x status",
    "releases", "releases ''", "releases releases status", "./releases status",
    "/usr/bin/releases status", "releases status status", "Status", "STATUS", "stat", "statuss",
    "deploy2 -", "init", "gate", "gate --allow operator", "gate --allow ci --store /", "unpack -",
    "unpack-worker", "generate", "generate man", "completion bash", "prune", "prune --keep 0",
    "prune --keep-within 0d", "remove 1", "remove 1 --force", "activate 1", "activate latest",
    "rollback", "rollback --to 1", "pin 1 --reason x", "unpin 1", "mark 1 bad --reason x",
    "freeze --reason x", "thaw", "recover", "recover --boot", "abort", "verify --all", "show 1",
    "list", "history", "check", "diagnose", "diagnose --archive /tmp/x", "prepare 1",
    "status " + "x" * 20_000, "deploy - --ref " + "x" * 20_000, "status " + "-q " * 9_000,
    "status \u2028 id", "\u202estatus", "st\u0430tus", "status\u00a0--json", "\ufeffstatus",
]

LINES = list(dict.fromkeys([
    *COMMANDS,
    *(f"{words} {tail}" for words in ("status", "deploy -", "releases status") for tail in SHELL),
    *(f"deploy {path}" for path in PATHS),
    *(f"{words} {option}" for words in ("status", "deploy -", "releases deploy -")
      for option in OPTIONS),
    *(f"{option} status" for option in OPTIONS if "store" in option),
]))
