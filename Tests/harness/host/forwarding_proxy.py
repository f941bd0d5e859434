"""Forwards each request to the version that `current` points to at that moment.

    forwarding_proxy.py STORE SOCKETS PORT

Each version listens on a Unix socket that has its ID as name. While the live version does not
accept connections, a request waits and is tried again.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

LONGEST_WAIT = 10.0
STORE, SOCKETS, PORT = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])


async def request(head: bytes) -> bytes:
    """Return the whole answer of the live version."""
    live = os.path.basename(os.readlink(STORE / "current"))
    reader, writer = await asyncio.open_unix_connection(SOCKETS / live)
    try:
        writer.write(head)
        answer = await reader.read()
        if not answer:
            raise ConnectionError("closed without an answer")
        return answer
    finally:
        writer.close()


async def request_until_answered(head: bytes) -> bytes:
    """Return the answer of the live version, or an error after a long wait."""
    deadline = asyncio.get_running_loop().time() + LONGEST_WAIT
    while True:
        try:
            return await request(head)
        except OSError:
            if asyncio.get_running_loop().time() > deadline:
                return b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
            await asyncio.sleep(0.005)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection."""
    try:
        writer.write(await request_until_answered(await reader.readuntil(b"\r\n\r\n")))
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(serve, "127.0.0.1", PORT, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
