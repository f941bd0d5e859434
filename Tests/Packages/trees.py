"""Root directories to install packages in, and what is in them before and after."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
from pathlib import Path

SUITE = "bookworm"
# What a package manager keeps for itself, and what users and their data are.
KEPT = ("var/lib/dpkg", "var/lib/rpm", "var/log", "var/cache", "opt/diting", "home", "proc", "tmp",
        "root", "usr/lib/sysimage", "etc/passwd", "etc/group", "etc/shadow", "etc/gshadow",
        "etc/.pwd.lock", "etc/subuid", "etc/subgid", "run")
# What belongs to people, and no package has a say in.
PEOPLES = ("opt", "home", "srv", "etc/passwd", "etc/group", "etc/shadow", "etc/gshadow",
           "etc/subuid", "etc/subgid")


def run(*words: object, **more: object) -> str:
    return subprocess.run(
        [str(word) for word in words], check=True, capture_output=True, text=True, **more).stdout


def debian_base(work: Path) -> Path:
    """A minimal Debian with systemd, which does not run there; made once."""
    base = work / f"{SUITE}-systemd"
    if not (base / "etc/debian_version").exists():
        shutil.rmtree(base, ignore_errors=True)
        run("debootstrap", "--variant=minbase", "--include=systemd", SUITE, base)
    return base


class Tree:
    """A root directory, gone afterwards."""

    def __init__(self, root: Path, base: Path, proc: bool = True):
        self.root, self.base, self.proc = root, base, proc

    def __enter__(self) -> Tree:
        if self.root.exists():
            shutil.rmtree(self.root)
        run("cp", "-a", self.base, self.root)
        if self.proc:
            run("mount", "-t", "proc", "proc", self.root / "proc")
        return self

    def __exit__(self, *_: object) -> None:
        if self.proc:
            run("umount", self.root / "proc")
        shutil.rmtree(self.root)

    def run(self, *words: object) -> str:
        return run("chroot", self.root, *words)

    def files(self) -> set[str]:
        """All that is neither a package manager's nor people's."""
        found = set()
        for folder, folders, names in os.walk(self.root):
            place = os.path.relpath(folder, self.root)
            folders[:] = [name for name in folders
                          if os.path.normpath(os.path.join(place, name)) not in KEPT]
            found |= {os.path.normpath(os.path.join(place, name)) for name in [*folders, *names]}
        return {name for name in found if not name.startswith(KEPT)}

    def enable(self, *units: str) -> None:
        run("systemctl", "--root", self.root, "enable", *units)

    def _links(self) -> list[Path]:
        return sorted(path for path in (self.root / "etc/systemd/system").glob("*.wants/*")
                      if path.is_symlink())

    def links(self) -> list[str]:
        """The units of the package that are enabled."""
        return [path.name for path in self._links() if path.name.startswith("releases-")]

    def has_link(self, name: str) -> bool:
        return any(path.name == name for path in self._links())

    def dangling(self) -> list[str]:
        """Those of them that are not there."""
        return [path.name for path in self._links() if path.name.startswith("releases-")
                and not (self.root / os.readlink(path).lstrip("/")).exists()]


def listing(tree: Tree) -> set[tuple[object, ...]]:
    """All that belongs to people: kind, mode, owner, group, times, extended attributes, content."""
    found = set()
    for place in PEOPLES:
        top = tree.root / place
        for path in [top, *top.rglob("*")] if top.exists() else []:
            status = path.lstat()
            content = b""
            if stat.S_ISLNK(status.st_mode):
                content = os.fsencode(os.readlink(path))
            elif stat.S_ISREG(status.st_mode):
                content = path.read_bytes()
            attributes = tuple((name, os.getxattr(path, name, follow_symlinks=False))
                               for name in os.listxattr(path, follow_symlinks=False))
            found.add((str(path.relative_to(tree.root)), oct(status.st_mode), status.st_uid,
                       status.st_gid, status.st_nlink, status.st_size, status.st_mtime_ns,
                       status.st_ctime_ns, attributes, hashlib.sha256(content).hexdigest()))
    return found


def foreign_host(tree: Tree, package: Path) -> None:
    """A host that has its own ideas: the store is another user's, the home is private, a user
    deploy is there with another group and shell, and files have unusual modes."""
    tree.run("groupadd", "--gid", "2001", "ops")
    tree.run("useradd", "--uid", "2001", "--gid", "ops", "--create-home", "app")
    tree.run("useradd", "--uid", "2002", "--gid", "ops", "--shell", "/bin/false", "--create-home",
             "deploy")
    (tree.root / "home/deploy").chmod(0o700)
    (tree.root / "home/deploy/.profile").chmod(0o400)
    # The store of 0.1 or of this, by the program alone.
    binary = tree.root / "usr/local/bin/releases"
    extracted = tree.root / "tmp/extracted"
    run("sh", "-c", f"mkdir '{extracted}' && cd '{extracted}' && {EXTRACT[package.suffix]}", "sh",
        package)
    shutil.copy(extracted / "usr/bin/releases", binary)
    shutil.rmtree(extracted)
    content = tree.root / "tmp/content"
    content.mkdir()
    (content / "VERSION").write_text("1\n")
    run("tar", "-czf", tree.root / "tmp/app.tar.gz", "-C", content, ".")
    for store in ("opt/diting", "srv/my-app"):
        (tree.root / store).mkdir(parents=True)
        tree.run("chown", "app:ops", f"/{store}")
        words = ("/usr/local/bin/releases", "--store", f"/{store}")
        if tree.proc:
            tree.run(*words, "init")
            tree.run(*words, "deploy", "/tmp/app.tar.gz", "--id", "1")
        else:
            (tree.root / store / "releases").mkdir()
        os.chmod(tree.root / store, 0o2750)
    (tree.root / "opt/diting/odd").write_text("x")
    os.chmod(tree.root / "opt/diting/odd", 0o4601)
    os.symlink("/nowhere", tree.root / "opt/diting/dangling")
    binary.unlink()
    unit = tree.root / "etc/systemd/system/administrators-own.timer"
    unit.write_text("[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n")


EXTRACT = {".deb": 'dpkg -x "$1" .', ".rpm": 'rpm2cpio "$1" | cpio --quiet -id'}
