"""``esms adapter``: what adapters there are."""

from __future__ import annotations

import argparse

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

DESCRIPTION = """\
Un adaptateur dit comment les fichiers d'un éditeur deviennent un lot canonique :
un dossier avec adapter.toml, sans programme."""
EXAMPLES = "  esms adapter list"
EXIT_CODES = {0: "fait", 2: "usage", 4: "erreur interne"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(title="commandes", metavar="ACTION", dest="action", required=True)
    add_everywhere(
        actions.add_parser("list", help="les adaptateurs disponibles", description="Les adaptateurs disponibles."),
        writes=False,
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List the adapters."""
    from esms_sdk import api

    found = api.adapters()
    width = max([0, *(len(one.nom) for one in found)])
    text = "\n".join(f"{one.nom:<{width}}  {one.titre}" for one in found)
    terminal.result(
        text,
        [{"nom": one.nom, "titre": one.titre, "version": one.version, "dossier": str(one.folder)} for one in found],
    )
    return 0
