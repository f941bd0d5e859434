"""A small host for the runbook: /opt/diting, uv, sudo, systemctl, ssh and a web service.

All of it is in namespaces that end with the process, so nothing is left on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from harness.processes import must_run

# The service of a release answers on /health; a release with a file `sick` is unhealthy.
SERVICE = """
import http.server, os, sys

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        is_sick = os.path.exists("sick")
        self.send_response(500 if is_sick else 200)
        self.end_headers()
        self.wfile.write(b'{"status":"%s"}' % (b"unhealthy" if is_sick else b"healthy"))

    def log_message(self, *_):
        pass

http.server.HTTPServer.allow_reuse_address = True
open("/proc/self/comm", "w").write("uvicorn")
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Answers).serve_forever()
"""

# What a release's own environment has: its server and its Python.
UVICORN = """#!/bin/sh
exec {python} -S -E {run}/service.py "$@"
"""
PYTHON = "#!/bin/sh\necho Python 3.12.3\n"

SYSTEMCTL = """#!/bin/sh
# The part of systemctl that hooks and the tool use. A restart waits until the service listens or
# has ended.
pid=$(cat {run}/pid 2>/dev/null)
case "$*" in
  "restart diting")
    [ -z "$pid" ] || {{ kill "$pid"; while kill -0 "$pid"; do sleep 0.02; done; }} 2>/dev/null
    cd /opt/diting/current
    setsid {python} -S -E {run}/service.py --port 17999 >/dev/null 2>&1 </dev/null &
    echo $! >{run}/pid
    pid=$!
    while kill -0 $pid 2>/dev/null && ! ss -tlnpH sport = :17999 | grep -q "pid=$pid,"; do
      sleep 0.02
    done ;;
  "restart "* | "reload "*) ;;
  *show*)
    echo LoadState=loaded
    if kill -0 "$pid" 2>/dev/null; then
      printf 'ActiveState=active\\nSubState=running\\nResult=success\\n'
      echo "MainPID=$pid"
    else
      printf 'ActiveState=failed\\nSubState=failed\\nResult=exit-code\\nMainPID=0\\n'
    fi ;;
  *) exit 1 ;;
esac
"""

UV = """#!/bin/sh
# Is uv in a project of its own. In a release, it does what `uv sync --frozen` does, and fails as it
# does for a broken uv.lock.
if [ "$1" = run ]; then
  shift
  PATH={tools}:$PATH exec "$@"
elif [ -e pyproject.toml ]; then
  exec {tools}/uv "$@"
fi
[ ! -e uv.lock ] || ! grep -q corrupted uv.lock || {{
  echo 'error: Failed to parse `uv.lock`' >&2
  exit 2
}}
mkdir -p .venv/bin && cp {run}/venv/* .venv/bin
echo 'Installed 1 package'
"""

# A mirror of PyPI, which the machine's own name server does not know.
SERVE_INDEX = """#!/bin/sh
setsid {python} -B {index} {run}/certificate.pem 443 >/dev/null 2>&1 </dev/null &
until curl -s --cacert {run}/certificate.crt -o /dev/null https://mirrors.aliyun.com; do
  sleep 0.02
done
"""
MIRROR = "mirrors.aliyun.com"

# The user of the host, who has the rights to make it.
USER = "deploy:x:0:0::/home/deploy:/bin/bash\n"

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


def make_certificate(path: Path) -> None:
    """Write a certificate of the mirror, with its key."""
    request = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    subject = ("-subj", f"/CN={MIRROR}", "-addext", f"subjectAltName=DNS:{MIRROR}")
    kind = ("-addext", "basicConstraints=critical,CA:FALSE")
    must_run(*request, *subject, *kind, "-keyout", path, "-out", path.with_suffix(".crt"))
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())


def make_host(directory: Path, binary: Path, tools: Path) -> None:
    """Write the host's files to a directory; `run_on_host` mounts them where they belong.

    tools: a directory with the programs that `uv run` runs.
    """
    run = directory / "run"
    run.mkdir(parents=True)
    (run / "service.py").write_text(SERVICE)
    python = Path(sys.executable).resolve()
    write_program(run / "venv/uvicorn", UVICORN.format(run=run, python=python))
    write_program(run / "venv/python", PYTHON)
    write_program(directory / "systemctl", SYSTEMCTL.format(run=run, python=python))
    write_program(directory / "home/deploy/.local/bin/uv", UV.format(run=run, tools=tools))
    write_program(directory / "bin/ssh", SSH)
    write_program(directory / "bin/sudo", SUDO)
    index = Path(__file__).with_name("package_index.py")
    serve = SERVE_INDEX.format(python=python, index=index, run=run)
    write_program(directory / "bin/serve-index", serve)
    make_certificate(run / "certificate.pem")
    (directory / "hosts").write_text(f"127.0.0.1 localhost {MIRROR}\n")
    users = Path("/etc/passwd").read_text()
    (directory / "passwd").write_text(f"{USER}{users}")
    (directory / "bin/releases").symlink_to(binary)
    (directory / "opt").mkdir()


def run_on_host(directory: Path, words: list[str]) -> int:
    """Run a program on the host, and return its exit status; what it leaves running ends too."""
    binds = [("opt", "/opt"), ("bin", "/usr/local/bin"), ("home", "/home")]
    mounts = "".join(f"cover {directory}/{source} {target}\n" for source, target in binds)
    mounts += f"mount --bind {directory}/systemctl /usr/bin/systemctl\n"
    mounts += f"mount --bind {directory}/hosts /etc/hosts\n"
    mounts += f"mount --bind {directory}/passwd /etc/passwd\n"
    mounts += f"export SSL_CERT_FILE={directory}/run/certificate.crt\n"
    begin = f"{COVER}{mounts}{BEGIN}"
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    shell = ["sh", "-c", begin, "sh", *words]
    return subprocess.run(
        ["unshare", *user, *namespaces, "--propagation", "private", *shell], check=False
    ).returncode
