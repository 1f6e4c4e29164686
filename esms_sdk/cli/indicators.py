"""``esms indicators``: the indicators per FINESS, in every format."""

from __future__ import annotations

import argparse
from pathlib import Path

from esms_sdk.cli.options import add_definition, add_everywhere, add_finess, add_lot, add_out, flag
from esms_sdk.cli.terminal import Terminal

DESCRIPTION = """\
Calcule les indicateurs du programme ESMS numérique, par FINESS géographique, et
les écrit en JSON, CSV, XLSX, HTML et FHIR (MeasureReport). Les textes se
contredisent sur la période et sur la file active : les options choisissent, et
chaque sortie dit ce qui a été choisi."""
EXAMPLES = """\
  esms indicators lot --measured-on 2025-09-30 --out indicateurs
  esms indicators lot --measured-on 2025-09-30 --definition trois_mois --out t3
  esms indicators lot --measured-on 2025-09-30 --finess 000000117 --worklist --out un_seul"""
EXIT_CODES = {
    0: "complet (une cible manquée n'est pas un échec)",
    2: "à corriger : usage, configuration, ou lot illisible ou invalide",
    3: "un indicateur du DUI est indéterminé, ou aucun FINESS n'a de personne accompagnée",
    4: "erreur interne",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_lot(parser)
    add_definition(parser)
    add_finess(parser)
    parser.add_argument("--by", choices=("ej",), default=None, help="ajoute un total par FINESS juridique")
    parser.add_argument(
        "--compare",
        metavar="INDICATEURS.JSON",
        type=Path,
        default=None,
        help="nomme ce qui diffère d'une mesure précédente",
    )
    flag(parser, "--worklist", "écrit aussi interne/a_completer.csv, pour l'établissement seulement")
    add_out(parser, "DIR", "dossier des sorties")
    add_everywhere(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Compute, write, and print the rates with their targets."""
    from esms_sdk import api
    from esms_sdk.cli.rates import as_text

    with api.open_lot(arguments.lot) as lot:
        result = api.compute_indicators(
            lot,
            arguments.measured_on,
            definition=arguments.definition,
            first_measure=arguments.first_measure,
            denominator=arguments.denominator,
            events=arguments.events,
            finess=arguments.finess or (),
            by_ej=arguments.by == "ej",
            amenagements=arguments.configuration.amenagements,
        )
        written = api.write_indicators(
            result,
            arguments.out,
            worklist_of=lot if arguments.worklist else None,
            compare=arguments.compare,
            force=arguments.force,
        )
    names = "\n".join(str(path) for path in written)
    terminal.result(f"{as_text(result)}\n\n{names}", api.as_document(result))
    return api.exit_code(result)
