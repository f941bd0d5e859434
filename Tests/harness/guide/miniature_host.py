"""A small host for the runbook: /opt/diting, uv, sudo, systemctl, ssh and a web service.

All of it is in namespaces that end with the process, so nothing is left on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# The service of a release answers on /health; a release with a file `sick` is unhealthy.
SERVICE = """
import http.server, os

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        is_sick = os.path.exists("sick")
        self.send_response(500 if is_sick else 200)
        self.end_headers()
        self.wfile.write(b'{"status":"%s"}' % (b"unhealthy" if is_sick else b"healthy"))

    def log_message(self, *_):
        pass

http.server.HTTPServer.allow_reuse_address = True
http.server.HTTPServer(("127.0.0.1", 17999), Answers).serve_forever()
"""

SYSTEMCTL = """#!/bin/sh
# The part of systemctl that hooks and the tool use; a restart waits until the service answers.
pid=$(cat {run}/pid 2>/dev/null)
case "$*" in
  "restart diting")
    [ -z "$pid" ] || {{ kill "$pid"; while kill -0 "$pid"; do sleep 0.02; done; }} 2>/dev/null
    cd /opt/diting/current
    setsid {python} -S -E {run}/service.py >/dev/null 2>&1 </dev/null &
    echo $! >{run}/pid
    until curl -s -o /dev/null http://localhost:17999/health; do sleep 0.02; done ;;
  *show*)
    printf 'LoadState=loaded\\nActiveState=active\\nSubState=running\\nResult=success\\n'
    echo "MainPID=$pid" ;;
  *) exit 1 ;;
esac
"""

UV = """#!/bin/sh
# Does what `uv sync --frozen` does for a release, and fails as it does for a broken uv.lock.
[ ! -e uv.lock ] || ! grep -q corrupted uv.lock || {
  echo 'error: Failed to parse `uv.lock`' >&2
  exit 2
}
mkdir -p .venv/bin && touch .venv/bin/uvicorn
echo 'Installed 1 package'
"""

# The host that a person connects to is this one.
SSH = '#!/bin/sh\nshift\nexec sh -c "$*"\n'
# Mounts a directory over one of the machine, whose own directories stay visible in it.
COVER = """set -e
cover() {
  for there in "$2"/*/; do
    here=$1/$(basename "$there")
    [ ! -d "$there" ] || [ -e "$here" ] || { mkdir "$here" && mount --rbind "$there" "$here"; }
  done
  mount --rbind "$1" "$2"
}
"""
# The shell stays as the first process of the namespace, since it has to wait for orphans.
BEGIN = 'set +e\nip link set lo up\ncd /home/deploy\n"$@"\nexit\n'
SUDO = '#!/bin/sh\nexec "$@"\n'


def write_program(path: Path, text: str) -> None:
    """Write an executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def make_host(directory: Path, binary: Path) -> None:
    """Write the host's files to a directory; `run_on_host` mounts them where they belong."""
    run = directory / "run"
    run.mkdir(parents=True)
    (run / "service.py").write_text(SERVICE)
    python = Path(sys.executable).resolve()
    write_program(directory / "systemctl", SYSTEMCTL.format(run=run, python=python))
    write_program(directory / "home/deploy/.local/bin/uv", UV)
    write_program(directory / "bin/ssh", SSH)
    write_program(directory / "bin/sudo", SUDO)
    (directory / "bin/releases").symlink_to(binary)
    (directory / "opt").mkdir()


def run_on_host(directory: Path, words: list[str]) -> int:
    """Run a program on the host, and return its exit status; what it leaves running ends too."""
    binds = [("opt", "/opt"), ("bin", "/usr/local/bin"), ("home", "/home")]
    mounts = "".join(f"cover {directory}/{source} {target}\n" for source, target in binds)
    begin = f"{COVER}{mounts}mount --bind {directory}/systemctl /usr/bin/systemctl\n{BEGIN}"
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    shell = ["sh", "-c", begin, "sh", *words]
    return subprocess.run(
        ["unshare", *user, *namespaces, "--propagation", "private", *shell], check=False
    ).returncode
