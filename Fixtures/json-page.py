#!/usr/bin/env python3
"""Writes releases-json(7) from the JSON Schemas of man/schemas.

usage: json-page.py man/schemas COOKBOOK >man/releases-json.7

Every member of every document comes from its schema. COOKBOOK holds the text between the references
in mdoc(7): the beginning of the page, and the sections that follow the commands.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
# The parts with sections of their own; the others are described where they are used.
PARTS = (
    "release", "finding", "error", "operation", "step", "change", "transaction", "confirmation",
    "freeze", "health", "service", "instance", "liveLink", "signer", "links", "remains", "text",
    "failure",
)  # fmt: skip
SIMPLE = {"id": "release ID", "time": "time"}
CODES = {"errorCode": "ERROR CODES", "findingCode": "FINDING CODES"}


def escaped(text: str) -> str:
    """Return text for mdoc(7), with each sentence on a line of its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"(?<=[.:;]) (?=[A-Z])", "\n", text)
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def reference(schema: Schema) -> str | None:
    """Return the name of the part that a schema refers to."""
    return schema["$ref"].split("/")[-1] if "$ref" in schema else None


def choices(schema: Schema) -> tuple[list[Schema], bool]:
    """Return the schemas of which one holds, and whether the value may be null."""
    found = schema.get("anyOf", [schema])
    return [each for each in found if each.get("type") != "null"], len(found) > 1 and any(
        each.get("type") == "null" for each in found
    )


def type_name(schema: Schema) -> str:
    """Return the type of a value in words."""
    name = reference(schema)
    if name:
        kind = "list of objects" if "items" in COMMON[name] else "object"
        return SIMPLE.get(name) or ("code" if name in CODES else f"{kind}: {name}")
    several, may_be_null = choices(schema)
    if "anyOf" in schema:
        names = " or ".join(dict.fromkeys(type_name(each) for each in several))
        return names + (" or null" if may_be_null else "")
    if "const" in schema:
        return f"always {json.dumps(schema['const'])}"
    if "enum" in schema:
        return "string or null" if None in schema["enum"] else "string"
    types = schema.get("type", "any")
    types = types if isinstance(types, list) else [types]
    if types == ["array"]:
        return "list of " + plural(schema["items"])
    words = [word for word in types if word != "null"]
    return " or ".join(words + ["null"] * ("null" in types))


def plural(schema: Schema) -> str:
    """Return the type of the items of a list in words."""
    name = reference(schema)
    if name:
        return f"{SIMPLE[name]}s" if name in SIMPLE else f"objects: {name}"
    return f"{type_name(schema)}s"


def values_of(schema: Schema) -> list[str]:
    """Return the words that a value may be."""
    for each in choices(schema)[0]:
        if "enum" in each:
            return [str(value) for value in each["enum"] if value is not None]
    return []


def members(schema: Schema) -> list[str]:
    """Return the list of the members of an object."""
    required = schema.get("required", [])
    lines = [".Bl -tag -width Ds -compact"]
    for name, member in schema["properties"].items():
        optional = "" if name in required else ", may be absent"
        lines += [f".It Cm {name}", f"({escaped(type_name(member))}{optional})"]
        lines += escaped(description(member)).split("\n")
        words = values_of(member)
        if words:
            lines += ["One of", ".Li " + " , ".join(words) + " ."]
        lines += inner(member)
    return [*lines, ".El"]


def inner(member: Schema) -> list[str]:
    """Return the members of the objects that a member holds, unless they have a section."""
    found = []
    for each in choices(member)[0]:
        holder = each.get("items", each)
        if "properties" in holder:
            found += members(holder)
    return found


def description(member: Schema) -> str:
    """Return what a member means; without words of its own, what the part that it refers to is."""
    if "description" in member:
        return str(member["description"])
    return str(COMMON[reference(member) or ""]["description"])


def document(name: str, schema: Schema) -> list[str]:
    """Return the section of a command."""
    title = f"releases {name}" if name != "version" else "releases \\-\\-version"
    lines = [f".Ss {title}", *escaped(schema["description"]).split("\n")]
    forms = [each for each in schema["anyOf"] if reference(each) != "failure"]
    for index, form in enumerate(forms):
        part = reference(form)
        is_dry_run = form.get("properties", {}).get("dryRun", {}).get("const") is True
        lead = "With \\-\\-dry\\-run, the" if is_dry_run else "The" if index == 0 else "Or the"
        if part:
            lines += [f"{lead} document is the object", f".Cm {part} ."]
        else:
            lines += [f"{lead} document has these members:", *members(form)]
    return lines


def codes(name: str) -> list[str]:
    """Return the section with the values of a kind of codes."""
    schema = COMMON[name]
    lines = [f".Sh {CODES[name]}"]
    if "exitStatuses" in schema:
        lines += ["The number is the exit status."]
    if "advice" in schema:
        lines += ["The text of", ".Cm status", "has the code in brackets after the message."]
        lines += ["Follow the hint, which has the real names; what to do in general is below."]
    lines += [".Bl -tag -width Ds -compact"]
    for code in schema["enum"]:
        status = schema.get("exitStatuses", {}).get(code)
        lines += [f".It Li {code}" + (f" Pq {status}" if status is not None else "")]
        lines += escaped(schema["meanings"][code]).split("\n")
        if "advice" in schema:
            lines += [".Em What to do :", *escaped(schema["advice"][code]).split("\n")]
    return [*lines, ".El"]


def page(folder: Path, text: str) -> str:
    """Return the whole page."""
    beginning, end = text.split('.\\" The reference is here.\n')
    schemas = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    lines = [".Sh DOCUMENTS", "Each command prints the document below, or"]
    lines += [".Cm failure", "if it fails and has no report of its own."]
    texts = [name for name, schema in schemas.items() if is_text(schema)]
    for name, schema in schemas.items():
        if name != "common" and name not in texts:
            lines += document(name, schema)
    lines += [".Ss Commands that print text"]
    lines += ["The document of", ".Cm " + " , ".join(texts), "is the object", ".Cm text ."]
    lines += [".Sh OBJECTS", "These objects are parts of several documents."]
    for part in PARTS:
        holder = COMMON[part].get("items", COMMON[part])
        lines += [f".Ss {part}", *escaped(COMMON[part]["description"]).split("\n")]
        lines += members(holder)
    for name in CODES:
        lines += codes(name)
    return beginning + "\n".join(lines) + "\n" + end


def is_text(schema: Schema) -> bool:
    """Whether a command prints nothing but text."""
    return [reference(each) for each in schema.get("anyOf", [])] == ["text", "failure"]


if __name__ == "__main__":
    SCHEMAS = Path(sys.argv[1])
    COMMON: dict[str, Schema] = json.loads((SCHEMAS / "common.json").read_text())["$defs"]
    unknown = set(COMMON) - set(PARTS) - set(SIMPLE) - set(CODES)
    if unknown:
        sys.exit(f"json-page.py: no section for {sorted(unknown)} of common.json")
    sys.stdout.write(page(SCHEMAS, Path(sys.argv[2]).read_text()))
