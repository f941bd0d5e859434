"""Runs every example of releases(1) and releases-security(7), each on a fresh copy of a store."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from pathlib import Path

from harness import processes
from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.guide.manual_page import unescaped
from harness.guide.miniature_host import make_host, run_on_host
from harness.processes import must_run
from harness.repository import ROOT, module_command

PAGE = ROOT / "man/releases.1"
SECURITY_PAGE = ROOT / "man/releases-security.7"
STORE, ORIGINAL, HOME = Path("/opt/diting"), Path("/opt/original"), Path("/opt/home")
CONFIGURATION = """
keep: {count: 9}
hooks: {prepare: {run: test ! -e /opt/fails}, activate: {run: "true"}}
health: {command: test ! -e sick, timeout: 30s}
"""
# Makes releases of these names, of which the last one is live, and archives beside the store.
MAKE_STORE = """
set -e
mkdir -p /opt/diting /opt/home/.zfunc /opt/www /opt/home/tree && cd /opt/home
pack() { echo "$1" >tree/VERSION; touch "tree/$2"; tar -czf "$3" -C tree .; rm "tree/$2"; }
pack 1 sick sick.tar.gz
pack 1 other app.tar.gz
releases init
printf '%s' "$CONFIGURATION" >/opt/diting/releases.yaml
deploy() { pack "$1" other app.tar.gz; releases deploy app.tar.gz --id "$1" --ref "$2" $3; }
deploy 1761974885 v1.4.0
deploy 1762061285 v1.4.1
deploy 1762147685 v1.4.2
deploy 1762150000 v1.4.3 '--request 4711-1'
mv /opt/diting /opt/original
"""
# What the situation needs in which an example is typed, by its first words.
PREPARATIONS = {
    "releases prepare": """
        releases remove 1762147685 --force; touch /opt/fails
        releases unpack app.tar.gz --id 1762147685; rm /opt/fails""",
    "releases abort": """
        setsid releases deploy sick.tar.gz --id slow >/dev/null 2>&1 </dev/null &
        until releases status --json | grep -q '"confirmation":{'; do
          sleep 0.05
        done""",
    "releases init --adopt": "mkdir releases/spring-release; touch releases/spring-release/x",
    "releases init --store": "rm -rf /opt/diting/* /opt/diting/.releases",
    "releases unpack app.tar.gz --signature": """
        rm -f key*; ssh-keygen -q -t ed25519 -N '' -f key; echo "ci $(cat key.pub)" >allowed_signers
        ssh-keygen -q -Y sign -n release -f key app.tar.gz
        chmod go-w allowed_signers
        echo 'trust: {allowed-signers: /opt/home/allowed_signers}' >>/opt/diting/releases.yaml""",
    "releases logs": "releases activate 1762147685",
}
STATUSES = {"timeout 1 releases status --watch": 124}


def blocks(page: str) -> list[list[str]]:
    """Return the literal blocks of the page, as lines."""
    found = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", page, re.MULTILINE | re.DOTALL)
    return [unescaped(block).splitlines() for block in found]


def adapted(line: str) -> str:
    """Return the line for the small host, whose user is root and whose files are all in /opt."""
    size = (HOME / "app.tar.gz").stat().st_size
    for old, new in (
        ("-o deploy -g deploy ", ""),
        ("48211934", str(size)),
        ("/var/www/html", "/opt/www"),
        ("releases status --watch", "timeout 1 releases status --watch"),
        ("| source", "| cat"),
    ):
        line = line.replace(old, new)
    return line


def try_line(line: str) -> None:
    """Run an example on a fresh copy of the store."""
    must_run("rm", "-rf", STORE, HOME / "report.tar.gz", HOME / "app.tar.gz.sig")
    must_run("cp", "-a", ORIGINAL, STORE)
    environment = {
        **processes.MINIMAL_ENVIRONMENT,
        "HOME": str(HOME),
        "USER": "deploy",
        "RELEASES_TEXTFILE_DIRECTORY": "/opt/www",
        "SSH_ORIGINAL_COMMAND": "releases list",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    }
    prepared = [text for words, text in PREPARATIONS.items() if line.startswith(words)]
    for text in prepared:
        shell = ["bash", "-c", text.replace("releases/spring", f"{STORE}/releases/spring")]
        subprocess.run(shell, cwd=HOME, env=environment, capture_output=True, check=False)
    typed = adapted(line)
    run = processes.run(["bash", "-c", typed], directory=HOME, environment=environment, timeout=60)
    expected = STATUSES.get(typed, 0)
    expect(run.status == expected, f"the example succeeds: {typed}: {run}")


def try_configuration(lines: list[str]) -> None:
    """The example of a configuration is valid."""
    must_run("rm", "-rf", STORE)
    must_run("cp", "-a", ORIGINAL, STORE)
    (STORE / "releases.yaml").write_text("\n".join(lines) + "\n")
    must_run("releases", "prune", "--dry-run")


def try_page() -> None:
    """Run all examples."""
    environment = {**processes.MINIMAL_ENVIRONMENT, "CONFIGURATION": CONFIGURATION}
    environment["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    must_run("bash", "-c", MAKE_STORE, environment=environment)
    tried: set[str] = set()
    for block in blocks(PAGE.read_text()):
        if re.match(r"[a-z]+:( |$)", block[0]):
            try_configuration(block)
            continue
        for line in block:
            if line not in tried:
                try_line(line)
            tried.add(line)
    for line in re.findall(r"^\.Dl (releases .*)$", SECURITY_PAGE.read_text(), re.MULTILINE):
        try_line(unescaped(line))
    expect(len(tried) > 50, f"the page has examples: {len(tried)}")
    print(f"releases(1): {len(tried)} examples work")


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        try_page()
        return 0
    shutil.rmtree(options.work, ignore_errors=True)
    make_host(options.work, options.binary, options.work)
    try:
        words = [options.binary, "--work", options.work, "--inside"]
        return run_on_host(options.work, module_command("harness.guide.manual_examples", *words))
    finally:
        shutil.rmtree(options.work)


if __name__ == "__main__":
    run_suite(main)
