"""``esms document inspect``: what a CDA or an IHE_XDM.ZIP is."""

from __future__ import annotations

import argparse
from pathlib import Path

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

HELP = "ce qu'est un CDA ou une archive IHE_XDM"
DESCRIPTION = """\
Ce qu'est chaque fichier : modèle, type, format, INS, corps, empreinte ; ce qui est
de la personne est masqué."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="document CDA ou archive IHE_XDM.ZIP")
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
