"""Root directories to install packages in, and what is in them before and after."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

from harness.archives import pack_files
from harness.debian_trees import debian_tree
from harness.processes import must_run

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "bookworm"
# Files of package managers, users and their data.
NOT_OF_PACKAGES = (
    "var/lib/dpkg",
    "var/lib/rpm",
    "var/log",
    "var/cache",
    "opt/diting",
    "home",
    "proc",
    "tmp",
    "root",
    "usr/lib/sysimage",
    "etc/passwd",
    "etc/group",
    "etc/shadow",
    "etc/gshadow",
    "etc/.pwd.lock",
    "etc/subuid",
    "etc/subgid",
    "run",
)
# Files of people, which no package may change.
OF_PEOPLE = (
    "opt",
    "home",
    "srv",
    "etc/passwd",
    "etc/group",
    "etc/shadow",
    "etc/gshadow",
    "etc/subuid",
    "etc/subgid",
)


def debian_base(work: Path) -> Path:
    """Make a minimal Debian with systemd, which does not run there."""
    return debian_tree(work / f"{SUITE}-systemd", SUITE, packages=("systemd",))


class PackageTree:
    """A copy of a root directory, which is removed afterwards."""

    def __init__(self, root: Path, base: Path, proc: bool = True) -> None:
        """Take note of the paths.

        proc: whether /proc is mounted.
        """
        self.root, self.base, self.proc = root, base, proc

    def __enter__(self) -> PackageTree:
        """Make the copy."""
        if self.root.exists():
            shutil.rmtree(self.root)
        must_run("cp", "-a", self.base, self.root)
        if self.proc:
            must_run("mount", "-t", "proc", "proc", self.root / "proc")
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the copy."""
        if self.proc:
            must_run("umount", self.root / "proc")
        shutil.rmtree(self.root)

    def run(self, *words: object) -> str:
        """Run a command in the tree that has to succeed, and return what it prints."""
        return must_run("chroot", self.root, *words)

    def files(self) -> set[str]:
        """Return the files that neither package managers nor people own."""
        found: set[str] = set()
        for folder, folders, names in os.walk(self.root):
            place = os.path.relpath(folder, self.root)
            folders[:] = [
                name
                for name in folders
                if os.path.normpath(os.path.join(place, name)) not in NOT_OF_PACKAGES
            ]
            found |= {os.path.normpath(os.path.join(place, name)) for name in [*folders, *names]}
        return {name for name in found if not name.startswith(NOT_OF_PACKAGES)}

    def enable(self, *units: str) -> None:
        """Enable units."""
        must_run("systemctl", "--root", self.root, "enable", *units)

    def _links(self) -> list[Path]:
        return sorted(
            path
            for path in (self.root / "etc/systemd/system").glob("*.wants/*")
            if path.is_symlink()
        )

    def links(self) -> list[str]:
        """Return the units of the package that are enabled."""
        return [path.name for path in self._links() if path.name.startswith("releases-")]

    def has_link(self, name: str) -> bool:
        """Return whether a unit is enabled."""
        return any(path.name == name for path in self._links())

    def dangling(self) -> list[str]:
        """Return the units of the package that are enabled and do not exist."""
        return [
            path.name
            for path in self._links()
            if path.name.startswith("releases-")
            and not (self.root / os.readlink(path).lstrip("/")).exists()
        ]


def listing(tree: PackageTree) -> set[tuple[object, ...]]:
    """Return all facts of the files of people, including times, attributes and content."""
    found: set[tuple[object, ...]] = set()
    for place in OF_PEOPLE:
        top = tree.root / place
        for path in [top, *top.rglob("*")] if top.exists() else []:
            status = path.lstat()
            content = b""
            if stat.S_ISLNK(status.st_mode):
                content = os.fsencode(os.readlink(path))
            elif stat.S_ISREG(status.st_mode):
                content = path.read_bytes()
            attributes = tuple(
                (name, os.getxattr(path, name, follow_symlinks=False))
                for name in os.listxattr(path, follow_symlinks=False)
            )
            found.add(
                (
                    str(path.relative_to(tree.root)),
                    oct(status.st_mode),
                    status.st_uid,
                    status.st_gid,
                    status.st_nlink,
                    status.st_size,
                    status.st_mtime_ns,
                    status.st_ctime_ns,
                    attributes,
                    hashlib.sha256(content).hexdigest(),
                )
            )
    return found


def foreign_host(tree: PackageTree, package: Path) -> None:
    """Prepare a host in an unusual way.

    Another user owns the store, the home is private, the user deploy has another group and shell,
    and files have unusual modes.
    """
    tree.run("groupadd", "--gid", "2001", "ops")
    useradd = ("useradd", "--gid", "ops", "--create-home")
    tree.run(*useradd, "--uid", "2001", "app")
    tree.run(*useradd, "--uid", "2002", "--shell", "/bin/false", "deploy")
    (tree.root / "home/deploy").chmod(0o700)
    (tree.root / "home/deploy/.profile").chmod(0o400)
    # The package is not installed yet, so its program alone makes the store.
    binary = tree.root / "usr/local/bin/releases"
    extract_binary(package, tree.root / "tmp/extracted", binary)
    pack_files(tree.root / "tmp/app.tar.gz", {"VERSION": "1\n"})
    for store in ("opt/diting", "srv/my-app"):
        make_foreign_store(tree, store)
    (tree.root / "opt/diting/odd").write_text("x")
    os.chmod(tree.root / "opt/diting/odd", 0o4601)
    os.symlink("/nowhere", tree.root / "opt/diting/dangling")
    binary.unlink()
    unit = tree.root / "etc/systemd/system/administrators-own.timer"
    unit.write_text("[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n")


def make_foreign_store(tree: PackageTree, store: str) -> None:
    """Make a store of another user; without /proc it has only its directory of releases."""
    (tree.root / store).mkdir(parents=True)
    tree.run("chown", "app:ops", f"/{store}")
    words = ("/usr/local/bin/releases", "--store", f"/{store}")
    if tree.proc:
        tree.run(*words, "init")
        tree.run(*words, "deploy", "/tmp/app.tar.gz", "--id", "1")
    else:
        (tree.root / store / "releases").mkdir()
    os.chmod(tree.root / store, 0o2750)


def extract_binary(package: Path, directory: Path, binary: Path) -> None:
    """Copy the program of a package."""
    script = f"mkdir '{directory}' && cd '{directory}' && {EXTRACT[package.suffix]}"
    must_run("sh", "-c", script, "sh", package)
    shutil.copy(directory / "usr/bin/releases", binary)
    shutil.rmtree(directory)


# The commands that extract a package into the working directory.
EXTRACT = {".deb": 'dpkg -x "$1" .', ".rpm": 'rpm2cpio "$1" | cpio --quiet -id'}
