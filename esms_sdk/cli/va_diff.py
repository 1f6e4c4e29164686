"""``esms va diff``: what changed from one dossier to another, in words."""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

if TYPE_CHECKING:
    from esms_sdk.va.diff import Differences

HELP = "dit ce qui a changé d'un dossier à l'autre"
DESCRIPTION = """\
Compare deux dossiers : commande, options, versions, lot, décisions, indicateurs,
tableau de bord, verdicts de conformité, fichiers. Dit si le second remplace le premier.
Qu'ils soient intacts et signés, esms va verify le dit de chacun."""
_TITLES = {
    "commande": "Commande",
    "options": "Options",
    "versions": "Versions",
    "lot": "Lot",
    "avertissements": "Avertissements",
    "decision": "Dossier",
    "decisions": "Décisions",
    "indicateurs": "Indicateurs",
    "tableau_de_bord": "Tableau de bord",
    "conformite": "Conformité",
    "fichiers": "Fichiers",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("before", metavar="A", type=Path, help="le premier dossier (zip)")
    parser.add_argument("after", metavar="B", type=Path, help="le second")
    add_everywhere(parser, writes=False)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the differences, by part."""
    from esms_sdk import api

    found = api.compare_dossiers(arguments.before, arguments.after)
    document = {
        "remplace": found.remplace,
        "motif_rectification": found.motif,
        "differences": [one._asdict() for one in found],
    }
    terminal.result(_as_text(arguments.before.name, arguments.after.name, found), document)
    return 0


def _as_text(before: str, after: str, found: Differences) -> str:
    from esms_sdk.va.attestation.parts import donnee

    lines = [f"De {before} à {after} : {len(found) or 'aucune'} différence{'s' * (len(found) > 1)}"]
    if found.remplace:
        lines.append(f"{after} remplace {before} ; motif : {found.motif}")
    elif found.remplace is False:
        lines.append(
            f"Attention : {after} dit remplacer un dossier, mais l'empreinte qu'il donne n'est pas celle de {before}"
        )
    for part, several in groupby(found, key=lambda one: one.partie):
        lines += ["", _TITLES[part], *(f"  {one}" for one in several)]
    # A received dossier may hold what would command a terminal.
    return "\n".join(map(donnee, lines))
