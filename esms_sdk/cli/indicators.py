"""``esms indicators``: the indicators per FINESS, in every format."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk.cli.options import add_definition, add_everywhere, add_finess, add_lot, add_out, flag, month
from esms_sdk.cli.terminal import Terminal
from esms_sdk.errors import UsageError

if TYPE_CHECKING:
    from esms_sdk.indicators import Serie

DESCRIPTION = """\
Calcule les indicateurs du programme ESMS numérique, par FINESS géographique, et
les écrit en JSON, CSV, XLSX, HTML et FHIR (MeasureReport). Les textes se
contredisent sur la période et sur la file active : les options choisissent, et
chaque sortie dit ce qui a été choisi. Avec --series, mois par mois : chaque mois
est mesuré seul, et les sorties disent quand chaque cible a été atteinte."""
EXAMPLES = """\
  esms indicators lot --measured-on 2025-09-30 --out indicateurs
  esms indicators lot --measured-on 2025-09-30 --definition trois_mois --out t3
  esms indicators lot --measured-on 2025-09-30 --finess 000000117 --worklist --out un_seul
  esms indicators lot --series 2024-01 2025-12 --out serie"""
EXIT_CODES = {
    0: "complet, avec --series pour chaque mois (une cible manquée n'est pas un échec)",
    2: "à corriger : usage, configuration, ou lot illisible ou invalide",
    3: "un indicateur du DUI est indéterminé, ou aucun FINESS n'a de personne accompagnée (avec --series : un mois au "
    "moins)",
    4: "erreur interne",
}

_SHOWN = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_lot(parser)
    add_definition(parser, measured=False)
    parser.add_argument(
        "--series",
        metavar=("DEBUT", "FIN"),
        nargs=2,
        type=month,
        default=None,
        help="au lieu de --measured-on : chaque mois de DEBUT à FIN inclus (AAAA-MM, 120 au plus)",
    )
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
    _check(arguments)
    if arguments.series:
        return _run_series(arguments, terminal)
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


def _check(arguments: argparse.Namespace) -> None:
    """Hold one of the two ways to ask to its own options; what the configuration sets for the other is left aside."""
    configured = arguments.configuration.section("indicators")
    if not arguments.series:
        if not arguments.measured_on:
            raise _wrong("il manque : --measured-on (ou --series)")
        return
    for name in ("measured-on", "first-measure", "compare", "worklist"):
        dest = name.replace("-", "_")
        if getattr(arguments, dest) and name not in configured:
            raise _wrong(f"--{name} ne va pas avec --series")


def _wrong(message: str) -> UsageError:
    return UsageError("ESMS-E101", message, hint="L'aide : esms indicators --help")


def _run_series(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from esms_sdk import api

    result = api.compute_series(
        arguments.lot,
        *arguments.series,
        definition=arguments.definition,
        denominator=arguments.denominator,
        events=arguments.events,
        finess=arguments.finess or (),
        by_ej=arguments.by == "ej",
        amenagements=arguments.configuration.amenagements,
    )
    written = api.write_series(result, arguments.out, force=arguments.force)
    names = "\n".join(str(path) for path in written)
    document = api.as_document(result) if terminal.json_wanted else {}
    terminal.result(f"{_as_text(result)}\n\n{names}", document)
    return result.exit_code


def _as_text(serie: Serie) -> str:
    """A line an establishment: the rates of the last month, and since when each target has first been reached."""
    from esms_sdk.cli.rates import as_text

    first = serie.premieres_atteintes()
    lines = [as_text(serie.mois[-1]), "", f"Série de {len(serie)} mois. Première atteinte des cibles :"]
    reached: dict[str, list[str]] = {}
    for (_, finess, name), day in first.items():
        if finess:
            reached.setdefault(finess, []).append(f"{name} {f'{day:%Y-%m}' if day else 'jamais'}")
    lines += [f"{finess} {', '.join(told)}" for finess, told in list(reached.items())[:_SHOWN]]
    if len(reached) > _SHOWN:
        lines.append(f"… et {len(reached) - _SHOWN} autres FINESS, dans les fichiers")
    if incomplete := serie.incomplets():
        lines += ["", f"Mois indéterminés : {', '.join(f'{day:%Y-%m}' for day in incomplete)}"]
    return "\n".join(lines)
