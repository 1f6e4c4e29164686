"""``esms va``: the dossiers that the payer and the ARS receive: build, sign, verify, compare."""

from __future__ import annotations

import argparse

from esms_sdk.cli.actions import add_actions, run_action
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


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_actions(parser, "va", ACTIONS)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do what the action says."""
    return run_action(arguments, terminal, "va")
