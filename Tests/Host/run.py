"""Boots hosts with a package installed, and tries on them all that the runbook knows of.

Writes what was seen to --report, and fails when something was not as promised.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import venv
from pathlib import Path

# Each adds its scenarios to the list.
import beside_recovery  # noqa: F401
import boot_recovery  # noqa: F401
import broken_releases  # noqa: F401
import by_hand  # noqa: F401
import failing_versions  # noqa: F401
import foreign  # noqa: F401
import good_deploys  # noqa: F401
import hundred_deploys  # noqa: F401
import instances  # noqa: F401
import killed_ssh  # noqa: F401
import old_versions  # noqa: F401
import over_ssh  # noqa: F401
import owners  # noqa: F401
import places  # noqa: F401
import rollback_time  # noqa: F401
import sandboxes  # noqa: F401
import service_kinds  # noqa: F401
import starts  # noqa: F401
import timers  # noqa: F401
from isolation import isolated
from report import Row, markdown
from scenario import ALL, Scenario
from workshop import Workshop


def install_uv(directory: Path) -> Path:
    """The real uv, from PyPI, in a virtual environment of its own; kept for the next run."""
    uv = directory / "bin/uv"
    if not uv.exists():
        venv.create(directory, with_pip=True)
        subprocess.run([directory / "bin/pip", "install", "--quiet", "uv"], check=True)
    return uv


def first_line(*command: str | Path) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    return (result.stdout + result.stderr).splitlines()[0]


def head(uv: Path, package: Path, seconds: float) -> list[str]:
    version = first_line("dpkg-deb", "--field", package, "Version")
    systemd = " ".join(first_line("systemctl", "--version").split()[:2])
    versions = [
        f"releases {version}", systemd, first_line(uv, "--version"),
        first_line("/usr/bin/python3", "--version"), first_line("ssh", "-V"),
        f"Linux {platform.release().split('-')[0]}, {os.cpu_count()} processors "
        f"under a load of {os.getloadavg()[0]:.1f}",
    ]
    return [
        "# The host tests", "",
        "Written by `make host`: systemd booted as process 1, the package of `make deb`, its units "
        "and sudoers file unedited, a real sshd, and a real `uvicorn` from a real `uv sync`.", "",
        f"{'; '.join(versions)}. {seconds:.0f} s in all.",
    ]


def try_all(shop: Workshop, scenarios: list[Scenario]) -> list[Row]:
    rows = []
    for one in scenarios:
        row = Row(one.name, one.title)
        row.fill(lambda row, one=one: one.run(shop, row))
        rows.append(row)
        verdict = "as promised" if not row.broken else " | ".join(row.broken)
        print(f"host: {one.name}: {row.seconds:.1f} s: {verdict}", file=sys.stderr, flush=True)
    return rows


def chosen(options: argparse.Namespace) -> list[Scenario]:
    names = options.only or list(ALL)
    return [
        ALL[name] for name in names
        if (ALL[name].in_slice or not options.slice) and (ALL[name].for_old or not options.is_old)]


def note(path: Path, rows: list[Row]) -> None:
    """Adds what broke to a file of former runs."""
    noted = json.loads(path.read_text()) if path.exists() else {}
    noted |= {row.name: row.broken for row in rows}
    path.write_text(json.dumps(noted, indent=1))


def noted_rows(path: Path | None) -> list[Row]:
    """In the order of the list; what is no longer in the list is left out."""
    noted = json.loads(path.read_text()) if path and path.exists() else {}
    return [Row(one.name, one.title, broken=noted[one.name])
            for one in ALL.values() if one.name in noted]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="what `make deb` has built")
    parser.add_argument("--old", type=Path, help="the package of 0.1, for upgrades from it")
    parser.add_argument("--is-old", action="store_true", help="the package is that of 0.1 itself")
    parser.add_argument("--rows", type=Path, help="where to note what broke, beside what is there")
    parser.add_argument("--compare", type=Path, help="the --rows of a run with the package of 0.1")
    parser.add_argument("--work", type=Path, required=True, help="kept: uv and its cache")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--only", nargs="+", choices=ALL)
    parser.add_argument("--slice", action="store_true", help="what the gate runs")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    isolated()
    start = time.monotonic()
    uv, place = install_uv(work / "uv"), work / "hosts"
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "hosts", place], check=True)
    old = options.old.resolve() if options.old else None
    shop = Workshop(place, options.package.resolve(), old, uv, work / "uv-cache")
    rows = try_all(shop, chosen(options))
    if options.rows:
        note(options.rows, rows)
    seconds = time.monotonic() - start
    text = markdown(head(uv, options.package, seconds), rows, noted_rows(options.compare))
    print(text)
    if options.report:
        options.report.write_text(text)
    return 1 if any(row.broken for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
