"""Asks port 17999 while a host boots, and prints as JSON how each request was answered.

    boot_load.py PORT SECONDS

Every 20 ms a request is made on a connection of its own. It ends SECONDS after the first good
answer, or after 60 seconds. Only the standard library is used.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time

PAUSE = 0.02
LONGEST = 60.0
REQUEST = b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def ask(port: int) -> str:
    """Return the status of an answer, or why there was none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=LONGEST) as client:
            client.sendall(REQUEST)
            answer = client.recv(4096).split()
    except OSError as error:
        return type(error).__name__
    return answer[1].decode() if len(answer) > 1 else "closed"


def main() -> None:
    """Ask until the time is over, and print the answers."""
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    start = time.monotonic()
    lines: list[tuple[float, float, str]] = []

    def note() -> None:
        begun = time.monotonic() - start
        result = ask(port)
        lines.append((begun, time.monotonic() - start, result))

    threads: list[threading.Thread] = []
    while (now := time.monotonic() - start) < LONGEST:
        good = [end for _, end, result in lines if result == "200"]
        if good and now > min(good) + seconds:
            break
        threads.append(threading.Thread(target=note, daemon=True))
        threads[-1].start()
        time.sleep(PAUSE)
    for thread in threads:
        thread.join(LONGEST)
    print(json.dumps(sorted(lines)))


if __name__ == "__main__":
    main()
