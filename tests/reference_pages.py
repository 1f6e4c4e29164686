"""Writes the generated pages of docs/: ``make docs``.  ``tests/test_docs.py`` says when they are stale."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

from esms_sdk.cli import program
from esms_sdk.cli.french import Flag

ROOT = Path(__file__).resolve().parent.parent
_MADE = "<!-- Page écrite par `make docs` : ne pas la modifier à la main. -->"


def sources() -> str:
    """Return docs/sources.md: the official texts, read or not."""
    texts = tomllib.loads((ROOT / "conformance" / "SOURCES.toml").read_text(encoding="utf-8"))["source"]
    lines = [
        "# Textes officiels",
        _MADE,
        "Ce qui a été lu, ce qui ne l'a pas été, et les règles qui en dépendent. Une règle tirée d'un texte non lu "
        "repose sur ce que d'autres en citent.",
    ]
    for read, title in ((True, "Lus"), (False, "Non lus, connus par citation")):
        lines.append(f"## {title}")
        lines += [_source(text) for text in texts if text["lu"] is read]
    return "\n\n".join(lines) + "\n"


def _source(text: dict[str, object]) -> str:
    rules = ", ".join(f"`{rule}`" for rule in text["regles"]) or "aucune"
    return (
        f"**{text['titre']}** ({text['version']}) · `{text['id']}`  \n"
        f"Confiance : {text['confiance']}. Règles : {rules}.  \n{text['note']}"
    )


def commands() -> str:
    """Return docs/reference/cli.md: every command, as its parser has it."""
    lines = [
        "# Commandes",
        _MADE,
        "`esms COMMANDE --help` dit la même chose. `python -m esms_sdk` est le même programme.",
    ]
    for name in program.COMMANDS:
        lines += _command(name)
    return "\n\n".join(lines) + "\n"


def _command(name: str) -> Iterator[str]:
    command = program.load(name)
    parser = program.command_parser(name, command)
    yield f"## esms {name}"
    yield command.DESCRIPTION.replace("\n", " ")
    yield f"```\n{command.EXAMPLES.rstrip()}\n```"
    yield "| option | |\n|---|---|\n" + "\n".join(_rows(parser))
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child, inner in action.choices.items():
                yield f"### esms {name} {child}"
                yield "| option | |\n|---|---|\n" + "\n".join(_rows(inner))
    yield "| code | |\n|---|---|\n" + "\n".join(f"| {code} | {text} |" for code, text in command.EXIT_CODES.items())


def _rows(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.dest == "help" or isinstance(action, argparse._SubParsersAction):
            continue
        if isinstance(action, Flag):
            name = f"{action.shown} (annulé par {action.negative})"
        else:
            value = "\\|".join(action.choices) if action.choices else action.metavar
            name = f"{action.option_strings[0]} {value}" if action.option_strings else f"{value}"
        repeated = "…" if action.nargs in ("+", "*") else ""
        required = " **obligatoire**" if action.required and action.option_strings else ""
        yield f"| `{name}{repeated}`{required} | {(action.help or '').replace('%%', '%')} |"


PAGES = {"docs/sources.md": sources, "docs/reference/cli.md": commands}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (ROOT / page).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / page).write_text(make(), encoding="utf-8", newline="\n")
        print(page)
