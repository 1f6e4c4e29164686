"""``esms document metadata``: the XDS metadata of CDA documents."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal

if TYPE_CHECKING:
    from esms_sdk.documents.xdm import Options

HELP = "les métadonnées XDS d'un CDA"
DESCRIPTION = """\
Les métadonnées XDS des CDA d'une personne, tirées de leur en-tête. Masquées à l'écran,
entières dans le METADATA.XML de --out."""
# Kept in step with esms_sdk.documents.xds.VISIBILITY by a test: the help imports no document.
VISIBILITY = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_metadata(parser)
    parser.add_argument("--out", metavar="METADATA.XML", type=Path, default=None, help="fichier à écrire")
    add_everywhere(parser)


def add_metadata(parser: argparse.ArgumentParser) -> None:
    """Add the documents, and what no header tells of them."""
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="CDA d'une même personne, et leurs PDF")
    parser.add_argument(
        "--visibility", metavar="CODE", choices=VISIBILITY, action="append", default=None,
        help=f"visibilité, l'option peut être répétée : {', '.join(VISIBILITY)}",
    )  # fmt: skip
    for name, metavar, help in (
        ("--class", "CODE", "classe du document, si la table ne connaît pas son type"),
        ("--content-type", "CODE", "contentTypeCode du lot (par défaut : 03 en hospitalisation, sinon 07)"),
        ("--source-id", "OID", "sourceId du lot (par défaut : le conservateur du premier CDA)"),
        ("--submission-time", "TS", "date d'envoi, AAAAMMJJhhmmss+zzzz (par défaut : celle du dernier CDA)"),
        ("--set-title", "TEXTE", "titre du lot"),
        ("--comments", "TEXTE", "commentaire de chaque document"),
        ("--replaces", "UUID", "entryUUID du document que le CDA remplace"),
    ):
        parser.add_argument(name, metavar=metavar, default="", help=help)
    parser.add_argument(
        "--recipient", metavar="XON|XCN", action="append", default=None,
        help="destinataire du lot (intendedRecipient), l'option peut être répétée",
    )  # fmt: skip
    parser.add_argument(
        "--terminology", metavar="DIR", type=Path, default=None, help="jeux de valeurs officiels (IHE SVS)"
    )


def options(arguments: argparse.Namespace) -> Options:
    """Return what the command line tells of a submission."""
    from esms_sdk.documents.xdm import Options

    return Options(
        visibility=tuple(arguments.visibility or ()), class_code=getattr(arguments, "class"),
        content_type=arguments.content_type, source_id=arguments.source_id,
        submission_time=arguments.submission_time, title=arguments.set_title, comments=arguments.comments,
        recipients=tuple(arguments.recipient or ()),
    )  # fmt: skip


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the metadata masked, write them whole."""
    from esms_sdk import api
    from esms_sdk.documents.portrait import as_lines, masked

    sent = api.document_metadata(
        arguments.files, out=arguments.out, options=options(arguments), replaces=arguments.replaces,
        terminology=arguments.terminology, force=arguments.force,
    )  # fmt: skip
    told = masked(sent)
    written = f"\n\n{arguments.out}" if arguments.out else ""
    terminal.result("\n".join(as_lines(told)) + written, told)
    return 0
