"""Sends requests at a steady rate until SIGTERM, and prints as JSON how they were answered.

    load.py PORT RATE

Half of the requests open a connection of their own. The other half keep their connections, each
with one request at a time. Each tenth request is a POST. Only the standard library is used.

As HTTP clients do, it does not use a kept connection that the server has closed. If the server
closes it while the request is on its way, a GET is tried once more on a new connection, and counted
in `repeated`; a POST, which clients do not repeat, is a failure.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

KEPT_CONNECTIONS = 8
LONGEST_SECONDS = 20.0
POST_EVERY = 10
BODY = b"x" * 200


class Closed(Exception):
    """The server closed the connection before it sent a byte."""


@dataclass
class Connection:
    """A connection that may serve several requests."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_new: bool = True

    def close(self) -> None:
        """Close the connection."""
        self.writer.close()


@dataclass
class Load:
    """Requests to a port of this host, and what became of them."""

    port: int
    rate: float
    answers: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    failed_at: list[list[object]] = field(default_factory=list)
    versions: list[list[object]] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    repeated: int = 0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def _connect(self) -> Connection:
        return Connection(*await asyncio.open_connection("127.0.0.1", self.port))

    async def _exchange(self, connection: Connection, method: str, keep: bool) -> bool:
        """Send a request, note the answer, and return whether the connection can be used again."""
        body = BODY if method == "POST" else b""
        head = f"{method} /version HTTP/1.1\r\nHost: load\r\nContent-Length: {len(body)}\r\n"
        head += "" if keep else "Connection: close\r\n"
        try:
            connection.writer.write(head.encode() + b"\r\n" + body)
            await connection.writer.drain()
            line = await connection.reader.readline()
        except ConnectionError as error:
            raise Closed(type(error).__name__) from error
        if not line:
            raise Closed("closed")
        status = line.split()[1].decode()
        headers = {}
        while (line := await connection.reader.readline()).strip():
            name, _, value = line.decode().partition(":")
            headers[name.strip().lower()] = value.strip().lower()
        text = await connection.reader.readexactly(int(headers["content-length"]))
        if status != "200":
            raise ValueError(f"status {status}")
        self._note(json.loads(text)["version"])
        return keep and headers.get("connection") != "close"

    def _note(self, version: str) -> None:
        self.answers[version] += 1
        if not self.versions or self.versions[-1][1] != version:
            self.versions.append([time.time(), version])

    @staticmethod
    def _kept(kept: list[Connection]) -> Connection | None:
        """Return a connection that is still open."""
        while kept:
            connection = kept.pop()
            if not connection.reader.at_eof():
                return connection
            connection.close()
        return None

    async def _request(self, method: str, kept: list[Connection], keep: bool) -> None:
        connection = self._kept(kept) if keep else None
        connection = connection or await self._connect()
        try:
            try:
                usable = await self._exchange(connection, method, keep)
            except Closed as error:
                if connection.is_new:
                    raise
                self.repeated += 1
                if method == "POST":
                    raise ValueError(f"POST on a kept connection: {error}") from error
                connection.close()
                connection = await self._connect()
                usable = await self._exchange(connection, method, keep)
        except BaseException:
            connection.close()
            raise
        connection.is_new = False
        if usable and len(kept) < KEPT_CONNECTIONS:
            kept.append(connection)
        else:
            connection.close()

    async def _timed(self, number: int, kept: list[Connection]) -> None:
        keep, method = number % 2 == 0, "POST" if number % POST_EVERY < 2 else "GET"
        start = time.monotonic()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await self._request(method, kept, keep)
        except Exception as error:
            kind = f"{'kept' if keep else 'new'} {method}: {type(error).__name__}: {error}"
            self.failures[kind] += 1
            self.failed_at.append([time.time(), kind])
        self.latencies.append(time.monotonic() - start)

    async def run(self) -> None:
        """Send requests until SIGTERM."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.stopped.set)
        kept: list[Connection] = []
        tasks: set[asyncio.Task[None]] = set()
        start, number = time.monotonic(), 0
        while not self.stopped.is_set():
            number += 1
            task = asyncio.create_task(self._timed(number, kept))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            # A request that is late does not wait, so the load never waits for the server.
            with contextlib.suppress(TimeoutError):
                pause = start + number / self.rate - time.monotonic()
                if pause > 0:
                    await asyncio.wait_for(self.stopped.wait(), pause)
        await asyncio.gather(*tasks)
        self.print(time.monotonic() - start)

    def print(self, seconds: float) -> None:
        """Print the counts."""
        ordered = sorted(self.latencies) or [0.0]
        shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
        document = {
            "requests": len(self.latencies),
            "seconds": round(seconds, 1),
            "failed": sum(self.failures.values()),
            "failures": dict(self.failures),
            "failedAt": self.failed_at[:50],
            "repeated": self.repeated,
            "worst": round(ordered[-1], 4),
            **{
                name: round(ordered[int(share * (len(ordered) - 1))], 4)
                for name, share in shares.items()
            },
            "answers": dict(self.answers),
            "versions": self.versions,
        }
        print(json.dumps(document), flush=True)


if __name__ == "__main__":
    asyncio.run(Load(int(sys.argv[1]), float(sys.argv[2])).run())
