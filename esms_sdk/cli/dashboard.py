"""``esms dashboard``: the dashboard of DMP and MSSanté sends per FINESS (TBB.1)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from esms_sdk.cli.options import add_everywhere, add_lot, add_out, day
from esms_sdk.cli.terminal import Terminal

if TYPE_CHECKING:
    from esms_sdk.dashboard import Etablissement, TableauDeBord

DESCRIPTION = """\
Compte, par FINESS géographique et par période (mois courant, année courante,
année précédente), les documents envoyés au DMP et par MSSanté, les échecs et les
appels à INSi. Ce tableau vient de l'export du logiciel : il ne remplace pas le
tableau de bord du logiciel."""
EXAMPLES = """\
  esms dashboard lot --as-of 2025-09-30 --out tableau
  esms dashboard lot --as-of 2025-09-30 --by ej --out tableau"""
EXIT_CODES = {
    0: "complet (un zéro n'est pas un échec)",
    2: "à corriger : usage, configuration, ou lot illisible ou invalide",
    3: "les envois ne sont pas fournis, ou aucune période d'aucun FINESS n'est couverte",
    4: "erreur interne",
}
_SHOWN = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_lot(parser)
    parser.add_argument(
        "--as-of",
        metavar="DATE",
        type=day,
        required=True,
        help="date d'arrêté (AAAA-MM-JJ), qui donne les trois périodes",
    )
    parser.add_argument("--by", choices=("ej",), default=None, help="ajoute un tableau par FINESS juridique")
    add_out(parser, "DIR", "dossier des sorties")
    add_everywhere(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Compute, write, and print the totals."""
    from esms_sdk import api

    result = api.compute_dashboard(arguments.lot, arguments.as_of, by_ej=arguments.by == "ej")
    written = api.write_dashboard(result, arguments.out, force=arguments.force)
    names = "\n".join(str(path) for path in written)
    terminal.result(f"{_as_text(result)}\n\n{names}", api.as_document(result))
    return result.exit_code


def _as_text(result: TableauDeBord) -> str:
    """A line an establishment and period: the totals of the channels and the failures."""
    from esms_sdk.export.tableau_de_bord import NOTES

    heads = ("DMP", "MSS pro", "MSS cit.", "échecs DMP", "échecs MSS")
    lines = [
        f"Tableau de bord TBB.1 arrêté au {result.arrete_au}",
        *NOTES.values(),
        "",
        f"{'FINESS':<10} {'période':<17}" + "".join(f" {head:>10}" for head in heads),
    ]
    lines += [line for one in result.etablissements[:_SHOWN] for line in _lines(one)]
    if len(result) > _SHOWN:
        lines.append(f"… et {len(result) - _SHOWN} autres FINESS, dans les fichiers")
    if result.organismes:
        lines += ["", "Par FINESS juridique :"]
        lines += [line for one in result.organismes[:_SHOWN] for line in _lines(one)]
    lines += ["", "* période non couverte par l'export : ces nombres ne servent pas à la VA   ? donnée non fournie"]
    return "\n".join(lines)


def _lines(one: Etablissement) -> list[str]:
    lines = []
    for name, measure in one.periodes.items():
        sent, failed = measure.canaux, measure.echecs
        numbers = (sent.dmp.total, sent.mss_pro.total, sent.mss_citoyenne.total, failed.dmp, failed.mss)
        told = "".join(f" {'?' if number is None else number:>10}" for number in numbers)
        label = name if measure.couverte else f"{name}*"
        lines.append(f"{one.finess_et or one.finess_ej:<10} {label:<17}{told}")
    return lines
