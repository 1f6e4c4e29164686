"""``esms document``: look into a document, work out its metadata, build what is sent."""

from __future__ import annotations

import argparse

from esms_sdk.cli.actions import add_actions, run_action
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


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_actions(parser, "document", ACTIONS)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do what the action says."""
    return run_action(arguments, terminal, "document")
