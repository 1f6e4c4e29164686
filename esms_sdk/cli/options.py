"""The options that several commands share, and how their values are read."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from esms_sdk.cli.french import Flag

YEARS = range(1900, 2201)
"""The years that a date may have: the periods around it are dates too."""


class OutOfYears(argparse.ArgumentTypeError):
    """A date that no measure can have."""


def day(word: str) -> date:
    """Read a date of the command line.

    >>> day("2025-09-30")
    datetime.date(2025, 9, 30)
    """
    try:
        if len(word) != 10:
            raise ValueError
        found = date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"date illisible : {word!r} (attendu : AAAA-MM-JJ)") from None
    if found.year not in YEARS:
        raise OutOfYears(f"année hors bornes : {word!r} (attendu : de {YEARS[0]} à {YEARS[-1]})")
    return found


def pair(word: str) -> tuple[str, str]:
    """Read ``KEY=VALUE``.

    >>> pair("mode=test")
    ('mode', 'test')
    """
    key, equals, value = word.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"attendu : CLE=VALEUR (reçu : {word!r})")
    return key, value


def flag(parser: argparse.ArgumentParser, name: str, help: str) -> None:
    """Add a flag."""
    parser.add_argument(name, action=Flag, help=help)


def add_everywhere(parser: argparse.ArgumentParser, *, writes: bool = True) -> None:
    """Add the options that every command has."""
    group = parser.add_argument_group("partout")
    group.add_argument("--format", choices=("text", "json"), default="text", help="forme du résultat sur stdout")
    group.add_argument("--quiet", action=Flag, help="sur stderr, seulement les erreurs")
    what = "remplace une sortie existante" if writes else "sans effet ici : rien n'est écrit"
    group.add_argument("--force", action=Flag, help=what)


def add_out(parser: argparse.ArgumentParser, metavar: str, help: str) -> None:
    """Add the folder to write, complete or absent."""
    parser.add_argument("--out", metavar=metavar, type=Path, required=True, help=help)


def add_lot(parser: argparse.ArgumentParser) -> None:
    """Add the lot to read."""
    parser.add_argument("lot", metavar="LOT", type=Path, help="dossier d'un lot canonique")


def month(word: str) -> date:
    """Read a month of the command line, given by its name or by one of its days.

    >>> month("2025-09"), month("2025-09-30")
    (datetime.date(2025, 9, 1), datetime.date(2025, 9, 30))
    """
    try:
        return day(f"{word}-01" if len(word) == 7 else word)
    except OutOfYears:
        raise
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"mois illisible : {word!r} (attendu : AAAA-MM)") from None


def add_definition(parser: argparse.ArgumentParser, *, measured: bool = True) -> None:
    """Add what an indicator's definition leaves to choose; the first value listed is the default.

    ``measured``: the day of measure must be given.
    """
    parser.add_argument(
        "--measured-on",
        metavar="DATE",
        type=day,
        required=measured,
        help="date de mesure (AAAA-MM-JJ), qui donne la période",
    )
    parser.add_argument(
        "--definition",
        choices=("mois_ecoule", "trois_mois"),
        default="mois_ecoule",
        help="période : le mois civil écoulé, ou les trois mois avant la date de mesure",
    )
    flag(parser, "--first-measure", "première mesure : trois mois civils au lieu d'un (mois_ecoule seulement)")
    parser.add_argument(
        "--denominator",
        choices=("periode", "annuelle"),
        default="periode",
        help="personnes accompagnées dans la période, ou file active de l'année lue à sa fin",
    )
    parser.add_argument(
        "--events",
        choices=("dans_la_periode", "sans_borne"),
        default="dans_la_periode",
        help="événements de l'agenda : ceux de la période, ou quelle que soit leur date",
    )


def add_finess(parser: argparse.ArgumentParser) -> None:
    """Add the establishments to keep: several after one option, and the option several times."""
    parser.add_argument(
        "--finess",
        metavar="N",
        nargs="+",
        action="extend",
        default=None,
        help="seulement ces FINESS géographiques (à placer après LOT ; l'option peut être répétée)",
    )
