"""Boots hosts with the package installed, and tries all scenarios of the runbook on them.

The results are written to --report. The suite exits with 1 when a promise was broken.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from harness import processes
from harness.command_line import absolute_path, run_suite, suite_parser
from harness.host import scenarios  # noqa: F401
from harness.host.host_factory import HostFactory
from harness.host.isolation import isolate
from harness.host.report import Row, markdown
from harness.host.scenario import ALL, Scenario
from harness.mounts import mount

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable


def install_uv(directory: Path) -> Path:
    """Install the real uv from PyPI in a virtual environment, which is kept for the next run."""
    uv = directory / "bin/uv"
    if not uv.exists():
        venv.create(directory, with_pip=True)
        subprocess.run([directory / "bin/pip", "install", "--quiet", "uv"], check=True)
    return uv


def first_line(*command: str | Path) -> str:
    """Return the first line that a command prints."""
    return processes.run(command).text.splitlines()[0]


def head(uv: Path, package: Path, seconds: float) -> list[str]:
    """Return the beginning of the report."""
    versions = [
        f"releases {first_line('dpkg-deb', '--field', package, 'Version')}",
        " ".join(first_line("systemctl", "--version").split()[:2]),
        first_line(uv, "--version"),
        first_line("/usr/bin/python3", "--version"),
        first_line("ssh", "-V"),
        f"Linux {platform.release().split('-')[0]}, {os.cpu_count()} processors "
        f"under a load of {os.getloadavg()[0]:.1f}",
    ]
    return [
        "# Host tests",
        "",
        "`make host` writes this page. systemd is booted as process 1, with the package of "
        "`make deb`, its units and sudoers file as they are, a real sshd, and a real `uvicorn` "
        "from a real `uv sync`.",
        "",
        f"{'; '.join(versions)}. The run took {seconds:.0f} s.",
    ]


def run_scenarios(hosts: HostFactory, chosen: Iterable[Scenario]) -> list[Row]:
    """Run scenarios, and print a line for each of them."""
    rows = []
    for one in chosen:
        row = Row(one.name, one.title)
        row.fill(lambda row, one=one: one.run(hosts, row))  # type: ignore[misc]
        rows.append(row)
        verdict = "as promised" if not row.broken else "BROKEN: " + " | ".join(row.broken)
        print(f"host: {one.name}: {row.seconds:.1f} s: {verdict}", flush=True)
    return rows


def chosen_scenarios(options: argparse.Namespace) -> list[Scenario]:
    """Return the scenarios that the command line selects."""
    return [
        ALL[name]
        for name in options.only or list(ALL)
        if (ALL[name].in_slice or not options.slice) and (ALL[name].for_old or not options.is_old)
    ]


def add_to_file(path: Path, rows: list[Row]) -> None:
    """Add the broken promises to a file of former runs."""
    noted = json.loads(path.read_text()) if path.exists() else {}
    noted.update({row.name: row.broken for row in rows})
    path.write_text(json.dumps(noted, indent=1))


def rows_of_file(path: Path | None) -> list[Row]:
    """Return the rows of a file, in the order of the list, without scenarios that are gone."""
    noted = json.loads(path.read_text()) if path and path.exists() else {}
    return [
        Row(one.name, one.title, broken=noted[one.name])
        for one in ALL.values()
        if one.name in noted
    ]


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = suite_parser(__doc__, has_binary=False)
    parser.add_argument("package", type=absolute_path, help="the package that `make deb` builds")
    parser.add_argument("--old", type=absolute_path, help="the package of 0.1, for upgrades")
    parser.add_argument("--is-old", action="store_true", help="the package is that of 0.1 itself")
    parser.add_argument("--rows", type=Path, help="a file that gets the broken promises")
    parser.add_argument("--compare", type=Path, help="the --rows of a run with the package of 0.1")
    parser.add_argument("--report", type=Path, help="the RESULTS.md to write")
    parser.add_argument(
        "--only", nargs="+", choices=ALL, metavar="SCENARIO", help="only these scenarios"
    )
    parser.add_argument("--slice", action="store_true", help="only what the gate runs")
    parser.add_argument(
        "--deploys", type=int, help="for each scenario under load (default: 100, in the slice 3)"
    )
    parser.add_argument(
        "--rate", type=float, help="requests a second under load (default: 300, in the slice 100)"
    )
    parser.add_argument("--program", type=absolute_path, help="replaces that of the package")
    parser.add_argument("--courses", nargs="+", help="only these courses of the kill points")
    parser.add_argument("--first", action="store_true", help="end a course at its first violation")
    return parser.parse_args()


def main() -> int:
    """Run the suite."""
    options = arguments()
    options.work.mkdir(parents=True, exist_ok=True)
    isolate()
    start = time.monotonic()
    uv, place = install_uv(options.work / "uv"), options.work / "hosts"
    mount("tmpfs", "hosts", place, "mode=755")
    hosts = HostFactory(place, options.package, options.old, uv, options.work / "uv-cache")
    hosts.deploys = options.deploys or (3 if options.slice else 100)
    hosts.rate = options.rate or (100 if options.slice else 300)
    hosts.program, hosts.courses, hosts.ends_early = options.program, options.courses, options.first
    rows = run_scenarios(hosts, chosen_scenarios(options))
    if options.rows:
        add_to_file(options.rows, rows)
    seconds = time.monotonic() - start
    if options.report:
        text = markdown(head(uv, options.package, seconds), rows, rows_of_file(options.compare))
        options.report.write_text(text)
    broken = sum(len(row.broken) for row in rows)
    print(f"host: {len(rows)} scenarios, {broken} broken promises, {seconds:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    run_suite(main)
