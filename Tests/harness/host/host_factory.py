"""Makes hosts from states that are made once: without a package, or with one installed."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.host.application import Application
from harness.host.booted_host import Host
from harness.host.crashing_disk import CrashingDisk
from harness.host.host_store import HostStore
from harness.host.installation import clean_machine, install, make_users

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class State:
    """A host that is off: the layers of its root, the topmost first, and its disk."""

    layers: tuple[Path, ...]
    image: Path


class HostFactory:
    """Makes hosts in one directory, which is on a tmpfs of its own."""

    def __init__(
        self, place: Path, package: Path, old_package: Path | None, uv: Path, cache: Path
    ) -> None:
        self.place, self.package, self.old_package = place, package, old_package
        self.uv, self.cache = uv, cache
        # For the scenarios under load: how many deploys they make, and the requests a second.
        self.deploys, self.rate = 3, 100.0
        # A program that replaces the one of the package.
        self.program: Path | None = None
        # For the scenarios of kill points: the only courses, and whether a violation ends one.
        self.courses: list[str] | None = None
        self.ends_early = False
        # Kept for the next run, beside the cache of uv.
        self.downloads = cache.with_name("downloads")
        self.application = Application(place / "application", uv, cache)
        self.states: dict[str, State] = {}
        self.made = 0

    def _host(self, state: State) -> Host:
        self.made += 1
        place = self.place / f"host{self.made}"
        disk = CrashingDisk(self.place / f"disk{self.made}", self.place / f"mounted{self.made}")
        disk.copy_from(state.image)
        disk.mount()
        return Host(place, state.layers, disk)

    def _keep(self, host: Host, name: str) -> State:
        """Turn a host off, and keep its state."""
        host.power_off()
        host.disk.unmount()
        subprocess.run(["umount", "--recursive", host.root], check=True)
        self.states[name] = State((host.upper, *host.layers), host.disk.image)
        return self.states[name]

    def bare(self) -> State:
        """Return a host with the users and tools of the runbook, and without the package."""
        if "bare" not in self.states:
            disk = CrashingDisk(self.place / "disk0", self.place / "mounted0")
            disk.make()
            disk.mount()
            host = Host(self.place / "host0", (Path("/"),), disk)
            clean_machine(host)
            host.boot()
            make_users(host, self.uv, self.cache)
            self._keep(host, "bare")
        return self.states["bare"]

    def installed(self, package: Path) -> State:
        """Return a host as the README sets it up, with an empty store and recovery at boot."""
        name = str(package)
        if name not in self.states:
            host = self._host(self.bare())
            host.boot()
            install(host, package)
            if self.program and package == self.package:
                host.copy_in(self.program, "/usr/bin/releases", 0o755)
            self._keep(host, name)
        return self.states[name]

    @contextmanager
    def booted(self, state: State) -> Iterator[Host]:
        """Boot a new host, and remove it afterwards."""
        host = self._host(state)
        try:
            host.boot()
            yield host
        finally:
            host.remove()
            host.disk.image.unlink()

    @contextmanager
    def store(self, package: Path | None = None) -> Iterator[HostStore]:
        """Boot a new host with the package, and yield its store."""
        with self.booted(self.installed(package or self.package)) as host:
            yield HostStore(host)

    def binary(self) -> Path:
        """Return the tool from the package, for scenarios that need no host."""
        tree = self.place / f"tree-{self.package.name}"
        if not tree.exists():
            subprocess.run(["dpkg-deb", "--extract", self.package, tree], check=True)
        return tree / "usr/bin/releases"
