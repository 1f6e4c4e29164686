"""``esms va``: the dossiers that the payer and the ARS receive: build, sign, verify, compare.

Each action is a module of its own, ``va_<action>``, imported when it runs.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Protocol, cast

from esms_sdk.cli.terminal import Terminal

DESCRIPTION = """\
Fait le dossier d'une commande (vérification d'aptitude, pour le payeur ; ou usages,
pour l'ARS), le signe, le vérifie et le compare à un autre. Un dossier est un zip qui
ne porte que les établissements commandés, et aucune donnée d'une personne."""
EXAMPLES = """\
  esms va build lot --order commande.toml --measured-on 2025-09-30 --out dossier.zip
  esms va build lot --order projet.toml --kind usages --measured-on 2025-09-30 --out usages.zip
  esms va sign dossier.zip --role og --key cle.pem --cert cert.pem
  esms va verify dossier.zip --ca autorites.pem
  esms va diff ancien.zip nouveau.zip"""
EXIT_CODES = {
    0: "build : chaque établissement remplit ses conditions ; verify : vérifié ; diff et sign : fait",
    1: "build : un établissement ne les remplit pas (le zip est écrit, «NON SIGNABLE») ; "
    "verify : une différence, nommée",
    2: "à corriger : usage, commande, clé ou lot ; ou ce n'est pas un dossier",
    3: "verify : pas de signature, ou sa chaîne n'a pu être jugée",
    4: "erreur interne",
}
ACTIONS = ("build", "sign", "verify", "diff")


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
    return cast(Action, import_module(f"esms_sdk.cli.va_{name}"))
