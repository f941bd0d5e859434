"""The packages, installed, used, upgraded and removed in trees that have nothing else.

    run.py --work DIRECTORY --old PACKAGE [deb] [rpm]

PACKAGE is the .deb of 0.1.  Takes root, for chroot(8) and debootstrap(8); the Debian tree is kept
for the next time.  The rpm is used in the same tree: no distribution's own tree of it is to be had.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Callers"))

# pylint: disable=wrong-import-position
from promise import expect
from trees import Tree, debian_base, foreign_host, listing, run

BUILD = "Integrations/packages/build.sh"
NEXT = "99.0.0"
UNITS = ("recover@{}.service", "prune@{}.timer", "verify@{}.timer", "metrics@{}.timer")
# A user, a place for the store, and the store, as README.md says.
SET_UP = """\
useradd --create-home --shell /bin/bash deploy
install -d -o deploy -g deploy /opt/diting
releases init
"""
JOB = """\
set -e
cd /tmp
for id in 1 2 3; do releases deploy - --id $id <app-$id.tar.gz >/dev/null; done
releases rollback >/dev/null
releases list
releases verify --all
releases prune --keep 1 --keep-within 0d
test "$(cat /opt/diting/current/VERSION)" = 2
"""


class Debian:
    """How a .deb gets into a tree and out of it."""

    kind = "deb"

    @staticmethod
    def install(tree: Tree, package: Path) -> None:
        shutil.copy(package, tree.root / "tmp")
        tree.run("dpkg", "-i", f"/tmp/{package.name}")

    @staticmethod
    def remove(tree: Tree) -> None:
        tree.run("dpkg", "--purge", "releases")

    @staticmethod
    def version(tree: Tree) -> str:
        return tree.run("dpkg-query", "-W", "-f", "${Version}", "releases")

    @staticmethod
    def judge(package: Path) -> None:
        said = subprocess.run(
            ["lintian", "--allow-root", "--fail-on", "error,warning,info", "--tag-display-limit",
             "0", package], capture_output=True, text=True, check=False)
        print(said.stdout, end="")
        expect(said.returncode == 0 and not said.stdout, "lintian has nothing to say")
        print(run("dpkg-deb", "--contents", package))


class RedHat:
    """The same for an .rpm, by the rpm(8) of this host."""

    kind = "rpm"

    @staticmethod
    def rpm(tree: Tree, *words: object) -> str:
        (tree.root / "var/lib/rpm").mkdir(exist_ok=True)
        return run("rpm", "--root", tree.root, "--dbpath", "/var/lib/rpm", *words)

    @classmethod
    def install(cls, tree: Tree, package: Path) -> None:
        cls.rpm(tree, "-U", "--nodeps", package)

    @classmethod
    def remove(cls, tree: Tree) -> None:
        cls.rpm(tree, "-e", "releases")

    @classmethod
    def version(cls, tree: Tree) -> str:
        return cls.rpm(tree, "-q", "--qf", "%{VERSION}", "releases")

    @staticmethod
    def judge(package: Path) -> None:
        said = subprocess.run(
            ["rpmlint", "--ignore-unused-rpmlintrc", "-r", "Integrations/packages/rpmlintrc",
             package], capture_output=True, text=True, check=False)
        print(said.stdout, end="")
        expect("0 errors, 0 warnings" in said.stdout, "rpmlint has nothing to say")
        print(run("rpm", "-qpl", package))


def build(kind: str, directory: Path, *version: str) -> Path:
    path = Path(run(BUILD, kind, directory, *version).strip())
    expect(path.is_file(), f"{path} is built")
    return path


def reproducible(kind: str, work: Path) -> Path:
    one = build(kind, work / "one")
    other = build(kind, work / "other")
    expect(one.read_bytes() == other.read_bytes(), f"{one.name} is the same each time")
    return one


def use(tree: Tree) -> None:
    """The main job, as an operator does it."""
    for number in (1, 2, 3):
        content = tree.root / "content"
        content.mkdir()
        (content / "VERSION").write_text(f"{number}\n")
        run("tar", "-czf", tree.root / f"tmp/app-{number}.tar.gz", "-C", content, ".")
        shutil.rmtree(content)
    tree.run("sh", "-ec", SET_UP)
    said = tree.run("sh", "-c", JOB)
    expect("live" in said, f"the job is done: {said}")


def on_an_empty_host(manager, tree: Tree, package: Path, upgrade: Path) -> None:
    """The package creates no user and no directory, and its removal leaves nothing."""
    users = (tree.root / "etc/passwd").read_text()
    before = tree.files()
    manager.install(tree, package)
    expect((tree.root / "etc/passwd").read_text() == users, "no user is created")
    for place in ("opt/diting", "home/deploy"):
        expect(not (tree.root / place).exists(), f"no directory is created: /{place}")
    expect(tree.links() == [], f"no unit is enabled: {tree.links()}")
    use(tree)
    manager.install(tree, upgrade)
    expect(manager.version(tree) == NEXT, "it is upgraded")
    expect("rollback" in tree.run("releases", "list"), "and knows the store")
    manager.remove(tree)
    expect(tree.files() == before, f"nothing is left: {tree.files() ^ before}")
    expect((tree.root / "opt/diting/current/VERSION").exists(), "but the data")


def on_a_foreign_host(manager, tree: Tree, package: Path, upgrade: Path) -> None:
    """A store, a home and users that are there stay as they are, also where /proc is missing."""
    foreign_host(tree, package)
    before = listing(tree)
    manager.install(tree, package)
    expect(listing(tree) == before, f"installed: {listing(tree) ^ before}")
    units = [f"releases-{unit.format(name)}" for unit in UNITS
             for name in ("opt-diting", r"srv-my\x2dapp")]
    tree.enable(*units)
    tree.enable("administrators-own.timer")
    enabled = tree.links()
    expect(len(enabled) == len(units), f"the instances are enabled: {enabled}")
    manager.install(tree, upgrade)
    expect(listing(tree) == before, f"upgraded: {listing(tree) ^ before}")
    expect(tree.links() == enabled and tree.dangling() == [], f"they stay: {tree.links()}")
    manager.remove(tree)
    expect(listing(tree) == before, f"removed: {listing(tree) ^ before}")
    expect(tree.links() == [], f"nothing is enabled any more: {tree.links()}")
    expect(tree.has_link("administrators-own.timer"), "but what the administrator wrote")


def from_the_old(tree: Tree, old: Path, package: Path) -> None:
    """The units that 0.1 had enabled stay enabled and are still there."""
    Debian.install(tree, old)
    tree.enable("releases-recover.service", "releases-prune.timer", "releases-verify.timer",
                "releases-metrics.timer")
    enabled, before = tree.links(), listing(tree)
    expect(len(enabled) == 4, f"the units of 0.1 are enabled: {enabled}")
    Debian.install(tree, package)
    expect(tree.links() == enabled and tree.dangling() == [], f"they stay: {tree.links()}")
    expect(listing(tree) == before, f"user, home and store stay: {listing(tree) ^ before}")
    for kind in ("sysusers", "tmpfiles"):
        expect(not (tree.root / f"usr/lib/{kind}.d/releases.conf").exists(), f"no {kind} any more")
    Debian.remove(tree)
    expect(tree.links() == [], f"nothing is enabled any more: {tree.links()}")
    expect(listing(tree) == before, f"removed: {listing(tree) ^ before}")


def unpacked(work: Path, package: Path) -> None:
    place = work / "unpacked"
    place.mkdir(mode=0o755)
    run("dpkg", "-x", package, place)
    expect(place.stat().st_mode & 0o7777 == 0o755, "the directory it is unpacked to stays open")
    shutil.rmtree(place)


def judged(manager, work: Path, old: Path) -> None:
    package = reproducible(manager.kind, work)
    upgrade = build(manager.kind, work / "next", NEXT)
    manager.judge(package)
    base = debian_base(work)
    for proc in (True, False):
        with Tree(work / "tree", base, proc=proc) as tree:
            on_a_foreign_host(manager, tree, package, upgrade)
    with Tree(work / "tree", base) as tree:
        on_an_empty_host(manager, tree, package, upgrade)
    if manager.kind == "deb":
        unpacked(work, package)
        with Tree(work / "tree", base) as tree:
            from_the_old(tree, old, package)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--old", type=Path, required=True)
    parser.add_argument("kinds", nargs="*", default=["deb", "rpm"])
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        for kind in options.kinds:
            judged({"deb": Debian, "rpm": RedHat}[kind], work, options.old.resolve())
    except subprocess.CalledProcessError as error:
        print(error.stdout, error.stderr, sep="\n", file=sys.stderr)
        raise
    print("the packages are installed, used, upgraded and removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
