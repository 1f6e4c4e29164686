"""``esms document xdm``: the IHE_XDM.ZIP of CDA documents."""

from __future__ import annotations

import argparse
from dataclasses import replace

from esms_sdk.cli.document_metadata import add_metadata, options
from esms_sdk.cli.options import add_everywhere, add_out
from esms_sdk.cli.terminal import Terminal

HELP = "construit une archive IHE_XDM.ZIP"
DESCRIPTION = """\
Construit l'IHE_XDM.ZIP d'un ou plusieurs CDA d'une même personne, avec le PDF de chacun
s'il est donné. Les mêmes fichiers et options donnent les mêmes octets."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_metadata(parser)
    for name, help in (
        ("--sender-name", "qui envoie, pour README.TXT"),
        ("--sender-organization", "son organisme (par défaut : le conservateur du premier CDA)"),
        ("--sender-address", "son adresse"),
        ("--sender-telephone", "son téléphone"),
    ):
        parser.add_argument(name, metavar="TEXTE", default="", help=help)
    add_out(parser, "ZIP", "archive à écrire, IHE_XDM.ZIP")
    add_everywhere(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the archive and name it."""
    from esms_sdk import api
    from esms_sdk.documents.xdm import Sender

    sender = Sender(
        arguments.sender_name, arguments.sender_organization, arguments.sender_address, arguments.sender_telephone
    )
    written = api.build_xdm(
        arguments.files, arguments.out, options=replace(options(arguments), sender=sender),
        replaces=arguments.replaces, terminology=arguments.terminology, force=arguments.force,
    )  # fmt: skip
    terminal.result(str(written), {"archive": written.name, "documents": len(arguments.files)})
    return 0
