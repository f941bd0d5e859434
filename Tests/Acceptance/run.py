"""Deploys a real application to an imitated host in all the ways the runbook knows of.

Writes what happened to --report, and fails when something was not as promised.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

from application import Application
from failing_versions import failing_versions
from good_deploys import good_deploys
from hands import hands
from host import Host
from hundred_deploys import hundred_deploys
from killed_ssh import killed_ssh
from power_loss import power_loss
from processes import beneath, kill
from report import Report
from rollback_time import rollback_time

Scenario = Callable[[Host, Application, Report], None]
SCENARIOS: dict[str, Scenario] = {
    "good": good_deploys,
    "failing": failing_versions,
    "ssh": killed_ssh,
    "power": power_loss,
    "hundred": hundred_deploys,
    "time": rollback_time,
    "hands": hands,
}


def install_uv(directory: Path) -> Path:
    """The real uv, from PyPI, in a virtual environment of its own."""
    venv.create(directory, with_pip=True)
    subprocess.run([directory / "bin/pip", "install", "--quiet", "uv"], check=True)
    return directory / "bin/uv"


def first_line(*command: str | Path) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    return (result.stdout + result.stderr).splitlines()[0]


def head(host: Host, seconds: float) -> list[str]:
    versions = [
        first_line(host.binary, "--version"), first_line(host.uv, "--version"),
        first_line("python3", "--version"), first_line("ssh", "-V"),
        f"Linux {platform.release().split('-')[0]}, {os.cpu_count()} processors "
        f"under a load of {os.getloadavg()[0]:.1f}",
    ]
    return [
        "# The acceptance run", "",
        "Written by `make acceptance`: a store, a service and an SSH server on one machine, with a "
        "real `uvicorn` from a real `uv sync`. `WORK` stands for the directory it ran in.", "",
        f"{'; '.join(versions)}. {seconds:.0f} s in all.",
    ]


def run(binary: Path, work: Path, names: list[str], report: Report) -> list[str]:
    start = time.monotonic()
    uv, cache = install_uv(work / "uv"), work / "uv-cache"
    application = Application(work / "application", uv, cache)
    host = Host(work, binary, uv, cache)
    for name in names:
        print(f"acceptance: {name}", file=sys.stderr, flush=True)
        SCENARIOS[name](host, application, report)
    return head(host, time.monotonic() - start)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="where the host is imitated")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="host-", dir=options.work.resolve()))
    # The store's parents must be for nobody else to write.
    work.chmod(0o755)
    report = Report(work)
    try:
        text = report.text(run(options.binary.resolve(), work, options.only, report))
    finally:
        kill(beneath(work))
        shutil.rmtree(work, ignore_errors=True)
    print(text)
    if options.report:
        options.report.write_text(text)
    return 1 if report.broken else 0


sys.exit(main())
