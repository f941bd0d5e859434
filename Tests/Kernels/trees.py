"""Debian trees and the disks that are made of them. Nothing of the machine's own apt is touched:
debootstrap(8) has its own, inside the tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIRROR = "http://deb.debian.org/debian"
PACKAGES = ("systemd", "systemd-sysv", "udev", "dbus", "sudo", "python3", "strace", "curl",
            "e2fsprogs", "procps", "kmod", "util-linux", "openssh-client", "tar", "gzip", "zstd",
            "xz-utils", "initramfs-tools", "linux-image-cloud-amd64")
# What a guest in software needs to find its root.
MODULES = ("virtio_pci", "virtio_blk", "ext4")
# They would take the one slow processor at a time of their own.
MASKED = ("apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "fstrim.timer",
          "dpkg-db-backup.timer", "e2scrub_reap.service", "systemd-networkd-wait-online.service")
AGENT = """\
[Unit]
Description=Run what the test harness asks for
RequiresMountsFor=/mnt/harness
[Service]
ExecStart=/usr/bin/python3 -I -B /mnt/harness/agent.py
[Install]
WantedBy=multi-user.target
"""
# For a guest with SELinux: mount(8) may not give the disk a label there.
LABEL = b"system_u:object_r:usr_t:s0\0"
FILES = {
    "etc/hostname": "guest\n",
    "etc/hosts": "127.0.0.1 localhost guest\n",
    "etc/fstab": "LABEL=harness /mnt/harness ext4 ro 0 0\n",
    "etc/machine-id": "5e1ea5e55e1ea5e55e1ea5e55e1ea5e5\n",
    "etc/systemd/system/agent.service": AGENT,
    "etc/initramfs-tools/modules": "\n".join(MODULES) + "\n",
    "etc/initramfs-tools/conf.d/modules": "MODULES=list\nCOMPRESS=gzip\n",
}


@dataclass(frozen=True)
class Suite:
    """A release of Debian, and what its tree has beside the usual packages."""

    name: str
    suite: str
    packages: tuple[str, ...] = ()
    extra: str = ""
    mebibytes: int = 3072
    # The last change of the tree before a disk is made of it.
    finish: Callable[[Path], None] = lambda tree: None


def run(*words: object, log: Path | None = None, **more: object) -> str:
    """Runs a command that has to succeed; what it prints is in the error otherwise."""
    ended = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, **more)
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(ended.stdout + ended.stderr)
    if ended.returncode != 0:
        said = (ended.stdout + ended.stderr).strip()[-2000:]
        raise RuntimeError(f"{' '.join(map(str, words))}: status {ended.returncode}: {said}")
    return ended.stdout


def inside(path: Path, *words: object, log: Path | None = None) -> str:
    """Runs a command in a tree with a /proc of its own."""
    script = 'mount -t proc proc "$1/proc" && shift && exec chroot "$@"'
    return run("nice", "-n", "10", "unshare", "--mount", "sh", "-c", script, "sh", path, path,
               *words, log=log, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"})


def tree(suite: Suite, cache: Path) -> Path:
    """The tree of this suite with everything in it, made once."""
    path, log = cache / f"tree-{suite.name}", cache / f"tree-{suite.name}.log"
    mark = cache / f"tree-{suite.name}.done"
    if mark.exists():
        return path
    if path.exists():
        shutil.rmtree(path)
    packages = ",".join(PACKAGES + suite.packages)
    run("nice", "-n", "10", "debootstrap", "--variant=minbase", f"--include={packages}",
        suite.suite, path, MIRROR, log=log)
    mark.touch()
    return path


def settle(suite: Suite, path: Path, log: Path) -> None:
    """Makes a machine of the tree: its agent, its names, and a small initial RAM disk."""
    for name, text in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    (path / "mnt/harness").mkdir(exist_ok=True)
    units = path / "etc/systemd/system"
    for unit in MASKED:
        _link("/dev/null", units / unit)
    _link("../agent.service", units / "multi-user.target.wants/agent.service")
    (path / "initrd").unlink(missing_ok=True)
    inside(path, "update-initramfs", "-c", "-k", version(path), log=log)
    suite.finish(path)


def _link(target: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def version(path: Path) -> str:
    """The kernel's, as its package names it."""
    return next((path / "boot").glob("vmlinuz-*")).name.partition("-")[2]


@dataclass(frozen=True)
class Machine:
    """What a guest boots from."""

    suite: Suite
    kernel: Path
    initrd: Path
    disk: Path
    version: str


def machine(suite: Suite, cache: Path) -> Machine:
    """A disk of the suite's tree, made again when these sources change; no guest writes to it."""
    path = tree(suite, cache)
    sources = b"".join((HERE / name).read_bytes() for name in ("trees.py", "selinux.py"))
    stamp = hashlib.sha256(sources).hexdigest()[:12]
    disk, log = cache / f"disk-{suite.name}-{stamp}.img", cache / f"tree-{suite.name}.log"
    if not disk.exists():
        for old in cache.glob(f"disk-{suite.name}-*"):
            old.unlink()
        settle(suite, path, log)
        unfinished = disk.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        run("mke2fs", "-q", "-t", "ext4", "-L", "root", "-d", path, unfinished,
            f"{suite.mebibytes}M", log=log)
        os.rename(unfinished, disk)
    name = version(path)
    return Machine(suite, path / f"boot/vmlinuz-{name}", path / f"boot/initrd.img-{name}", disk,
                   name)


def harness_disk(content: Path, disk: Path) -> Path:
    """A second disk, which a guest only reads."""
    disk.unlink(missing_ok=True)
    shutil.copy(HERE / "agent.py", content)
    for path in [content, *content.rglob("*")]:
        os.setxattr(path, "security.selinux", LABEL, follow_symlinks=False)
    run("mke2fs", "-q", "-t", "ext4", "-L", "harness", "-d", content, disk, "256M")
    return disk


def copy(disk: Path, to: Path) -> Path:
    """A disk for one guest to write to."""
    run("cp", "--sparse=always", "--reflink=auto", disk, to)
    return to
