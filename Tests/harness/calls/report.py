"""The table of system calls, answers and commands in RESULTS.md."""

from __future__ import annotations

import re
from collections import defaultdict

from harness.calls.commands import COMMANDS, Command
from harness.calls.comparison import WORKS, Outcome
from harness.calls.restrictions import Restriction, all_restrictions
from harness.reports import table

Results = dict[Restriction, dict[Command, Outcome]]
# The system's words for each answer, in which alone some rows differ.
SENTENCES = {
    "ENOSYS": "function not implemented",
    "EPERM": "operation not permitted",
    "EINVAL": "invalid argument",
}
UNPACKING = {command.name for command in COMMANDS if command.unpacks}
SUCCEEDING = {name for name in UNPACKING if "(failing)" not in name}


def commands_in_words(names: list[str]) -> str:
    """Return the names of commands, or words for a group of them."""
    if len(names) == len(COMMANDS):
        return "all"
    if set(names) == UNPACKING:
        return "all that unpack an archive"
    if set(names) == SUCCEEDING:
        return "all that unpack an archive and succeed"
    if len(names) > len(COMMANDS) / 2:
        return "all others"
    return ", ".join(f"`{name}`" for name in names)


def outcomes_in_words(
    outcomes: dict[Command, Outcome], restriction: Restriction
) -> tuple[tuple[str, str], ...]:
    """Return pairs of commands and the outcome that they share."""
    texts: dict[str, list[str]] = defaultdict(list)
    for command, outcome in outcomes.items():
        text = outcome.text.replace(SENTENCES.get(restriction.how, "…"), "…")
        text = re.sub(r"/\S*/process-\d+/store", "STORE", text)
        texts[text].append(command.name)
    return tuple((commands_in_words(names), text) for text, names in sorted(texts.items()))


def rows(results: Results) -> list[list[object]]:
    """Return the rows of the table; restrictions with the same outcomes share a row."""
    groups: dict[tuple[tuple[str, str], ...], dict[str, list[str]]] = defaultdict(dict)
    for restriction in all_restrictions():
        key = outcomes_in_words(results.get(restriction, {}), restriction)
        groups[key].setdefault(restriction.what, []).append(restriction.how)
    found: list[list[object]] = []
    for key, answers_of in groups.items():
        by_answers: dict[str, list[str]] = defaultdict(list)
        for what, answers in answers_of.items():
            by_answers[", ".join(answers)].append(what)
        for words, names in by_answers.items():
            found += [[", ".join(names), words, commands, text] for commands, text in key]
    return found


def report(results: Results, trials: int, violations: int) -> str:
    """Return the text of RESULTS.md."""
    names = ", ".join(f"`{command.name}`" for command in COMMANDS)
    lines = [
        "# Missing system calls",
        "",
        "`make calls` writes this page. It makes each of these system calls fail with an error, or"
        " restricts the machine in another way, and runs every command.",
        f"`{WORKS}`: the exit status is the same, the store is the same down to modes and links,"
        " and nothing else is left.",
        "",
        f"- {trials} trials, {violations} violations",
        f"- {len(COMMANDS)} commands: {names}",
        "",
        *table(["what is missing or restricted", "how", "commands", "outcome"], rows(results)),
    ]
    return "\n".join(lines).rstrip() + "\n"
