"""Records what a terminal shows while commands are typed into a shell."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.assertions import expect

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = 50
# The prompt sets the window's title, which is how the end of a command is seen.
PROMPT = b"\x1b]0;ready\x07$ "
LOGIN = r"bind 'set enable-bracketed-paste off'; PS1='\[\e]0;ready\a\]$ '"
LONGEST_SECONDS = 60
# A control sequence, a title, a control character, or text.
PIECE = re.compile("\x1b\\[([?0-9;]*)([A-Za-z])|\x1b\\][^\x07]*\x07|([\r\n\b])|([^\x1b\r\n\b]+)")


@dataclass(frozen=True)
class Cell:
    """One character and its style, as the parameters of its SGR sequence."""

    character: str
    style: str


def text_of(line: Sequence[Cell]) -> str:
    """Return the characters of a line, without blanks at its end."""
    return "".join(cell.character for cell in line).rstrip()


class Screen:
    """What a terminal of any size shows; it knows what shells and the tool print."""

    def __init__(self) -> None:
        """Begin with an empty screen."""
        self.lines: list[list[Cell]] = [[]]
        self.column = 0
        self.style = ""

    def feed(self, text: str) -> None:
        """Show a text; it ends outside of a control sequence."""
        for match in PIECE.finditer(text):
            parameters, function, control, characters = match.groups()
            if function:
                self._function(parameters, function)
            elif control == "\n":
                self.lines.append([])
            elif control == "\r":
                self.column = 0
            elif control == "\b":
                self.column -= 1
            elif characters:
                self._write(characters)

    def _function(self, parameters: str, function: str) -> None:
        if function == "m":
            self.style = "" if parameters in ("", "0") else parameters
        elif function == "K":
            del self.lines[-1][self.column :]
        else:
            expect(parameters.startswith("?"), f"the terminal knows CSI {parameters} {function}")

    def _write(self, characters: str) -> None:
        line = self.lines[-1]
        for character in characters:
            line[self.column : self.column + 1] = [Cell(character, self.style)]
            self.column += 1


class RecordedShell:
    """An interactive bash on a terminal of its own."""

    def __init__(self, launcher: Sequence[str], columns: int) -> None:
        """Start the shell.

        launcher: the command line that runs the shell in another place, such as on a host.
        """
        command = [*launcher, "env", "TERM=xterm", "bash", "--norc", "--noprofile", "-i"]
        shell, self.terminal = pty.fork()
        if shell == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
            os.execvp(command[0], command)
        self.process = shell
        self.screen = Screen()
        self._type(LOGIN)

    def run(self, commands: Sequence[str]) -> list[list[Cell]]:
        """Type commands, each when the one before has ended, and return the lines on the screen."""
        self.screen.feed("$ ")
        for command in commands:
            self.screen.feed(self._type(command))
        # If the terminal were closed first, the launcher would end before its shell.
        os.write(self.terminal, b"exit\n")
        os.waitpid(self.process, 0)
        os.close(self.terminal)
        return self.screen.lines[:-1]

    def _type(self, line: str) -> str:
        """Type a line, and return what the terminal shows until the next prompt."""
        os.write(self.terminal, f"{line}\n".encode())
        printed = b""
        while not printed.endswith(PROMPT):
            is_there = select.select([self.terminal], [], [], LONGEST_SECONDS)[0]
            expect(bool(is_there), f"the shell is ready after {line!r}: {printed!r}")
            printed += os.read(self.terminal, 65536)
        return printed.decode()
