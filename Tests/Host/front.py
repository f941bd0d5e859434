"""Forwards each request to the version that `current` points to at that moment.

usage: front.py STORE SOCKETS PORT.  Each version listens on a Unix socket named by its id.  While
the live one does not take connections yet, or no more, the request waits and asks again.
"""

import asyncio
import os
import sys
from pathlib import Path

PATIENCE = 10.0
STORE, SOCKETS, PORT = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])


async def ask(head: bytes) -> bytes:
    """The whole answer of the live version."""
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


async def patiently(head: bytes) -> bytes:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        try:
            return await ask(head)
        except OSError:
            if asyncio.get_running_loop().time() > deadline:
                return b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
            await asyncio.sleep(0.005)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        writer.write(await patiently(await reader.readuntil(b"\r\n\r\n")))
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", PORT, backlog=512)
    async with server:
        await server.serve_forever()


asyncio.run(main())
