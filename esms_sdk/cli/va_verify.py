"""``esms va verify``: is a dossier the one that was signed, and by whom."""

from __future__ import annotations

import argparse
from pathlib import Path

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

HELP = "vérifie un dossier reçu : fichiers, signature, chaîne"
DESCRIPTION = """\
Recalcule l'empreinte de chaque fichier, vérifie la signature du manifeste, et avec --ca la
chaîne du certificat au moment de la signature. Le zip suffit ; chaque différence est nommée.
Code 0 : vérifié ; 1 : une différence ; 2 : pas un dossier ; 3 : non signé, ou chaîne non jugée."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("dossier", metavar="DOSSIER", type=Path, help="dossier.zip reçu")
    parser.add_argument(
        "--ca",
        metavar="FICHIER",
        type=Path,
        default=None,
        help="autorités de confiance : un ou plusieurs certificats, PEM",
    )
    add_everywhere(parser, writes=False)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print what was found; the exit code says it in one figure."""
    from esms_sdk import api
    from esms_sdk.va.verification_text import as_lines, phrase

    found = api.verify_dossier(arguments.dossier, arguments.ca)
    terminal.result("\n".join(as_lines(found)), {**found.as_document(), "phrase": phrase(found)})
    return found.exit_code
