"""``esms import``: from a vendor's export to a lot canonique."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from esms_sdk.cli.options import add_everywhere, add_out, flag, pair
from esms_sdk.cli.terminal import Terminal

if TYPE_CHECKING:
    from esms_sdk.adapter import ImportReport
    from esms_sdk.adapter.rejects import Counts

DESCRIPTION = """\
Lit l'export d'un DUI avec un adaptateur et en fait un lot canonique. Une ligne
qui ne peut pas être lue est mise de côté avec son motif, dans LOT/rejets/ ; les
autres passent."""
EXAMPLES = """\
  esms import export/ --adapter soleo --out lot
  esms import usagers.csv sejours.csv --adapter mon_adaptateur/ --out lot
  esms import --adapter ma_base/ --out lot
  esms import export.zip --adapter soleo --out lot --lot-set mode=test --max-rejets 0 --force
  esms import export/ --adapter soleo --out lot --replay lot/rejets --force
  esms import octobre/ --adapter soleo --out lot --append"""
_SHOWN = 20
EXIT_CODES = {
    0: "le lot est fait",
    1: "trop de rejets : pas de lot, les rejets sont dans LOT.rejets/",
    2: "à corriger : usage, adaptateur, ou source illisible",
    3: "aucune ligne lue",
    4: "erreur interne",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="*",
        type=Path,
        help="fichier, archive ou dossier de l'export ; aucune si l'adaptateur lit une base de données",
    )
    parser.add_argument(
        "--adapter", metavar="NOM|DOSSIER", required=True, help="un adaptateur de « esms adapter list », ou son dossier"
    )
    add_out(parser, "LOT", "dossier du lot à écrire")
    parser.add_argument(
        "--max-rejets",
        metavar="N|N%",
        default="1%",
        help="nombre ou part de lignes rejetées au-delà duquel il n'y a pas de lot (par défaut : 1%%)",
    )
    flag(parser, "--strict", "échoue au premier rejet ou au premier libellé inconnu")
    parser.add_argument(
        "--lot-set",
        metavar="CLE=VALEUR",
        action="append",
        type=pair,
        default=None,
        help="une clé du manifeste, avant celle de l'adaptateur (l'option peut être répétée)",
    )
    flag(parser, "--append", "complète le lot qui est là d'une extraction plus récente, sans --force")
    parser.add_argument(
        "--replay",
        metavar="REJETS",
        type=Path,
        default=None,
        help="reprend les lignes corrigées de LOT/rejets ou LOT.rejets, avec les fichiers d'origine",
    )
    flag(parser, "--without-identity", "laisse de côté les traits d'identité : les indicateurs s'en passent")
    flag(parser, "--no-reject-rows", "n'écrit pas les lignes rejetées telles quelles (rejets/lignes/)")
    add_everywhere(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Import, and tell what was read, refused and not recognised."""
    from esms_sdk import api

    with terminal.progress() as progress:
        report = api.import_lot(
            arguments.sources,
            arguments.adapter,
            arguments.out,
            max_rejets=arguments.max_rejets,
            strict=arguments.strict,
            lot_set=dict(arguments.lot_set or ()),
            append=arguments.append,
            replay=arguments.replay,
            without_identity=arguments.without_identity,
            reject_rows=not arguments.no_reject_rows,
            force=arguments.force,
            progress=progress,
        )
    for name in report.sources_above:
        terminal.say(f"Attention : plus de 1 % des lignes de {name} sont rejetées.")
    terminal.result(as_text(report), as_document(report))
    return report.exit_code


def as_document(report: ImportReport) -> dict[str, object]:
    """The report as ``--format json`` prints it."""
    return {
        "lot": str(report.lot) if report.lot else None,
        "rejets": str(report.rejets_path) if report.rejets_path else None,
        "nombre_rejets": report.rejets,
        "libelles_inconnus": report.libelles_inconnus,
        "observations": dict(report.observations),
        "sources": {name: _counts(one) for name, one in report.sources.items()},
        "reprises": dict(report.reprises),
        "a_corriger_a_la_source": dict(report.sans_ligne),
        "mois_remplaces": dict(report.mois_remplaces),
        "mouvements": [asdict(one) for one in report.mouvements],
    }


def _counts(one: Counts) -> dict[str, object]:
    return {
        "lues": one.lues,
        "acceptees": one.acceptees,
        "rejetees": one.rejetees,
        "ignorees": one.ignorees,
        "motifs_ignorees": dict(one.motifs_ignorees),
    }


def as_text(report: ImportReport) -> str:
    """The report for a person: what became of the rows, then where the results are and what to read first."""
    lines = [as_table(report), "", *_as_replayed(report), *_as_appended(report)]
    if report.libelles_inconnus:
        unknown = _number(report.libelles_inconnus, "libellé inconnu", "libellés inconnus")
        lines.append(f"{unknown}, à lire d'abord : libelles_inconnus.csv")
    if report.rejets:
        lines.append(f"{_number(report.rejets, 'rejet', 'rejets')}, ligne par ligne avec le motif : rejets.csv")
    if report.observations:
        total = _number(sum(report.observations.values()), "observation", "observations")
        told = ", ".join(f"{code} {count}" for code, count in report.observations.items())
        lines.append(f"{total}, sans rejet ({told}) : observations.csv")
    if report.rejets_path:
        lines.append(f"Rejets : {report.rejets_path}")
    if report.lot:
        lines.append(f"Lot : {report.lot}")
    elif report.exit_code == 1:
        lines.append("Pas de lot : plus de rejets que --max-rejets n'en admet, ou --strict.")
    else:
        lines.append("Pas de lot : aucune ligne lue.")
    return "\n".join(lines)


def _as_replayed(report: ImportReport) -> list[str]:
    """What ``--replay`` took, and what it could not."""
    lines = [
        f"Reprise : {_number(count, 'ligne corrigée', 'lignes corrigées')} de {name}"
        for name, count in report.reprises.items()
    ]
    return lines + [
        f"{name} n'a pas de numéros de ligne : {_number(count, 'ligne', 'lignes')} à corriger dans la base elle-même"
        for name, count in report.sans_ligne.items()
    ]


def _as_appended(report: ImportReport) -> list[str]:
    """From which month on ``--append`` replaced each log, and what moved in the months that were there."""
    lines = [f"{table} : remplacée à partir de {month}" for table, month in report.mois_remplaces.items()]
    if report.mouvements:
        lines.append("Ce qui a bougé dans les mois déjà publiés (mouvements.csv) :")
        lines += [f"  {one.table} {one.mois or 'sans date'} : {one}" for one in report.mouvements[:_SHOWN]]
    if (beyond := len(report.mouvements) - _SHOWN) > 0:
        lines.append(f"  … et {_number(beyond, 'autre mois', 'autres mois')}, dans le fichier")
    return lines


def as_table(report: ImportReport) -> str:
    """What became of the rows, one line a source."""
    width = max([6, *map(len, report.sources)])
    lines = [f"{'source':<{width}} {'lues':>9} {'acceptées':>9} {'rejetées':>9} {'ignorées':>9}"]
    for name, one in report.sources.items():
        numbers = f"{one.lues:>9} {one.acceptees:>9} {one.rejetees:>9} {one.ignorees:>9}"
        lines.append(f"{name:<{width}} {numbers}")
    return "\n".join(lines)


def _number(count: int, one: str, several: str) -> str:
    return f"{count} {one if count < 2 else several}"
