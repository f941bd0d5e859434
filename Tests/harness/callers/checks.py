"""Tests test.yml: each check is a step, and the one that fails is seen.

It takes uv, ruff, mypy, pytest and coverage from PyPI, and keeps them for the next run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from typing import TYPE_CHECKING

from harness.assertions import expect
from harness.callers.workflow_runner import Runner
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION = ROOT / "Fixtures/application"
PROJECT = """\
[project]
name = "application"
version = "1.0"
requires-python = ">=3.11"

[dependency-groups]
dev = ["mypy", "pytest", "pytest-cov", "ruff"]

[tool.pytest.ini_options]
pythonpath = ["src"]
"""
TESTS = """\
\"\"\"Tests the service over HTTP.\"\"\"

import json
import threading
import urllib.error
import urllib.request
from http.server import HTTPServer

import app


def answer(path: str) -> tuple[int, bytes]:
    \"\"\"Return what the service answers to one request.\"\"\"
    server = HTTPServer(("127.0.0.1", 0), app.Handler)
    threading.Thread(target=server.handle_request).start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{path}") as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def test_health() -> None:
    \"\"\"The service says that it is healthy.\"\"\"
    status, body = answer("/health")
    assert (status, json.loads(body)["status"]) == (200, "healthy")


def test_another_path() -> None:
    \"\"\"Another path is not found.\"\"\"
    assert answer("/")[0] == 404
"""
# A program that test.yml takes from the runner: it installs uv, which is there already.
PIPX = """\
#!/bin/sh
test "$*" = 'install uv' && ln -sf {uv} {tools}/uv
"""
# Variables of this machine that downloads may need.
OF_DOWNLOADS = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "UV_DEFAULT_INDEX")
STEPS = ["Install", "Ruff check", "Ruff format", "Mypy", "Pytest", "Coverage"]
# What a commit changes in a file, and the step that fails.
MISTAKES = (
    ("Ruff check", "src/app.py", "import json\n", "import json\nimport re\n"),
    ("Ruff format", "src/app.py", "RELEASE = pathlib", "RELEASE   =   pathlib"),
    ("Mypy", "src/app.py", "VERSION = (", "VERSION: int = ("),
    ("Pytest", "tests/test_app.py", "== 404", "== 200"),
)
# A function that no test calls.
UNTESTED = (
    "\n\ndef more() -> int:\n" + "".join(f"    _{i} = {i}\n" for i in range(20)) + "    return 1\n"
)


def install_uv(directory: Path) -> Path:
    """Install the real uv from PyPI, unless it is there already."""
    uv = directory / "bin/uv"
    if not uv.exists():
        venv.create(directory, with_pip=True)
        subprocess.run([directory / "bin/pip", "install", "--quiet", "uv"], check=True)
    return uv


def make_project(runner: Runner, uv: Path, cache: Path) -> dict[str, str]:
    """Commit the application as a project that uv manages, and return the files that change."""
    files = {"src/app.py": (APPLICATION / "app.py").read_text(), "tests/test_app.py": TESTS}
    for folder in ("src", "tests"):
        (runner.checkout / folder).mkdir()
    shutil.copy(APPLICATION / "VERSION", runner.checkout / "src")
    (runner.checkout / "pyproject.toml").write_text(PROJECT)
    place = str(runner.checkout)
    lock = [str(uv), "lock", "--quiet", "--project", place, "--python", "/usr/bin/python3"]
    subprocess.run(lock, check=True, env={**os.environ, "UV_CACHE_DIR": str(cache)})
    runner.commit({".gitignore": ".venv/\n", **files})
    return files


def failed_steps(runner: Runner) -> list[str]:
    """Run the workflow, and return the names of the steps that fail."""
    job = runner.run_job("test", "test")
    runner.show(*(f"{name}: {step.log}" for name, step in job.steps.items()))
    return [name for name, step in job.steps.items() if step.status != 0]


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__, has_binary=False)
    parser.add_argument("--kept", type=str, default=".build/checks", help="where downloads stay")
    parser.add_argument("--show", action="store_true", help="print the logs")
    options = parser.parse_args()
    kept = ROOT / options.kept
    uv, cache = install_uv(kept / "uv"), kept / "cache"
    with empty_directory(options.work) as work:
        runner = Runner(work, {}, shows=options.show)
        tools = work / "tools"
        (tools / "pipx").write_text(PIPX.format(uv=uv, tools=tools))
        (tools / "pipx").chmod(0o755)
        runner.variables |= {"UV_CACHE_DIR": str(cache), "UV_PYTHON_DOWNLOADS": "never"}
        runner.variables |= {key: os.environ[key] for key in OF_DOWNLOADS if key in os.environ}
        # The application's Python is this machine's own.
        runner.overrides["UV_PYTHON"] = "/usr/bin/python3"
        files = make_project(runner, uv, cache)
        job = runner.run_job("test", "test")
        expect(list(job.steps) == STEPS, f"every check is a step: {job}")
        expect(job.context.status == "success", f"the application passes: {job}")
        expect(
            "100%" in job.steps["Coverage"].log or "TOTAL" in job.steps["Coverage"].log,
            f"the coverage is shown: {job}",
        )
        for name, file, old, new in MISTAKES:
            expect(old in files[file], f"{file} has {old!r}")
            runner.commit({file: files[file].replace(old, new)})
            expect(failed_steps(runner) == [name], f"{name} fails alone")
            runner.commit({file: files[file]})
        runner.commit({"src/app.py": files["src/app.py"] + UNTESTED})
        expect(failed_steps(runner) == ["Coverage"], "the coverage fails alone")
        runner.commit(
            {
                "src/app.py": files["src/app.py"].replace(
                    "import json\n", "import json\nimport re\n"
                ),
                "tests/test_app.py": TESTS.replace("== 404", "== 200"),
            }
        )
        expect(failed_steps(runner) == ["Ruff check", "Pytest"], "two mistakes are seen in one run")
    print("checks: test.yml names the check that fails")
    return 0


if __name__ == "__main__":
    run_suite(main)
