"""Compares jobs that others do over SSH: a deployment by shell, a rollback by Capistrano."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from harness.benchmarks.comparison import Comparison
from harness.benchmarks.sample_trees import describe, pack
from harness.benchmarks.workbench import Workbench, shell
from harness.ssh_server import SSHServer

if TYPE_CHECKING:
    from types import TracebackType

CAPFILE = """\
require "capistrano/setup"
require "capistrano/deploy"
require "capistrano/scm/plugin"
class Nothing < Capistrano::SCM::Plugin
end
install_plugin Nothing
"""
RECIPE = """\
set :application, "app"
set :deploy_to, "{place}"
server "127.0.0.1", user: "{user}", roles: %w[app], ssh_options: {{
  port: {port}, keys: ["{ssh}/user"], keys_only: true, config: false,
  user_known_hosts_file: "{ssh}/known_hosts", verify_host_key: :always }}
"""
# Capistrano names releases like this.
NAMES = ["20250101000000", "20250102000000"]


class RemoteHost:
    """This machine behind a real sshd, with the stores of the workbench."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.ssh = bench.work / "ssh"
        shutil.rmtree(self.ssh, ignore_errors=True)
        self.server = SSHServer(self.ssh)

    def __enter__(self) -> RemoteHost:
        """Start sshd."""
        self.server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop sshd."""
        self.server.__exit__(kind, error, trace)
        shutil.rmtree(self.ssh)

    def run(self, line: str, archive: Path | None = None) -> None:
        """Run a line of shell over SSH, with an archive on standard input."""
        quiet = subprocess.DEVNULL
        with open(archive or os.devnull, "rb") as data:
            command = self.server.client(line)
            subprocess.run(command, stdin=data, check=True, stdout=quiet, stderr=quiet)

    def deploying(self, tree: Path) -> Comparison:
        """Compare a deployment with one by shell commands."""
        archive, place = pack(tree, "tar.gz"), self.bench.path("ssh-by-hand")
        self.bench.store("ssh", archive, [])
        (place / "releases").mkdir(parents=True)
        number = iter(range(1, 10_000))

        def ours() -> None:
            line = self.bench.command_line("ssh", "deploy", "-", "--id", str(next(number)))
            self.run(line, archive)

        def by_hand() -> None:
            new = next(number)
            self.run(
                f"cd {place} && mkdir releases/{new} && tar -xz -C releases/{new} && "
                f"ln -sfn releases/{new} current",
                archive,
            )

        return Comparison(
            f"deploy over SSH, {describe(tree)}",
            {
                "releases deploy": ours,
                "mkdir, tar, ln": by_hand,
            },
            self.bench.disk.flush,
            {"mkdir, tar, ln": 1.0},
        )

    def rolling_back(self, tree: Path, over_ssh: bool = False) -> Comparison:
        """Compare a rollback with one by Capistrano, which runs on this machine too."""
        archive = pack(tree, "tar.gz")
        place, project = self.bench.path("capistrano"), self.bench.work / "capistrano"
        shutil.rmtree(project, ignore_errors=True)
        (project / "config/deploy").mkdir(parents=True)
        (project / "Capfile").write_text(CAPFILE)
        (project / "config/deploy.rb").write_text('lock "~> 3.17"\n')
        (project / "config/deploy/production.rb").write_text(
            RECIPE.format(place=place, user=getpass.getuser(), port=self.server.port, ssh=self.ssh)
        )
        self.bench.store("back", archive, ["1", "2"])
        self.bench.run("back", "activate", "1")

        def prepare() -> None:
            self.bench.run("back", "mark", "2", "good", "--reason", "again")
            self.bench.run("back", "activate", "2")
            for name in NAMES:
                release = place / "releases" / name
                shutil.rmtree(release, ignore_errors=True)
                release.mkdir(parents=True)
                subprocess.run(["tar", "-xf", archive, "-C", release], check=True)
            subprocess.run(["ln", "-sfn", f"releases/{NAMES[-1]}", f"{place}/current"], check=True)
            self.bench.disk.flush()

        line = self.bench.command_line("back", "rollback")
        ours = (lambda: self.run(line)) if over_ssh else shell(line, Path("/"))
        return Comparison(
            f"rollback{' over SSH' if over_ssh else ''}",
            {
                "releases rollback": ours,
                "cap deploy:rollback": shell("cap production deploy:rollback", project),
            },
            prepare,
            {"cap deploy:rollback": 0.25 if over_ssh else 0.02},
        )
