"""Runs the commands of the runbooks on a small host, and compares what they print.

Both languages have the same commands, and describe the same situations.
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.guide.guide_session import follow_guide
from harness.guide.mentions import (
    expect_commands_exist,
    expect_links_lead_somewhere,
    mentions,
)
from harness.guide.miniature_host import make_host, run_on_host
from harness.guide.translations import Translation, headings
from harness.processes import must_run
from harness.repository import ROOT, module_command

# The test of README.md imports it from here.
__all__ = ["mentions"]

GUIDES = tuple(ROOT / f"Integrations/runbook.{language}.md" for language in ("zh-CN", "en"))
# What `uv run` runs in the guides, and uv itself.
TOOLS = ("ruff==0.17.6", "mypy==2.4.1", "pytest==9.2.0", "pytest-cov==7.1.0", "uv==0.9.9")
# What people had to do by hand before, each with the heading that covers it in every guide.
SITUATIONS = (
    ("first installation", "首次安装", "First installation"),
    ("deploy, and deploy in two steps", "日常发布", "Deploy"),
    ("list versions, see what is live", "查看状态", "Look at the status"),
    ("switch to a release", "切换版本", "Switch to a release"),
    ("roll back, also in an emergency", "回滚", "Roll back"),
    ("dependencies fail, uv.lock is corrupted", "发布失败", "A deployment failed"),
    ("uv: command not found", "找不到 uv", "uv is not found"),
    (
        "wrong Python, no compiler",
        "Python 版本与系统依赖",
        "Python version and system dependencies",
    ),
    ("the package index is slow or unreachable", "镜像源", "Package mirrors"),
    ("the health check fails, automatic rollback", "健康检查失败", "The health check failed"),
    ("start a release by hand", "手动启动版本", "Start a release by hand"),
    ("the port is taken, a stale process answers", "旧进程占着端口", "A stale process"),
    ("wrong paths in the unit", "单元路径不对", "Wrong paths in the unit"),
    ("a power cut or a dropped line", "中断后的恢复", "Recover from an interruption"),
    ("ln -sfn was used", "有人手动改过链接", "The links were moved by hand"),
    ("disk full, disk usage", "磁盘满", "The disk is full"),
    ("retention", "清理", "Prune"),
    ("two deployments at once", "锁被占用", "The store is locked"),
    ("stop deployments for a while", "冻结与解冻", "Freeze and thaw"),
    ("files of the live release were changed", "校验", "Verify"),
    ("report a problem", "诊断包", "Diagnose"),
    ("permissions and keys", "权限与密钥", "Permissions and keys"),
    ("SSH: refused, timed out, denied, host key", "CI 连不上主机", "CI cannot reach the host"),
    ("ruff, ruff format, mypy, pytest, coverage", "测试不通过", "A test fails"),
    ("routine maintenance", "日常维护", "Routine maintenance"),
    ("exit statuses", "退出状态码", "Exit statuses"),
)


def expect_all_exit_statuses(path: Path) -> None:
    """The guide lists the exit statuses that the manual lists."""
    statuses = set(re.findall(r"^\| (\d+|128\+n) \|", path.read_text(), re.MULTILINE))
    page = (ROOT / "man/releases.1").read_text()
    section = page[page.index(".Sh EXIT STATUS") : page.index(".Sh EXAMPLES")]
    known = set(re.findall(r"^\.It (\S+)$", section, re.MULTILINE))
    expect(statuses == known, f"the guide has the exit statuses {known}, not {statuses}")


def expect_all_situations() -> None:
    """Each guide has a heading for each situation, and a link in the text leads to a heading."""
    for index, path in enumerate(GUIDES, start=1):
        found = headings(path.read_text())
        for situation in SITUATIONS:
            expect(situation[index] in found, f"{path.name} covers: {situation[0]}")
        expect_links_lead_somewhere(path)
    print(f"runbook: {len(SITUATIONS)} situations are covered in both languages")


def expect_rows_of_workflows() -> None:
    """Each row of the runbook that an annotation of the workflows names is there."""
    scripts = (ROOT / "Integrations/github").glob("*.sh")
    named = {
        name for script in scripts for name in re.findall(r"\brunbook='(.+)'", script.read_text())
    }
    for path in GUIDES:
        rows = re.findall(r"^\|.*\|$", path.read_text(), re.MULTILINE)
        for name in named:
            expect(any(f"`{name}`" in row for row in rows), f"{path.name} has the row {name}")


def install_tools(directory: Path) -> Path:
    """Install the programs that `uv run` runs, if they are missing; they come from PyPI."""
    programs = directory / "bin"
    marker = directory / "tools"
    if not marker.exists() or marker.read_text() != str(TOOLS):
        must_run("/usr/bin/python3", "-m", "venv", "--clear", directory)
        must_run(programs / "pip", "install", "--quiet", *TOOLS)
        marker.write_text(str(TOOLS))
    return programs


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--write", action="store_true", help="write the output to the guides")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        follow_guide(options.inside, options.write)
        return 0
    expect_all_situations()
    expect_rows_of_workflows()
    tools = install_tools(options.work.with_name("guide-venv"))
    for path in GUIDES:
        expect_commands_exist(path, options.binary)
        expect_all_exit_statuses(path)
        status = follow_on_host(path, tools, options)
        if status:
            return status
    Translation(*GUIDES).compare()
    return 0


def follow_on_host(path: Path, tools: Path, options: argparse.Namespace) -> int:
    """Follow a guide on a host of its own, and return the exit status."""
    shutil.rmtree(options.work, ignore_errors=True)
    make_host(options.work, options.binary, tools)
    try:
        words = [options.binary, "--work", options.work, "--inside", path]
        command = module_command("harness.guide.runbook", *words)
        return run_on_host(options.work, command + ["--write"] * options.write)
    finally:
        shutil.rmtree(options.work)


if __name__ == "__main__":
    run_suite(main)
