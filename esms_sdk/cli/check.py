"""``esms check``: the conformance of lots and documents, requirement by requirement."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from esms_sdk import masking
from esms_sdk.cli.options import add_everywhere, flag
from esms_sdk.cli.terminal import Terminal
from esms_sdk.errors import UsageError

DESCRIPTION = """\
Contrôle des lots et des documents (CDA, IHE_XDM.ZIP, message MSSanté, datamatrix
INS), exigence par exigence : chaque verdict a son texte, chaque constat sa place et
son remède. Un dossier sans manifeste est trié par contenu, ce qui n'y est pas reconnu
est nommé. Ce qui n'a pu être établi est «indetermine», ce qu'aucun fichier ne montre
«non_verifie» ; rien n'est conforme par silence."""
EXAMPLES = """\
  esms check lot
  esms check dlu.xml IHE_XDM.ZIP message.eml --mode test
  esms check lot --profile pds-pde-vague1 --report junit,html --out rapport
  esms check lot --waivers ecarts.toml --declarations declarations.toml
  esms check lot --baseline rapport/conformite.csv"""
EXIT_CODES = {
    0: "tout ce qui est obligatoire et a pu être jugé est conforme",
    1: "une exigence obligatoire n'est pas respectée",
    2: "à corriger : usage, profil, écarts, déclarations ou configuration",
    3: "rien n'a échoué, mais une exigence obligatoire est indéterminée ; ou il n'y a rien à juger ; "
    "ou le lot est illisible ou invalide",
    4: "erreur interne",
}
# Kept in step with esms_sdk.report.REPORTS by a test: the help imports no report.
REPORTS = ("junit", "html", "csv", "xlsx")


def reports(word: str) -> tuple[str, ...]:
    """Read the reports asked for, a comma between them.

    >>> reports("junit,html")
    ('junit', 'html')
    """
    names = tuple(name.strip() for name in word.split(","))
    if wrong := [name for name in names if name not in REPORTS]:
        raise argparse.ArgumentTypeError(f"rapport inconnu : {wrong[0]!r} (au choix : {', '.join(REPORTS)})")
    return tuple(dict.fromkeys(names))


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("paths", metavar="PATH", type=Path, nargs="+", help="lot, document, ou dossier qui en contient")
    parser.add_argument(
        "--profile", metavar="NOM", default=None, help="couloir et vague (par défaut : pa-ph-dom-vague1)"
    )
    parser.add_argument(
        "--mode",
        choices=("production", "test"),
        default="production",
        help="en production un OID de test est une erreur, en test celui de production",
    )
    _file(parser, "--order", "COMMANDE.TOML", "la commande : ses FINESS, sa date")
    _file(parser, "--waivers", "FILE", "écarts acceptés par l'éditeur (TOML), toujours montrés d'abord")
    _file(parser, "--declarations", "FILE", "déclarations de l'éditeur (TOML), avec leurs preuves")
    flag(parser, "--require-declarations", "une exigence obligatoire non vérifiée donne le code 3")
    _file(parser, "--baseline", "FILE", "conformite.csv d'un contrôle précédent : seul ce qui est nouveau échoue")
    parser.add_argument(
        "--terminology",
        metavar="DIR",
        type=Path,
        default=None,
        help="jeux de valeurs officiels (IHE SVS), au lieu des nôtres",
    )
    parser.add_argument(
        "--pack",
        metavar="DIR",
        type=Path,
        default=None,
        help="paquet officiel de l'ANS : ses schématrons jugent aussi les CDA",
    )
    parser.add_argument(
        "--report", metavar="LISTE", type=reports, default=(), help=f"rapports à écrire : {','.join(REPORTS)}"
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=None, help="dossier des rapports, avec conformite.json"
    )
    add_everywhere(parser)


def _file(parser: argparse.ArgumentParser, name: str, metavar: str, help: str) -> None:
    parser.add_argument(name, metavar=metavar, type=Path, default=None, help=help)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Judge, write the reports asked for, and print the numbers, then what asks for attention."""
    from esms_sdk import api
    from esms_sdk.report import as_text

    if arguments.report and arguments.out is None:
        raise UsageError("ESMS-E173", "--report demande --out DIR", hint="Ajouter --out rapport.")
    told = {"profile": arguments.profile} if arguments.profile else {}
    with api.check(
        arguments.paths,
        mode=arguments.mode,
        order=arguments.order,
        waivers=arguments.waivers,
        declarations=arguments.declarations,
        require_declarations=arguments.require_declarations,
        baseline=arguments.baseline,
        terminology=arguments.terminology,
        pack=arguments.pack,
        command_line=command_line(arguments),
        **told,
    ) as result:
        written = []
        if arguments.out is not None:
            written = api.write_report(result, arguments.out, reports=arguments.report, force=arguments.force)
        names = "".join(f"\n{path}" for path in written)
        text = as_text(result) + (f"\n{names}" if names else "")
        terminal.result(text, api.as_document(result) if terminal.json_wanted else None)
        return result.exit_code


def command_line(arguments: argparse.Namespace) -> str:
    """Return the command as a report shows it: the names of files, never the folders of whoever ran it."""
    names = [masking.key(path.name) or str(path) for path in arguments.paths]
    return " ".join(["esms check", *names, *_options(arguments)])


def _options(arguments: argparse.Namespace) -> Iterator[str]:
    if arguments.profile:
        yield f"--profile {arguments.profile}"
    yield f"--mode {arguments.mode}"
    for name in ("order", "waivers", "declarations", "baseline", "terminology", "pack"):
        if value := getattr(arguments, name):
            yield f"--{name} {value.name}"
    if arguments.require_declarations:
        yield "--require-declarations"
    if arguments.report:
        yield f"--report {','.join(arguments.report)}"
