"""Installs, uses, upgrades and removes the packages in trees that have nothing else.

The suite takes root, for chroot(8) and debootstrap(8); the Debian tree is kept for the next run.
The rpm is used in the same tree, since no tree of a distribution with rpm can be had.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from harness import processes
from harness.archives import pack_files
from harness.assertions import expect
from harness.command_line import absolute_path, run_suite, suite_parser
from harness.packages.licenses import (
    expect_licenses,
    expect_materials,
    expect_page,
    expect_unknown_refused,
)
from harness.packages.package_trees import PackageTree, debian_base, foreign_host, listing
from harness.processes import must_run

BUILD = "Integrations/packages/build.sh"
NEXT = "99.0.0"
UNITS = ("recover@{}.service", "prune@{}.timer", "verify@{}.timer", "metrics@{}.timer")
# The commands of README.md that make a user and a store.
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


class PackageManager(Protocol):
    """Installs and removes packages of one kind in a tree."""

    kind: str

    def install(self, tree: PackageTree, package: Path) -> None:
        """Install or upgrade the package."""

    def remove(self, tree: PackageTree) -> None:
        """Remove the package."""

    def version(self, tree: PackageTree) -> str:
        """Return the version that is installed."""
        ...

    def check(self, package: Path) -> None:
        """Let the distribution's own program check the package."""


class Debian:
    """Installs a .deb with dpkg(1)."""

    kind = "deb"

    def install(self, tree: PackageTree, package: Path) -> None:
        """Install or upgrade the package."""
        shutil.copy(package, tree.root / "tmp")
        tree.run("dpkg", "-i", f"/tmp/{package.name}")

    def remove(self, tree: PackageTree) -> None:
        """Purge the package."""
        tree.run("dpkg", "--purge", "releases")

    def version(self, tree: PackageTree) -> str:
        """Return the version that is installed."""
        return tree.run("dpkg-query", "-W", "-f", "${Version}", "releases")

    def check(self, package: Path) -> None:
        """Run lintian."""
        severities = ["--fail-on", "error,warning,info", "--tag-display-limit", "0"]
        run = processes.run(["lintian", "--allow-root", *severities, package])
        expect(run.status == 0 and not run.output, f"lintian finds nothing: {run.text}")


class RedHat:
    """Installs an .rpm with this machine's rpm(8)."""

    kind = "rpm"

    def rpm(self, tree: PackageTree, *words: object) -> str:
        """Run rpm(8) on a tree."""
        (tree.root / "var/lib/rpm").mkdir(exist_ok=True)
        return must_run("rpm", "--root", tree.root, "--dbpath", "/var/lib/rpm", *words)

    def install(self, tree: PackageTree, package: Path) -> None:
        """Install or upgrade the package."""
        self.rpm(tree, "-U", "--nodeps", package)

    def remove(self, tree: PackageTree) -> None:
        """Remove the package."""
        self.rpm(tree, "-e", "releases")

    def version(self, tree: PackageTree) -> str:
        """Return the version that is installed."""
        return self.rpm(tree, "-q", "--qf", "%{VERSION}", "releases")

    def check(self, package: Path) -> None:
        """Run rpmlint."""
        settings = ["--ignore-unused-rpmlintrc", "-r", "Integrations/packages/rpmlintrc"]
        run = processes.run(["rpmlint", *settings, package])
        expect("0 errors, 0 warnings" in run.output, f"rpmlint finds nothing: {run.text}")


def build(kind: str, directory: Path, *version: str) -> Path:
    """Build a package, and return its path."""
    path = Path(must_run(BUILD, kind, directory, *version).strip())
    expect(path.is_file(), f"{path} is built")
    return path


def build_twice(kind: str, work: Path) -> Path:
    """Build a package twice, and expect the same bytes."""
    one = build(kind, work / "one")
    other = build(kind, work / "other")
    expect(one.read_bytes() == other.read_bytes(), f"{one.name} is the same each time")
    return one


def use(tree: PackageTree) -> None:
    """Do what an operator does with the tool."""
    for number in (1, 2, 3):
        pack_files(tree.root / f"tmp/app-{number}.tar.gz", {"VERSION": f"{number}\n"})
    tree.run("sh", "-ec", SET_UP)
    listed = tree.run("sh", "-c", JOB)
    expect("live" in listed, f"a release is live: {listed}")


def expect_clean_on_empty_host(
    manager: PackageManager, tree: PackageTree, package: Path, upgrade: Path
) -> None:
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
    expect(manager.version(tree) == NEXT, "the package is upgraded")
    expect("rollback" in tree.run("releases", "list"), "the new version reads the store")
    manager.remove(tree)
    expect(tree.files() == before, f"no file is left: {tree.files() ^ before}")
    expect((tree.root / "opt/diting/current/VERSION").exists(), "the releases are still there")


def expect_foreign_host_unchanged(
    manager: PackageManager, tree: PackageTree, package: Path, upgrade: Path
) -> None:
    """A store, a home and users stay as they are, also where /proc is missing."""
    foreign_host(tree, package)
    before = listing(tree)
    manager.install(tree, package)
    expect(listing(tree) == before, f"the installation changes nothing: {listing(tree) ^ before}")
    units = [
        f"releases-{unit.format(name)}"
        for unit in UNITS
        for name in ("opt-diting", r"srv-my\x2dapp")
    ]
    tree.enable(*units)
    tree.enable("administrators-own.timer")
    enabled = tree.links()
    expect(len(enabled) == len(units), f"the instances are enabled: {enabled}")
    manager.install(tree, upgrade)
    expect(listing(tree) == before, f"the upgrade changes nothing: {listing(tree) ^ before}")
    expect(tree.links() == enabled and tree.dangling() == [], f"they stay enabled: {tree.links()}")
    manager.remove(tree)
    expect(listing(tree) == before, f"the removal changes nothing: {listing(tree) ^ before}")
    expect(tree.links() == [], f"no unit is enabled: {tree.links()}")
    expect(tree.has_link("administrators-own.timer"), "the unit of the administrator is enabled")


def expect_upgrade_keeps_units(tree: PackageTree, old: Path, package: Path) -> None:
    """The units that 0.1 had enabled stay enabled and exist."""
    Debian().install(tree, old)
    tree.enable(
        "releases-recover.service",
        "releases-prune.timer",
        "releases-verify.timer",
        "releases-metrics.timer",
    )
    enabled, before = tree.links(), listing(tree)
    expect(len(enabled) == 4, f"the units of 0.1 are enabled: {enabled}")
    Debian().install(tree, package)
    expect(tree.links() == enabled and tree.dangling() == [], f"they stay enabled: {tree.links()}")
    expect(listing(tree) == before, f"user, home and store stay: {listing(tree) ^ before}")
    for kind in ("sysusers", "tmpfiles"):
        expect(
            not (tree.root / f"usr/lib/{kind}.d/releases.conf").exists(),
            f"the package has no {kind} file",
        )
    Debian().remove(tree)
    expect(tree.links() == [], f"no unit is enabled: {tree.links()}")
    expect(listing(tree) == before, f"the removal changes nothing: {listing(tree) ^ before}")


def expect_mode_kept(work: Path, package: Path) -> None:
    """Extracting the package does not change the mode of the directory."""
    place = work / "unpacked"
    place.mkdir(mode=0o755)
    must_run("dpkg", "-x", package, place)
    expect(place.stat().st_mode & 0o7777 == 0o755, "the directory has its mode")
    shutil.rmtree(place)


def test_package(manager: PackageManager, binary: Path, work: Path, old: Path) -> None:
    """Test the package of one kind, which contains the binary."""
    package = build_twice(manager.kind, work)
    expect_materials(package, binary)
    expect_page(package)
    expect_licenses(package, work)
    upgrade = build(manager.kind, work / "next", NEXT)
    manager.check(package)
    base = debian_base(work)
    for proc in (True, False):
        with PackageTree(work / "tree", base, proc=proc) as tree:
            expect_foreign_host_unchanged(manager, tree, package, upgrade)
    with PackageTree(work / "tree", base) as tree:
        expect_clean_on_empty_host(manager, tree, package, upgrade)
    if manager.kind == "deb":
        expect_mode_kept(work, package)
        with PackageTree(work / "tree", base) as tree:
            expect_upgrade_keeps_units(tree, old, package)


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--old", type=absolute_path, required=True, help="the .deb of 0.1")
    parser.add_argument("kinds", nargs="*", default=["deb", "rpm"], help="deb, rpm")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    expect_unknown_refused()
    managers: dict[str, PackageManager] = {"deb": Debian(), "rpm": RedHat()}
    for kind in options.kinds:
        test_package(managers[kind], options.binary, options.work, options.old)
        print(f"packages: the {kind} is installed, used, upgraded and removed", flush=True)
    return 0


if __name__ == "__main__":
    run_suite(main)
