"""Evaluates the expressions of GitHub workflows, as GitHub's documentation describes them.

It knows what workflows use: values of contexts, the operators, and some functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable

TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)|(?P<sign>==|!=|&&|\|\||[!(),]))"
)
INTERPOLATION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
CONSTANTS = {"true": True, "false": False, "null": None}


def as_text(value: Any) -> str:
    """Return a value as it appears in a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_equal(left: Any, right: Any) -> bool:
    """Return whether two values are equal; texts are compared without case."""
    return as_text(left).lower() == as_text(right).lower()


@dataclass
class Context:
    """What expressions can name: values by their whole name, and the status of the job so far."""

    values: dict[str, Any]
    # "success", "failure" or "cancelled".
    status: str = "success"
    # Names of contexts, such as `vars`, of which a missing value is empty, not a mistake.
    open: tuple[str, ...] = ("secrets", "vars", "steps", "inputs")
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Define the functions."""
        self.functions = {
            "success": lambda: self.status == "success",
            "failure": lambda: self.status == "failure",
            "cancelled": lambda: self.status == "cancelled",
            "always": lambda: True,
            "format": lambda text, *words: text.format(*words),
        }

    def value(self, name: str) -> Any:
        """Return the value of a name; raises KeyError for one that GitHub does not know."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name.partition(".")[0] in self.open:
            return self.values.get(name)
        return self.values[name]

    def evaluate(self, text: str) -> Any:
        """Return the value of an expression."""
        return Parser(self, text).whole()

    def interpolate(self, text: str) -> Any:
        """Return a text with the values of its expressions; one expression alone keeps its type."""
        alone = INTERPOLATION.fullmatch(text.strip())
        if alone and "${{" not in alone[1]:
            return self.evaluate(alone[1])
        return INTERPOLATION.sub(lambda match: as_text(self.evaluate(match[1])), text)

    def holds(self, condition: str | None) -> bool:
        """Return whether a step runs under its condition."""
        text = INTERPOLATION.sub(r"\1", condition or "success()")
        asks_for_status = re.search(r"\b(success|failure|cancelled|always)\(\)", text)
        return (self.status == "success" or bool(asks_for_status)) and bool(self.evaluate(text))


class Parser:
    """Evaluates an expression while it reads it."""

    def __init__(self, context: Context, text: str) -> None:
        """Split the text into its words."""
        self.context, self.words = context, []
        position, text = 0, text.strip()
        while position < len(text):
            match = TOKEN.match(text, position)
            if match is None:
                raise ValueError(f"not an expression: {text[position:]!r} in {text!r}")
            self.words.append((str(match.lastgroup), match[str(match.lastgroup)]))
            position = match.end()

    def next_is(self, *signs: str) -> bool:
        """Return whether the next word is one of these signs."""
        return bool(self.words) and self.words[0][0] == "sign" and self.words[0][1] in signs

    def take(self) -> tuple[str, str]:
        """Return the next word, and go past it."""
        return self.words.pop(0)

    def whole(self) -> Any:
        """Return the value of all words."""
        value = self.either()
        if self.words:
            raise ValueError(f"not expected in an expression: {self.words}")
        return value

    def either(self) -> Any:
        """Return the value of words with ||."""
        value = self.both()
        while self.next_is("||"):
            self.take()
            other = self.both()
            value = value or other
        return value

    def both(self) -> Any:
        """Return the value of words with &&."""
        value = self.comparison()
        while self.next_is("&&"):
            self.take()
            other = self.comparison()
            value = value and other
        return value

    def comparison(self) -> Any:
        """Return the value of words with == or !=."""
        value = self.single()
        while self.next_is("==", "!="):
            _, sign = self.take()
            value = is_equal(value, self.single()) == (sign == "==")
        return value

    def single(self) -> Any:
        """Return the value of one operand."""
        kind, word = self.take()
        if word == "!" and kind == "sign":
            return not self.single()
        if word == "(" and kind == "sign":
            value = self.either()
            self.take()
            return value
        if kind == "string":
            return word[1:-1].replace("''", "'")
        if kind == "number":
            return float(word) if "." in word else int(word)
        return self.call(word) if self.next_is("(") else self.context.value(word)

    def call(self, name: str) -> Any:
        """Return the value of a function."""
        self.take()
        words = []
        while not self.next_is(")"):
            words.append(self.either())
            if self.next_is(","):
                self.take()
        self.take()
        return self.context.functions[name](*words)
