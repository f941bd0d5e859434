"""A line to a server on the loopback interface that can drop at any moment."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

PIECE = 4096


def close(connection: socket.socket) -> None:
    """Close a connection that another thread may be reading."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


class DroppableLine:
    """The line forwards connections to a port of this machine while the `with` statement runs."""

    def __init__(self, port: int) -> None:
        """Listen on a port of its own."""
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.connections: list[socket.socket] = []
        # After how many bytes from the client the next connection drops; None for never.
        self.limit: int | None = None
        self.drops = 0
        self.lock = threading.Lock()

    def __enter__(self) -> DroppableLine:
        """Begin to accept connections."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop all connections, and accept no others."""
        close(self.listener)
        self.drop()

    def drop(self) -> None:
        """Drop all connections."""
        with self.lock:
            connections, self.connections = self.connections, []
        for connection in connections:
            close(connection)

    def drop_next_after(self, count: int) -> None:
        """Drop the next connection after this many bytes from the client."""
        self.limit = count

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            limit, self.limit = self.limit, None
            server = socket.create_connection(("127.0.0.1", self.target))
            with self.lock:
                self.connections += [client, server]
            for source, sink, most in ((client, server, limit), (server, client, None)):
                threading.Thread(target=self._copy, args=(source, sink, most), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket, limit: int | None) -> None:
        left = limit
        with contextlib.suppress(OSError):
            while left is None or left > 0:
                piece = source.recv(PIECE if left is None else min(PIECE, left))
                if not piece:
                    break
                sink.sendall(piece)
                if left is not None:
                    left -= len(piece)
        if left == 0:
            self.drops += 1
        close(source)
        close(sink)
