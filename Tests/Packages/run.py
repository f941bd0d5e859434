"""The packages, installed, used, upgraded and removed in trees that have nothing else.

    run.py --work DIRECTORY

Takes root, for chroot(8) and debootstrap(8); the Debian tree is kept for the next time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Callers"))

# pylint: disable=wrong-import-position
from promise import expect

BUILD = "Integrations/packages/build.sh"
SUITE = "bookworm"
# What a host without systemd makes users and directories with.
TOOLS = "systemd-standalone-sysusers,systemd-standalone-tmpfiles"
NEXT = "99.0.0"
# What a package manager keeps for itself, and what users and their data are.
KEPT = ("var/lib/dpkg", "var/lib/rpm", "var/log", "var/cache", "opt/diting", "home", "proc", "tmp",
        "root", "usr/lib/sysimage", "etc/passwd", "etc/group", "etc/shadow", "etc/gshadow",
        "etc/.pwd.lock", "etc/subuid", "etc/subgid", "run")
JOB = """\
set -e
cd /tmp
releases init >/dev/null
for id in 1 2 3; do releases deploy - --id $id <app-$id.tar.gz >/dev/null; done
releases rollback >/dev/null
releases list
releases verify --all
releases prune --keep 1 --keep-within 0d
test "$(cat /opt/diting/current/VERSION)" = 2
"""


def run(*words: object, **more: object) -> str:
    return subprocess.run(
        [str(word) for word in words], check=True, capture_output=True, text=True, **more).stdout


def build(kind: str, directory: Path, *version: str) -> Path:
    path = Path(run(BUILD, kind, directory, *version).strip())
    expect(path.is_file(), f"{path} is built")
    return path


def reproducible(kind: str, work: Path) -> Path:
    one = build(kind, work / "one")
    other = build(kind, work / "other")
    expect(one.read_bytes() == other.read_bytes(), f"{one.name} is the same each time")
    return one


@contextmanager
def tree(path: Path, base: Path | None) -> Iterator[Path]:
    """A root directory, gone afterwards."""
    if base:
        run("cp", "-a", base, path)
    for name in ("proc", "tmp", "dev", "opt", "usr/bin", "var/lib/rpm"):
        (path / name).mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "proc", "proc", path / "proc")
    try:
        yield path
    finally:
        run("umount", path / "proc")
        shutil.rmtree(path)


def files(root: Path) -> set[str]:
    found = set()
    for folder, folders, names in os.walk(root):
        place = os.path.relpath(folder, root)
        folders[:] = [name for name in folders
                      if os.path.normpath(os.path.join(place, name)) not in KEPT]
        found |= {os.path.normpath(os.path.join(place, name)) for name in [*folders, *names]}
    return {name for name in found if not name.startswith(KEPT)}


def use(root: Path, shell: bool) -> None:
    """The main job, as whoever is in there would do it."""
    for number in (1, 2, 3):
        content = root / "content"
        content.mkdir()
        (content / "VERSION").write_text(f"{number}\n")
        run("tar", "-czf", root / f"tmp/app-{number}.tar.gz", "-C", content, ".")
        shutil.rmtree(content)
    if shell:
        said = run("chroot", root, "sh", "-c", JOB)
        expect("live" in said, f"the job is done: {said}")
        return
    for words in (("init",), *(("deploy", f"/tmp/app-{n}.tar.gz", "--id", str(n))
                               for n in (1, 2, 3)), ("rollback",), ("list",), ("verify", "--all")):
        run("chroot", root, "/usr/bin/releases", *words)
    live = (root / "opt/diting/current/VERSION").read_text()
    expect(live == "2\n", f"the job is done: {live}")


def debian(work: Path) -> None:
    package = reproducible("deb", work)
    upgrade = build("deb", work / "next", NEXT)
    said = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning,info", "--tag-display-limit", "0",
         package], capture_output=True, text=True, check=False)
    print(said.stdout, end="")
    expect(said.returncode == 0 and not said.stdout, "lintian has nothing to say")
    print(run("dpkg-deb", "--contents", package))
    base = work / SUITE
    if not (base / "etc/debian_version").exists():
        run("debootstrap", "--variant=minbase", f"--include={TOOLS}", SUITE, base)
    with tree(work / "debian", base) as root:
        before = files(root)
        for name in (package, upgrade):
            shutil.copy(name, root / "tmp")
        run("chroot", root, "dpkg", "-i", f"/tmp/{package.name}")
        owner = run("chroot", root, "stat", "-c", "%U:%G %a", "/opt/diting").strip()
        expect(owner == "deploy:deploy 755", f"the store's place is deploy's: {owner}")
        enabled = list((root / "etc/systemd").rglob("*releases*"))
        expect(not enabled, f"no unit is enabled: {enabled}")
        use(root, shell=True)
        run("chroot", root, "dpkg", "-i", f"/tmp/{upgrade.name}")
        expect(NEXT in run("chroot", root, "dpkg", "-s", "releases"), "it is upgraded")
        expect("rollback" in run("chroot", root, "releases", "list"), "and knows the store")
        run("chroot", root, "dpkg", "--purge", "releases")
        expect(files(root) == before, f"nothing is left: {files(root) ^ before}")
        expect((root / "opt/diting/current/VERSION").exists(), "but the data")


def redhat(work: Path) -> None:
    package = reproducible("rpm", work)
    upgrade = build("rpm", work / "next", NEXT)
    said = subprocess.run(
        ["rpmlint", "--ignore-unused-rpmlintrc", "-r", "Integrations/packages/rpmlintrc", package],
        capture_output=True, text=True, check=False)
    print(said.stdout, end="")
    expect("0 errors, 0 warnings" in said.stdout, "rpmlint has nothing to say")
    print(run("rpm", "-qpl", package))
    # No distribution's own tree is to be had here: a root with nothing at all.
    with tree(work / "redhat", None) as root:
        rpm = ("rpm", "--root", root, "--dbpath", "/var/lib/rpm")
        run(*rpm, "--initdb")
        before = files(root)
        run(*rpm, "-i", "--nodeps", package)
        use(root, shell=False)
        run(*rpm, "-U", "--nodeps", upgrade)
        expect(NEXT in run(*rpm, "-q", "releases"), "it is upgraded")
        run(*rpm, "-e", "releases")
        left = {name for name in files(root) ^ before if (root / name).is_file()}
        expect(not left, f"nothing is left: {left}")
        expect((root / "opt/diting/current/VERSION").exists(), "but the data")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("kinds", nargs="*", default=["deb", "rpm"])
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        for kind in options.kinds:
            {"deb": debian, "rpm": redhat}[kind](work)
    except subprocess.CalledProcessError as error:
        print(error.stdout, error.stderr, sep="\n", file=sys.stderr)
        raise
    print("the packages are installed, used, upgraded and removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
