"""Makes stores with Capistrano and Deployer, for the test of the migration guide.

Capistrano comes from Debian. Deployer is one file, deployer.phar, which is in the tags v7 of its
repository. It needs PHP with the extension curl. The stores are archives in Fixtures/stores, so
that the test needs neither tool.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from pathlib import Path

from harness.command_line import run_suite, suite_parser
from harness.guide.miniature_host import make_host, run_on_host
from harness.processes import must_run
from harness.repository import ROOT, module_command

ARCHIVES = ROOT / "Fixtures/stores"
SOURCE = Path("/opt/source")
CAPFILE = """\
require "capistrano/setup"
require "capistrano/deploy"
require "capistrano/scm/git"
install_plugin Capistrano::SCM::Git
"""
CAPISTRANO_RECIPE = f"""\
set :application, "shop"
set :repo_url, "{SOURCE}"
set :branch, "main"
set :deploy_to, "/opt/shop"
set :keep_releases, 5
append :linked_files, "config/database.yml"
append :linked_dirs, "log"
"""
DEPLOYER_RECIPE = f"""\
<?php
namespace Deployer;
require 'recipe/common.php';
set('repository', '{SOURCE}');
set('keep_releases', 5);
set('shared_dirs', ['log']);
set('shared_files', ['config/database.yml']);
set('writable_dirs', []);
localhost()->set('deploy_path', '/opt/blog');
task('deploy', ['deploy:prepare', 'deploy:publish']);
"""


def commit(version: int) -> None:
    """Commit a version of the application."""
    (SOURCE / "VERSION").write_text(f"1.{version}\n")
    must_run("git", "-C", SOURCE, "add", "-A")
    must_run("git", "-C", SOURCE, "commit", "--quiet", "-m", f"Version 1.{version}")


def deploy_versions(directory: Path, *command: str | Path) -> None:
    """Deploy three versions."""
    for version in (1, 2, 3):
        commit(version)
        must_run(*command, directory=directory)
        # Capistrano names releases by the second.
        time.sleep(1.1)


def make_source() -> None:
    """Make the repository of the application."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    (SOURCE / "config").mkdir(parents=True)
    (SOURCE / "config/routes.rb").write_text("routes\n")
    must_run("git", "init", "--quiet", "-b", "main", SOURCE)


def make_capistrano_store(project: Path) -> None:
    """Deploy with Capistrano."""
    make_source()
    (project / "config/deploy").mkdir(parents=True)
    (project / "Capfile").write_text(CAPFILE)
    (project / "config/deploy.rb").write_text(CAPISTRANO_RECIPE)
    (project / "config/deploy/production.rb").write_text("server :local, roles: %w[app]\n")
    shared = Path("/opt/shop/shared/config")
    shared.mkdir(parents=True)
    (shared / "database.yml").write_text("adapter: postgresql\n")
    deploy_versions(project, "cap", "production", "deploy")


def make_deployer_store(project: Path, phar: Path) -> None:
    """Deploy with Deployer, and roll back."""
    make_source()
    project.mkdir()
    (project / "deploy.php").write_text(DEPLOYER_RECIPE)
    deploy_versions(project, "php", phar, "deploy", "-n")
    must_run("php", phar, "rollback", "-n", directory=project)


def pack(name: str, store: str) -> None:
    """Write the archive of a store, without the clone of the repository."""
    words = ["--owner=root", "--group=root", "--sort=name", "--exclude=repo/*", "-cJf"]
    must_run("tar", *words, ARCHIVES / f"{name}.tar.xz", "-C", "/opt", store)
    print(f"{name}: {must_run('tar', '-tf', ARCHIVES / f'{name}.tar.xz').count(chr(10))} names")


def main() -> int:
    """Make the archives."""
    parser = suite_parser(__doc__)
    parser.add_argument("deployer", type=lambda text: Path(text).resolve(), help="deployer.phar")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        # Deployer records who deploys.
        settings = options.work / "gitconfig"
        settings.write_text("[user]\nname = Ann\nemail = ann@example.org\n")
        os.environ["GIT_CONFIG_GLOBAL"] = str(settings)
        make_capistrano_store(options.work / "capistrano")
        pack("capistrano-3.17", "shop")
        make_deployer_store(options.work / "deployer", options.deployer)
        pack("deployer-7.5", "blog")
        return 0
    shutil.rmtree(options.work, ignore_errors=True)
    make_host(options.work, options.binary, options.work)
    words = [options.binary, options.deployer, "--work", options.work, "--inside"]
    try:
        return run_on_host(options.work, module_command("harness.guide.foreign_stores", *words))
    finally:
        shutil.rmtree(options.work)


if __name__ == "__main__":
    run_suite(main)
