"""Versions of an ASGI application for uvicorn: one that works, and seven kinds that do not."""

from __future__ import annotations

from harness.host.instances.memory_limit import ALLOCATES

APP = '''\
"""Answers /health and /version with GET and POST, and keeps connections."""

import asyncio
import json
import pathlib

ROOT = pathlib.Path(__file__).parents[4]
TOKEN = (ROOT / "config/wechat.yaml").read_text()
VERSION = (ROOT / "VERSION").read_text().strip()
HEALTH = "healthy"


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(3)
    answer = {"version": VERSION, "status": HEALTH}
    body = json.dumps(answer).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})
'''

OOM_KILLED = "killed for its memory"

# Those of an import fail when uvicorn imports the application.
BAD = {
    "import error": "import a_module_that_does_not_exist\n" + APP,
    # It listens, answers that it is starting, and ends a moment later.
    "crash after listening": (
        "import os, threading\nthreading.Timer(1, os._exit, [3]).start()\n"
        + APP.replace('"healthy"', '"starting"')
    ),
    "hang": APP.replace("    answer =", "    await asyncio.sleep(600)\n    answer ="),
    "unhealthy": APP.replace('"healthy"', '"degraded"'),
    "out of memory": (
        APP + "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))\n"
        "TABLE = [bytes(1 << 20) for _ in range(1 << 10)]\n"
    ),
    # The kernel kills it, see memory_limit.py.
    OOM_KILLED: APP + ALLOCATES,
    "wrong configuration": APP.replace("config/wechat.yaml", "config/absent.yaml"),
}

# The middleware of the guide: once another release is live, each answer closes its connection.
CLOSING = (
    APP
    + '''

import os

LIVE = "/run/diting/live.sock"


def is_replaced():
    try:
        return f"/{ROOT.name}/" not in f"/{os.readlink(LIVE)}"
    except OSError:
        return False


class CloseWhenReplaced:
    """Ends kept connections once the live link points to another release."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def send_closing(message):
            if message["type"] == "http.response.start" and is_replaced():
                message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
            await send(message)

        await self.app(scope, receive, send_closing if scope["type"] == "http" else send)


app = CloseWhenReplaced(app)
'''
)

# It tells systemd that it is ready, which uvicorn does not do itself.
NOTIFIES = APP.replace(
    '    if scope["type"] != "http":\n',
    """\
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    if scope["type"] != "http":
""",
).replace("import asyncio\n", "import asyncio\nimport os\nimport socket\n")

WORKER = "src/diting/worker.py"
WORKS = "import time\nwhile True:\n    time.sleep(1)\n"
