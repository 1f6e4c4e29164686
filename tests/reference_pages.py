"""Writes the generated pages of docs/: ``make docs``.  ``tests/test_docs.py`` says when they are stale."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

from esms_sdk.adapter.mapping import BLOCK_KEYS, COLUMN_KEYS, SOURCE_KEYS
from esms_sdk.adapter.sources.formats import FORMATS
from esms_sdk.cli import program
from esms_sdk.cli.french import Flag
from esms_sdk.conformance import catalogue, coverage
from esms_sdk.lot.schema import Column, Table, load
from tests import reference_documents
from tests.reference_requirements import requirements

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
            metavar = " ".join(action.metavar) if isinstance(action.metavar, tuple) else action.metavar
            value = "\\|".join(action.choices) if action.choices else metavar
            name = f"{action.option_strings[0]} {value}" if action.option_strings else f"{value}"
        repeated = "…" if action.nargs in ("+", "*") else ""
        required = " **obligatoire**" if action.required and action.option_strings else ""
        yield f"| `{name}{repeated}`{required} | {(action.help or '').replace('%%', '%')} |"


_KINDS = {
    "text": "texte", "code": "code", "date": "date", "timestamp": "date et heure", "boolean": "booléen",
    "integer": "entier", "object": "objet", str: "texte", int: "nombre", bool: "`true` ou `false`", list: "liste",
    object: "texte ou nombre",
}  # fmt: skip


def mapping() -> str:
    """Return docs/reference/lot.md: what an adapter may fill, and the keys it may use, as the parser has them."""
    schema = load()
    lines = [
        "# Les tables d'un lot, et les clés d'un adaptateur",
        _MADE,
        "Tirée du schéma et de l'analyseur d'`adapter.toml`. Ce que font les clés : [adapter.toml](adapter.md).",
        "## Les tables",
        "Un texte se lit tel quel ; une date est civile, une heure celle de l'établissement. Une colonne facultative que "
        "rien ne remplit est déclarée `non_fourni`.",
    ]
    for table in schema.tables.values():
        lines += [f"### `{table.name}`", f"Table {'obligatoire' if table.required else 'facultative'}, {_key(table)}."]
        lines.append("| colonne | genre | | |\n|---|---|---|---|\n" + "\n".join(map(_column, table.columns.values())))
    lines.append("## Les clés du manifeste, `[lot]`")
    told = (column for name, column in schema.manifest.items() if name != "version_schema")
    lines.append("| clé | genre | | |\n|---|---|---|---|\n" + "\n".join(map(_column, told)))
    lines.append("## Les clés d'`adapter.toml`")
    sections = {
        "`[source.<nom>]`": SOURCE_KEYS, "`[table.<nom>]`": BLOCK_KEYS, "une colonne": COLUMN_KEYS,
        **{f"`format = \"{name}\"`": [f"{key}` ({_KINDS[kind]})" for key, kind in one.keys.items()]
           for name, one in FORMATS.items()},
    }  # fmt: skip
    rows = (
        f"| {place} | {', '.join(f'`{key}' if '`' in key else f'`{key}`' for key in keys) or 'aucune à lui'} |"
        for place, keys in sections.items()
    )
    lines.append("| dans | clés |\n|---|---|\n" + "\n".join(rows))
    return "\n\n".join(lines) + "\n"


def _key(table: Table) -> str:
    return f"clé {' + '.join(f'`{name}`' for name in table.key)}" if table.key else "sans clé : ses lignes se répètent"


def _column(column: Column) -> str:
    said = []
    if column.values:
        said.append(" ".join(f"`{value}`" for value in column.values))
    if column.references:
        said.append(f"désigne `{column.references}`")
    if column.required_if:
        said.append(f"obligatoire si `{column.required_if}`")
    if column.default is not None:
        default = str(column.default).lower() if isinstance(column.default, bool) else column.default
        said.append(f"par défaut `{default}`" if default != [] else "par défaut aucun")
    kind = f"{_KINDS[column.kind]}s" if column.is_list else _KINDS[column.kind]
    return f"| `{column.name}` | {kind} | {'obligatoire' if column.required else ''} | {' ; '.join(said)} |"


PAGES = {
    "docs/sources.md": sources,
    "docs/reference/cli.md": commands,
    "docs/reference/lot.md": mapping,
    "docs/reference/exigences.md": lambda: requirements(_MADE),
    **reference_documents.pages(_MADE),
    "conformance/couverture.csv": lambda: coverage.text(catalogue().values()),
}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (ROOT / page).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / page).write_text(make(), encoding="utf-8", newline="\n")
        print(page)
