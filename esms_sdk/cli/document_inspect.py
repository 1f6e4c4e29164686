"""``esms document inspect``: what a document is, told by its content."""

from __future__ import annotations

import argparse
from pathlib import Path

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

HELP = "ce qu'est un document, une archive ou un message"
DESCRIPTION = """\
Ce qu'est chaque fichier, reconnu par son contenu : CDA, METADATA.XML, archive IHE_XDM,
message MSSanté (.eml), contenu d'un datamatrix INS. Ce qui est d'une personne est masqué."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="document, archive ou message")
    parser.add_argument(
        "--terminology", metavar="DIR", type=Path, default=None, help="jeux de valeurs officiels (IHE SVS)"
    )
    add_everywhere(parser, writes=False)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print a portrait for each file."""
    from esms_sdk import api
    from esms_sdk.documents.portrait import as_lines

    told = [api.inspect_document(path, terminology=arguments.terminology) for path in arguments.files]
    terminal.result("\n\n".join("\n".join(as_lines(one)) for one in told), told)
    return 0
