"""An archive that some program made, and what `releases` has to do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Archive:
    """An archive, and who made it."""

    path: Path
    maker: str
    # A part of the message with which it has to be rejected; empty when it has to be unpacked.
    refusal: str = ""

    @property
    def is_zip(self) -> bool:
        """Return whether the file is a zip, whatever its name."""
        with self.path.open("rb") as file:
            return file.read(2) == b"PK"
