"""The disks of guests, which are made of Debian trees."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.debian_trees import debian_tree
from harness.processes import MINIMAL_ENVIRONMENT, must_run
from harness.repository import HARNESS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KERNELS = HARNESS / "kernels"
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "udev",
    "dbus",
    "sudo",
    "python3",
    "strace",
    "curl",
    "e2fsprogs",
    "procps",
    "kmod",
    "util-linux",
    "openssh-client",
    "tar",
    "gzip",
    "zstd",
    "xz-utils",
    "initramfs-tools",
    "linux-image-cloud-amd64",
)
# A guest finds its root with these.
MODULES = ("virtio_pci", "virtio_blk", "ext4")
# These would use the one slow processor at any moment.
MASKED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "dpkg-db-backup.timer",
    "e2scrub_reap.service",
    "systemd-networkd-wait-online.service",
)
AGENT = """\
[Unit]
Description=Run the commands of the test harness
RequiresMountsFor=/mnt/harness
[Service]
ExecStart=/usr/bin/python3 -I -B /mnt/harness/guest_agent.py
[Install]
WantedBy=multi-user.target
"""
# In a guest with SELinux, mount(8) cannot give the disk a label.
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


def leave_unchanged(_: Path) -> None:
    """Change nothing."""


@dataclass(frozen=True)
class Suite:
    """A release of Debian, and what its tree has besides the usual packages."""

    name: str
    suite: str
    packages: tuple[str, ...] = ()
    extra: str = ""
    mebibytes: int = 3072
    # What changes the tree before a disk is made of it.
    finish: Callable[[Path], None] = leave_unchanged


def inside(path: Path, *words: object, log: Path | None = None) -> str:
    """Run a command in a tree with a /proc of its own."""
    script = 'mount -t proc proc "$1/proc" && shift && exec chroot "$@"'
    return must_run(
        "nice",
        "-n",
        "10",
        "unshare",
        "--mount",
        "sh",
        "-c",
        script,
        "sh",
        path,
        path,
        *words,
        log=log,
        environment=MINIMAL_ENVIRONMENT,
    )


def tree(suite: Suite, cache: Path) -> Path:
    """Make the tree of a suite with all packages once."""
    log = cache / f"tree-{suite.name}.log"
    packages = PACKAGES + suite.packages
    return debian_tree(cache / f"tree-{suite.name}", suite.suite, packages=packages, log=log)


def make_bootable(suite: Suite, path: Path, log: Path) -> None:
    """Add the agent, the host's names, and a small initial RAM disk to a tree."""
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
    """Return the version of the kernel in a tree."""
    return next((path / "boot").glob("vmlinuz-*")).name.partition("-")[2]


@dataclass(frozen=True)
class Machine:
    """The files that a guest boots from."""

    suite: Suite
    kernel: Path
    initrd: Path
    disk: Path
    version: str


def machine(suite: Suite, cache: Path) -> Machine:
    """Make the disk of a suite, and again when these sources change; no guest writes to it."""
    path = tree(suite, cache)
    sources = b"".join((KERNELS / name).read_bytes() for name in ("guest_disks.py", "selinux.py"))
    stamp = hashlib.sha256(sources).hexdigest()[:12]
    disk, log = cache / f"disk-{suite.name}-{stamp}.img", cache / f"tree-{suite.name}.log"
    if not disk.exists():
        for old in cache.glob(f"disk-{suite.name}-*"):
            old.unlink()
        make_bootable(suite, path, log)
        unfinished = disk.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        must_run(
            "mke2fs",
            "-q",
            "-t",
            "ext4",
            "-L",
            "root",
            "-d",
            path,
            unfinished,
            f"{suite.mebibytes}M",
            log=log,
        )
        os.rename(unfinished, disk)
    name = version(path)
    return Machine(
        suite, path / f"boot/vmlinuz-{name}", path / f"boot/initrd.img-{name}", disk, name
    )


def harness_disk(content: Path, disk: Path) -> Path:
    """Make a second disk, which a guest only reads."""
    disk.unlink(missing_ok=True)
    shutil.copy(KERNELS / "guest_agent.py", content)
    for path in [content, *content.rglob("*")]:
        os.setxattr(path, "security.selinux", LABEL, follow_symlinks=False)
    must_run("mke2fs", "-q", "-t", "ext4", "-L", "harness", "-d", content, disk, "256M")
    return disk


def copy(disk: Path, to: Path) -> Path:
    """Copy a disk for one guest, which writes to it."""
    must_run("cp", "--sparse=always", "--reflink=auto", disk, to)
    return to
