"""``esms document``: look into a document, work out its metadata, build what is sent.

Each action is a module of its own, ``document_<action>``, imported when it runs.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Protocol, cast

from esms_sdk.cli.terminal import Terminal

DESCRIPTION = """\
Regarde dans un document CDA, une archive IHE_XDM, un message MSSanté ou un datamatrix,
en tire les métadonnées XDS, construit l'archive à envoyer. Ce qui touche à une personne est masqué à l'écran ;
seuls les fichiers de --out le portent."""
EXAMPLES = """\
  esms document inspect dlu.xml IHE_XDM.ZIP message.eml datamatrix.txt
  esms document metadata dlu.xml
  esms document metadata dlu.xml --out METADATA.XML
  esms document xdm dlu.xml --visibility MASQUE_PS --out IHE_XDM.ZIP
  esms document datamatrix dlu.xml --out datamatrix.svg"""
EXIT_CODES = {
    0: "fait",
    2: "à corriger : usage, fichier illisible, ou en-tête auquel il manque une métadonnée obligatoire",
    4: "erreur interne",
}
ACTIONS = ("inspect", "metadata", "xdm", "datamatrix")


class Action(Protocol):
    """What the module of an action offers."""

    HELP: str
    DESCRIPTION: str

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace, terminal: Terminal) -> int: ...


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(title="commandes", metavar="ACTION", dest="action", required=True)
    for name in ACTIONS:
        action = _action(name)
        action.arguments(actions.add_parser(name, help=action.HELP, description=action.DESCRIPTION))


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do what the action says."""
    return _action(arguments.action).run(arguments, terminal)


def _action(name: str) -> Action:
    return cast(Action, import_module(f"esms_sdk.cli.document_{name}"))
