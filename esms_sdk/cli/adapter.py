"""``esms adapter``: what adapters there are; make one whose tests pass, and run its tests."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk.cli.options import add_everywhere, flag
from esms_sdk.cli.terminal import Terminal

if TYPE_CHECKING:
    from esms_sdk.adapter.kit import Outcome
    from esms_sdk.testing import Examination

DESCRIPTION = """\
Un adaptateur dit comment les fichiers d'un éditeur deviennent un lot canonique :
un dossier avec adapter.toml, sans programme. «new» en fait un, «check» le vérifie
sur son propre échantillon."""
EXAMPLES = """\
  esms adapter list
  esms adapter new mon_dui --from csv --sample export/
  esms adapter check mon_dui
  esms adapter check mon_dui --update"""
EXIT_CODES = {
    0: "fait ; toutes les vérifications tiennent",
    1: "check : une vérification ne tient pas",
    2: "usage ; adaptateur, échantillon ou source illisible",
    4: "erreur interne",
}
_STATES = {"tenu": "tenu", "non_tenu": "NON TENU", "deroge": "écart accepté", "sans_objet": "sans objet"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(title="commandes", metavar="ACTION", dest="action", required=True)
    add_everywhere(
        actions.add_parser("list", help="les adaptateurs disponibles", description="Les adaptateurs disponibles."),
        writes=False,
    )
    new = actions.add_parser(
        "new",
        help="fait un adaptateur dont les vérifications tiennent",
        description="Fait le dossier d'un adaptateur dont les vérifications tiennent.",
    )
    new.add_argument("folder", metavar="DIR", type=Path, help="dossier à faire ; son nom est celui de l'adaptateur")
    new.add_argument(
        "--from",
        dest="kind",
        choices=("csv", "excel", "json", "sql", "python"),
        required=True,
        help="ce que l'adaptateur lit ; sql avec --sample : une base SQLite, ou le script qui en fait une",
    )
    new.add_argument(
        "--sample",
        metavar="FILE",
        type=Path,
        help="fichier ou dossier d'un export : propose la correspondance, à confirmer ; il n'est pas recopié",
    )
    add_everywhere(new)
    check = actions.add_parser(
        "check",
        help="vérifie un adaptateur sur son échantillon",
        description="Vérifie un adaptateur sur son échantillon, et dit ce qu'il ne fournit pas.",
    )
    check.add_argument("folder", metavar="DIR", type=Path, help="dossier de l'adaptateur")
    flag(check, "--update", "fait de ce que l'échantillon donne ce qui est attendu (expected/), et dit ce qui change")
    add_everywhere(check, writes=False)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do what is asked of adapters."""
    return {"list": _list, "new": _new, "check": _check}[arguments.action](arguments, terminal)


def _list(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from esms_sdk import api

    found = api.adapters()
    width = max([0, *(len(one.nom) for one in found)])
    text = "\n".join(f"{one.nom:<{width}}  {one.titre}" for one in found)
    terminal.result(
        text,
        [{"nom": one.nom, "titre": one.titre, "version": one.version, "dossier": str(one.folder)} for one in found],
    )
    return 0


def _new(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from esms_sdk import api

    made = api.new_adapter(arguments.folder, arguments.kind, sample=arguments.sample, force=arguments.force)
    lines = [f"{made.folder} : {len(made.files)} fichiers", f"tables remplies : {', '.join(made.tables)}"]
    if made.todo:
        lines += ["", "à faire (aussi dans README.md) :", *made.todo]
    lines += ["", f"ensuite : esms adapter check {made.folder}"]
    document = {
        "dossier": str(made.folder), "fichiers": list(made.files), "tables": list(made.tables),
        "a_faire": list(made.todo),
    }  # fmt: skip
    terminal.result("\n".join(lines), document)
    return 0


def _check(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from esms_sdk import api

    found = api.check_adapter(arguments.folder, update=arguments.update)
    terminal.result("\n".join(_told(found)), found.as_document())
    return 0 if found.held else 1


def _told(found: Examination) -> Iterator[str]:
    failed = sum(one.failed for one in found.outcomes)
    count = f"{len(found.outcomes)} vérifications"
    broken = f"{failed} {'ne tient pas' if failed == 1 else 'ne tiennent pas'}"
    yield f"{found.nom} ({found.titre}) : {count}, {broken if failed else 'toutes tiennent'}"
    for one in found.outcomes:
        yield from _outcome(one)
    if found.changes:
        yield "ce que --update a changé dans expected/ :"
        yield from (f"  - {change}" for change in found.changes)
    lacking = found.lacking
    if lacking.tables:
        yield f"non fourni : {', '.join(lacking.tables)}"
    if lacking.colonnes:
        yield f"colonnes non fournies : {', '.join(lacking.colonnes)}"
    if lacking.indicateurs:
        yield "indicateurs qui seront DONNEE_NON_FOURNIE :"
        yield from (f"  - {name}, faute de {', '.join(reads)}" for name, reads in lacking.indicateurs.items())
    if lacking.sans_exemple:
        yield f"rempli, mais sans exemple dans l'échantillon : {', '.join(lacking.sans_exemple)}"


def _outcome(one: Outcome) -> Iterator[str]:
    yield f"  {_STATES[one.etat]:<13}  {one.titre} ({one.id})"
    yield from (f"      - {detail}" for detail in one.details)
    if one.remede:
        yield f"      → {one.remede}"
