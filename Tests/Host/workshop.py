"""Makes hosts: bare ones, and ones with a package installed, from states that are made once."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from application import Application
from disk import Disk
from host import Host
from setting_up import clean_machine, install, make_users
from store import Store


@dataclass(frozen=True)
class State:
    """A host that is off: the layers of its root, the topmost first, and its disk."""

    layers: tuple[Path, ...]
    image: Path


class Workshop:
    """All that it makes is in one directory, on a tmpfs of its own."""

    def __init__(self, place: Path, package: Path, old_package: Path | None, uv: Path, cache: Path):
        self.place, self.package, self.old_package = place, package, old_package
        self.uv, self.cache = uv, cache
        self.application = Application(place / "application", uv, cache)
        self.states: dict[str, State] = {}
        self.made = 0

    def _host(self, state: State) -> Host:
        self.made += 1
        place = self.place / f"host{self.made}"
        disk = Disk(self.place / f"disk{self.made}", self.place / f"mounted{self.made}")
        disk.copy_of(state.image)
        disk.mount()
        return Host(place, state.layers, disk)

    def _keep(self, host: Host, name: str) -> State:
        """Turns a host off, and keeps what it has become."""
        host.power_off()
        host.disk.unmount()
        subprocess.run(["umount", "--recursive", host.root], check=True)
        self.states[name] = State((host.upper, *host.layers), host.disk.image)
        return self.states[name]

    def bare(self) -> State:
        """A host with the users and tools of the runbook, and without the package."""
        if "bare" not in self.states:
            disk = Disk(self.place / "disk0", self.place / "mounted0")
            disk.make()
            disk.mount()
            host = Host(self.place / "host0", (Path("/"),), disk)
            clean_machine(host)
            host.boot()
            make_users(host, self.uv, self.cache)
            self._keep(host, "bare")
        return self.states["bare"]

    def installed(self, package: Path) -> State:
        """A host as the README sets it up, with an empty store; recovery at boot is enabled."""
        name = str(package)
        if name not in self.states:
            host = self._host(self.bare())
            host.boot()
            install(host, package)
            self._keep(host, name)
        return self.states[name]

    @contextmanager
    def booted(self, state: State) -> Iterator[Host]:
        """A host of its own, which is gone afterwards."""
        host = self._host(state)
        try:
            host.boot()
            yield host
        finally:
            host.remove()
            host.disk.image.unlink()

    @contextmanager
    def store(self, package: Path | None = None) -> Iterator[Store]:
        """The store of a booted host that has the package."""
        with self.booted(self.installed(package or self.package)) as host:
            yield Store(host)

    def binary(self) -> Path:
        """The tool from the package, for what needs no host."""
        tree = self.place / f"tree-{self.package.name}"
        if not tree.exists():
            subprocess.run(["dpkg-deb", "--extract", self.package, tree], check=True)
        return tree / "usr/bin/releases"
