"""Debian packages that a host needs and the machine does not, such as nginx."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.booted_host import Host

NGINX = ("nginx", "nginx-common")


def downloaded(directory: Path, names: tuple[str, ...]) -> list[Path]:
    """Download packages, which are kept for the next run."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        if not list(directory.glob(f"{name}_*.deb")):
            subprocess.run(["apt-get", "download", "-q", name], cwd=directory, check=True)
    return [next(iter(directory.glob(f"{name}_*.deb"))) for name in names]


def install_packages(host: Host, files: list[Path]) -> None:
    """Install packages on a booted host, whose network reaches nothing."""
    names = [host.copy_in(file, f"/root/{file.name}") for file in files]
    host.must("dpkg", "--install", *names)
