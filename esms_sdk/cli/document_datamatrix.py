"""``esms document datamatrix``: the INS datamatrix of a CDA, and what a payload that was read holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from esms_sdk.cli.options import add_everywhere
from esms_sdk.cli.terminal import Terminal
from esms_sdk.errors import UsageError

HELP = "le datamatrix INS d'un CDA, ou la lecture d'un contenu"
DESCRIPTION = """\
Fait le contenu du datamatrix INS (format 2.2) de l'identité qualifiée que porte un CDA,
ou relit un contenu donné dans un fichier et dit ce qui s'écarte du format. --out écrit
le dessin (nom en .svg, avec esms-sdk[datamatrix]) ou le contenu (tout autre nom)."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="document CDA, ou contenu d'un datamatrix")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, default=None, help="dessin (.svg) ou contenu à écrire ; un seul FILE alors"
    )
    add_everywhere(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Tell what each payload holds, masked, and write the one that is asked for."""
    if arguments.out and len(arguments.files) > 1:
        raise UsageError("ESMS-E129", "--out n'écrit qu'un datamatrix", hint="Donner un seul fichier.")
    from esms_sdk.documents.portrait import of_payload

    told, lines = [], []
    for path in arguments.files:
        payload = _payload(path)
        shown = of_payload(payload, path.name)
        told.append(shown)
        lines.append(_as_text(shown))
        if arguments.out:
            _write(arguments.out, payload, force=arguments.force)
    terminal.result("\n\n".join(lines), told)
    return 0


def _payload(path: Path) -> str:
    from esms_sdk.documents.cda import is_cda, read_header
    from esms_sdk.documents.datamatrix import QUALIFIED, encode, identity_of, is_payload
    from esms_sdk.documents.sending import content

    data = content(path)
    if is_payload(data):
        return data.decode("ascii", "replace").rstrip("\r\n")
    if not is_cda(data):
        message = f"{path.name} : ni un document CDA, ni le contenu d'un datamatrix INS"
        raise UsageError("ESMS-E183", message, hint="D'un message ou d'une archive, donner le CDA qui s'y trouve.")
    # A document bears a matricule with its OID only where the identity is qualified (EXI ID 29).
    return encode(identity_of(read_header(data, path.name)), statut=QUALIFIED)


def _as_text(shown: dict[str, object]) -> str:
    fields, departures = shown["champs"], shown["ecarts"]
    assert isinstance(fields, list) and isinstance(departures, list)
    lines = [f"{shown['fichier']} : contenu de {shown['longueur']} caractères"]
    lines += [f"  {one['champ']}  {one['nom']:<22} {one['valeur']}" for one in fields]
    lines += [f"  écart : {one}" for one in departures] or ["  au format 2.2"]
    return "\n".join(lines)


def _write(out: Path, payload: str, *, force: bool) -> None:
    from esms_sdk.documents.datamatrix import svg
    from esms_sdk.output import whole_file

    text = svg(payload) if out.suffix.lower() == ".svg" else payload
    with whole_file(out, force=force) as work:
        work.write_bytes(text.encode("utf-8"))
