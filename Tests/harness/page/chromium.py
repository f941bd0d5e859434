"""A headless Chromium that is driven over a pipe; see the Chrome DevTools Protocol."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.assertions import SetupFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The browser reads commands from descriptor 3, and answers on 4.
WITH_PIPES = ("bash", "-c", 'exec "${@:3}" 3<&"$1" 4>&"$2"', "bash")
# The first descriptor that is neither of them.
FIRST_FREE = 10
# Without hinting and with fixed colors, every machine with the same fonts draws the same picture.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--no-first-run",
    "--remote-debugging-pipe",
)


@dataclass(frozen=True)
class View:
    """What a page is looked at with."""

    width: int
    scheme: str = "light"
    media: str = "screen"

    def __str__(self) -> str:
        """Return the description for a message."""
        return f"{self.width} px, {self.scheme}, {self.media}"


class Chromium:
    """One tab of a browser."""

    def __init__(self, process: subprocess.Popen[bytes], commands: int, answers: int) -> None:
        """Attach to a new tab of a browser that was started."""
        self.process, self.commands, self.answers = process, commands, answers
        self.rest = b""
        self.number = 0
        self.session: str | None = None
        # What the browser reported: errors, and what the policy of a page forbids.
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        self.call("Page.enable")
        self.call("Log.enable")

    def call(self, method: str, **parameters: object) -> Any:
        """Call a method of the protocol, and return its result."""
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("method") == "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
            if message.get("id") == self.number:
                if "error" in message:
                    raise SetupFailed(f"{method}: {message['error']}")
                return message["result"]

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            piece = os.read(self.answers, 1 << 16)
            if not piece:
                raise SetupFailed("Chromium has ended")
            self.rest += piece
        first, _, self.rest = self.rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message

    def open(self, page: Path, view: View, scale: float = 1) -> None:
        """Load a file, and wait until it is drawn.

        scale: the number of pixels of a picture for each pixel of the page.
        """
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=view.width,
            height=900,
            deviceScaleFactor=scale,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": view.scheme}
        self.call("Emulation.setEmulatedMedia", media=view.media, features=[scheme])
        address = page.as_uri()
        self.call("Page.navigate", url=address)
        while self.evaluate("document.readyState + ' ' + location.href") != f"complete {address}":
            pass

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, which no policy of a page forbids."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise SetupFailed(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def picture(self, width: int, height: int) -> bytes:
        """Return the top of the page as PNG."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        answer = self.call(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip
        )
        return base64.b64decode(answer["data"])

    def roles(self) -> list[str]:
        """Return the roles that a screen reader gets, in the order of the page."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [str(node["role"]["value"]) for node in nodes if not node["ignored"]]


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """Start a browser for as long as the `with` statement runs.

    profile: the directory for its files.
    """
    commands_end, commands = os.pipe()
    answers, answers_end = os.pipe()
    # A pipe may have the number that the other one has to get.
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD, FIRST_FREE) for end in (commands_end, answers_end)]
    process = subprocess.Popen(
        [*WITH_PIPES, *map(str, ends), "chromium", *OPTIONS, f"--user-data-dir={profile}"],
        pass_fds=ends,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in (commands_end, answers_end, *ends):
        os.close(end)
    try:
        browser = Chromium(process, commands, answers)
        yield browser
        browser.session = None
        browser.call("Browser.close")
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        os.close(commands)
        os.close(answers)
