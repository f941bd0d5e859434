"""Runs the commands of the guides in man/guides on a small host, and compares what they print."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.guide.guide_session import follow_guide
from harness.guide.mentions import expect_commands_exist, expect_links_lead_somewhere
from harness.guide.miniature_host import make_host, run_on_host
from harness.repository import ROOT, module_command

GUIDES = sorted((ROOT / "man/guides").glob("*.md"))


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--write", action="store_true", help="write the output to the guides")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        follow_guide(options.inside, options.write)
        return 0
    for path in GUIDES:
        expect_commands_exist(path, options.binary)
        expect_links_lead_somewhere(path)
        # A guide without a session is for a booted host, like that to instances: see harness.host.
        if "```console" not in path.read_text():
            continue
        shutil.rmtree(options.work, ignore_errors=True)
        make_host(options.work, options.binary, options.work)
        words = [options.binary, "--work", options.work, "--inside", path]
        command = module_command("harness.guide.guides", *words) + ["--write"] * options.write
        status = run_on_host(options.work, command)
        expect(status == 0, f"{path.name} can be followed")
    shutil.rmtree(options.work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    run_suite(main)
