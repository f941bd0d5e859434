"""The host of the runbook in miniature: /opt/diting, uv, sudo, systemctl, ssh and a web service on
its port, all in namespaces of their own that end with the process, so nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# What a release is here: a service that answers on /health, unless it is a sick one.
SERVICE = '''
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
'''

SYSTEMCTL = '''#!/bin/sh
# Of systemctl what a release's hooks and this tool ask for; it waits until the service answers.
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
'''

UV = '''#!/bin/sh
# What `uv sync --frozen` does for a release, and what it says of a broken uv.lock.
[ ! -e uv.lock ] || ! grep -q corrupted uv.lock || {
  echo 'error: Failed to parse `uv.lock`' >&2
  exit 2
}
mkdir -p .venv/bin && touch .venv/bin/uvicorn
echo 'Installed 1 package'
'''

# Somebody's command line is run by a shell of that host, which is this one.
SSH = '#!/bin/sh\nshift\nexec sh -c "$*"\n'
# A directory of ours in place of the host's, in which that of the host is seen too.
COVER = '''set -e
cover() {
  for there in "$2"/*/; do
    here=$1/$(basename "$there")
    [ ! -d "$there" ] || [ -e "$here" ] || { mkdir "$here" && mount --rbind "$there" "$here"; }
  done
  mount --rbind "$1" "$2"
}
'''
# The shell stays, as the namespace's first process: it buries what is left without a parent.
BEGIN = 'set +e\nip link set lo up\ncd /home/deploy\n"$@"\nexit\n'
SUDO = '#!/bin/sh\nexec "$@"\n'


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def lay_out(scratch: Path, binary: Path) -> None:
    """Puts the host's files beneath `scratch`; `enter` then mounts them where they belong."""
    run = scratch / "run"
    run.mkdir(parents=True)
    (run / "service.py").write_text(SERVICE)
    python = Path(sys.executable).resolve()
    script(scratch / "systemctl", SYSTEMCTL.format(run=run, python=python))
    script(scratch / "home/deploy/.local/bin/uv", UV)
    script(scratch / "bin/ssh", SSH)
    script(scratch / "bin/sudo", SUDO)
    (scratch / "bin/releases").symlink_to(binary)
    (scratch / "opt").mkdir()


def enter(scratch: Path, words: list[str]) -> int:
    """Runs a program on that host; whatever it leaves running ends with it."""
    binds = [("opt", "/opt"), ("bin", "/usr/local/bin"), ("home", "/home")]
    mounts = "".join(f"cover {scratch}/{source} {target}\n" for source, target in binds)
    begin = f"{COVER}{mounts}mount --bind {scratch}/systemctl /usr/bin/systemctl\n{BEGIN}"
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return subprocess.run(
        ["unshare", *user, "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
         "--propagation", "private", "sh", "-c", begin, "sh", *words],
        check=False).returncode
